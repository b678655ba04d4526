"""What is usual: a quantile of durations, learned as they come, in fixed memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEAST = 20
"""Fewer durations tell nothing about one in twenty."""

_SHORTEST_S, _LONGEST_S = 15.0, 14_400.0
_BINS = 40
_GROWTH = (_LONGEST_S / _SHORTEST_S) ** (1 / _BINS)
_VALUE_S = _SHORTEST_S * _GROWTH ** np.arange(_BINS) * 2 * _GROWTH / (_GROWTH + 1)
_KEPT = np.float32(1 - 1 / 256)
_QUANTILE = 0.95


class Norms:
    """A histogram with logarithmic bins per row, as in DDSketch (Masson, Rim, Lee; VLDB 2019).

    A quantile is right to 9 % of its value. Each new duration makes the older ones weigh 1/256 less, so habits that
    change are followed within some hundreds. Durations outside of 15 s to 4 h count in the outermost bins.

    Attributes
    ----------
    weight : float32, shape (n, 40)
        How much each bin holds.
    count : int32, shape (n,)
        How many durations were learned, up to ``LEAST``.
    """

    def __init__(self, size: int) -> None:
        self.weight: NDArray[np.float32] = np.zeros((size, _BINS), np.float32)
        self.count: NDArray[np.int32] = np.zeros(size, np.int32)

    def learn(self, row: NDArray[np.int64], length_s: NDArray[np.float64]) -> None:
        """Take one duration of each row; a row at most once."""
        steps = np.log(np.maximum(length_s, _SHORTEST_S) / _SHORTEST_S) / np.log(_GROWTH)
        self.weight[row] *= _KEPT
        self.weight[row, np.minimum(steps.astype(np.int64), _BINS - 1)] += 1
        self.count[row] = np.minimum(self.count[row] + 1, LEAST)

    def usual_s(self, row: NDArray[np.int64]) -> NDArray[np.float64]:
        """What 95 of 100 durations do not exceed, float64, shape (k,); NaN until ``LEAST`` are known."""
        total = np.cumsum(self.weight[row], axis=1)
        at = np.argmax(total >= np.float32(_QUANTILE) * total[:, -1:], axis=1)
        return np.where(self.count[row] >= LEAST, _VALUE_S[at], np.nan)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.weight.nbytes + self.count.nbytes
