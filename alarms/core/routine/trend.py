"""A slow fall over weeks, told from noise."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from alarms.core.routine.facts import Floats

WEEKS = 8
_LEAST_OF_WEEK = 4


def fall_chance(ordinal: NDArray[np.int64], value: Floats, last: int) -> float:
    """How often noise alone falls like this in the ``WEEKS`` weeks up to ordinal ``last``; 1: too little is known.

    Mann's and Kendall's test over the medians of the weeks: a weekday is in each of them, and weeks depend on each
    other less than days do. Exact, for weeks that are exchangeable. One week may be missing.

    Parameters
    ----------
    ordinal : int64, shape (n,)
        Known days; others than of these weeks are left out.
    value : float64, shape (n,)
        The fact on them.
    """
    week = WEEKS - 1 - (last - ordinal) // 7
    whole = [value[(week == one) & (ordinal <= last)] for one in range(WEEKS)]
    medians = np.array([np.median(one) for one in whole if len(one) >= _LEAST_OF_WEEK], np.float64)
    if len(medians) < WEEKS - 1:
        return 1.0
    earlier, later = np.triu_indices(len(medians), 1)
    return _chance(len(medians), int(np.sign(medians[later] - medians[earlier]).sum()))


def levels(ordinal: NDArray[np.int64], value: Floats, last: int) -> tuple[float, float]:
    """The fitted fact on the first and the last day of the same weeks; two known days at least.

    The slope is Theil's and Sen's, the median of the slopes of all pairs of days: days that are odd do not bend it.
    """
    first = last - 7 * WEEKS + 1
    within = (ordinal >= first) & (ordinal <= last)
    ordinal, value = ordinal[within], value[within]
    before, after = np.triu_indices(len(value), 1)
    slope = float(np.median((value[after] - value[before]) / (ordinal[after] - ordinal[before])))
    level = float(np.median(value - slope * (ordinal - last)))
    return level - slope * (last - first), level


@cache
def _chance(size: int, rises: int) -> float:
    """How often ``size`` numbers in a random order rise no more often than this over all pairs, less falls."""
    pairs = size * (size - 1) // 2
    ways = np.ones(1)
    for length in range(2, size + 1):
        ways = np.convolve(ways, np.ones(length))
    inversions = np.arange(pairs + 1)
    return float(ways[pairs - 2 * inversions <= rises].sum() / ways.sum())
