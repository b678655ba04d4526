"""A smoke detector's temperature and humidity, second by second, with a label of whole sessions."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import read_arrays
from firmware_sim.recordings.fire_test import FireTest, Probe

NEEDED = ("temperature_c", "humidity_pct", "fire_alarm")
LEAST_ROWS = 60


def read_sessions(path: Path) -> list[FireTest]:
    """Each stretch of rows with one label, if it lasts a minute; when in it something began to burn nobody has noted.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    arrays = read_arrays(path, *NEEDED)
    temp_c, humidity_pct, label = (arrays[name] for name in NEEDED)
    if label.ndim != 1 or not temp_c.shape == humidity_pct.shape == label.shape:
        raise RecordingError(f"{path}: temperature, humidity and label are {temp_c.shape}, {humidity_pct.shape} long")
    ends = [0, *(np.flatnonzero(np.diff(label)) + 1).tolist(), len(label)]
    return [
        FireTest(
            dataset="smoke_iot",
            name=f"{path.stem}, rows {first} to {end - 1}",
            time_s=np.arange(first, end, dtype=np.float64),
            probes=(
                Probe(
                    name="detector",
                    room="detector",
                    readings={
                        "temp_c": temp_c[first:end].astype(np.float64),
                        "humidity_pct": humidity_pct[first:end].astype(np.float64),
                    },
                ),
            ),
            burns=bool(label[first]),
        )
        for first, end in itertools.pairwise(ends)
        if end - first >= LEAST_ROWS
    ]
