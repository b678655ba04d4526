"""A bed left at night: the sample that makes it matter, and the ones that keep it so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.home import Nights

_OCCUPIED = 0.5


class BedLeft:
    """Whether somebody has left the bed in the night and is not back, per slot.

    Only a bed that was occupied is left, and only so long before the night ends that the wait is over by then: who
    gets up in the morning, or has not gone to bed yet, is not out of bed. A bed never heard of counts as empty.

    Parameters
    ----------
    nights : Nights
        Of n rows.
    hold_s : float64, shape (n,)
        How long they may be gone.
    """

    STATE: tuple[str, ...] = ("was", "left")
    SAME: tuple[str, ...] = ()

    def __init__(self, *, nights: Nights, hold_s: NDArray[np.float64]) -> None:
        self.nights = nights
        self._hold_s = hold_s
        self.was: NDArray[np.bool_] = np.zeros(len(hold_s), np.bool_)
        self.left: NDArray[np.bool_] = np.zeros(len(hold_s), np.bool_)

    def update(
        self, slot: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Take one sample of each slot, not older than its last one; float64, shape (k,): 1 while left, else 0."""
        occupied = value >= _OCCUPIED
        self.left[slot] &= ~occupied
        leaves = np.flatnonzero(self.was[slot] & ~occupied)
        if leaves.size:
            leaver = slot[leaves]
            self.left[leaver] = self.nights.left_s(leaver, at_s[leaves]) >= self._hold_s[leaver]
        self.was[slot] = occupied
        return self.left[slot].astype(np.float64)

    def clock_set(self, by_s: float) -> None:
        """No moment is kept here."""

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._hold_s.nbytes + self.was.nbytes + self.left.nbytes + self.nights.nbytes()
