"""Places on a plan as a form sends them: one line per room and device, in percent; empty is not placed. Pure."""

from __future__ import annotations

import math

from console.setup.form import Given
from ingest.registry.checks_plan import MOST_DEVICES, MOST_ROOMS
from ingest.registry.plan_model import PlanDevice, PlanRoom

_ROUNDING = 0.001


class UnreadablePlaceError(ValueError):
    """A line is not whole, or holds something else than numbers."""


def read_places(given: Given) -> tuple[tuple[PlanRoom, ...], tuple[PlanDevice, ...]]:
    """The rooms and devices that have a place.

    Raises
    ------
    UnreadablePlaceError
        What a browser never sends.
    """
    rooms = []
    for room_id, x, y, width, height in _lines(given, ("room", "x", "y", "width", "height"), MOST_ROOMS):
        left, top = _fraction(x), _fraction(y)
        rooms.append(
            PlanRoom(
                room_id=room_id,
                x=left,
                y=top,
                width=_within(left, _fraction(width)),
                height=_within(top, _fraction(height)),
            )
        )
    devices = [
        PlanDevice(device_id=device_id, x=_fraction(x), y=_fraction(y))
        for device_id, x, y in _lines(given, ("device", "device_x", "device_y"), MOST_DEVICES)
    ]
    return tuple(rooms), tuple(devices)


def _lines(given: Given, names: tuple[str, ...], most: int) -> list[list[str]]:
    columns = [given.getlist(name) for name in names]
    if len({len(column) for column in columns}) != 1 or len(columns[0]) > most:
        raise UnreadablePlaceError
    lines = [[str(value).strip() for value in line] for line in zip(*columns, strict=True)]
    return [line for line in lines if any(line[1:])]


def _fraction(percent: str) -> float:
    try:
        value = float(percent) / 100
    except ValueError as error:
        raise UnreadablePlaceError from error
    if not math.isfinite(value):
        raise UnreadablePlaceError
    return round(value, 6)


def _within(begin: float, length: float) -> float:
    """Percents are rounded: what ends a hair beyond the edge ends at it."""
    over = begin + length - 1
    return round(1 - begin, 6) if 0 < over <= _ROUNDING else length
