"""What a confirmed fire switches at its site, what forbids it, and why: sirens, doors, valves, power (docs/fire.md).

Nothing is switched by one detector: GB 50116 4.1.6 asks for two independent triggers, or a person must say so. Each
output is asked for once per incident; a person may ask again, and is told what forbids it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alarms.lifecycle import verification
from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition, Identity, Priority
from alarms.lifecycle.events import Onset

MOVED = "output_moved"
"""What a gateway says of an output that was asked for, in the place of a rule: ``judge/output_moved``."""

STUCK = "output_stuck"
"""The rule of an output that was asked for and has not moved: an emergency, for somebody counts on it."""

UNMOVED = "output_unmoved"
"""The rule of what that leaves behind when the fire is over: a fault, for the next fire will count on it too."""


class Does(StrEnum):
    """What an output does. None of them can be undone by the platform: a door that was released stays so."""

    SIREN = "siren"
    DOOR_RELEASE = "door_release"
    GAS_SHUT = "gas_shut"
    WATER_SHUT = "water_shut"
    POWER_CUT = "power_cut"


class Why(StrEnum):
    """Why an output is asked for, or what forbids it."""

    TWO_TRIGGERS = "two_triggers"
    PERSON = "person"
    # refused because …
    FEEDS = "feeds"  # it feeds what must not lose power
    GAS = "gas"  # a relay's spark where gas is
    FLOW = "flow"  # the sprinkler needs this water


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Something that can be switched, for a room, a zone or (both None) the whole site.

    ``feeds`` says what would lose power that must not: a lift, an oxygen concentrator. Then it is never cut.
    ``feedback_device_id`` says whether it has moved, at most ``within_s`` after it was asked for; None: nobody does.
    """

    output_id: str
    name: str
    does: Does
    zone_id: str | None = None
    room_id: str | None = None
    feeds: str = ""
    feedback_device_id: str | None = None
    within_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One output that was asked for, or ``refused``; ``why`` and its ``detail`` are the written reason."""

    output: Output
    refused: bool
    why: Why
    detail: str = ""


def reason(alarm: Alarm) -> tuple[Why, str] | None:
    """Why the outputs of a fire are due, with who bore it out; None: they are not."""
    if alarm.kind is not AlarmKind.FIRE or not alarm.is_open or verification.is_apart(alarm):
        return None
    independent = [one for one in verification.known_by(alarm.evidence) if one.get("independent") is True]
    if not independent:
        return None
    is_person = any(one.get("what") == "person" for one in independent)
    names = ", ".join(str(one.get("name") or one.get("id") or "") for one in independent)
    return (Why.PERSON if is_person else Why.TWO_TRIGGERS), names


def of_fire(outputs: Iterable[Output], zone_id: str | None, room_id: str | None) -> Iterator[Output]:
    """What a fire at this place switches by itself. Water is shut by people only; in doubt about the place nothing is
    switched but what is for the whole site."""
    for one in outputs:
        is_everywhere = one.zone_id is None and one.room_id is None
        is_here = one.room_id == room_id if one.room_id is not None else one.zone_id == zone_id
        if one.does is not Does.WATER_SHUT and (is_everywhere or is_here):
            yield one


def stuck_subject(output_id: str) -> str:
    """What the alarm about an output that has not moved is about."""
    return f"output:{output_id}"


def stuck(output: Output, fire: Alarm, identity: Identity, now: datetime) -> Onset:
    """An output has not moved for a fire; ``identity`` is its feedback's. It is over when it moves, with its fire, or
    by a person."""
    named = {"output_id": output.output_id, "fire": fire.alarm_id}
    return Onset(
        rule=STUCK,
        subject=stuck_subject(output.output_id),
        kind=AlarmKind.FAULT,
        priority=Priority.EMERGENCY,
        latching=False,
        momentary=False,
        identity=identity,
        record=f"{STUCK}/{fire.alarm_id}/{output.output_id}/{now.timestamp()}",
        raised_at=now,
        received_at=now,
        evidence={
            **named,
            "text": f"{output.name} was asked to move for a fire and has not within {output.within_s:g} s: go and see",
            "text_zh": f"火警联动：{output.name}在{output.within_s:g}秒内未动作，请立即到现场处理",
        },
    )


def unmoved(output: Output, stuck: Alarm, now: datetime) -> Onset:
    """An output had not moved for a fire that is over. Only a person ends it: who opens a door by hand has not repaired
    what should have released it."""
    return Onset(
        rule=UNMOVED,
        subject=stuck.subject,
        kind=AlarmKind.FAULT,
        priority=Priority.MEDIUM,
        latching=True,
        momentary=False,
        identity=stuck.identity,
        record=f"{UNMOVED}/{stuck.alarm_id}",
        raised_at=now,
        received_at=now,
        evidence={
            "output_id": output.output_id,
            "text": f"{output.name} did not move when a fire asked for it: have it repaired and tried",
            "text_zh": f"{output.name}在火警联动时未动作，请报修并重新试验",
        },
    )


def asked(output: Output, why: Why, detail: str, standing: Iterable[Alarm]) -> Asked:
    """The output as it may be asked for beside the alarms that stand at its site: the interlocks."""
    if output.does is Does.POWER_CUT and output.feeds:
        return Asked(output=output, refused=True, why=Why.FEEDS, detail=output.feeds)
    kinds = {one.kind for one in standing if one.condition is Condition.ACTIVE and not verification.is_apart(one)}
    if output.does is Does.POWER_CUT and AlarmKind.GAS in kinds:
        return Asked(output=output, refused=True, why=Why.GAS)
    if output.does is Does.WATER_SHUT and {AlarmKind.FIRE, AlarmKind.WATER_FLOW} & kinds:
        return Asked(output=output, refused=True, why=Why.FLOW)
    return Asked(output=output, refused=False, why=why, detail=detail)
