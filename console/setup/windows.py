"""Planned windows: work that was announced, during which alarms of some kinds tell nobody."""

from __future__ import annotations

from collections.abc import Sequence

from console.auth.permissions import Permission
from console.language import N_
from console.setup import choices
from console.setup.field import Ask, Field
from console.setup.form import Form
from console.setup.kind import Kind, Values, Writing
from console.setup.place import Place
from console.words import KINDS
from ingest.registry import edit_escalation
from ingest.registry.model import Window


class Windows(Kind[Window]):
    """Work that was announced."""

    what = "window"
    path = "windows"
    permission = Permission.EDIT_POLICIES
    title = N_("Planned work")
    adding = N_("Plan work")
    why = N_("Alarms of the chosen kinds that come meanwhile are recorded and tell nobody.")
    type = Window
    writing = Writing(add=edit_escalation.add_window, remove=edit_escalation.remove_window)

    def entries(self, place: Place) -> Sequence[Window]:
        own = (one for one in place.registry.windows if one.site_id == place.site.site_id)
        return sorted(own, key=lambda one: one.begins_at, reverse=True)

    def name_of(self, entry: Window) -> str:
        return entry.reason

    def cells(self, place: Place, entry: Window) -> Sequence[tuple[str, str]]:
        begin, end = (at.astimezone(place.zone).strftime("%Y-%m-%d %H:%M") for at in (entry.begins_at, entry.ends_at))
        kinds = [place.text(KINDS[kind]) for kind in entry.kinds if kind in KINDS]
        every = place.text(N_("all but calls and falls"))
        return [(N_("From"), begin), (N_("To"), end), (N_("Kinds"), ", ".join(kinds) or every)]

    def form(self, place: Place, entry: Window | None) -> Form:
        return Form(
            [
                Field(name="reason", label=N_("What is planned"), required=True),
                Field(name="begins_at", label=N_("From"), ask=Ask.MOMENT, required=True),
                Field(name="ends_at", label=N_("To"), ask=Ask.MOMENT, required=True, help=N_("At most 31 days later.")),
                Field(
                    name="kinds",
                    label=N_("Kinds of alarms"),
                    ask=Ask.MANY,
                    choices=choices.words(place, KINDS, leave_out=("test", "unreadable")),
                    help=N_("None chosen: all but calls for help and falls."),
                ),
                Field(name="room_id", label=N_("Only in this room"), ask=Ask.SELECT, choices=choices.rooms(place)),
                Field(name="device_id", label=N_("Only this device"), ask=Ask.SELECT, choices=choices.devices(place)),
            ],
            zone=place.zone,
        )

    def adjust(self, place: Place, values: Values, entry: Window | None) -> Values:
        own = super().adjust(place, values, entry)
        return own if entry is not None else {**own, "by": f"user:{place.visitor.user.user_id}"}
