"""Natural leakage: what flows to earth through filters and damp insulation, day by day."""

from __future__ import annotations

import numpy as np

from firmware_sim.electrics.scene import Floats, Ranges, wander

_DAY_S = 86_400
_STEP_S = 120


def days(number: float, then_s: Floats) -> tuple[Floats, int]:
    """Moments of so many quiet days, then ``then_s`` from their end on; and the place where that begins."""
    before = np.arange(0.0, number * _DAY_S, _STEP_S)
    return np.r_[before, before[-1] + _STEP_S + then_s], len(before)


def natural(ranges: Ranges, at_s: Floats) -> Floats:
    """Natural leakage in mA: a level, a daily swing and a little noise."""
    phase = ranges.rng.uniform(0, 2 * np.pi)
    swing = ranges.draw("swing_ma") * np.sin(2 * np.pi * at_s / _DAY_S + phase)
    level = ranges.draw("natural_ma")
    return np.maximum(level + swing + wander(ranges.rng, len(at_s), 1.0), 0.0)
