"""``docs/alarm-states.md``: the transition table, its guards, the standard's states, the default escalation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import product

from alarms.lifecycle import guards
from alarms.lifecycle.alarm import (
    Act,
    Alarm,
    AlarmKind,
    Condition,
    Disposition,
    Flag,
    Identity,
    Priority,
    Reached,
    Response,
    Suppressed,
    Suppression,
)
from alarms.lifecycle.effects import Reason
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import (
    Acknowledge,
    ConfirmFire,
    Event,
    Recovered,
    Resolve,
    SetOut,
    Shelve,
    TurnBack,
    Unshelve,
)
from alarms.lifecycle.policy import DEFAULT_POLICIES, Policy
from alarms.lifecycle.table import TRANSITIONS
from console.cli.docs_tables import members, notice, table

_SAID = {
    "Recurred": "raised again",
    "Confirmed": "confirmed",
    "ConfirmFire": "a person says that it burns",
    "Linked": "outputs are asked for",
    "Moved": "an output has moved, or not in time",
    "Recovered": "got up",
    "Cleared": "condition cleared",
    "Acknowledge": "acknowledge",
    "Attend": "attend",
    "Stay": "staff stay there",
    "Resolve": "resolve",
    "Note": "note",
    "Assign": "assign",
    "Shelve": "put aside",
    "Unshelve": "take back",
    "SetOut": "somebody is on the way",
    "TurnBack": "does not come after all",
    "Grouped": "joins an incident",
    "StepDue": "nobody answered in time",
    "ReturnDue": "forgotten",
    "ShelfOver": "time aside is over",
    "NotArrived": "not there in time",
    "ClockSet": "clock was set",
}

_ISA_NAMES = {
    "A": "normal",
    "B": "unacknowledged",
    "C": "acknowledged",
    "D": "returned to normal, unacknowledged",
    "E": "latched, unacknowledged",
    "F": "latched, acknowledged",
    "G": "shelved",
    "H": "suppressed by design",
    "I": "out of service",
}
_OPEN = {
    (Condition.ACTIVE, Response.NEW): ("B", "It sounds, and people are told step after step."),
    (Condition.ACTIVE, Response.ACKNOWLEDGED): ("C", "Somebody has taken it; unresolved it comes back."),
    (Condition.ACTIVE, Response.ATTENDED): ("C", "Somebody is there; unresolved it comes back."),
    (Condition.CLEARED, Response.NEW): ("E", "Its cause is gone, but it latches: it sounds and people are told."),
    (Condition.CLEARED, Response.ACKNOWLEDGED): ("F", "Its cause is gone, somebody has taken it and must end it."),
    (Condition.CLEARED, Response.ATTENDED): ("F", "Its cause is gone, somebody is there and must end it."),
}
_ASIDE = {
    Suppression.SHELVED: ("G", "A person has put it aside"),
    Suppression.PLANNED: ("H", "Announced work keeps it silent"),
    Suppression.OUT_OF_SERVICE: ("I", "Its device is under repair"),
}
_STANDS = {Condition.ACTIVE: "its cause is there", Condition.CLEARED: "its cause is gone"}
_TAKEN = {
    Response.NEW: "nobody has taken it",
    Response.ACKNOWLEDGED: "somebody had taken it",
    Response.ATTENDED: "somebody is there",
}


def isa_state(condition: Condition, response: Response, suppressed: Suppression | None) -> tuple[str, str]:
    """The letter of ANSI/ISA-18.2-2016 (IEC 62682) for a combination, and what it means here."""
    if response is Response.RESOLVED:
        over = "It is over." if suppressed is None else "Does not occur: what is over is not put aside any more."
        return "A", over
    if suppressed is None:
        return _OPEN[condition, response]
    letter, why = _ASIDE[suppressed]
    return letter, f"{why}; {_STANDS[condition]}, {_TAKEN[response]}; at the end it is new and rings."


def alarm_states() -> str:
    """The page."""
    lines = [
        "# Alarm states 报警状态",
        "",
        notice("alarms/lifecycle"),
        "",
        f"An alarm has two axes. The **condition** is what the world does: {members(Condition)}.",
        f"The **response** is what people do about it: {members(Response)}.",
        f"Over them lies what keeps it silent for a while, if anything: {members(Suppression)}.",
        "Every change is one pair of this table. A pair that is not in it is refused and nothing changes.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {Response.NEW}: raised",
        *_arrows(),
        f"    {Response.RESOLVED} --> [*]",
        "```",
        "",
        *_transitions(),
        "",
        *_refinements(),
        "",
        *_isa(),
        "",
        *_escalation(),
        "",
        "## Closed sets 枚举",
        "",
    ]
    sets: tuple[type[StrEnum], ...] = (Priority, AlarmKind, Disposition, Reached, Suppression, Flag, Reason)
    lines += table(("set", "members"), [(f"`{each.__name__}`", members(each)) for each in sets])
    return "\n".join([*lines, ""])


def _transitions() -> list[str]:
    events = dict.fromkeys(event for _, event in TRANSITIONS)
    rows = [
        (
            f"`{event.__name__}`",
            _SAID[event.__name__],
            "person" if any(field.name == "by" for field in fields(event)) else "system",
            *(TRANSITIONS.get((response, event), "refused") for response in Response),
        )
        for event in events
    ]
    return table(("event", "in words", "by", *(f"from {response}" for response in Response)), rows)


def _arrows() -> Iterator[str]:
    """One arrow per pair of states, with all events that take it there."""
    labels: dict[tuple[Response, Response], list[str]] = {}
    for (response, event), to in TRANSITIONS.items():
        labels.setdefault((response, to), []).append(_SAID[event.__name__])
    for response in (Response.ACKNOWLEDGED, Response.ATTENDED):
        labels.setdefault((response, Response.NEW), []).append("new onset")
    for (response, to), said in labels.items():
        yield f"    {response} --> {to}: {', '.join(said)}"


def _refinements() -> list[str]:
    kinds = " or ".join(f"`{kind}`" for kind in guards.PERSONAL)
    hours = guards.LONGEST_SHELF / timedelta(hours=1)
    return [
        "Refinements live in `alarms/lifecycle/step.py`:",
        "",
        "- **Raised again** while open is counted. When it is a *new onset* (a press, or a condition that had cleared)",
        "  and somebody had already answered, the alarm is new again, in the next round: it sounds and notifies.",
        "- **Confirmed** takes the evidence over and raises the priority, never the count. Then people are told from",
        "  the first step again, in the next round, unless somebody has answered: to them it only comes back sooner.",
        "  What a person had put aside is aside no more.",
        "- A fire alarm of one detector may be a **pre-alarm** (预警): priority high, flag `pre_alarm`, on every",
        "  screen, told to nobody until `verify_until`. Confirmed by time, a second sign or a person it is an",
        "  emergency and rings, also for whoever had taken it. When its detector takes it back before, `system`",
        "  resolves it ([fire](fire.md)).",
        "- A missing sign of life begins as a **question** (询问): priority low, flag `question`, told to the resident",
        "  and to relatives who share it. An answer (`resolve`), a sign of life or the key that takes a call back ends",
        "  it; confirmed by more silence it has its rule's priority and rings ([inactivity](inactivity.md)).",
        "- **Got up** makes a suspected fall a *near fall* (险些跌倒): priority low, condition cleared, no deadline,",
        "  until a person closes it. Raised again or confirmed it is a fall again, and rings.",
        "- **Condition cleared** resolves an alarm that does not latch, by `system`. Help calls, falls and fire latch:",
        "  only a person resolves them.",
        "- **Acknowledge** is welcome from a second person where the policy asks for several; until there are enough",
        "  the steps go on.",
        "- **Put aside** stops every deadline but its own end; then the alarm is new, in the next round. A person may",
        f"  put aside for at most {hours:g} hours.",
        "- **On the way** is no answer: people are told on. It ends by itself at the time that was said.",
        "",
        f"Guards live in `alarms/lifecycle/guards.py`. Where somebody attends a {kinds}, `{Reached.IN_PERSON}` is",
        "understood; how the person of a near fall was reached nobody asks. What they refuse, and with which words:",
        "",
        *table(("event", "of", "refused with"), _refused()),
    ]


def _refused() -> Iterator[tuple[str, str, str]]:
    """Each guard met once; the words are its own."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    until = now + timedelta(hours=1)
    call = Alarm(
        alarm_id="",
        version=1,
        rule="",
        subject="",
        kind=AlarmKind.HELP_CALL,
        priority=Priority.EMERGENCY,
        latching=True,
        momentary=True,
        identity=Identity(site_id=""),
        raised_at=now,
        received_at=now,
        last_at=now,
    )
    taken = replace(call, response=Response.ACKNOWLEDGED, takers=(Act(by="a", at=now),))
    aside = Suppressed(how=Suppression.SHELVED, reason="r", by="a", at=now, until=until)
    helped = Resolve(by="a", disposition=Disposition.HELPED)
    shelve = Shelve(by="a", reason="r", until=until, second="b")
    cases: tuple[tuple[str, Alarm, Event], ...] = (
        ("one that has enough people, or this person", taken, Acknowledge(by="a")),
        ("a fire that still burns", replace(call, kind=AlarmKind.FIRE, momentary=False), helped),
        ("a call or a fall that nobody attends", call, helped),
        ("a fall that is confirmed, a near fall, any other kind", call, Recovered(at=now)),
        ("one that is put aside", replace(call, suppressed=aside), shelve),
        ("any, without a reason", call, replace(shelve, reason=" ")),
        ("any, for longer", call, replace(shelve, until=until + guards.LONGEST_SHELF)),
        ("an emergency, by one person", call, replace(shelve, second=None)),
        ("one that is not put aside", call, Unshelve(by="a")),
        ("a pre-alarm", replace(call, flags=(Flag.PRE_ALARM,)), shelve),
        ("any other kind than fire", call, ConfirmFire(by="a")),
        ("any, for longer", call, SetOut(by="a", until=now + guards.LONGEST_WAY + timedelta(minutes=1))),
        ("one to which this person is not on the way", call, TurnBack(by="a")),
    )
    for of, alarm, event in cases:
        try:
            guards.check(alarm, event, now)
        except TransitionError as error:
            first = "who was first, and when"
            yield f"`{type(event).__name__}`", of, first if error.first is not None else f"“{error}”"
        else:
            raise AssertionError(f"the guards let pass: {type(event).__name__} of {of}")


