"""One-minute power of real homes (REFIT, UK-DALE, IDEAL)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import first_file, read_arrays

MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRecording:
    """A stretch of one day: ``watts`` of shape (minutes,), one per minute from ``start_minute`` of the day on."""

    name: str
    day: int
    start_minute: int
    watts: NDArray[np.float64]


def read_morning(
    folder: Path, home: str | None, *, seed: int, from_hour: float = 5.0, hours: float = 6.0
) -> PowerRecording:
    """A morning without gaps, chosen by ``seed``.

    Raises
    ------
    RecordingError
        No file, or no complete morning in it.
    """
    path = first_file(folder, home)
    arrays = read_arrays(path, "minute", "watts")
    minute, watts = arrays["minute"].astype(np.int64), arrays["watts"][:, 0]
    start, length = round(from_hour * 60), round(hours * 60)
    valid = (watts >= 0) & (minute % MINUTES >= start) & (minute % MINUTES < start + length)
    days, counts = np.unique(minute[valid] // MINUTES, return_counts=True)
    whole = days[counts == length]
    if len(whole) == 0:
        raise RecordingError(f"{path} has no morning without gaps")
    day = int(np.random.default_rng(seed).choice(whole))
    rows = valid & (minute // MINUTES == day)
    return PowerRecording(name=path.stem, day=day, start_minute=start, watts=watts[rows].astype(np.float64))
