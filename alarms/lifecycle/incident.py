"""Alarms that belong together: a fire that spreads, a cut of power, a gateway that is lost with its devices.

Which alarms belong together is decided by when they reached us; in which order they stand, by when they began.

- *Fire*: what a fire panel would show. GB 4717 asks a panel for the first alarm and the later ones in order of time;
  two detectors at one place are what GB 50116 4.1.6 calls a confirmed fire.
- *Faults*: ISA-18.2 and EEMUA 191 call them consequential alarms; one of them speaks for all.

An incident is named by its parent's ``alarm_id``, which the parent itself carries too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alarms.lifecycle import linkage, spread, sprinkler
from alarms.lifecycle.alarm import UNTOLD, Alarm, AlarmKind, Flag, Priority, Response, Suppression
from alarms.lifecycle.effects import Reason
from alarms.lifecycle.events import Onset
from alarms.lifecycle.guards import PERSONAL
from alarms.lifecycle.policy import Policy
from alarms.lifecycle.spread import Reached

FIRE_WINDOW = timedelta(minutes=30)
FAULT_WINDOW = timedelta(minutes=2)
"""Joins what comes at latest so long after the last member."""

ENOUGH = 5
"""So many open faults within the window are one incident; so many open members keep one speaker."""

FIRE_SIDE = (AlarmKind.FIRE, AlarmKind.CO, AlarmKind.GAS, AlarmKind.WATER_FLOW)
EQUIPMENT = (AlarmKind.FAULT, AlarmKind.BATTERY, AlarmKind.TAMPER)
GATEWAY_GONE = ("gateway_lost", "gateway_silent")
_SPREADING = (AlarmKind.FIRE, AlarmKind.CO, AlarmKind.GAS)
MADE_BY_FIRE = (sprinkler.VALVE_IN_FIRE, linkage.STUCK)
"""Faults that a fire makes an emergency: neither announced work nor a test of the device keeps them quiet."""

_RULES_APART = ("alarm_contact", "alarm_flood", *MADE_BY_FIRE, sprinkler.FLOW_BEGINS)
"""A contact that may be anything is never taken for a fault of many, nor is the flood that tells of them, nor what a
fire makes an emergency; flow that may be a surge is no fire yet."""

_ALONE = (Flag.TEST, Flag.CANARY, Flag.DRILL, Flag.UNREGISTERED)


class Family(StrEnum):
    """What can belong together."""

    FIRE = "fire"
    FAULT = "fault"

    @property
    def window(self) -> timedelta:
        """How long an incident is open to new members."""
        return FIRE_WINDOW if self is Family.FIRE else FAULT_WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a new alarm belongs. ``joining`` are alarms that stood alone and belong to it too; the members of the
    incidents ``absorbed`` move over; ``reason`` is why its first message is sent; ``way`` is how a fire came here."""

    incident_id: str | None = None
    joining: tuple[Alarm, ...] = ()
    absorbed: tuple[str, ...] = ()
    reason: Reason = Reason.NEW_ALARM
    way: tuple[Reached, ...] = ()


ALONE = Place()


def family_of(alarm: Alarm) -> Family | None:
    """The family of an alarm; None for one that is always by itself: calls, falls, tests, drills, unknown places."""
    if any(flag in alarm.flags for flag in _ALONE) or alarm.rule in _RULES_APART:
        return None
    if alarm.kind in FIRE_SIDE:
        return Family.FIRE
    if alarm.kind in EQUIPMENT:
        return Family.FAULT
    return None


def is_urgent(alarm: Alarm | Onset) -> bool:
    """Emergencies, calls, falls and fire: whatever else happens, people are told of each of them at once."""
    is_of_kind = alarm.kind in (*PERSONAL, *FIRE_SIDE) and Flag.NEAR_FALL not in alarm.flags
    return alarm.priority is Priority.EMERGENCY or is_of_kind


def is_gateway(alarm: Alarm) -> bool:
    """Whether it says that a gateway is gone: then its devices' losses are its doing."""
    return alarm.rule in GATEWAY_GONE


def order(alarm: Alarm) -> tuple[datetime, str]:
    """Members stand in the order in which they began."""
    return alarm.raised_at, alarm.alarm_id


def place(alarm: Alarm, near: Sequence[Alarm], wide: Collection[str], parents: Mapping[str, Alarm]) -> Place:
    """Where a new alarm belongs.

    Parameters
    ----------
    near
        Of its site and family, reached us within the family's window before it, and is open or in an incident with an
        open member; the newest are enough as ``Incidents`` in the engine chooses them.
    wide
        The incidents of ``near`` that have at least ``ENOUGH`` open members.
    parents
        The parents of the incidents of ``near``, by incident.
    """
    match family_of(alarm):
        case Family.FIRE:
            return _in_fire(alarm, near)
        case Family.FAULT:
            return _among_faults(alarm, near, wide, parents)
    return ALONE


