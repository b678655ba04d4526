"""A detector's level: its value without noise, how fast it rises, and what is usual there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.fire.channels import column

FAST_S = 4.0
"""Time constant of the level: it evens out noise and a single puff."""

SLOW_S = 30.0
"""Time constant of the slower level that a rise is measured against."""

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


class Levels:
    """Three levels per input, each following the samples with a time constant; steps may be of any length.

    A first-order lag is carried on by ``share = dt / (time constant + dt)``: implicit Euler, which no pause makes
    unstable. A sample of the time of the last one changes nothing.

    Parameters
    ----------
    channel : int64, shape (inputs,)
        The place of each input's signal in ``CHANNELS``.
    """

    def __init__(self, channel: Rows) -> None:
        self._clean = column("clean")[channel]
        self._calm = column("calm")[channel]
        self._learn_s = column("learn_s")[channel]
        self._wait_s = column("wait_s")[channel]
        self.fast: Floats = np.full(len(channel), np.nan)
        self.slow: Floats = np.full(len(channel), np.nan)
        self.usual: Floats = np.full(len(channel), np.nan)
        self.at_s: Floats = np.full(len(channel), -np.inf)

    def update(self, row: Rows, at_s: Floats, value: Floats) -> NDArray[np.bool_]:
        """Take one sample of each input, not older than its last; True where the level is not calm, shape (k,)."""
        fast, slow, usual = self.fast[row], self.slow[row], self.usual[row]
        new = np.isnan(fast)
        if new.any():
            fast[new] = slow[new] = value[new]
            usual[new] = np.minimum(value[new], self._clean[row[new]])
        passed_s = np.where(new, 0.0, at_s - self.at_s[row])
        fast += (value - fast) * (passed_s / (FAST_S + passed_s))
        slow += (value - slow) * (passed_s / (SLOW_S + passed_s))
        stirred: NDArray[np.bool_] = fast - usual > self._calm[row]
        learn_s = np.where(stirred, self._wait_s[row], self._learn_s[row])
        usual += (fast - usual) * (passed_s / (learn_s + passed_s))
        self.fast[row], self.slow[row] = fast, slow
        self.usual[row] = np.minimum(usual, self._clean[row])
        self.at_s[row] = at_s
        return stirred

    def above(self, row: Rows) -> Floats:
        """How far the level is above the usual, in the signal's unit; the shape of ``row``, 0 before a sample."""
        return np.nan_to_num(self.fast[row] - self.usual[row])

    def rise_min(self, row: Rows) -> Floats:
        """How fast the level rises, per minute: two lags behind a steady rise are apart by their difference of it."""
        return np.nan_to_num((self.fast[row] - self.slow[row]) * (60.0 / (SLOW_S - FAST_S)))

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in vars(self).values())
