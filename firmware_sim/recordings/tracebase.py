"""Ten-second power of single appliances, day by day (tracebase; ODbL 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import read_arrays

STEP_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplianceDay:
    """A day of one appliance: ``watts`` float64, shape (8640,), one in ``STEP_S``; NaN where nothing was recorded."""

    appliance: str
    device: str
    day: str
    watts: NDArray[np.float64]


def read_days(folder: Path) -> list[ApplianceDay]:
    """Every day of ``tracebase_10s.npz``.

    Raises
    ------
    RecordingError
        It is missing or no such recording.
    """
    return read_file(folder / "tracebase_10s.npz")


def read_file(path: Path) -> list[ApplianceDay]:
    """Every day of a file.

    Raises
    ------
    RecordingError
        It is missing or no such recording.
    """
    arrays = read_arrays(path, "watts", "appliance", "device", "day")
    shapes = {name: column.shape for name, column in arrays.items()}
    days = shapes.pop("watts")
    if len(days) != 2 or any(shape != days[:1] for shape in shapes.values()):
        raise RecordingError(f"{path}: watts must have a row per day, with its appliance, device and day")
    watts = arrays["watts"].astype(np.float64)
    watts[watts < 0] = np.nan
    names = zip(arrays["appliance"].tolist(), arrays["device"].tolist(), arrays["day"].tolist(), watts, strict=True)
    return [ApplianceDay(appliance=what, device=device, day=day, watts=row) for what, device, day, row in names]