def speaks(alarm: Alarm) -> bool:
    """Whether people have been told of it, so that it may speak for others; also while a person has put it aside."""
    is_silenced = alarm.suppressed is not None and alarm.suppressed.how is not Suppression.SHELVED
    return alarm.is_open and alarm.step != UNTOLD and not is_silenced


def is_spoken_for(
    alarm: Alarm, speaker: Alarm | None, members: int, policy: Policy, policy_of_speaker: Policy | None
) -> bool:
    """Whether a fault stays silent because another member of its incident tells of them all.

    ``speaker`` is the first, by priority and order, of the members that speak, or else of those that are open: it will
    speak next. It tells of others while ``members`` of them, counted up to ``ENOUGH``, are open, and a gateway that is
    gone always tells of its devices.
    """
    if is_urgent(alarm) or speaker is None or policy_of_speaker is None or speaker.alarm_id == alarm.alarm_id:
        return False
    if members < ENOUGH and not is_gateway(speaker):
        return False
    return speaker.priority.rank <= alarm.priority.rank and covers(policy_of_speaker, policy)


def is_confirmation(alarm: Alarm, first: Alarm | None, policy: Policy, policy_of_first: Policy | None) -> bool:
    """Whether the escalation of a room's ``first`` fire alarm is that of this one too: it goes on, or whoever took it
    saw this one already, and nobody is left out."""
    if first is None or policy_of_first is None or first.alarm_id == alarm.alarm_id:
        return False
    goes_on = first.response is Response.NEW or first.next_step_at is not None
    taken_since = any(taker.at >= alarm.received_at for taker in first.takers)
    return (
        (goes_on or taken_since)
        and first.suppressed is None
        and first.priority.rank <= alarm.priority.rank
        and set(alarm.identity.contacts) <= set(first.identity.contacts)
        and covers(policy_of_first, policy)
    )


def covers(policy: Policy, other: Policy) -> bool:
    """Whether everybody whom ``other`` names is named by ``policy`` too."""
    named = {who for step in policy.steps for who in step.who}
    return all(who in named for step in other.steps for who in step.who)


def _in_fire(alarm: Alarm, near: Sequence[Alarm]) -> Place:
    """What was announced is no part of a fire, and makes none of what comes beside it."""
    near = [other for other in near if not _is_announced(other)]
    if not near or _is_announced(alarm):
        return ALONE
    last = max(near, key=lambda other: (other.incident_id is not None, other.received_at, order(other)))
    alone = tuple(other for other in near if other.incident_id is None)
    incident_id = last.incident_id or min((*alone, alarm), key=order).alarm_id
    way = spread.way([*near, alarm])
    return Place(incident_id=incident_id, joining=alone, reason=_news(alarm, near), way=way)


def _is_announced(alarm: Alarm) -> bool:
    return alarm.suppressed is not None and alarm.suppressed.how is Suppression.PLANNED


def _news(alarm: Alarm, near: Sequence[Alarm]) -> Reason:
    room_id = alarm.identity.room_id
    if room_id is None:
        return Reason.NEW_ALARM
    if any(other.identity.room_id == room_id for other in near):
        return Reason.CONFIRMED
    return Reason.SPREADS if alarm.kind in _SPREADING else Reason.NEW_ALARM


def _among_faults(alarm: Alarm, near: Sequence[Alarm], wide: Collection[str], parents: Mapping[str, Alarm]) -> Place:
    in_wide = [other for other in near if other.incident_id in wide]
    standing = [other for other in near if other.is_open]
    if in_wide or len(standing) + 1 >= ENOUGH:
        group = standing
    else:
        group = [other for other in near if other.identity.gateway_id == alarm.identity.gateway_id]
        if not any(is_gateway(one) or one.incident_id is not None for one in (*group, alarm)):
            return ALONE
    alone = tuple(other for other in group if other.incident_id is None)
    known = dict.fromkeys(other.incident_id for other in (*in_wide, *group) if other.incident_id is not None)
    if not alone and not known:
        return ALONE
    heads = [parents[incident_id] for incident_id in known]
    incident_id = _parent(alarm, alone, heads).alarm_id
    absorbed = tuple(one for one in known if one != incident_id)
    return Place(incident_id=incident_id, joining=alone, absorbed=absorbed)


def _parent(alarm: Alarm, alone: Sequence[Alarm], heads: Sequence[Alarm]) -> Alarm:
    """A gateway that is gone, else the parent that is known, else whatever began first."""
    gateways = [one for one in (*heads, *alone, alarm) if is_gateway(one)]
    standing = [one for one in gateways if one in heads]
    return min(standing or gateways or heads or (*alone, alarm), key=order)
