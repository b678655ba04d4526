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
    """

    STATE = ("last_at", "last", "leap", "leap_at")

    def __init__(
        self, *, jump: Floats, within_s: Floats, window_s: Floats, count: Rows, low: Floats, high: Floats
    ) -> None:
        size = len(jump)
        self._jump, self._within_s, self._window_s = jump, within_s, window_s
        self._low, self._high = low, high
        self._every_low, self._every_high = low.max(initial=-np.inf), high.min(initial=np.inf)
        self.last_at: Floats = np.full(size, -np.inf)
        self.last: Floats = low.copy()
        self.leap: Floats = np.zeros(size)
        self.leap_at: Floats = np.full(size, -np.inf)
        self.count = Count(
            limit=np.full(size, 0.5), count=count, window_s=window_s, every=np.ones(size, np.bool_)
        )  # each leap back is an event
        self.lowest = Rate(sign=np.ones(size), window_s=np.full(size, STAYS_S))

    def update(
        self, slot: Rows, at_s: Floats, value: Floats, repeated: NDArray[np.bool_]
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Take one sample of each slot, not older than its last one.

        Returns
        -------
        until_s : float64, shape (k,)
            Until when the sensor is broken from this sample on; -inf where it says nothing new about that.
        stays : float64, shape (k,)
            The least that it has said in ``STAYS_S``, as far as it leaps at all; out of its range: what it said last.
        outside : bool, shape (k,)
        """
        last, until_s = self.last[slot], np.full(len(slot), -np.inf)
        outside = self._outside(slot, value)
        step = value - last
        big = np.abs(step) >= self._jump[slot]
        if big.any():
            rows = np.flatnonzero(big & ~outside & ~repeated & (at_s - self.last_at[slot] <= self._within_s[slot]))
            self._leap(slot[rows], at_s[rows], step[rows], until_s, rows)
        if outside.any():
            out, inside = np.flatnonzero(outside), np.flatnonzero(~outside)
            until_s[out] = at_s[out] + self._window_s[slot[out]]
            self.last[slot[inside]], self.last_at[slot[inside]] = value[inside], at_s[inside]
            stays = np.where(outside, last, value)
        else:
            self.last[slot], self.last_at[slot] = value, at_s
            stays = value.copy()
        restless = np.flatnonzero(at_s - self.leap_at[slot] <= self._window_s[slot])
        if restless.size:
            rows = slot[restless]
            stays[restless] -= self.lowest.update(rows, at_s[restless], stays[restless])
        return until_s, stays, outside

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

    def _outside(self, slot: Rows, value: Floats) -> NDArray[np.bool_]:
        if value.size and self._every_low <= value.min() and value.max() <= self._every_high:
            return np.zeros(len(slot), np.bool_)
        outside: NDArray[np.bool_] = (value < self._low[slot]) | (value > self._high[slot])
        return outside

    def _leap(self, slot: Rows, at_s: Floats, step: Floats, until_s: Floats, rows: NDArray[np.intp]) -> None:
        back = (step * self.leap[slot] < 0) & (at_s - self.leap_at[slot] <= self._within_s[slot])
        self.leap[slot], self.leap_at[slot] = step, at_s
        event = np.flatnonzero(back)
        one = np.ones(len(event))
        until_s[rows[event]] = self.count.update(slot[event], at_s[event], one, np.zeros(len(event), np.bool_))
