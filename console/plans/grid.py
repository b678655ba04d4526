"""A plan without a drawing: rooms in rows, by their names. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from ingest.registry.model import Device, Room
from ingest.registry.plan_model import FloorPlan, PlanDevice, PlanRoom, plan_id_of

WIDTH, HEIGHT = 1600, 1000
_MARGIN = 0.02
_GAP = 0.012
_MOST_COLUMNS = 12


def proposal(site_id: str, zone_id: str | None, rooms: Sequence[Room], devices: Iterable[Device]) -> FloorPlan:
    """A plan on which every room of a floor and every device in it stands."""
    columns, rows = _shape(len(rooms))
    height = min(HEIGHT, math.ceil(WIDTH * rows / columns * 0.7))
    wide = (1 - 2 * _MARGIN + _GAP) / columns
    high = (1 - 2 * _MARGIN + _GAP) / rows
    placed = [
        PlanRoom(
            room_id=room.room_id,
            x=round(_MARGIN + index % columns * wide, 4),
            y=round(_MARGIN + index // columns * high, 4),
            width=round(wide - _GAP, 4),
            height=round(high - _GAP, 4),
        )
        for index, room in enumerate(sorted(rooms, key=natural))
    ]
    return FloorPlan(
        plan_id=plan_id_of(site_id, zone_id),
        site_id=site_id,
        zone_id=zone_id,
        width=WIDTH,
        height=max(height, WIDTH // 4),
        rooms=tuple(placed),
        devices=tuple(in_rooms(placed, devices)),
    )


def in_rooms(rooms: Iterable[PlanRoom], devices: Iterable[Device]) -> list[PlanDevice]:
    """The devices of the rooms, in a row along the lower edge of each."""
    own: dict[str, list[Device]] = {}
    for device in sorted(devices, key=lambda one: one.device_id):
        own.setdefault(device.room_id or "", []).append(device)
    return [
        PlanDevice(
            device_id=device.device_id,
            x=round(room.x + room.width * (index + 1) / (len(inside) + 1), 4),
            y=round(room.y + room.height * 0.9, 4),
        )
        for room in rooms
        if (inside := own.get(room.room_id, []))
        for index, device in enumerate(inside)
    ]


def natural(room: Room) -> tuple[list[tuple[int, int, str]], str]:
    """As people count: 9 before 10, numbers before words."""
    parts = re.findall(r"\d+|\D+", room.name)
    return [(0, int(part[:18]), "") if part.isdecimal() else (1, 0, part) for part in parts], room.room_id


def _shape(count: int) -> tuple[int, int]:
    """Columns and rows: about as wide as a screen, and the last row as full as can be."""
    if count <= 3:
        return max(count, 1), 1
    least = min(_MOST_COLUMNS, math.ceil(math.sqrt(count * 1.4)))
    columns = min(range(least, min(_MOST_COLUMNS, least + 2) + 1), key=lambda one: (-count % one, one))
    return columns, math.ceil(count / columns)
