"""SisFall: falls and daily activities with an accelerometer at the waist (Sucerquia and others 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import first_file, read_arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionRecording:
    """One trial; ``accel_g`` has shape (n, 3), in g, gravity included."""

    name: str
    subject: str
    fall: bool
    rate_hz: float
    accel_g: NDArray[np.float64]

    @property
    def impact_s(self) -> float:
        """When the acceleration is greatest, in seconds from the beginning."""
        return float(np.argmax(np.linalg.norm(self.accel_g, axis=1)) / self.rate_hz)


def read_fall(folder: Path, *, subject: str | None, seed: int) -> MotionRecording:
    """A fall of ``subject``, or of any, chosen by ``seed``.

    Raises
    ------
    RecordingError
        No file, or no fall of this subject in it.
    """
    path = first_file(folder, None)
    arrays = read_arrays(path, "dxyz", "off", "scale_g", "rate_hz", "subject", "code", "trial", "fall")
    wanted = arrays["fall"].astype(bool)
    if subject is not None:
        wanted &= arrays["subject"] == subject
    rows = np.flatnonzero(wanted)
    if len(rows) == 0:
        raise RecordingError(f"{path} has no fall" + (f" of {subject}" if subject else ""))
    row = int(np.random.default_rng(seed).choice(rows))
    start, end = int(arrays["off"][row]), int(arrays["off"][row + 1])
    # The sums wrap exactly as the file was made: only the differences between samples are stored.
    before = arrays["dxyz"][:, :start].sum(axis=1, dtype=np.int64).astype(np.int16)[:, None]
    counts = np.cumsum(arrays["dxyz"][:, start:end], axis=1, dtype=np.int16) + before
    who = str(arrays["subject"][row])
    return MotionRecording(
        name=f"{who} {arrays['code'][row]} trial {arrays['trial'][row]}",
        subject=who,
        fall=True,
        rate_hz=float(arrays["rate_hz"]),
        accel_g=counts.T.astype(np.float64) * float(arrays["scale_g"]),
    )
