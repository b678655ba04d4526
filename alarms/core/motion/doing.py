"""What a wearer does, second by second: still, moving or walking, and which way the body points."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from alarms.core.motion.frames import FRAMES_HZ, MEAN

_SHORTEST_STEP, _LONGEST_STEP = 7, 16
"""Frames from step to step, or at the wrist from stride to stride: 75 to 170 a minute."""

_RHYTHM = 0.5
_GENTLEST_WALK_G = 0.05

Floats = NDArray[np.float32]


class Doing(StrEnum):
    """What the acceleration looks like."""

    STILL = "still"
    MOVING = "moving"
    WALKING = "walking"


DOINGS = tuple(Doing)


@dataclass(frozen=True, slots=True)
class Second:
    """One second of a wearer; ``gravity`` is its mean acceleration in g, shape (3,)."""

    doing: Doing
    gravity: Floats


def look(frames: Floats, still_g: float) -> Second:
    """Judge the last second of some frames.

    Parameters
    ----------
    frames : float32, shape (n, COLUMNS)
        In g; what is before the last second helps to see a rhythm.
    still_g : float
        It is still when |a| spreads (standard deviation) less than this.
    """
    strength = np.linalg.norm(frames[:, MEAN], axis=1)
    if _is_walk(strength):
        doing = Doing.WALKING
    else:
        doing = Doing.STILL if float(strength[-FRAMES_HZ:].std()) < still_g else Doing.MOVING
    return Second(doing, frames[-FRAMES_HZ:, MEAN].mean(axis=0))


def turn_deg(one: Floats, other: Floats) -> float:
    """The angle between two directions of gravity; 0 where one of them has none."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    cosine = float(one @ other) / lengths if lengths > 1e-6 else 1.0
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _is_walk(strength: Floats) -> bool:
    """Whether |a| swings in the rhythm of steps: it resembles itself one step later."""
    swing = strength - strength.mean()
    power = float(swing @ swing)
    if len(swing) < 2 * _LONGEST_STEP or power < len(swing) * _GENTLEST_WALK_G**2:
        return False
    same = (float(swing[lag:] @ swing[:-lag]) for lag in range(_SHORTEST_STEP, _LONGEST_STEP + 1))
    return max(same) >= _RHYTHM * power
