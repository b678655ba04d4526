"""Drills: begin one at a room or a device of a site, see which run, end them (docs/presence.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alarms.core.profiles import Profiles
from alarms.engine.drills import drill_kinds
from alarms.lifecycle.alarm import Alarm, AlarmKind, Disposition, Flag
from console.api.refusal import refusal
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import NoAnswerError, ProblemError
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from console.words import PROBLEMS
from ingest.log import Log
from ingest.registry.model import Registry, Site
from ingest.wire import topics

_NO_SUCH = N_("There is no such alarm at that place. Choose another one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a drill may begin: ``value`` is ``room:{id}`` or ``device:{id}``; ``kinds`` that may be exercised there."""

    value: str
    name: str
    kinds: Sequence[AlarmKind]


def add_drill_pages(routes: Routes, parts: Parts) -> None:
    log = Log("console")

    def sites(request: Request) -> list[Site]:
        return visitor_of(request).sites_in(parts.registry())

    def page(request: Request, site_id: str, fault: str = "", status: int = 200, given: str = "") -> Response:
        seen = sites(request)
        site = next((one for one in seen if one.site_id == site_id), seen[0] if seen else None)
        rooms, devices = ([], []) if site is None else _places(parts.profiles, parts.registry(), site.site_id)
        return parts.renderer.page(
            request,
            "drills.html",
            status=status,
            sites=seen,
            site=site,
            rooms=rooms,
            devices=devices,
            running=running(request),
            name_of=parts.name_of,
            command_id=str(uuid4()),
            given=given,
            fault=fault,
        )

    def running(request: Request) -> list[Alarm]:
        sees = visitor_of(request).sees
        return [a for a in parts.live.open_alarms() if Flag.DRILL in a.flags and sees(a.identity.site_id)]

    async def show(request: Request, site: Annotated[str, Query(max_length=64)] = "") -> Response:
        return page(request, site)

    async def begin(
        request: Request,
        site: Annotated[str, Form(max_length=64)],
        place: Annotated[str, Form(max_length=80)],
        kind: Annotated[AlarmKind, Form()],
        id: Annotated[UUID, Form()],  # noqa: A002 - the form's name, as in the API
        note: Annotated[str, Form(max_length=2000)] = "",
    ) -> Response:
        """Raise what the real thing would raise there, marked: the same people are told at the same seconds."""
        if not visitor_of(request).sees(site):
            raise ProblemError(404, "unknown_site")
        rooms, devices = _places(parts.profiles, parts.registry(), site)
        chosen = next((one for one in (*rooms, *devices) if one.value == place), None)
        if chosen is None or kind not in chosen.kinds:
            fault = parts.renderer.text(request, _NO_SUCH)
            return page(request, site, fault, 422, place)
        what, _, place_id = place.partition(":")
        wish = {"do": "drill", "by": visitor_of(request).user.user_id, "id": str(id), "kind": kind, "note": note}
        try:
            reply = await parts.broker.ask(topics.site_do(site), {**wish, f"{what}_id": place_id})
        except NoAnswerError:
            return page(request, site, parts.renderer.text(request, PROBLEMS["no_answer"]), 504, place)
        if not reply.ok:
            return page(request, site, reply.detail, 409, place)
        log.info("drill.began", site_id=site, kind=kind, by=wish["by"])
        return RedirectResponse(f"/drills?site={quote(site)}", 303)

    async def end(
        request: Request, alarm_id: Annotated[str, Form(max_length=64)], version: Annotated[int, Form(ge=0)]
    ) -> Response:
        """It is over: resolved as the test that it was."""
        alarm = next((one for one in running(request) if one.alarm_id == alarm_id), None)
        if alarm is None:
            return RedirectResponse("/drills", 303)  # somebody, or its half hour, was faster
        site_id = alarm.identity.site_id
        by = visitor_of(request).user.user_id
        step = {"do": "resolve", "version": version, "by": by, "id": str(uuid4()), "disposition": Disposition.TEST}
        try:
            reply = await parts.broker.command(site_id, alarm_id, step)
        except NoAnswerError:
            return page(request, site_id, parts.renderer.text(request, PROBLEMS["no_answer"]), 504)
        if not reply.ok:
            problem = refusal(request, parts, alarm, reply, "resolve")
            fault = problem.detail or parts.renderer.text(request, PROBLEMS[problem.code])
            return page(request, site_id, fault, problem.status)
        return RedirectResponse(f"/drills?site={quote(site_id)}", 303)

    routes.get("/drills", show, Permission.RUN_DRILLS)
    routes.post("/drills/begin", begin, Permission.RUN_DRILLS)
    routes.post("/drills/end", end, Permission.RUN_DRILLS)


def _places(profiles: Profiles, registry: Registry, site_id: str) -> tuple[list[Place], list[Place]]:
    """Rooms and devices of a site, by name; devices that nothing can be exercised at are left out."""
    anywhere = drill_kinds(profiles, registry, "")
    rooms = [
        Place(value=f"room:{room.room_id}", name=room.name, kinds=anywhere)
        for room in registry.rooms
        if room.site_id == site_id
    ]
    devices = [
        Place(
            value=f"device:{device.device_id}",
            name=" · ".join(filter(None, (_room(registry, device.room_id), device.name or device.device_id))),
            kinds=drill_kinds(profiles, registry, device.device_id),
        )
        for device in registry.devices
        if device.site_id == site_id and not device.out_of_service
    ]
    return sorted(rooms, key=_name), sorted((one for one in devices if one.kinds), key=_name)


def _name(place: Place) -> str:
    return place.name


def _room(registry: Registry, room_id: str | None) -> str:
    room = registry.room.get(room_id or "")
    return room.name if room is not None else ""
