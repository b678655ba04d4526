"""The last samples of every judged signal, kept to draw what an alarm was judged from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from alarms.core.saved import Array

DEPTH = 32


class History:
    """A ring of the last ``DEPTH`` samples per input: float64 times in seconds, float32 values; -inf: not yet.

    Inputs lie side by side, so that what a batch brings of neighbours is written together.
    """

    def __init__(self, size: int) -> None:
        self._at_s: NDArray[np.float64] = np.full((DEPTH, size), -np.inf)
        self._value: NDArray[np.float32] = np.zeros((DEPTH, size), np.float32)
        self._cell: NDArray[np.int64] = np.arange(size)  # where each input's next sample goes

    def add(self, row: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]) -> None:
        """Keep one sample of each input; ``row`` has each at most once."""
        cell = self._cell[row]
        self._at_s.reshape(-1)[cell] = at_s
        self._value.reshape(-1)[cell] = value.astype(np.float32)
        cell += len(self._cell)
        over = cell >= self._at_s.size
        if over.any():
            cell[over] -= self._at_s.size
        self._cell[row] = cell

    def last(self, row: int) -> tuple[list[float], list[float]]:
        """Times and values, oldest first."""
        order = (np.arange(DEPTH) + int(self._cell[row]) // len(self._cell)) % DEPTH
        known = order[np.isfinite(self._at_s[order, row])]
        return self._at_s[known, row].tolist(), [float(f"{value:.6g}") for value in self._value[known, row]]

    def saved(self) -> dict[str, Array]:
        """The arrays to be kept: a row per input."""
        head = (self._cell // max(1, len(self._cell))).astype(np.uint8)
        return {"history.at_s": self._at_s.T, "history.value": self._value.T, "history.head": head}

    def restore(self, arrays: Mapping[str, Array], here: NDArray[np.intp], there: NDArray[np.intp]) -> None:
        """Take over the inputs ``there`` of what was saved as those ``here``."""
        self._at_s.T[here] = arrays["history.at_s"][there]
        self._value.T[here] = arrays["history.value"][there]
        self._cell[here] = here + arrays["history.head"][there].astype(np.int64) * len(self._cell)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._at_s.nbytes + self._value.nbytes + self._cell.nbytes
