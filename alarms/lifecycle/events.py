"""What can happen to an open alarm."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from alarms.lifecycle.alarm import (
    AlarmKind,
    Disposition,
    Flag,
    Identity,
    Priority,
    Reached,
    Suppressed,
    Suppression,
    dedup_key,
)
from alarms.lifecycle.effects import Reason


class Because(StrEnum):
    """Why what still stands at the place is no alarm any more."""

    FIRE_OVER = "fire_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """A condition that needs a person has been raised. ``record`` names the record that said so, for ever the same.

    ``verify``: its rule's alarms may wait for their verification; ``verify_until``: this one does, until then.
    """

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
    suppressed: Suppressed | None = None  # work was announced, or the device is out of service
    verify: bool = False
    verify_until: datetime | None = None

    @property
    def dedup_key(self) -> str:
        """The key of the alarm that it is about."""
        return dedup_key(self.identity, self.rule, self.subject, self.flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurred:
    """The same condition was raised again while the alarm is open; ``priority`` is how urgent it is this time."""

    at: datetime
    received_at: datetime
    evidence: dict[str, Any] = field(default_factory=dict)  # Any: a JSON object
    priority: Priority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What was raised is borne out: the same condition, at least as urgent as ``priority``. It is no new onset.

    ``trigger``: what bears a fire out, see ``verification.borne_out``.
    """

    at: datetime
    priority: Priority
    evidence: dict[str, Any] = field(default_factory=dict)  # Any: a JSON object
    trigger: dict[str, Any] = field(default_factory=dict)  # Any: a JSON object


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmFire:
    """A person says that it burns."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Outputs were asked for, or refused: ``[{"output_id", "name", "does", "refused", "why", "detail", "at_s",
    "within_s"?}]``; ``within_s``: a device says whether it has moved by then."""

    asked: tuple[dict[str, Any], ...]  # Any: JSON objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An output that was asked for has moved, a device says, or (``moved`` false) none has said so in time."""

    output_id: str
    name: str
    moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Whoever was believed to have fallen has got up: a near fall."""

    at: datetime
    evidence: dict[str, Any] = field(default_factory=dict)  # Any: a JSON object


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """The condition is over; ``because``: where nothing at the place has changed, why it counts as over."""

    at: datetime
    because: Because | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """A person has taken it."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attend:
    """A person is there."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Somebody is seen to stay at the place: it does not come back before ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """A person has dealt with it and says how."""

    by: str
    disposition: Disposition
    note: str = ""
    reached: Reached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """A person asks another one (``user:{id}``) to take it; whoever takes it first still has it."""

    by: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelve:
    """A person puts it aside until ``until``; an emergency needs a ``second`` person."""

    by: str
    reason: str
    until: datetime
    second: str | None = None
    how: Suppression = Suppression.SHELVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshelve:
    """A person takes it back from the shelf."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A person wrote something down."""

    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut:
    """A person is on the way and will be there at ``until``; it takes nothing off anybody who is to answer."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnBack:
    """A person who was on the way does not come after all."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """It belongs to an incident now. ``due_at``: if a next step waits, it comes at the latest then."""

    incident_id: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDue:
    """Nobody has answered in time: ``next_step_at`` has come. ``quiet``: another alarm tells of it; the step waits."""

    quiet: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDue:
    """Acknowledged but not resolved in time: ``return_at`` has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfOver:
    """The time of being put aside is over: ``suppressed.until`` has come. ``quiet``: another alarm tells of it."""

    quiet: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotArrived:
    """The time at which somebody on the way was to be there has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSet:
    """The machine's clock was set by ``by_s``: what waits goes on waiting just as long."""

    by_s: float


Event = (
    Recurred
    | Confirmed
    | ConfirmFire
    | Linked
    | Moved
    | Recovered
    | Cleared
    | Acknowledge
    | Attend
    | Stay
    | Resolve
    | Note
    | Assign
    | Shelve
    | Unshelve
    | SetOut
    | TurnBack
    | Grouped
    | StepDue
    | ReturnDue
    | ShelfOver
    | NotArrived
    | ClockSet
)
