"""Homes with electricity: those of house_power, and homes composed of tracebase's plugs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.inactivity.recording import DAY_MIN, Floats, Recording, of_mains, of_power
from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import read_arrays
from firmware_sim.recordings.tracebase import ApplianceDay, read_file

WEEK = 7
LEAST_DAYS = 14
"""A home of plugs with fewer days would hardly be done learning."""

PEOPLES = (("WaterKettle",), ("Coffeemaker",), ("TV-LCD", "TV-CRT"), ("Lamp",), ("MicrowaveOven", "Cookingstove"))
HOUSES = ("Refrigerator",)
_LEAST_PLUGS = 3


def read_house(path: Path) -> Recording:
    """A home of house_power: its mains are judged. Of a gap of more than a week whole weeks are cut out.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    arrays = read_arrays(path, "minute", "watts", "channels")
    minute, watts = arrays["minute"].astype(np.int64), arrays["watts"].astype(np.float32)
    matches = watts.ndim == 2 and len(minute) > 0 and minute.shape == watts.shape[:1]
    if not matches or str(arrays["channels"][0]) != "aggregate":
        raise RecordingError(f"{path}: watts must have a row per minute, and aggregate for its first channel")
    watts[watts < 0] = np.nan
    day = minute // DAY_MIN
    gaps = np.diff(day, prepend=day[0])
    minute = minute - np.cumsum(np.where(gaps > WEEK, gaps // WEEK * WEEK, 0)) * DAY_MIN
    return of_mains("house_power", path.stem, minute, watts)


def read_plugs(path: Path) -> list[Recording]:
    """Homes composed of the plugs of different homes: a kettle, a coffee maker, a television, a lamp, a refrigerator.

    The first home has of each kind the device with most days, the next one the next. A device's days stand one after
    the other, whatever their dates.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    devices: dict[tuple[str, str], list[ApplianceDay]] = {}
    for one in read_file(path):
        devices.setdefault((one.appliance, one.device), []).append(one)
    homes = list(_composed(devices))
    if not homes:
        raise RecordingError(f"{path}: no home of plugs with {LEAST_DAYS} days")
    return homes


def _composed(devices: dict[tuple[str, str], list[ApplianceDay]]) -> Iterator[Recording]:
    kinds = [_longest(devices, kind) for kind in (*PEOPLES, HOUSES)]
    for number in range(max(map(len, kinds))):
        chosen = [kind[number] if number < len(kind) else [] for kind in kinds]
        lengths = sorted((len(days) for days in chosen[:-1]), reverse=True)
        days = lengths[_LEAST_PLUGS - 1]
        if days < LEAST_DAYS:
            return
        plugs = [(_minutes(plug, days), place == len(PEOPLES)) for place, plug in enumerate(chosen) if plug]
        watts = np.stack([plug for plug, _ in plugs], axis=1)
        own = np.array([house for _, house in plugs], np.bool_)
        none = np.zeros((len(watts), 0), np.float32)
        yield of_power("tracebase", f"composed {number + 1}", 15_340, watts, own, none)


def _longest(devices: dict[tuple[str, str], list[ApplianceDay]], kind: tuple[str, ...]) -> list[list[ApplianceDay]]:
    found = [sorted(days, key=lambda one: one.day) for (what, _), days in sorted(devices.items()) if what in kind]
    return sorted(found, key=len, reverse=True)


def _minutes(plug: list[ApplianceDay], days: int) -> Floats:
    """Means of minutes, float32, shape (days x 1440,); NaN where less than half is known and after the last day."""
    watts: NDArray[np.float64] = np.concatenate([one.watts for one in plug[:days]]).reshape(-1, 6)
    known = np.isfinite(watts).sum(axis=1)
    mean = np.where(known >= 3, np.nansum(watts, axis=1) / np.maximum(known, 1), np.nan)
    return np.pad(mean, (0, days * DAY_MIN - len(mean)), constant_values=np.nan).astype(np.float32)
