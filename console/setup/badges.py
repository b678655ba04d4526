"""Badges that staff show to a button in a room: whose each one is."""

from __future__ import annotations

from collections.abc import Sequence

from console.auth.permissions import Permission
from console.language import N_
from console.setup import choices
from console.setup.field import Ask, Choice, Field
from console.setup.form import Form
from console.setup.kind import Kind, Writing
from console.setup.place import Place
from ingest.registry import edit
from ingest.registry.model import Badge


class Badges(Kind[Badge]):
    """What staff hold to a button."""

    what = "badge"
    path = "badges"
    permission = Permission.EDIT_PEOPLE
    title = N_("Badges")
    adding = N_("Add a badge")
    why = N_("A badge that is held to a button in a room says who is there.")
    type = Badge
    writing = Writing(add=edit.add_badge, remove=edit.remove_badge)

    def entries(self, place: Place) -> Sequence[Badge]:
        own = (one for one in place.registry.badges if one.site_id == place.site.site_id)
        return sorted(own, key=lambda one: one.badge_id)

    def cells(self, place: Place, entry: Badge) -> Sequence[tuple[str, str]]:
        owner = place.registry.user.get(entry.user_id or "")
        return [(N_("Number"), entry.badge_id), (N_("Account"), owner.name if owner is not None else "")]

    def form(self, place: Place, entry: Badge | None) -> Form:
        staff = [Choice(value=user.user_id, label=user.name) for user in choices.staff(place)]
        return Form(
            [
                Field(
                    name="badge_id",
                    label=N_("Number on the badge"),
                    required=True,
                    longest=64,
                    fixed=True,
                    help=N_("As the button reports it."),
                ),
                Field(name="user_id", label=N_("Whose it is"), ask=Ask.SELECT, choices=staff),
                Field(name="name", label=N_("Or its name"), help=N_("For a badge that several people use.")),
            ],
            zone=place.zone,
        )
