"""Escalation policies: who is told after how long, over what, and when an alarm comes back."""

from __future__ import annotations

from collections.abc import Sequence

from console.answers.words import CHANNELS
from console.auth.permissions import Permission
from console.language import N_
from console.setup import choices
from console.setup.field import Ask, Choice, Field
from console.setup.form import Form, Repeat
from console.setup.kind import Kind, Values, Writing
from console.setup.place import Place
from console.words import KINDS, PRIORITIES
from ingest.registry import edit_escalation
from ingest.registry.checks import LONGEST_STEP_S, MOST_ACKNOWLEDGEMENTS
from ingest.registry.model import Policy

_SCOPES = {"site": N_("This site"), "every": N_("Every site")}
_GROUPS = {"duty": N_("Everybody on duty"), "contacts": N_("Contacts of the resident"), "everyone": N_("Everyone here")}


class Policies(Kind[Policy]):
    """How alarms escalate."""

    what = "policy"
    path = "policies"
    permission = Permission.EDIT_POLICIES
    title = N_("Escalation policies")
    adding = N_("Add a policy")
    why = N_("Who is told first, who next when nobody answers. Without a policy the platform's own steps apply.")
    type = Policy
    writing = Writing(add=edit_escalation.add_policy, remove=edit_escalation.remove_policy)

    def entries(self, place: Place) -> Sequence[Policy]:
        every = not place.visitor.user.site_ids
        own = (p for p in place.registry.policies if p.site_id == place.site.site_id or (every and p.site_id is None))
        return sorted(own, key=lambda one: one.name)

    def cells(self, place: Place, entry: Policy) -> Sequence[tuple[str, str]]:
        who = {choice.value: choice.label for choice in _who(place)}
        steps = [f"{step.after_s:g} s: {', '.join(who.get(word, word) for word in step.who)}" for step in entry.steps]
        kinds = [place.text(KINDS[kind]) for kind in entry.kinds if kind in KINDS]
        priorities = [place.text(PRIORITIES[one]) for one in entry.priorities if one in PRIORITIES]
        return [
            (N_("For"), place.text(_SCOPES["every" if entry.site_id is None else "site"])),
            (N_("Kinds"), ", ".join(kinds) or place.text(N_("all"))),
            (N_("Priorities"), ", ".join(priorities) or place.text(N_("all"))),
            (N_("Steps"), " → ".join(steps)),
        ]

    def form(self, place: Place, entry: Policy | None) -> Form:
        fields = [
            Field(name="name", label=N_("Name"), required=True),
            Field(
                name="kinds",
                label=N_("Kinds of alarms"),
                ask=Ask.MANY,
                choices=choices.words(place, KINDS),
                help=N_("None chosen: all."),
            ),
            Field(
                name="priorities",
                label=N_("Priorities"),
                ask=Ask.MANY,
                choices=choices.words(place, PRIORITIES),
                help=N_("None chosen: all."),
            ),
            _seconds("repeat_s", N_("Repeat the last step every … seconds"), required=True),
            _seconds("return_s", N_("Comes back unresolved after … seconds"), N_("Empty: never. Emergencies must.")),
            Field(
                name="acknowledgements",
                label=N_("How many people must take it"),
                ask=Ask.NUMBER,
                required=True,
                least=1,
                most=MOST_ACKNOWLEDGEMENTS,
            ),
            _seconds(
                "hand_over_s",
                N_("A silent channel hands over after … seconds"),
                N_("For emergencies at most 20."),
                required=True,
            ),
        ]
        if entry is None and not place.visitor.user.site_ids:
            scopes = choices.words(place, _SCOPES)
            fields.insert(1, Field(name="scope", label=N_("For"), ask=Ask.SELECT, required=True, choices=scopes))
        used = [channel for step in (entry.steps if entry else ()) for channel in step.channels]
        known = {**CHANNELS, **{channel: channel for channel in used if channel not in CHANNELS}}
        steps = Repeat(
            name="steps",
            legend=N_("Step %(number)s"),
            more=N_("Add a step"),
            fields=[
                _seconds("after_s", N_("Seconds after the step before"), required=True),
                Field(name="who", label=N_("Who is told"), ask=Ask.MANY, required=True, choices=_who(place)),
                Field(
                    name="channels",
                    label=N_("Only over these channels"),
                    ask=Ask.MANY,
                    choices=choices.words(place, known),
                    help=N_("None chosen: each person's own, in their order."),
                ),
            ],
        )
        return Form(fields, [steps], zone=place.zone)

    def initial(self, place: Place) -> Values:
        first = {"after_s": 0.0, "who": ["duty"], "channels": []}
        then = {"after_s": 60.0, "who": ["everyone"], "channels": []}
        return {
            "scope": "site",
            "repeat_s": 60.0,
            "return_s": 180.0,
            "acknowledgements": 1,
            "hand_over_s": 20.0,
            "steps": [first, then],
        }

    def adjust(self, place: Place, values: Values, entry: Policy | None) -> Values:
        own = dict(super().adjust(place, values, entry))
        if own.pop("scope", "") == "every":
            own["site_id"] = None
        return own


def _seconds(name: str, label: str, help: str = "", *, required: bool = False) -> Field:  # noqa: A002 - the field's name
    return Field(name=name, label=label, ask=Ask.SECONDS, help=help, required=required, least=0, most=LONGEST_STEP_S)


def _who(place: Place) -> list[Choice]:
    rotas = [one for one in place.registry.rotas if one.site_id == place.site.site_id]
    on_duty = N_("On duty: %(rota)s")
    return [
        *choices.words(place, _GROUPS),
        *(Choice(value=f"duty:{one.rota_id}", label=place.text(on_duty, rota=one.name)) for one in rotas),
        *choices.people(place),
    ]
