"""A house in Sceaux, 47 months of minutes: Hebrail and Berard, UCI Machine Learning Repository, data set 235."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from evaluation.inactivity.recording import Recording, of_mains
from firmware_sim.errors import RecordingError

_COLUMNS = ("Date", "Time", "Global_active_power", "Sub_metering_1")
_W_PER_KW, _W_PER_WH_MIN = 1000.0, 60.0


def read_uci235(path: Path) -> Recording:
    """``household_power_consumption.txt`` or a part of it: the mains are judged.

    Of the sub-meterings only the kitchen's shows that people are up: the laundry's has a refrigerator, the third a
    water heater that runs by night.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    minutes: list[int] = []
    watts: list[tuple[float, float]] = []
    try:
        with path.open(encoding="ascii", newline="") as file:
            rows = csv.DictReader(file, delimiter=";")
            for row in rows:
                day, time, mains, kitchen = (row[name] for name in _COLUMNS)
                at = datetime.strptime(f"{day} {time}", "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC)
                minutes.append(int(at.timestamp()) // 60)
                watts.append((_number(mains) * _W_PER_KW, _number(kitchen) * _W_PER_WH_MIN))
    except KeyError as error:
        raise RecordingError(f"{path} is not such a recording: it has no column {error}") from error
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise RecordingError(f"{path} is not such a recording: {error}") from error
    if not minutes:
        raise RecordingError(f"{path} has no row")
    return of_mains("uci235", path.stem, np.array(minutes), np.array(watts, np.float32))


def _number(text: str) -> float:
    return float(text) if text and text != "?" else np.nan
