"""Water that somebody drew, told from what drips or leaks by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.stage import array_bytes

DRAWN_L = 2.0
"""Ours: less may be a drip. Washing hands takes one to three litres, a cistern three to nine."""

STEPS = 2
"""A counter of coarse steps says nothing by one of them: a drip ends one now and then."""

WINDOW_S = 3_600.0
SLOW_S = 3 * WINDOW_S
"""What runs by itself is seen in the slowest hours of so many in a row: a cistern refills now and then only."""

LEAK_TIMES = 1.5
"""And so much more than that may still be it."""

LATE_S = 5_400.0
"""What was drawn at some time within so long is a sign of life now; within longer it may be hours old."""

MOST_L_S = 2.0
"""No home's pipe gives more: the counter was at fault."""

DAY_S = 86_400.0
_ENOUGH_S = 0.75 * DAY_S

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Water:
    """Counters of m water meters, of litres since they were built in.

    In windows of an hour, or from one reading to the next where these are rarer, somebody drew water where the counter
    rose by two litres, and by two of its own steps, more than it does by itself. What it does by itself is half as much
    again as in the slowest three hours of the last day, if three quarters of it are known: somebody sleeps, or is out,
    while a tap drips or a cistern refills again and again. In the first day nothing is taken for a leak.

    Attributes
    ----------
    from_l, from_s : float64, shape (m,)
        Counter and time at which the window began; NaN before the first reading.
    slow_l, slow_s : float64, shape (m,)
        The same of the three hours in which the rise is measured.
    step_l : float64, shape (m,)
        What the counter counts in, 1, 10 or 100: every reading so far was a multiple of it; inf: none yet.
    told : bool, shape (m,)
        This window has been told of.
    least, leak : float64, shape (m,)
        The slowest rise of the running day, of the day before, in L/s; inf: not known.
    day_s, known_s : float64, shape (m,)
        When the running day began; how much of it is known.
    """

    STATE = ("from_l", "from_s", "slow_l", "slow_s", "step_l", "told", "least", "leak", "day_s", "known_s")

    def __init__(self, size: int) -> None:
        self.from_l: Floats = np.full(size, np.nan)
        self.from_s: Floats = np.full(size, np.nan)
        self.slow_l: Floats = np.full(size, np.nan)
        self.slow_s: Floats = np.full(size, np.nan)
        self.step_l: Floats = np.full(size, np.inf)
        self.told: Bools = np.zeros(size, np.bool_)
        self.least: Floats = np.full(size, np.inf)
        self.leak: Floats = np.full(size, np.inf)
        self.day_s: Floats = np.full(size, np.nan)
        self.known_s: Floats = np.zeros(size)

    def update(self, meter: Ints, at_s: Floats, total_l: Floats) -> Bools:
        """Take one reading of each meter; where it says that somebody drew water just now, bool of the same shape.

        A counter that runs backwards, leaps, or is a day late, begins anew.
        """
        span, rise = at_s - self.from_s[meter], total_l - self.from_l[meter]
        anew = ~((rise >= 0) & (span >= 0) & (span < DAY_S) & (rise <= MOST_L_S * np.maximum(span, WINDOW_S / 4)))
        whole_l = np.round(total_l, 3)
        step = np.where(whole_l % 100 == 0, 100, np.where(whole_l % 10 == 0, 10, 1))
        self.step_l[meter] = np.minimum(self.step_l[meter], step)
        leak = np.where(np.isfinite(self.leak[meter]), np.minimum(self.leak[meter], self.least[meter]), 0)
        by_itself = LEAK_TIMES * leak * np.maximum(span, WINDOW_S)
        drawn = ~anew & (rise - by_itself >= np.maximum(DRAWN_L, STEPS * self.step_l[meter]))
        says: Bools = drawn & ~self.told[meter] & (span <= LATE_S)
        self._measure(meter, at_s, total_l, anew)
        begins = anew | (span >= WINDOW_S)
        self.told[meter] = (drawn | self.told[meter]) & ~begins
        self.from_l[meter] = np.where(begins, total_l, self.from_l[meter])
        self.from_s[meter] = np.where(begins, at_s, self.from_s[meter])
        self._end_days(meter, at_s, anew)
        return says

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self.from_s += by_s
        self.slow_s += by_s
        self.day_s += by_s

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self)

    def _measure(self, meter: Ints, at_s: Floats, total_l: Floats, anew: Bools) -> None:
        """How slowly it rose in three hours that are over."""
        span = at_s - self.slow_s[meter]
        whole = ~anew & (span >= SLOW_S)
        rate = (total_l - self.slow_l[meter]) / np.maximum(span, 1)
        self.least[meter] = np.where(whole, np.minimum(self.least[meter], rate), self.least[meter])
        self.known_s[meter] += np.where(whole, span, 0)
        self.slow_l[meter] = np.where(anew | whole, total_l, self.slow_l[meter])
        self.slow_s[meter] = np.where(anew | whole, at_s, self.slow_s[meter])

    def _end_days(self, meter: Ints, at_s: Floats, anew: Bools) -> None:
        ends = at_s - self.day_s[meter] >= DAY_S
        begins = ends | anew
        slowest = np.where(self.known_s[meter] >= _ENOUGH_S, self.least[meter], np.inf)
        self.leak[meter] = np.where(ends, slowest, self.leak[meter])
        self.least[meter] = np.where(begins, np.inf, self.least[meter])
        self.known_s[meter] = np.where(begins, 0, self.known_s[meter])
        self.day_s[meter] = np.where(begins, at_s, self.day_s[meter])
