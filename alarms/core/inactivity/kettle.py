"""On which days people used something that heats, a kettle, a cooker, a shower, and by what time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.clock import SLOTS
from alarms.core.inactivity.rhythm import HALF_HOUR, day_bit

_HALVES = SLOTS // HALF_HOUR

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Kettle:
    """The last 28 days of n homes; day number modulo 28 is a day's bit, as in ``Rhythm``.

    Attributes
    ----------
    used : uint32, shape (n, 48)
        Bits of the days on which something that heats was used in each half hour.
    """

    STATE = ("used",)

    def __init__(self, size: int) -> None:
        self.used: NDArray[np.uint32] = np.zeros((size, _HALVES), np.uint32)

    def learn(self, slot: Ints, day: Ints, heated: Bools) -> None:
        """Write down where it was used in this slot, bool of shape (n,)."""
        home = np.flatnonzero(heated)
        self.used[home, slot[home] // HALF_HOUR] |= day_bit(day[home])

    def turn(self, home: Ints, day: Ints) -> None:
        """The day ``day`` begins in these homes: what was 28 days ago is forgotten."""
        self.used[home] &= ~day_bit(day)[:, None]

    def days(self, home: int, slot: int, slots: int, among: np.uint32) -> int:
        """On how many of these days, bits, it was used in the full half hours of the last ``slots`` slots of the day.

        ``slot`` is the last of them; what is of yesterday does not count.
        """
        first, last = -(-max(slot + 1 - slots, 0) // HALF_HOUR), (slot + 1) // HALF_HOUR
        used = np.bitwise_or.reduce(self.used[home, first:last], initial=0)
        return int(np.bitwise_count(np.uint32(used) & among))
