"""Residents: who lives where, what they need, whether they are away."""

from __future__ import annotations

from collections.abc import Sequence

from console.auth.permissions import Permission
from console.language import N_, local_time
from console.setup import choices
from console.setup.field import Ask, Field
from console.setup.form import Form
from console.setup.kind import Kind, Writing
from console.setup.place import Place
from ingest.registry import edit, removing
from ingest.registry.checks_home import FIRST_BIRTH_YEAR
from ingest.registry.model import Resident


class Residents(Kind[Resident]):
    """Those who live at a site."""

    what = "resident"
    path = "residents"
    permission = Permission.EDIT_RESIDENTS
    title = N_("Residents")
    adding = N_("Add a resident")
    why = N_("An alarm says who needs help, and what whoever comes must know.")
    type = Resident
    writing = Writing(add=edit.add_resident, remove=removing.remove_resident)

    def entries(self, place: Place) -> Sequence[Resident]:
        own = (one for one in place.registry.residents if one.site_id == place.site.site_id)
        return sorted(own, key=lambda one: one.name)

    def cells(self, place: Place, entry: Resident) -> Sequence[tuple[str, str]]:
        room = place.registry.room.get(entry.room_id or "")
        return [
            (N_("Room"), room.name if room is not None else ""),
            (N_("Needs"), entry.needs),
            (N_("Away"), place.text(N_("away")) if entry.away else ""),
        ]

    def form(self, place: Place, entry: Resident | None) -> Form:
        this_year = local_time(place.now, place.site.timezone).year
        return Form(
            [
                Field(name="name", label=N_("Full name"), required=True),
                Field(name="room_id", label=N_("Room"), ask=Ask.SELECT, choices=choices.rooms(place)),
                Field(
                    name="birth_year",
                    label=N_("Year of birth"),
                    ask=Ask.NUMBER,
                    least=FIRST_BIRTH_YEAR,
                    most=this_year,
                ),
                Field(
                    name="needs",
                    label=N_("Needs"),
                    ask=Ask.AREA,
                    longest=2000,
                    help=N_("What whoever comes must know: hearing aid, walks with help. It stands in the alarm."),
                ),
                Field(
                    name="medication",
                    label=N_("Medication"),
                    ask=Ask.AREA,
                    longest=2000,
                    help=N_("What a carer or an ambulance must know: insulin at 7:30, blood thinner, allergies."),
                ),
                Field(
                    name="keys",
                    label=N_("House keys"),
                    ask=Ask.AREA,
                    longest=1000,
                    help=N_("How to get in: who has a key, where the key safe is. Shown to who answers alarms."),
                ),
                Field(
                    name="away",
                    label=N_("Away (hospital, travelling)"),
                    ask=Ask.CHECK,
                    help=N_("While away, a quiet room is no alarm."),
                ),
            ],
            zone=place.zone,
        )
