"""The demonstration's nursing home drawn: two floors, a corridor between two rows of rooms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from console.plans.grid import in_rooms
from console.plans.picture import picture_of
from firmware_sim.place import DeviceSpec, Place
from ingest.registry import edit_plan
from ingest.registry.model import Registry
from ingest.registry.plan_model import FloorPlan, PlanDevice, PlanRoom, plan_id_of
from ingest.store.connection import Connection

WIDTH, HEIGHT = 1600, 760
_DOORS = 6
_LEFT, _WIDE, _RIGHT = 40, 200, 1560
_TOP, _UPPER, _LOWER, _BOTTOM = 40, 290, 450, 700
_INSIDE = {
    "sos_button": (0.68, 0.72),
    "bed_sensor": (0.4, 0.72),
    "smoke_alarm": (0.55, 0.5),
    "motion_sensor": (0.93, 0.5),
    "pull_cord": (0.92, 0.12),
    "door_contact": (0.43, 0.04),
    "presence_button": (0.63, 0.06),
    "pendant": (0.18, 0.5),
    "wearable": (0.3, 0.5),
}
"""Where a device is in a resident's room: from the left, and from the corridor's wall."""

Box = tuple[float, float, float, float]


def write_plans(connection: Connection, place: Place, registry: Registry) -> None:
    """Give each floor of the nursing home its drawing; a floor that has a plan keeps it."""
    for floor, zone in enumerate(place.zones, 1):
        plan_id = plan_id_of(place.site_id, zone.zone_id)
        if plan_id in registry.plan:
            continue
        drawn = boxes_of(floor)
        boxes = {f"{place.site_id}:{name}": box for name, box in drawn.items()}
        picture = picture_of(drawing(drawn).encode())
        rooms = tuple(_room(room_id, box) for room_id, box in boxes.items())
        plan = FloorPlan(
            plan_id=plan_id,
            site_id=place.site_id,
            zone_id=zone.zone_id,
            width=picture.width,
            height=picture.height,
            media_type=picture.media_type,
            rooms=rooms,
            devices=tuple(_devices(place, rooms, registry)),
        )
        edit_plan.set_plan_image(connection, plan, picture.content)


def boxes_of(floor: int) -> Mapping[str, Box]:
    """The rooms of a floor by the ends of their ids: left, top, width, height in the drawing's own units."""
    rows = ((_TOP, _UPPER - _TOP, 1), (_LOWER, _BOTTOM - _LOWER, _DOORS + 1))
    found: dict[str, Box] = {
        str(floor * 100 + first + door): (_LEFT + door * _WIDE, top, _WIDE, high)
        for top, high, first in rows
        for door in range(_DOORS)
    }
    end = _LEFT + _DOORS * _WIDE
    if floor == 1:
        found["dayroom"] = (end, _TOP, _RIGHT - end, _UPPER - _TOP)
        found["kitchen"] = (end, _LOWER, _RIGHT - end, _BOTTOM - _LOWER)
        found["exit"] = (_RIGHT - 160, _UPPER, 160, _LOWER - _UPPER)
    found[f"corridor{floor}"] = (_LEFT, _UPPER, _RIGHT - _LEFT - (160 if floor == 1 else 0), _LOWER - _UPPER)
    return found


def drawing(boxes: Mapping[str, Box]) -> str:
    """The floor as an architect would sketch it: walls, doors, beds and washrooms."""
    shapes = "".join(_furnished(name, box) for name, box in boxes.items())
    outer = f'<rect x="{_LEFT}" y="{_TOP}" width="{_RIGHT - _LEFT}" height="{_BOTTOM - _TOP}" fill="none"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#eef1ee"/>'
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_RIGHT - _LEFT}" height="{_BOTTOM - _TOP}" fill="#fbfaf6"/>'
        f'{shapes}<g stroke="#3b444b" stroke-width="9">{outer}</g></svg>'
    )


def _furnished(name: str, box: Box) -> str:
    x, y, width, height = box
    if not name.isdigit():
        fill = "#f1ead9" if name.startswith(("corridor", "exit")) else "#e6eee6"
        return (
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="#3b444b" stroke-width="3"/>'
        )
    above = y < _UPPER
    wall, turn = (y + height, -1) if above else (y, 1)  # the corridor's side, and into the room from there
    bath, bed = wall + turn * 84, wall + turn * 180 - 30
    arc = f"M{x + 60} {wall}V{wall + turn * 52}A52 52 0 0 {1 if above else 0} {x + 112} {wall}"
    return (
        f'<g fill="none" stroke="#3b444b" stroke-width="4"><rect x="{x}" y="{y}" width="{width}" height="{height}"/>'
        f'<path d="M{x + 136} {wall}V{bath}H{x + width}" stroke-width="3"/>'
        f'<path d="M{x + 60} {wall}H{x + 112}" stroke="#fbfaf6" stroke-width="7"/>'
        f'<path d="{arc}" stroke-width="1.5"/><g stroke-width="2" fill="#dfe6ea">'
        f'<rect x="{x + 14}" y="{bed}" width="104" height="60" rx="6"/>'
        f'<rect x="{x + 20}" y="{bed + 9}" width="26" height="42" rx="5" fill="#fff"/>'
        f'<circle cx="{x + 168}" cy="{wall + turn * 40}" r="14"/></g></g>'
    )


def _room(room_id: str, box: Box) -> PlanRoom:
    x, y, width, height = box
    return PlanRoom(room_id=room_id, x=x / WIDTH, y=y / HEIGHT, width=width / WIDTH, height=height / HEIGHT)


def _devices(place: Place, rooms: tuple[PlanRoom, ...], registry: Registry) -> Iterator[PlanDevice]:
    """Residents' devices where they hang, all others in a row."""
    box = {room.room_id: room for room in rooms}
    drawn = {one.device_id: one for one in place.devices if _hangs(one)}
    for device in drawn.values():
        room = box.get(device.room_id or "")
        if room is not None:
            across, inward = _INSIDE[device.profile]
            down = 1 - inward if room.y * HEIGHT < _UPPER else inward
            yield PlanDevice(
                device_id=device.device_id,
                x=round(room.x + room.width * across, 4),
                y=round(room.y + room.height * down, 4),
            )
    rest = (one for one in registry.devices if one.site_id == place.site_id and one.device_id not in drawn)
    yield from in_rooms(rooms, rest)


def _hangs(device: DeviceSpec) -> bool:
    return device.profile in _INSIDE and (device.room_id or "").rpartition(":")[2].isdigit()
