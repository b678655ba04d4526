"""A value outside of a band: how far it is from the middle, per slot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.stage import array_bytes


class Outside:
    """The distance from ``middle`` (float64, shape (n,), in the signal's unit); it remembers nothing."""

    STATE: tuple[str, ...] = ()
    SAME: tuple[str, ...] = ()

    def __init__(self, *, middle: NDArray[np.float64]) -> None:
        self._middle = middle

    def update(
        self,
        slot: NDArray[np.int64],
        at_s: NDArray[np.float64],  # noqa: ARG002 - a stage's own form
        value: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Distances of one sample of each slot, float64, shape (k,)."""
        return np.abs(value - self._middle[slot])

    def clock_set(self, by_s: float) -> None:
        """Nothing here knows the time."""

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self)