def _isa() -> list[str]:
    rows = []
    for condition, response, suppressed in product(Condition, Response, (None, *Suppression)):
        letter, sentence = isa_state(condition, response, suppressed)
        rows.append((condition, response, suppressed or "—", f"**{letter}** {_ISA_NAMES[letter]}", sentence))
    return [
        "## The states of ANSI/ISA-18.2 and IEC 62682 与标准状态的对应",
        "",
        "Every combination, and the state A to I that the standard would call it.",
        f"**D** ({_ISA_NAMES['D']}) does not occur: an alarm that does not latch ends by itself when its",
        "cause is gone, and its log keeps that nobody had taken it. A press or a fall is over at once;",
        "its condition stays `active` until a person ends it. A near fall is **E** or **F**, and silent.",
        "",
        *table(("condition", "response", "suppressed", "state", "what it means here"), rows),
    ]


def _escalation() -> list[str]:
    rows = [(str(each), _steps(DEFAULT_POLICIES[each]), *_waits(DEFAULT_POLICIES[each])) for each in Priority]
    return [
        "## Escalation 升级",
        "",
        "Without a policy of the site's own: seconds after which the next people are told, until somebody answers;",
        "when a channel without a sign of life hands over; when a forgotten alarm comes back. See [rotas](rotas.md).",
        "",
        *table(("priority", "steps", "then every", "people needed", "hands over after", "comes back after"), rows),
    ]


def _steps(policy: Policy) -> str:
    if not policy.steps:
        return "tells nobody; stands in the list"
    waited = 0.0
    parts = []
    for step in policy.steps:
        waited += step.after_s
        parts.append(f"{waited:g} s: {' and '.join(step.who)}")
    return "; ".join(parts)


def _waits(policy: Policy) -> tuple[str, str, str, str]:
    tells = bool(policy.steps)
    return (
        f"{policy.repeat_s:g} s" if tells else "—",
        str(policy.acknowledgements),
        f"{policy.hand_over_s:g} s" if tells else "—",
        "never" if policy.return_s is None else f"{policy.return_s:g} s",
    )
