"""UL FSRI's room and house fires: thermocouples under the ceilings (docs/fire.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import read_arrays
from firmware_sim.recordings.fire_test import FireTest, Probe

NEEDED = ("t_s", "v", "scale", "columns", "event_s", "event")
MISSING = -32768

_COLUMN = re.compile(r"(?P<place>.+?)\s+Temperature\s+(?P<far>[\d.]+)\s*(?P<unit>mm|m)\s+(?P<which>Below|Above)\b")
_QUADRANT = "Quadrant "
_ROOM = "room"

_Placed = tuple[float, int]


def read_test(path: Path) -> FireTest:
    """The uppermost thermocouple of every place; the quadrants of the one-room house are one room.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    arrays = read_arrays(path, *NEEDED)
    time_s = arrays["t_s"].astype(np.float64)
    v, columns = arrays["v"], [str(name) for name in arrays["columns"]]
    if v.shape != (len(time_s), len(columns)) or not len(time_s) or (np.diff(time_s) < 0).any():
        raise RecordingError(
            f"{path}: v has shape {v.shape} for {len(time_s)} times in order and {len(columns)} columns"
        )
    values = np.where(v == MISSING, np.nan, v * arrays["scale"].astype(np.float64))
    probes = tuple(_probes(values, columns))
    if not probes:
        raise RecordingError(f"{path} has no temperature at a height that is known")
    return FireTest(
        dataset=_dataset(columns),
        name=path.stem,
        time_s=time_s,
        probes=probes,
        ignition_s=_ignition_s(arrays["event_s"], arrays["event"]),
    )


def _probes(values: NDArray[np.float64], columns: list[str]) -> Iterator[Probe]:
    for place, found in _placed(values, columns).items():
        column = max(found)[1]
        room = _ROOM if place.startswith(_QUADRANT) else place
        yield Probe(name=place, room=room, readings={"temp_c": values[:, column]})


def _placed(values: NDArray[np.float64], columns: list[str]) -> dict[str, list[_Placed]]:
    """The columns of every place that recorded something, with how high they are."""
    placed: dict[str, list[_Placed]] = {}
    for number, column in enumerate(columns):
        told = _COLUMN.match(column)
        if told is None or np.isnan(values[:, number]).all():
            continue
        far_m = float(told["far"]) * (0.001 if told["unit"] == "mm" else 1.0)
        up_m = far_m if told["which"] == "Above" else -far_m
        placed.setdefault(" ".join(told["place"].split()), []).append((up_m, number))
    return placed


def _dataset(columns: list[str]) -> str:
    if any(column.startswith(_QUADRANT) for column in columns):
        return "fsri_room"
    return "fsri_hvac" if any("Above Floor" in column for column in columns) else "fsri_house"


def _ignition_s(event_s: NDArray[np.float32], event: NDArray[np.str_]) -> float:
    """The event of that name; the clock begins with it where there is none."""
    named = [float(at_s) for at_s, name in zip(event_s, event, strict=True) if str(name).strip().lower() == "ignition"]
    return min(named, default=0.0)
