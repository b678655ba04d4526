"""Rooms of a site, many at once: ``201-212``."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from console.auth.permissions import Permission
from console.language import N_
from console.setup import choices
from console.setup.field import Ask, Field
from console.setup.form import Form
from console.setup.kind import Kind, Writing
from console.setup.pages import KindPages, attempt
from console.setup.place import Place
from console.setup.ranges import RangeError, names_of
from console.words import ROOM_USES
from ingest.registry import edit, removing
from ingest.registry.changing import require_unchanged
from ingest.registry.model import Room
from ingest.store.connection import Connection


class Rooms(Kind[Room]):
    """Rooms of a site."""

    what = "room"
    path = "rooms"
    permission = Permission.EDIT_SITES
    title = N_("Rooms")
    adding = N_("Add rooms")
    why = N_("Every place from which a call may come: also bathrooms, corridors and the kitchen.")
    type = Room
    writing = Writing(add=edit.add_room, remove=removing.remove_room)

    def entries(self, place: Place) -> Sequence[Room]:
        return sorted((r for r in place.registry.rooms if r.site_id == place.site.site_id), key=lambda one: one.name)

    def cells(self, place: Place, entry: Room) -> Sequence[tuple[str, str]]:
        zone = place.registry.zone.get(entry.zone_id or "")
        residents = [one.name for one in place.registry.residents if one.room_id == entry.room_id]
        devices = [one.name or one.device_id for one in place.registry.devices if one.room_id == entry.room_id]
        return [
            (N_("Floor"), zone.name if zone is not None else ""),
            (N_("Used as"), place.text(ROOM_USES[entry.use]) if entry.use in ROOM_USES else ""),
            (N_("Residents"), ", ".join(residents)),
            (N_("Devices"), ", ".join(devices)),
        ]

    def form(self, place: Place, entry: Room | None) -> Form:
        many = N_("One or many at once: 201-212, 301-312, Kitchen.") if entry is None else ""
        return Form(
            [
                Field(name="name", label=N_("Rooms") if many else N_("Name"), required=True, help=many),
                Field(name="zone_id", label=N_("Floor"), ask=Ask.SELECT, choices=choices.zones(place)),
                Field(
                    name="use",
                    label=N_("Used as"),
                    ask=Ask.SELECT,
                    choices=choices.words(place, ROOM_USES),
                    help=N_("In a bathroom the platform tells when somebody stays for far longer than usual."),
                ),
            ],
            zone=place.zone,
        )


class RoomPages(KindPages):
    """As the pages of any kind; a new form stands for as many rooms as it names."""

    async def save(self, place: Place, entry_id: str) -> Response:
        if entry_id:
            return await super().save(place, entry_id)
        form = self.kind.form(place, None)
        form.read(await place.request.form())
        names = _names(place, form)
        if not form.good:
            return self.entry(place, None, form, 422)
        given = {**form.typed(), "site_id": place.site.site_id}
        rooms = [Room(**{**given, "room_id": place.new_id("room", name), "name": name}) for name in names]

        def add(connection: Connection) -> None:
            for room in rooms:
                require_unchanged(connection, "room", room.room_id, "")
                edit.add_room(connection, room)

        refused = await attempt(place, form, add)
        return self.entry(place, None, form, refused) if refused else self.back(place, "saved")


def _names(place: Place, form: Form) -> list[str]:
    try:
        names = names_of(form.first("name"))
    except RangeError as error:
        form.refuse("name", error.code, part=error.part)
        return []
    known = {room.name for room in place.registry.rooms if room.site_id == place.site.site_id}
    taken = [name for name in names if name in known]
    if taken:
        form.refuse("name", "names_taken", names=", ".join(taken[:10]))
    return names
