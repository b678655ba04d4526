"""What a home's silence leads to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What a home's silence led to."""

    ASK = "ask"  # ask the resident, or the family
    ALARM = "alarm"
    OVER = "over"  # life is back, or somebody said that all is well


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A step at a home; ``since_s``: the end of the last slot with a sign; ``missed_s`` of the time since say nothing.

    ``days`` of ``of_days`` past days had a sign by this time of day since then, at least ``heated`` of them one of
    something that heats. ``sure``: of signs that only people cause, in all of this. ``longest``: not the time of day
    speaks but the length alone. ``out``: the last sign was at the front door.
    """

    home: int
    step: Step
    at_s: float
    since_s: float
    missed_s: float
    score: float
    days: int
    of_days: int
    heated: int
    sure: bool
    longest: bool
    out: bool
