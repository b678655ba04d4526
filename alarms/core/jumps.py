"""Sensors that say what nothing can make: up and down by leaps within seconds, or out of their range, per slot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.count import Count
from alarms.core.rate import Rate
from alarms.core.saved import Array
from alarms.core.stage import array_bytes

STAYS_S = 20.0
"""What a broken sensor says is believed once it has said it without a break for this long (7/8 of it at least)."""

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


class Jumps:
    """Counts leaps up and back, and says what may be believed meanwhile.

    A leap is a change by ``jump`` or more between two samples at most ``within_s`` apart; one back is a leap the other
    way within ``within_s`` of it. Heat and gas come with a leap and stay, or leave slowly: a detector cools with a
    time constant of many seconds. So ``count`` leaps back in less than ``window_s`` are the sensor's own, as is a value
    outside of ``low`` to ``high``. A repeated sample (same time) leaps nowhere.

    Parameters
    ----------
    jump, within_s, window_s, low, high : float64, shape (n,)
        In the signal's unit, and seconds.
    count : int64, shape (n,)

    Attributes
    ----------
    last_at, last : float64, shape (n,)
        Moment and value of the last sample within the range; -inf and ``low``: none.
    leap, leap_at : float64, shape (n,)
        The last leap and its moment.
    restless : bool, shape (n,)
        Whether that was less than ``window_s`` before the last sample, or may have been.
    """

    STATE = ("last_at", "last", "leap", "leap_at")

    def __init__(
        self, *, jump: Floats, within_s: Floats, window_s: Floats, count: Rows, low: Floats, high: Floats
    ) -> None:
        size = len(jump)
        self._jump, self._within_s, self._window_s = jump, within_s, window_s
        self._low, self._high = low, high
        self._least_jump = jump.min(initial=np.inf)
        self._every_low, self._every_high = low.max(initial=-np.inf), high.min(initial=np.inf)
        self.last_at: Floats = np.full(size, -np.inf)
        self.last: Floats = low.copy()
        self.leap: Floats = np.zeros(size)
        self.leap_at: Floats = np.full(size, -np.inf)
        self.restless: NDArray[np.bool_] = np.zeros(size, np.bool_)
        self.count = Count(
            limit=np.full(size, 0.5), count=count, window_s=window_s, every=np.ones(size, np.bool_)
        )  # each leap back is an event
        self.lowest = Rate(sign=np.ones(size), window_s=np.full(size, STAYS_S))

    def update(
        self, slot: Rows, at_s: Floats, value: Floats, repeated: NDArray[np.bool_], active: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], Floats, Floats, NDArray[np.bool_]]:
        """Take one sample of each slot, not older than its last one.

        Parameters
        ----------
        active : bool, shape (k,)
            The slots that are to be among those returned.

        Returns
        -------
        rows : intp, shape (m,)
            The samples of slots that leapt lately, are out of their range or ``active``; of these:
        until_s : float64, shape (m,)
            Until when the sensor is broken from this sample on; -inf where it says nothing new about that.
        stays : float64, shape (m,)
            The least that it has said in ``STAYS_S``, as far as it leaps at all; out of its range: what it said last.
        outside : bool, shape (m,)
        """
        step = value - self.last[slot]
        inside, outside = self._outside(slot, value)
        leapt_s = np.full(len(slot), -np.inf)
        if step.size and np.abs(step).max() >= self._least_jump:
            big = np.flatnonzero((np.abs(step) >= self._jump[slot]) & ~outside & ~repeated)
            big = big[at_s[big] - self.last_at[slot[big]] <= self._within_s[slot[big]]]
            leapt_s[big] = self._leap(slot[big], at_s[big], step[big])
        rows = np.flatnonzero(self.restless[slot] | outside | active)
        until_s, stays, out = leapt_s[rows], value[rows], outside[rows]
        if rows.size:
            own, now_s = slot[rows], at_s[rows]
            until_s = np.where(out, now_s + self._window_s[own], until_s)
            stays = np.where(out, self.last[own], stays)
            self.restless[own] = lately = now_s - self.leap_at[own] <= self._window_s[own]
            of = np.flatnonzero(lately)
            stays[of] -= self.lowest.update(own[of], now_s[of], stays[of])
        self.last[slot[inside]], self.last_at[slot[inside]] = value[inside], at_s[inside]
        return rows, until_s, stays, out

    def saved(self) -> dict[str, Array]:
        """The arrays to be kept."""
        return {
            **{name: getattr(self, name) for name in self.STATE},
            **{f"count.{name}": getattr(self.count, name) for name in ("size", "times", "head")},
            **{f"lowest.{name}": getattr(self.lowest, name) for name in self.lowest.STATE},
        }

    def restore(self, arrays: dict[str, Array], here: NDArray[np.intp], there: NDArray[np.intp]) -> None:
        """Take over the slots ``there`` of what was saved as those ``here``; a count that was set anew begins anew."""
        for name in self.STATE:
            getattr(self, name)[here] = arrays[name][there]
        self.restless = np.isfinite(self.leap_at)
        for name in self.lowest.STATE:
            getattr(self.lowest, name)[here] = arrays[f"lowest.{name}"][there]
        same = self.count.size[here] == arrays["count.size"][there]
        depth = min(self.count.times.shape[1], arrays["count.times"].shape[1])
        self.count.times[here[same], :depth] = arrays["count.times"][there[same], :depth]
        self.count.head[here[same]] = arrays["count.head"][there[same]]

    def clock_set(self, by_s: float) -> None:
        """Move the moments."""
        self.last_at += by_s
        self.leap_at += by_s
        self.count.clock_set(by_s)
        self.lowest.clock_set(by_s)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self) + self.count.nbytes() + self.lowest.nbytes()

    def _outside(self, slot: Rows, value: Floats) -> tuple[NDArray[np.intp] | slice, NDArray[np.bool_]]:
        """Which rows are inside, and whether each is outside."""
        if not value.size or (self._every_low <= value.min() and value.max() <= self._every_high):
            return slice(None), np.zeros(len(slot), np.bool_)
        outside: NDArray[np.bool_] = (value < self._low[slot]) | (value > self._high[slot])
        return np.flatnonzero(~outside), outside

    def _leap(self, slot: Rows, at_s: Floats, step: Floats) -> Floats:
        """Remember leaps; until when the sensor is broken by those back."""
        until_s = np.full(len(slot), -np.inf)
        back = np.flatnonzero((step * self.leap[slot] < 0) & (at_s - self.leap_at[slot] <= self._within_s[slot]))
        self.leap[slot], self.leap_at[slot], self.restless[slot] = step, at_s, True
        until_s[back] = self.count.update(slot[back], at_s[back], np.ones(len(back)), np.zeros(len(back), np.bool_))
        return until_s
