"""Smoke detectors that need cleaning: what is usual at one has come near to what can be made up for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.change import moved
from alarms.core.fire.channels import CHANNELS, SMOKE
from alarms.core.latch import Flips, Latch

CLEAN = CHANNELS[SMOKE].clean
"""So much dirt is made up for, dB/m; the learned usual level never is more."""

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


class Soiling:
    """One slot per detector and rule, over the usual level.

    Parameters
    ----------
    sensor : int64, shape (n,)
        The slot's detector, of 0 to ``sensors`` - 1.
    share, hysteresis : float64, shape (n,)
        The part of ``CLEAN`` that raises, 1 at most, and how far under it is clean again.
    hold_s : float64, shape (n,)
        For how long, in seconds: a smoky evening is no dirt.
    """

    def __init__(self, *, sensor: Rows, sensors: int, share: Floats, hysteresis: Floats, hold_s: Floats) -> None:
        self.limit = share * CLEAN
        self.sensor = sensor
        clear = (share - hysteresis) * CLEAN
        self.latch = Latch(limit=self.limit, clear=clear, on_s=hold_s, off_s=np.zeros(len(sensor)))
        self._layers: list[Rows] = []
        for slot, of in enumerate(sensor.tolist()):
            free = next((layer for layer in self._layers if layer[of] < 0), None)
            if free is None:
                free = np.full(sensors, -1, np.int64)
                self._layers.append(free)
            free[of] = slot

    def update(self, sensor: Rows, at_s: Floats, received_s: Floats, usual: Floats) -> list[Flips]:
        """Judge what is usual at detectors, in dB/m, after a sample of each."""
        found: list[Flips] = []
        for layer in self._layers:
            slot = layer[sensor]
            rows = np.flatnonzero(slot >= 0)
            found += moved(self.latch.update(slot[rows], at_s[rows], received_s[rows], usual[rows]), rows)
        return found

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = (self.limit, self.sensor, *self._layers)
        return sum(array.nbytes for array in own) + self.latch.nbytes()
