"""What a sensitivity is expected to cost, from the recordings of people that the judging weights had not seen."""

from __future__ import annotations

from dataclasses import dataclass

from alarms.core.motion.model import shipped
from alarms.core.motion.sensitivity import Sensitivity
from ingest.wire.motion import Placement

MOVEMENTS_A_WEEK = 350
"""Movements as lively as those in the recordings (sitting down fast, bending, climbing stairs): fifty a day, which is
an assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What to expect of a wearer whom the detector was never trained on.

    ``false_per_week`` are false alarms in a week of wearing; ``detected`` is the share of falls, 0 to 1.
    """

    false_per_week: float
    detected: float


def cost(placement: Placement, sensitivity: Sensitivity) -> Cost:
    """The expected cost."""
    found = shipped().facts["expected"][placement.name.lower()][sensitivity]
    return Cost(false_per_week=MOVEMENTS_A_WEEK * found["false_share"], detected=found["detected"])
