"""The longest silence that a home is used to, whatever the time of day: a bar for what no past day knows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.bar import KEPT_DAYS, LEARN_DAYS, third_highest

LEAST_SLOTS = 12
"""No bar is lower: an hour."""

_FEW = 0.25
_CAP = 1.3

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
Slots = NDArray[np.int32]
Bools = NDArray[np.bool_]


class Longest:
    """The bars of n homes, in slots: ``beyond`` times the third longest of the last eight weeks.

    A day's longest silence counts up to 1.3 times its bar. Of few days the third longest is short: the bar is higher
    by a quarter for each factor of e that is missing from 56 days, as the longest of exponentially distributed lengths
    is.

    Attributes
    ----------
    reached : int32, shape (n,)
        Today's, in slots.
    lengths : uint16, shape (n, 56)
        Slots; 0: not known.
    bar : float32, shape (n,)
        inf until ``LEARN_DAYS`` are known.
    """

    STATE = ("reached", "lengths", "bar")

    def __init__(self, size: int, beyond: float) -> None:
        self._beyond = beyond
        self.reached: Slots = np.zeros(size, np.int32)
        self.lengths: NDArray[np.uint16] = np.zeros((size, KEPT_DAYS), np.uint16)
        self.bar: Singles = np.full(size, np.inf, np.float32)

    def reach(self, slots: Slots, counts: Bools) -> None:
        """The silences now; where they count, bool of shape (n,), the day has seen them."""
        self.reached = np.where(counts, np.maximum(self.reached, slots), self.reached)

    def end_day(self, home: Ints, day: Ints, counts: Bools) -> None:
        """The day is over in these homes; ``counts``: enough of it is known."""
        most = np.minimum(_CAP * self.bar[home], np.iinfo(np.uint16).max)
        kept = np.minimum(np.where(counts, self.reached[home], 0), most)
        self.reached[home] = 0
        self.lengths[home, day % KEPT_DAYS] = kept
        lengths = self.lengths[home]
        days = (lengths > 0).sum(axis=1)
        few = 1 + _FEW * np.log(KEPT_DAYS / np.maximum(days, 1))
        third = third_highest(lengths)
        self.bar[home] = np.where(days >= LEARN_DAYS, np.maximum(self._beyond * few * third, LEAST_SLOTS), np.inf)
