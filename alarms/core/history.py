"""The last samples of every judged signal, kept to draw what an alarm was judged from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from alarms.core.saved import Array

DEPTH = 32
"""A power of two."""


class History:
    """A ring of the last ``DEPTH`` samples per input: float64 times in seconds, float32 values; -inf: not yet.

    Inputs lie side by side, so that what a batch brings of neighbours is written together.
    """

    def __init__(self, size: int) -> None:
        self._at_s: NDArray[np.float64] = np.full((DEPTH, size), -np.inf)
        self._value: NDArray[np.float32] = np.zeros((DEPTH, size), np.float32)
        self._head: NDArray[np.uint8] = np.zeros(size, np.uint8)

    def add(self, row: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]) -> None:
        """Keep one sample of each input; ``row`` has each at most once."""
        head = self._head[row]
        cell = row + head.astype(np.int64) * len(self._head)
        self._at_s.reshape(-1)[cell] = at_s
        self._value.reshape(-1)[cell] = value
        self._head[row] = (head + 1) & (DEPTH - 1)

    def last(self, row: int) -> tuple[list[float], list[float]]:
        """Times and values, oldest first."""
        order = (np.arange(DEPTH) + int(self._head[row])) % DEPTH
        known = order[np.isfinite(self._at_s[order, row])]
        return self._at_s[known, row].tolist(), [float(f"{value:.6g}") for value in self._value[known, row]]

    def saved(self) -> dict[str, Array]:
        """The arrays to be kept: a row per input."""
        return {"history.at_s": self._at_s.T, "history.value": self._value.T, "history.head": self._head}

    def restore(self, arrays: Mapping[str, Array], here: NDArray[np.intp], there: NDArray[np.intp]) -> None:
        """Take over the inputs ``there`` of what was saved as those ``here``."""
        for own, name in ((self._at_s.T, "at_s"), (self._value.T, "value"), (self._head, "head")):
            own[here] = arrays[f"history.{name}"][there]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._at_s.nbytes + self._value.nbytes + self._head.nbytes
