"""How easily a wearer's movement is called a fall, and what each choice costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ingest.wire.motion import Placement


class Sensitivity(StrEnum):
    """A wearer's choice."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What to expect of a wearer whom the detector was never trained on.

    ``false_per_week`` are false alarms in a week of wearing; ``detected`` is the share of falls, 0 to 1.
    """

    false_per_week: float
    detected: float


def cost(placement: Placement, sensitivity: Sensitivity) -> Cost:
    """The expected cost; an unknown placement is judged as its worst one."""
    return _COSTS[placement][sensitivity]


def _three(low: tuple[float, float], normal: tuple[float, float], high: tuple[float, float]) -> dict[Sensitivity, Cost]:
    found = zip(Sensitivity, (low, normal, high), strict=True)
    return {sensitivity: Cost(false_per_week=false, detected=share) for sensitivity, (false, share) in found}


_COSTS: Mapping[Placement, Mapping[Sensitivity, Cost]] = {
    Placement.UNKNOWN: _three((0.6, 0.85), (1.5, 0.93), (4.0, 0.96)),
    Placement.WAIST: _three((0.1, 0.96), (0.3, 0.99), (1.0, 0.995)),
    Placement.WRIST: _three((0.5, 0.88), (1.2, 0.95), (4.0, 0.98)),
    Placement.NECK: _three((0.3, 0.86), (0.7, 0.93), (2.0, 0.96)),
    Placement.POCKET: _three((0.6, 0.85), (1.5, 0.94), (4.0, 0.97)),
}
