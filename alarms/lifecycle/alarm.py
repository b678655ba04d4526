"""An alarm: a condition that needs a person, with everything that was known at its onset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Condition(StrEnum):
    """What the world does."""

    ACTIVE = "active"
    CLEARED = "cleared"


class Response(StrEnum):
    """What people do about it."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ATTENDED = "attended"
    RESOLVED = "resolved"


class Priority(StrEnum):
    """Most urgent first."""

    EMERGENCY = "emergency"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Priority).index(self)


class AlarmKind(StrEnum):
    """What a person is called for; texts and response scripts hang on it."""

    HELP_CALL = "help_call"
    FALL = "fall"
    FIRE = "fire"
    GAS = "gas"
    CO = "co"
    WATER_FLOW = "water_flow"
    LEAK = "leak"
    ELECTRICAL = "electrical"
    INACTIVITY = "inactivity"
    BED_EXIT = "bed_exit"
    CLIMATE = "climate"
    TAMPER = "tamper"
    FAULT = "fault"
    BATTERY = "battery"
    TEST = "test"
    UNREADABLE = "unreadable"


class Reached(StrEnum):
    """How the person in need was reached: a call for help ends only by one of these."""

    IN_PERSON = "in_person"  # somebody stood there
    SPOKEN = "spoken"  # somebody spoke with them
    AT_ORIGIN = "at_origin"  # cancelled with the button where the call came from


class Suppression(StrEnum):
    """Why an alarm that stands tells nobody for a while (ISA-18.2: shelved, suppressed by design, out of service)."""

    SHELVED = "shelved"  # a person put it aside, with a reason and an end
    PLANNED = "planned"  # work was announced
    OUT_OF_SERVICE = "out_of_service"  # the device is under repair


class Disposition(StrEnum):
    """How it ended: a person must choose one to resolve."""

    HELPED = "helped"
    MEDICAL = "medical"
    FIRE_SERVICE = "fire_service"
    NO_NEED = "no_need"
    FALSE_ALARM = "false_alarm"
    TEST = "test"
    REPAIRED = "repaired"
    OTHER = "other"


class Flag(StrEnum):
    """What a person must know about how this alarm came."""

    LATE = "late"  # older than 15 minutes when it arrived: check now
    TEST = "test"  # a test press or a device in test
    DRILL = "drill"  # an exercise: everybody is told as in earnest, and it counts nowhere
    CANARY = "canary"  # the platform's own press that proves the path: no person is told or sees it
    UNREGISTERED = "unregistered"  # the device is in no registry
    BAD_CLOCK = "bad_clock"  # its time was impossible; the received time is used
    UNREADABLE = "unreadable"  # the pack could not be decoded; its bytes are in the evidence
    NOT_JOURNALED = "not_journaled"  # sent from memory: the journal's disk is full
    NEAR_FALL = "near_fall"  # a suspected fall whose wearer has got up: it stands in the list and wakes nobody
    PRE_ALARM = "pre_alarm"  # a fire alarm of one detector: it shows, and sounds once it is verified
    QUESTION = "question"  # no sign of life for long: the resident and the family are asked, nobody else is told


BETWEEN_NAMES = "、"
"""Stands between the names of those who live behind one door."""

