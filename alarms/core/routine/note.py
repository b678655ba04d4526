"""A note: something about a resident's routine that family and supervisors may want to know. Never an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from alarms.core.routine.facts import NAN


class NoteKind(StrEnum):
    """What a note is about."""

    NIGHT = "night"  # up at night more often than usual
    BATHROOM = "bathroom"  # more visits to the bathroom than usual
    COLD = "cold"  # rooms too cold for hours
    COOKER = "cooker"  # a cooker on while nobody was in the kitchen
    DECLINE = "decline"  # less movement, week after week


class Sureness(StrEnum):
    """How sure it is."""

    LIKELY = "likely"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """It began on ``since``, was last seen on ``seen``, and ended on ``until``; None: it goes on.

    ``now`` and ``usual`` are in the unit of the fact, on ``seen`` and before it began; ``usual`` NaN: not known.
    ``detail`` is a further number: visits at night, the coldest hour in degC. ``bound`` is the limit that was passed,
    where there is one: degC, minutes.
    """

    kind: NoteKind
    since: date
    seen: date
    until: date | None = None
    sure: Sureness
    now: float
    usual: float = NAN
    detail: float = NAN
    bound: float = NAN

    @property
    def days(self) -> int:
        """For how many days it was seen, the first and the last included."""
        return (self.seen - self.since).days + 1
