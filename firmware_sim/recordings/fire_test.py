"""A recorded fire, or what is none: detectors in rooms, row by row, and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What one detector read: by signal float64 of shape (n,), NaN where nothing was recorded."""

    name: str
    room: str
    readings: dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTest:
    """A recording.

    Attributes
    ----------
    time_s : float64, shape (n,)
        The recording's own clock, never going back.
    ignition_s : float or None
        On the same clock; None: nobody knows, or nothing burns.
    burns : bool
        Whether there is a fire in it: an alarm in a recording without one is false.
    alarms : tuple of (device, s)
        What alarms that were there did, by the same clock.
    """

    dataset: str
    name: str
    time_s: NDArray[np.float64]
    probes: tuple[Probe, ...]
    ignition_s: float | None = None
    burns: bool = True
    alarms: tuple[tuple[str, float], ...] = ()

    @property
    def hours(self) -> float:
        return float(self.time_s[-1] - self.time_s[0]) / 3600
