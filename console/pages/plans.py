"""Floor plans with what happens on them: a floor, its rooms, and which floors have alarms."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from alarms.lifecycle.alarm import Alarm
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.auth.visitor import Visitor
from console.errors import ProblemError
from console.parts import Parts
from console.plans.floors import Floor, devices_on, floor_of, floors_of, plan_of
from console.routes import Routes
from ingest.registry.model import Registry
from ingest.registry.plan_model import FloorPlan, PlanRoom, plan_id_of

_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEADERS = {
    # a drawing is shown by <img> only: opened by itself it is a file to be saved, and can do nothing
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'",
    "Content-Disposition": "attachment",
    "Vary": "Cookie, Sec-Fetch-Dest",
    "Cache-Control": "private, max-age=31536000, immutable",
}


def add_plan_pages(routes: Routes, parts: Parts) -> None:
    async def first(request: Request) -> Response:
        """The floor with the most urgent alarm, else the first one that somebody has drawn."""
        registry = parts.registry()
        floors = floors_of(registry, visitor_of(request).sites_in(registry))
        at = {room.room_id: floor for floor in floors for room in floor.rooms}
        waiting = (one for one in parts.live.open_alarms() if not one.answered and one.suppressed is None)
        urgent = next((at[one.identity.room_id or ""] for one in waiting if (one.identity.room_id or "") in at), None)
        drawn = (floor for floor in floors if floor.floor_id in registry.plan)
        return show(request, urgent or next(drawn, next(iter(floors), None)), floors)

    async def one(
        request: Request,
        floor_id: Annotated[str, Path(max_length=200)],
        part: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        registry, visitor = parts.registry(), visitor_of(request)
        floor = floor_of(registry, floor_id)
        if floor is None or not visitor.sees(floor.site.site_id):
            raise ProblemError(404, "unknown_floor")
        return show(request, floor, None if part else floors_of(registry, visitor.sites_in(registry)))

    def show(request: Request, floor: Floor | None, floors: list[Floor] | None) -> Response:
        """A whole page; without ``floors`` only the board."""
        shown = _board(parts.registry(), floor) if floor is not None else {}
        if floors is None:
            return parts.renderer.page(request, "plan_board.html", floor=floor, **shown)
        rooms = [
            {"id": one.floor_id, "site": one.site.site_id, "rooms": [room.room_id for room in one.rooms]}
            for one in floors
        ]
        return parts.renderer.page(request, "plans.html", floor=floor, floors=floors, rooms=rooms, **shown)

    async def picture(request: Request, image: Annotated[str, Path(max_length=64)]) -> Response:
        media_type = _media_type(parts.registry(), visitor_of(request), image)
        if request.headers.get("sec-fetch-dest", "image") != "image":
            raise ProblemError(403, "forbidden")
        return Response(await parts.pictures.read(image), media_type=media_type, headers=_HEADERS)

    routes.get("/plans", first, Permission.SEE_ALARMS)
    routes.get("/plans/{floor_id:path}", one, Permission.SEE_ALARMS)
    routes.get("/plan-images/{image}", picture, Permission.SEE_SITES)


def place_on_plan(registry: Registry, alarm: Alarm) -> tuple[Floor, FloorPlan, PlanRoom] | None:
    """Where the alarm's room is drawn; None: nobody has drawn it."""
    room = registry.room.get(alarm.identity.room_id or "")
    floor = None if room is None else floor_of(registry, plan_id_of(room.site_id, room.zone_id))
    if room is None or floor is None or floor.site.site_id != alarm.identity.site_id:
        return None
    plan, saved = plan_of(registry, floor)
    placed = next((one for one in plan.rooms if one.room_id == room.room_id), None)
    return (floor, plan, placed) if saved and placed is not None else None


def _board(registry: Registry, floor: Floor) -> dict[str, Any]:  # Any: the template's values
    plan, saved = plan_of(registry, floor)
    devices = devices_on(registry, floor)
    facts = [plan, [(room.room_id, room.name) for room in floor.rooms], [(d.device_id, d.name) for d in devices]]
    known = [
        {"id": one.device_id, "room": one.room_id, "gateway": one.gateway_id, "resting": one.out_of_service}
        for one in devices
    ]
    placed = {room.room_id for room in plan.rooms}
    return {
        "plan": plan,
        "saved": saved,
        "unplaced": [room for room in floor.rooms if room.room_id not in placed],
        "device": {one.device_id: one for one in devices},
        "room": {one.room_id: one for one in floor.rooms},
        "known": known,
        "mark": sha256(msgspec.json.encode([facts, known])).hexdigest()[:16],
    }


def _media_type(registry: Registry, visitor: Visitor, image: str) -> str:
    """What the picture is, as far as the visitor may see a plan that shows it."""
    known = (one for one in registry.plans if one.image == image and visitor.sees(one.site_id))
    plan = next(known, None)
    if plan is None or _SHA256.fullmatch(image) is None:
        raise ProblemError(404, "not_found")
    return plan.media_type
