"""A recording of a person with a worn accelerometer, and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ingest.wire.motion import Placement

_PLACEMENTS = {
    "waist": Placement.WAIST,
    "wrist": Placement.WRIST,
    "chest": Placement.NECK,
    "pocket": Placement.POCKET,
}


class Group(StrEnum):
    """The wearer's age: elders are 60 and more."""

    YOUNG = "young"
    ELDER = "elder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is known of a recording beside its samples.

    ``position`` is where the device is worn as the sets call it: waist, wrist, chest, pocket, ankle. ``interval_s`` is
    the annotated fall in seconds from the beginning, None without one.
    """

    row: int
    dataset: str
    subject: str
    code: str
    trial: int
    position: str
    group: Group
    fall: bool
    rate_hz: float
    samples: int
    interval_s: tuple[float, float] | None

    @property
    def name(self) -> str:
        return f"{self.subject} {self.code} trial {self.trial}"

    @property
    def person(self) -> str:
        """The subject among those of all sets."""
        return f"{self.dataset}/{self.subject}"

    @property
    def placement(self) -> Placement:
        return _PLACEMENTS.get(self.position, Placement.UNKNOWN)

    @property
    def duration_s(self) -> float:
        return self.samples / self.rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A trial with its samples: ``counts`` has shape (n, 3), int16; times ``scale_g`` it is g, gravity included."""

    trial: Trial
    scale_g: float
    counts: NDArray[np.int16]

    @property
    def range_g(self) -> float:
        """The value of 32768 counts, in g, as a motion window tells it."""
        return self.scale_g * 32768

    @property
    def accel_g(self) -> NDArray[np.float64]:
        """Acceleration in g, shape (n, 3)."""
        return self.counts.astype(np.float64) * self.scale_g

    @property
    def impact_s(self) -> float:
        """When the acceleration is greatest, of an annotated fall within it; in seconds from the beginning."""
        rate_hz = self.trial.rate_hz
        begin_s, end_s = self.trial.interval_s or (0.0, self.trial.duration_s)
        first = min(int(begin_s * rate_hz), len(self.counts) - 1)
        strength = np.linalg.norm(self.counts[first : max(first, int(end_s * rate_hz)) + 1].astype(np.float64), axis=1)
        return float((first + np.argmax(strength)) / rate_hz)
