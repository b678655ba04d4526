"""What a floor plan must be like by itself. Pure."""

from __future__ import annotations

import re
from collections import Counter

from ingest.registry.entry_check import EntryCheck
from ingest.registry.plan_model import LEAST_SIDE, FloorPlan, plan_id_of

MOST_ROOMS = 500
MOST_DEVICES = 2_000
LONGEST_SIDE = 20_000
MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp", "image/svg+xml")
_SLACK = 1e-6
_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_plan(plan: FloorPlan) -> None:
    """Raise InvalidEntryError where a plan is wrong: everything lies within it, and each thing once."""
    check = EntryCheck("plan", plan.plan_id)
    said = "its id is the floor's"
    check.that(plan.plan_id == plan_id_of(plan.site_id, plan.zone_id), "plan_id", "no_id", said)
    for field, side in (("width", plan.width), ("height", plan.height)):
        check.within(field, side, 1, LONGEST_SIDE)
    check.within("rooms", len(plan.rooms), 0, MOST_ROOMS)
    check.within("devices", len(plan.devices), 0, MOST_DEVICES)
    _check_once(check, "rooms", [room.room_id for room in plan.rooms])
    _check_once(check, "devices", [device.device_id for device in plan.devices])
    for room in plan.rooms:
        inside = 0 <= room.x <= room.x + room.width <= 1 + _SLACK and 0 <= room.y <= room.y + room.height <= 1 + _SLACK
        said = f"room {room.room_id} lies outside the plan"
        check.that(inside, "rooms", "outside_plan", said, which=room.room_id)
        wide = room.width >= LEAST_SIDE and room.height >= LEAST_SIDE
        said = f"room {room.room_id} is too small to be seen"
        check.that(wide, "rooms", "too_small_on_plan", said, which=room.room_id)
    for device in plan.devices:
        inside = 0 <= device.x <= 1 and 0 <= device.y <= 1
        said = f"device {device.device_id} lies outside the plan"
        check.that(inside, "devices", "outside_plan", said, which=device.device_id)
    if plan.image is not None:
        check.that(_SHA256.fullmatch(plan.image) is not None, "image", "no_image", "it is no SHA-256")
        check.listed("media_type", plan.media_type, MEDIA_TYPES)


def _check_once(check: EntryCheck, field: str, ids: list[str]) -> None:
    twice = next((one for one, times in Counter(ids).items() if times > 1), "")
    check.that(not twice, field, "placed_twice", f"{twice} stands twice on it", which=twice)
