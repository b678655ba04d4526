"""Rotas: who is on duty when, with a picture of the coming week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from console.auth.permissions import Permission
from console.language import N_, local_time
from console.setup import choices
from console.setup.duty import week
from console.setup.field import Ask, Choice, Field
from console.setup.form import Form, Repeat
from console.setup.kind import Kind, Values, Writing
from console.setup.place import Place
from ingest.registry import edit_escalation
from ingest.registry.checks import LONGEST_TURN_DAYS
from ingest.registry.model import Rota

_HAND_OVER_H = 8
WEEKDAYS = {
    "0": N_("Monday"),
    "1": N_("Tuesday"),
    "2": N_("Wednesday"),
    "3": N_("Thursday"),
    "4": N_("Friday"),
    "5": N_("Saturday"),
    "6": N_("Sunday"),
}


class Rotas(Kind[Rota]):
    """Who is on duty."""

    what = "rota"
    path = "rotas"
    permission = Permission.EDIT_POLICIES
    title = N_("Rotas")
    adding = N_("Add a rota")
    why = N_("Who is on duty when. While nobody is, everyone at the site is told.")
    type = Rota
    template = "setup_duty.html"
    writing = Writing(add=edit_escalation.add_rota, remove=edit_escalation.remove_rota)

    def entries(self, place: Place) -> Sequence[Rota]:
        own = (one for one in place.registry.rotas if one.site_id == place.site.site_id)
        return sorted(own, key=lambda one: one.name)

    def cells(self, place: Place, entry: Rota) -> Sequence[tuple[str, str]]:
        name_of = place.parts.name_of
        layers = [
            f"{layer.begin:%H:%M}–{layer.end:%H:%M}: {', '.join(name_of(one) for one in layer.members)}"
            for layer in entry.layers
        ]
        return [(N_("Layers"), "; ".join(layers)), (N_("Stand-ins"), str(len(entry.overrides)))]

    def form(self, place: Place, entry: Rota | None) -> Form:
        people = choices.people(place)
        return Form(
            [Field(name="name", label=N_("Name"), required=True)],
            [_layers(place, people), _overrides(people)],
            zone=place.zone,
        )

    def initial(self, place: Place) -> Values:
        # before the hour of hand-over the turn that is on began yesterday: else nobody would be on duty until then
        turn = local_time(place.now, place.site.timezone) - timedelta(hours=_HAND_OVER_H)
        layer = {
            "members": [],
            "starts_on": turn.date().isoformat(),
            "hand_over": f"{_HAND_OVER_H:02}:00",
            "turn_days": 7,
            "begin": "00:00",
            "end": "00:00",
            "weekdays": list(WEEKDAYS),
        }
        return {"layers": [layer]}

    def aside(self, place: Place, entry: Rota | None) -> Mapping[str, object]:
        return {"week": week(place.registry, place.site.site_id, place.now)}


def _layers(place: Place, people: list[Choice]) -> Repeat:
    return Repeat(
        name="layers",
        legend=N_("Layer %(number)s"),
        more=N_("Add a layer"),
        fields=[
            Field(
                name="members",
                label=N_("Who takes turns, in this order"),
                ask=Ask.ORDER,
                required=True,
                choices=people,
            ),
            Field(name="begin", label=N_("From"), ask=Ask.TIME, required=True),
            Field(
                name="end",
                label=N_("To"),
                ask=Ask.TIME,
                required=True,
                help=N_("Not later than From: the next day. The same: round the clock."),
            ),
            Field(
                name="weekdays",
                label=N_("Days on which it begins"),
                ask=Ask.MANY,
                required=True,
                choices=choices.words(place, WEEKDAYS),
            ),
            Field(
                name="turn_days",
                label=N_("Days of a turn"),
                ask=Ask.NUMBER,
                required=True,
                least=1,
                most=LONGEST_TURN_DAYS,
            ),
            Field(
                name="starts_on",
                label=N_("The first turn begins on"),
                ask=Ask.DATE,
                required=True,
                help=N_("Before it this layer has nobody."),
            ),
            Field(name="hand_over", label=N_("Turns change at"), ask=Ask.TIME, required=True),
        ],
    )


def _overrides(people: list[Choice]) -> Repeat:
    return Repeat(
        name="overrides",
        legend=N_("Stand-in %(number)s"),
        more=N_("Add a stand-in"),
        fields=[
            Field(name="person", label=N_("Who stands in"), ask=Ask.SELECT, required=True, choices=people),
            Field(
                name="instead_of",
                label=N_("Instead of"),
                ask=Ask.SELECT,
                choices=people,
                help=N_("Left empty: instead of everybody."),
            ),
            Field(name="begins_at", label=N_("From"), ask=Ask.MOMENT, required=True),
            Field(name="ends_at", label=N_("To"), ask=Ask.MOMENT, required=True),
        ],
    )
