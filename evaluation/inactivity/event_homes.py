"""Homes with sensors: ordonez, casas_cil, uci799_elder."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from evaluation.inactivity.recording import DAY_MIN, Recording, of_events
from firmware_sim.errors import RecordingError

_HOUR_MIN = 60
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, zlib.error, csv.Error)

Moment = tuple[int, int, bool]
"""Minute since 1970 by the home's clock, how many events, whether of an outer door."""


def read_ordonez(path: Path) -> Recording:
    """Beginnings and ends of what sensors saw.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    moments = []
    for row in _rows(path, "start", "end", "location"):
        door = row["location"].lower() == "maindoor"
        moments += [(_minute(row[name], path), 1, door) for name in ("start", "end")]
    return _laid("ordonez", path.name.partition("_")[0], moments, path)


def read_casas(path: Path) -> Recording:
    """Every ON and OPEN, and every CLOSE.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    moments = [(_minute(row["time"], path), 1, False) for row in _rows(path, "time", "value") if row["value"] != "OFF"]
    return _laid("casas_cil", path.name.partition("_")[0], moments, path)


def read_uci799(path: Path) -> Recording:
    """Movements of an hour, told in its last minute; an hour that is missing is unknown.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    hours = [(_minute(row["timestamp"], path), float(row["movement"])) for row in _rows(path, "timestamp", "movement")]
    known = [(minute, count) for minute, count in hours if np.isfinite(count)]
    moments = [(minute + _HOUR_MIN - 1, round(count), False) for minute, count in known]
    return _laid("uci799_elder", path.name.partition(".")[0], moments, path, [minute for minute, _ in known])


def _rows(path: Path, *names: str) -> list[Mapping[str, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows: list[Mapping[str, str]] = list(csv.DictReader(file))
        if not rows or not set(names) <= rows[0].keys():
            raise ValueError(f"it must have the columns {', '.join(names)}")
    except _UNREADABLE as error:
        raise RecordingError(f"{path} is not such a recording: {error}") from error
    return rows


def _minute(text: str, path: Path) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() // 60)
    except ValueError as error:
        raise RecordingError(f"{path} is not such a recording: {error}") from error


def _laid(
    dataset: str, home: str, moments: Sequence[Moment], path: Path, hours: Sequence[int] | None = None
) -> Recording:
    """Minutes from the first midnight to the last; without ``hours``, the known ones, all between the ends are."""
    if not moments:
        raise RecordingError(f"{path} has no event")
    minutes = np.array([moment[0] for moment in moments])
    first_day = int(minutes.min() // DAY_MIN)
    length = (int(minutes.max() // DAY_MIN) - first_day + 1) * DAY_MIN
    at = minutes - first_day * DAY_MIN
    events, doors = np.zeros(length, np.int16), np.zeros(length, np.int16)
    np.add.at(events, at, np.array([moment[1] for moment in moments], np.int16))
    np.add.at(doors, at, np.array([moment[2] for moment in moments], np.int16))
    sensed = np.zeros(length, np.bool_)
    if hours is None:
        sensed[at.min() : at.max() + 1] = True
    else:
        for hour in hours:
            sensed[hour - first_day * DAY_MIN :][:_HOUR_MIN] = True
    return of_events(dataset, home, first_day, events, doors, sensed)
