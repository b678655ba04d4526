"""NIST's house fires with real smoke alarms (TN 1455): what one station saw and when its alarm sounded."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import Arrays, first_file, read_arrays
from firmware_sim.recordings.fire_test import FireTest, Probe

NEEDED = ("columns", "data", "alarm_device", "alarm_time_s")

DB_PER_DENSITY = 10.0
"""Optical density is the decimal logarithm; decibels are ten times that."""

MOST_DB_M = 50.0
PPM_PER_PERCENT = 10_000.0
_OFFSET_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FireRecording:
    """One station of one test; all arrays have shape (n,). ``co_ppm`` is None where the station had no analyser."""

    name: str
    station: str
    time_s: NDArray[np.float64]
    obscuration_db_m: NDArray[np.float64]
    temp_c: NDArray[np.float64]
    co_ppm: NDArray[np.float64] | None
    photoelectric: str
    photoelectric_s: float

    def held_s(self, values: NDArray[np.float64], limit: float, hold_s: float) -> float | None:
        """When one of the arrays has been at or above a limit for ``hold_s``; None: never."""
        since: float | None = None
        for at_s, value in zip(self.time_s, values, strict=True):
            if not value >= limit:
                since = None
            elif since is None:
                since = float(at_s)
            if since is not None and at_s - since >= hold_s:
                return float(at_s)
        return None


def read_fire(folder: Path, experiment: str | None) -> FireRecording:
    """The station of the first photoelectric alarm of an experiment (the first one when None).

    Raises
    ------
    RecordingError
        No file, or no photoelectric alarm with a smoke meter beside it.
    """
    path = first_file(folder, experiment)
    arrays = read_arrays(path, *NEEDED)
    columns = [str(name) for name in arrays["columns"]]
    for row in np.argsort(arrays["alarm_time_s"], kind="stable"):
        device = str(arrays["alarm_device"][row])
        station = device[-1]
        smoke, heat = f"SM{station}_1", f"TC{station}_1"
        if not device.startswith("Pho") or smoke not in columns or heat not in columns:
            continue
        return FireRecording(
            name=path.stem,
            station=station,
            time_s=_column(arrays, columns, "TIME"),
            obscuration_db_m=np.clip(_column(arrays, columns, smoke) * DB_PER_DENSITY, 0, MOST_DB_M),
            temp_c=_column(arrays, columns, heat),
            co_ppm=_carbon_monoxide(arrays, columns, station),
            photoelectric=device,
            photoelectric_s=float(arrays["alarm_time_s"][row]),
        )
    raise RecordingError(f"{path} has no photoelectric alarm with a smoke meter at its station")


def read_test(path: Path) -> FireTest:
    """Every station with a smoke meter or a thermocouple right under the ceiling, each a room of its own.

    The analysers' carbon monoxide is left out: their noise is that of a fire (docs/fire.md).

    Raises
    ------
    RecordingError
        It is no such file.
    """
    arrays = read_arrays(path, *NEEDED)
    columns = [str(name) for name in arrays["columns"]]
    data, device, alarm_s = arrays["data"], arrays["alarm_device"], arrays["alarm_time_s"]
    if data.ndim != 2 or not len(data) or data.shape[1] != len(columns) or device.shape != alarm_s.shape:
        raise RecordingError(f"{path}: data has shape {data.shape} for {len(columns)} columns")
    if "TIME" not in columns or (np.diff(_column(arrays, columns, "TIME")) < 0).any():
        raise RecordingError(f"{path} has no column TIME that goes on")
    probes = []
    for station in string.ascii_uppercase:
        readings = {}
        if f"SM{station}_1" in columns:
            density = _column(arrays, columns, f"SM{station}_1")
            readings["obscuration_db_m"] = np.clip(density * DB_PER_DENSITY, 0, MOST_DB_M)
        if f"TC{station}_1" in columns:
            readings["temp_c"] = _column(arrays, columns, f"TC{station}_1")
        if readings:
            probes.append(Probe(name=station, room=station, readings=readings))
    if not probes:
        raise RecordingError(f"{path} has no smoke meter and no thermocouple right under a ceiling")
    return FireTest(
        dataset="nist_smoke",
        name=path.stem,
        time_s=_column(arrays, columns, "TIME"),
        probes=tuple(probes),
        ignition_s=0.0,
        alarms=tuple((str(name), float(at_s)) for name, at_s in zip(device, alarm_s, strict=True)),
    )


def _column(arrays: Arrays, columns: list[str], name: str) -> NDArray[np.float64]:
    return arrays["data"][:, columns.index(name)].astype(np.float64)


def _carbon_monoxide(arrays: Arrays, columns: list[str], station: str) -> NDArray[np.float64] | None:
    name = f"GAS{station}_1"
    if name not in columns:
        return None
    percent = _column(arrays, columns, name)
    # The analysers have offsets: the rise over the first rows is what was there.
    return np.clip((percent - np.nanmedian(percent[:_OFFSET_ROWS])) * PPM_PER_PERCENT, 0, 100_000)
