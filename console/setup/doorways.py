"""Doors between rooms of a site: which rooms adjoin."""

from __future__ import annotations

from collections.abc import Sequence

from console.auth.permissions import Permission
from console.language import N_
from console.setup import choices
from console.setup.field import Ask, Field
from console.setup.form import Form
from console.setup.kind import Kind, Values, Writing
from console.setup.place import Place
from ingest.registry import edit
from ingest.registry.model import Doorway


class Doorways(Kind[Doorway]):
    """Pairs of rooms."""

    what = "doorway"
    path = "floors/doors"
    permission = Permission.EDIT_SITES
    title = N_("Doors between rooms")
    adding = N_("Add a door")
    why = N_(
        "Rooms of one floor are near each other anyway, and so is everything where there are no floors. "
        "Add the doors that lead from one floor or ward into another: smoke on both sides of one is a fire."
    )
    type = Doorway
    writing = Writing(add=edit.add_doorway, remove=edit.remove_doorway)

    def entries(self, place: Place) -> Sequence[Doorway]:
        own = (one for one in place.registry.doorways if one.site_id == place.site.site_id)
        return sorted(own, key=lambda one: one.name)

    def cells(self, place: Place, entry: Doorway) -> Sequence[tuple[str, str]]:
        return [
            (N_("From"), _room_name(place, entry.room_id)),
            (N_("To"), _room_name(place, entry.other_room_id)),
        ]

    def form(self, place: Place, entry: Doorway | None) -> Form:
        rooms = choices.rooms(place)
        return Form(
            [
                Field(name="room_id", label=N_("From"), ask=Ask.SELECT, required=True, choices=rooms),
                Field(name="other_room_id", label=N_("To"), ask=Ask.SELECT, required=True, choices=rooms),
                Field(name="name", label=N_("Name"), help=N_("Left empty: the names of both rooms.")),
            ],
            zone=place.zone,
        )

    def adjust(self, place: Place, values: Values, entry: Doorway | None) -> Values:
        both = (_room_name(place, str(values[key])) for key in ("room_id", "other_room_id"))
        return super().adjust(place, {**values, "name": values.get("name") or " – ".join(both)}, entry)


def _room_name(place: Place, room_id: str) -> str:
    room = place.registry.room.get(room_id)
    return room.name if room is not None else room_id
