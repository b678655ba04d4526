"""Rate of rise: how far a signal is above its lowest value in a window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.stage import array_bytes

PARTS = 8
"""A window is kept as this many lowest values; the oldest part leaves as a whole."""


class Rate:
    """The rise over the last window, per slot.

    The window looks back between 7/8 and 8/8 of ``window_s``. After a gap longer than the window the rise starts from
    zero: nothing is invented for missing samples.

    Parameters
    ----------
    sign : float64, shape (n,)
        -1 where a fall is meant.
    window_s : float64, shape (n,)
        Seconds.
    """

    STATE: tuple[str, ...] = ("lowest", "newest")
    SAME: tuple[str, ...] = ("width_s",)

    def __init__(self, *, sign: NDArray[np.float64], window_s: NDArray[np.float64]) -> None:
        self._sign = sign
        self.width_s = window_s / PARTS
        self._ends_s: NDArray[np.float64] = np.full(len(sign), -np.inf)
        self._of_window: NDArray[np.float64] = np.full(len(sign), np.inf)
        self._of_part: NDArray[np.float64] = np.full(len(sign), np.inf)
        self.lowest: NDArray[np.float64] = np.full((len(sign), PARTS), np.inf)
        self.newest: NDArray[np.int64] = np.full(len(sign), np.iinfo(np.int64).min // 2)

    def update(
        self, slot: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Take one sample of each slot, not older than its last one.

        Returns the rise, float64, shape (k,), in the signal's unit, never negative.
        """
        turned = value * self._sign[slot]
        later = np.flatnonzero(at_s >= self._ends_s[slot])
        if later.size:
            self._turn(slot[later], at_s[later])
        lower = np.flatnonzero(turned < self._of_part[slot])
        if lower.size:
            own, lowest = slot[lower], turned[lower]
            self.lowest[own, self.newest[own] % PARTS] = lowest
            self._of_part[own] = lowest
            self._of_window[own] = np.minimum(self._of_window[own], lowest)
        rise: NDArray[np.float64] = turned - self._of_window[slot]
        return rise

    def clock_set(self, by_s: float) -> None:
        """Move the windows, to a part's width."""
        parts = np.rint(by_s / self.width_s).astype(np.int64)
        self.newest += parts
        source = (np.arange(PARTS) - parts[:, np.newaxis]) % PARTS
        self.lowest = np.take_along_axis(self.lowest, source, axis=1)
        self._ends_s[:] = -np.inf

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self)

    def _turn(self, slot: NDArray[np.int64], at_s: NDArray[np.float64]) -> None:
        """Begin the parts of ``at_s``; what follows from ``lowest`` is brought up to date, also after a restart."""
        part = np.floor(at_s / self.width_s[slot]).astype(np.int64)
        self._begin(slot, part)
        lowest = self.lowest[slot]
        self._of_part[slot] = self.lowest[slot, part % PARTS]
        while lowest.shape[1] > 1:  # halving is quicker than a reduction over so short an axis
            half = lowest.shape[1] // 2
            lowest = np.minimum(lowest[:, :half], lowest[:, half:])
        self._of_window[slot] = lowest[:, 0]
        self._ends_s[slot] = (part + 1) * self.width_s[slot]

    def _begin(self, slot: NDArray[np.int64], part: NDArray[np.int64]) -> None:
        """Empty the parts between a slot's newest one and ``part``."""
        steps = part - self.newest[slot]
        self.newest[slot] = part
        for back in range(PARTS):
            later = np.flatnonzero(steps > back)
            if not later.size:
                return
            self.lowest[slot[later], (part[later] - back) % PARTS] = np.inf