UNTOLD = -1
"""The step of an alarm of which nobody has been told by itself: its first one comes later, or another alarm tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAtOnset:
    """A person to call, as known at onset."""

    name: str
    contact_id: str = ""
    relation: str = ""
    phone: str = ""
    webhook: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who and where, as known at onset. It never changes afterwards, whatever the registry does.

    ``resident_ids`` are all whom it is about where that is a home of several: then ``resident_id`` is None, and the
    names and needs are those of all.
    """

    site_id: str
    site_name: str = ""
    zone_name: str = ""
    room_id: str | None = None
    room_name: str = ""
    resident_id: str | None = None
    resident_ids: tuple[str, ...] = ()
    resident_name: str = ""
    resident_needs: str = ""
    resident_away: bool = False
    gateway_id: str = ""
    device_id: str = ""
    device_name: str = ""
    contacts: tuple[ContactAtOnset, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whom it is about."""
        return self.resident_ids if self.resident_id is None else (self.resident_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did: who and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Somebody was asked to take it."""

    to: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheWay:
    """Somebody said that they are on the way and will be there at ``until``; ``over``: that time came without them."""

    by: str
    at: datetime
    until: datetime
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """Telling nobody until ``until``; ``second`` is the other person who agreed, where two are asked for."""

    how: Suppression
    reason: str
    by: str
    at: datetime
    until: datetime
    second: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm, open or resolved. ``version`` grows by one with every change.

    ``latching``: only a person resolves it; else it resolves itself when its condition clears. ``momentary``: its
    condition was an event (a press, a fall) that no reading will ever clear. ``evidence`` holds ``signal``, ``value``
    and, where a detector judged, ``text`` and
    ``series: [{"signal", "unit", "times_s": […], "values": […], "limit"?}]``.
    ``round`` counts how often it came back: a new press, a re-alarm after a forgotten acknowledgement. ``step`` is how
    far it escalated in this round, UNTOLD while nobody has been told of it by itself.
    ``next_step_at`` is the next escalation, ``return_at`` the moment when an acknowledged alarm comes back.
    ``coming`` are those who said that they are on the way, which is no answer: people are told on.
    ``takers`` are the people who acknowledged this round, ``needed`` how many the policy asks for. ``incident_id`` is
    the alarm that an event of several alarms began with. ``verify_until`` is when a pre-alarm that still stands sounds.
    """

    alarm_id: str
    version: int
    rule: str
    subject: str
    kind: AlarmKind
    priority: Priority
    latching: bool
    momentary: bool
    identity: Identity
    raised_at: datetime
    received_at: datetime
    last_at: datetime
    count: int = 1
    round: int = 0
    step: int = 0
    condition: Condition = Condition.ACTIVE
    response: Response = Response.NEW
    flags: tuple[Flag, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)  # Any: a JSON object
    cleared_at: datetime | None = None
    acknowledged: Act | None = None
    attended: Act | None = None
    resolved: Act | None = None
    disposition: Disposition | None = None
    reached: Reached | None = None
    note: str = ""
    next_step_at: datetime | None = None
    return_at: datetime | None = None
    takers: tuple[Act, ...] = ()
    needed: int = 1
    assigned: Assigned | None = None
    suppressed: Suppressed | None = None
    incident_id: str | None = None
    coming: tuple[OnTheWay, ...] = ()
    verify_until: datetime | None = None

    @property
    def expected_at(self) -> datetime | None:
        """When the next one of those on the way is to be there."""
        return min((one.until for one in self.coming if not one.over), default=None)

    @property
    def dedup_key(self) -> str:
        """There is one open alarm of a key."""
        return dedup_key(self.identity, self.rule, self.subject, self.flags)

    @property
    def answered(self) -> bool:
        """True when as many people have taken it as the policy asks for."""
        return self.response is not Response.NEW and (
            self.response is not Response.ACKNOWLEDGED or len(self.takers) >= self.needed
        )

    @property
    def is_near_fall(self) -> bool:
        """True when whoever fell has got up by themselves: nobody is told of it any more."""
        return Flag.NEAR_FALL in self.flags

    @property
    def is_pre_alarm(self) -> bool:
        """True while a fire alarm waits for its verification, and for ever when its detector took it back before."""
        return Flag.PRE_ALARM in self.flags

    @property
    def is_question(self) -> bool:
        """True while only the resident and the family are asked, and for ever when that was enough."""
        return Flag.QUESTION in self.flags

    @property
    def is_open(self) -> bool:
        """False once resolved: then its retained topic is cleared."""
        return self.response is not Response.RESOLVED


def dedup_key(identity: Identity, rule: str, subject: str, flags: Collection[Flag]) -> str:
    """One open alarm for one site, rule and subject; a test or a drill never shares one with the real thing."""
    marks = "".join(f"|{flag}" for flag in (Flag.TEST, Flag.DRILL) if flag in flags)
    return f"{identity.site_id}|{rule}|{subject}{marks}"
