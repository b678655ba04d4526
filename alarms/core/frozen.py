"""A value that does not move any more: for how long, per slot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.stage import array_bytes


class Frozen:
    """Seconds since the value last changed, as far as samples tell: one that says nothing is silent, not frozen.

    Attributes
    ----------
    since_s, last : float64, shape (n,)
        Since when it has been the same, and the value.
    """

    STATE: tuple[str, ...] = ("since_s", "last")
    SAME: tuple[str, ...] = ()

    def __init__(self, slots: int) -> None:
        self.since_s: NDArray[np.float64] = np.zeros(slots)
        self.last: NDArray[np.float64] = np.full(slots, np.nan)

    def update(
        self, slot: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Take one sample of each slot, not older than its last one."""
        moved = value != self.last[slot]
        changed = slot[moved]
        self.since_s[changed] = at_s[moved]
        self.last[changed] = value[moved]
        return at_s - self.since_s[slot]

    def clock_set(self, by_s: float) -> None:
        """Move the moments."""
        self.since_s += by_s

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self)
