"""What can happen to an open alarm."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alarms.lifecycle.alarm import AlarmKind, Disposition, Flag, Identity, Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """A condition that needs a person has been raised. ``record`` names the record that said so, for ever the same."""

    rule: str
    subject: str
    kind: AlarmKind
    priority: Priority
    latching: bool
    momentary: bool
    identity: Identity
    record: str
    raised_at: datetime
    received_at: datetime
    flags: tuple[Flag, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)  # Any: a JSON object


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurred:
    """The same condition was raised again while the alarm is open."""

    at: datetime
    received_at: datetime
    evidence: dict[str, Any] = field(default_factory=dict)  # Any: a JSON object


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """The condition is over."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """A person has taken it."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attend:
    """A person is there."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """A person has dealt with it and says how."""

    by: str
    disposition: Disposition
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A person wrote something down."""

    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDue:
    """Nobody has answered in time: ``next_step_at`` has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDue:
    """Acknowledged but not resolved in time: ``return_at`` has come."""


Event = Recurred | Cleared | Acknowledge | Attend | Resolve | Note | StepDue | ReturnDue
