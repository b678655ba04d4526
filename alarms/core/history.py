"""The last samples of every judged signal, kept to draw what an alarm was judged from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DEPTH = 32


class History:
    """A ring of the last ``DEPTH`` samples per input: float64 times in seconds, float32 values; -inf: not yet."""

    def __init__(self, size: int) -> None:
        self.at_s: NDArray[np.float64] = np.full((size, DEPTH), -np.inf)
        self.value: NDArray[np.float32] = np.zeros((size, DEPTH), np.float32)
        self.head: NDArray[np.uint8] = np.zeros(size, np.uint8)

    def add(self, row: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]) -> None:
        """Keep one sample of each input; ``row`` has each at most once."""
        head = self.head[row]
        cell = row * DEPTH + head
        self.at_s.reshape(-1)[cell] = at_s
        self.value.reshape(-1)[cell] = value
        self.head[row] = (head + 1) % DEPTH

    def last(self, row: int) -> tuple[list[float], list[float]]:
        """Times and values, oldest first."""
        order = (np.arange(DEPTH) + int(self.head[row])) % DEPTH
        known = order[np.isfinite(self.at_s[row, order])]
        return self.at_s[row, known].tolist(), [float(f"{value:.6g}") for value in self.value[row, known]]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.at_s.nbytes + self.value.nbytes + self.head.nbytes
