"""How long a fire alarm of one detector waits before it sounds, and what ends the wait (docs/fire.md, docs/adr/0024).

The gateway's siren and the alarms program decide by these functions, each over the signs that it knows. Moments are
seconds since 1970. In doubt it sounds: a wait needs a known device in a known room, a possible clock and a time zone.

What ends the wait of a sign:

- whatever else stands for fire at the site and does not wait itself: heat, a call point, water flow, carbon monoxide,
  a fused judgement, a fire alarm that has been verified or that a person has confirmed;
- another detector near by (``rooms``), even if that one would wait too;
- its time has run out and the detector has not taken it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition, Flag, Priority
from alarms.lifecycle.events import Onset
from alarms.lifecycle.rooms import Rooms

RULE = "fire_verification"
"""The rule whose parameters say how long, by what a room is used for."""

CONFIRMED_BY = "confirmed_by"
"""In a fire's evidence what bore it out: ``[{"what", "id", "name"?, "rule"?, "room"?, "at_s", "independent"}]``."""

ENDS_A_WAIT = (AlarmKind.FIRE, AlarmKind.CO, AlarmKind.WATER_FLOW)
"""Combustible gas is told at once too, and says nothing of a fire."""

_ROOM = "room:"
_APART = (Flag.TEST, Flag.DRILL, Flag.CANARY)
_EARLIEST_S = 1_577_836_800.0  # the year 2020: a clock before it was never set


class FireStage(StrEnum):
    """How far a fire alarm is known to be one; ``stage`` in its evidence."""

    PRE_ALARM = "pre_alarm"  # one detector, and it may be steam
    CLEARED = "cleared"  # the detector took it back in time: nobody was woken
    ALARM = "alarm"  # the detector stood by it
    CONFIRMED = "confirmed"  # two independent triggers (GB 50116 4.1.6), or a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one device says of a fire, or a judgement over a whole room (``device_id`` is ``room:…``).

    ``room_id`` None: nobody knows where in the site. ``wait_s`` 0: it never waits.

    ``until_s``: it waits until then; None: it does not.
    """

    rule: str
    device_id: str
    room_id: str | None
    at_s: float
    wait_s: float = 0.0
    until_s: float | None = None


def speaks_of_fire(kind: AlarmKind, priority: Priority) -> bool:
    """Whether an alarm is a sign of fire."""
    return kind in ENDS_A_WAIT and priority is Priority.EMERGENCY


def is_apart(one: Alarm | Onset) -> bool:
    """A test, an exercise, announced work: it waits for nothing and bears nothing out."""
    return one.suppressed is not None or any(flag in one.flags for flag in _APART)


def sounds(alarm: Alarm) -> bool:
    """Whether it stands for fire and does not wait."""
    stands = alarm.is_open and alarm.condition is Condition.ACTIVE and not is_apart(alarm)
    return stands and speaks_of_fire(alarm.kind, alarm.priority)


def is_lone_fire(alarm: Alarm) -> bool:
    """Whether it is a fire alarm that sounds and that a second trigger would confirm."""
    return alarm.kind is AlarmKind.FIRE and sounds(alarm) and alarm.evidence.get("stage") != FireStage.CONFIRMED


def wait_s(parameters: Mapping[str, float | str], use: str | None, timezone: str, at_s: float) -> float:
    """How long an alarm of one detector waits in a room of such ``use`` by the parameters of ``RULE``: 0 at night."""
    seconds = parameters.get(f"{use}_s", 0.0)
    if isinstance(seconds, str) or seconds <= 0 or at_s < _EARLIEST_S:
        return 0.0
    try:
        local = datetime.fromtimestamp(at_s, UTC).astimezone(ZoneInfo(timezone)).time()
    except (KeyError, ValueError, OverflowError, OSError):
        return 0.0  # no such time zone, or none of them on this machine
    night = _is_between(local, float(parameters["night_from_h"]), float(parameters["night_to_h"]))
    return 0.0 if night else float(seconds)


def waits_until(sign: Sign, others: Iterable[Sign], now_s: float, rooms: Rooms) -> float | None:
    """Until when ``sign``, which begins, waits beside the ``others`` that stand; None: it sounds now."""
    if sign.wait_s <= 0:
        return None
    until_s = min(sign.at_s, now_s) + sign.wait_s
    for other in others:
        if ends_wait(other, sign, rooms):
            return None
        if other.device_id == sign.device_id and other.until_s is not None:
            until_s = min(until_s, other.until_s)  # one detector has one wait, whatever it tells
    return until_s if until_s > now_s else None


def ends_wait(other: Sign, sign: Sign, rooms: Rooms) -> bool:
    """Whether ``other``, which stands or begins, ends the wait of ``sign``."""
    return other.until_s is None or is_independent(other, sign, rooms)


def over(signs: Iterable[Sign], now_s: float) -> list[Sign]:
    """The waits that are over by time: once one is, every wait of the site is."""
    waiting = [sign for sign in signs if sign.until_s is not None]
    return waiting if any(sign.until_s is not None and sign.until_s <= now_s for sign in waiting) else []


def is_independent(other: Sign, sign: Sign, rooms: Rooms) -> bool:
    """Whether both together are two triggers of one place: other devices of rooms that are near each other.

    A judgement over a room looks at the devices there: it is no second trigger beside one of them.
    """
    is_near = rooms.are_near(other.room_id, sign.room_id)
    if any(one.device_id.startswith(_ROOM) for one in (other, sign)):
        return is_near and None not in (other.room_id, sign.room_id) and other.room_id != sign.room_id
    return is_near and other.device_id != sign.device_id


def borne_out(evidence: Mapping[str, Any], by: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON objects
    """The evidence of a fire that ``by`` bears out too, with its stage; the same one counts once."""
    known = [one for one in known_by(evidence) if (one.get("what"), one.get("id")) != (by.get("what"), by.get("id"))]
    listed = [*known, dict(by)]
    is_confirmed = any(one.get("independent") is True for one in listed)
    return {**evidence, "stage": FireStage.CONFIRMED if is_confirmed else FireStage.ALARM, CONFIRMED_BY: listed}


def trigger(one: Onset | Alarm, *, independent: bool) -> dict[str, Any]:  # Any: a JSON object
    """A device's word as the evidence of another alarm names it."""
    who, at_s = one.identity, one.raised_at.timestamp()
    named = {"id": who.device_id, "name": who.device_name, "rule": one.rule, "room": who.room_name}
    return {"what": "device", **named, "at_s": at_s, "independent": independent}


def known_by(evidence: Mapping[str, Any]) -> list[dict[str, Any]]:  # Any: JSON objects
    """What the evidence says has borne it out."""
    listed = evidence.get(CONFIRMED_BY)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _is_between(local: time, from_h: float, to_h: float) -> bool:
    hour = local.hour + local.minute / 60 + local.second / 3600
    return from_h <= hour < to_h if from_h < to_h else hour >= from_h or hour < to_h
