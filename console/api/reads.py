"""What the API shows: the live feed, alarms, gateways, sites, devices, and the account itself."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from alarms.core.routine.usual import WEEKS_DAYS
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.auth.visitor import Visitor
from console.errors import ProblemError
from console.feed import FeedResponse
from console.incidents import incident_of, incident_view
from console.parts import Parts
from console.records import find_alarm, find_log, find_notifications
from console.residents.note_text import note_view
from console.residents.routine import find_notes
from console.routes import Routes
from console.view import alarm_view


def add_read_routes(routes: Routes, parts: Parts) -> None:
    live = parts.live

    async def feed(request: Request, last_event_id: Annotated[str, Query(max_length=100)] = "") -> Response:
        """Server-Sent Events: ``snapshot``, then ``alarm``, ``closed``, ``gateway``, ``link``; ``beat`` every 5 s.

        Resume with the header ``Last-Event-ID`` or the parameter of the same meaning. ``ended`` says that the session
        is over or its rights have changed.
        """
        visitor = visitor_of(request)
        if parts.metrics.feeds_open() >= parts.settings.feeds:
            raise ProblemError(503, "too_many_feeds")

        async def refresh() -> Visitor | None:
            return await parts.sessions.refresh(visitor.session, fresh=True)

        return FeedResponse(
            live=live,
            metrics=parts.metrics,
            clock=parts.clock,
            visitor=visitor,
            refresh=refresh,
            last_event_id=request.headers.get("last-event-id") or last_event_id,
        )

    async def open_alarms(request: Request) -> Response:
        """Every open alarm that the account may see, most urgent first, then the longest waiting."""
        sees = visitor_of(request).sees
        alarms = [live.view(a) for a in live.open_alarms() if sees(a.identity.site_id)]
        return _json({"linked": live.linked, "synced": live.synced, "alarms": alarms})

    async def one_alarm(request: Request, alarm_id: Annotated[str, Path(max_length=64)]) -> Response:
        """One alarm with its evidence and its incident; a closed one comes from the history.

        ``incident`` names its open members and the ``way`` of a fire: the rooms in the order in which it reached them.
        """
        visitor = visitor_of(request)
        alarm = await find_alarm(parts, visitor, alarm_id)
        seen = [one for one in live.alarms.values() if visitor.sees(one.identity.site_id)]
        incident = incident_view(incident_of(alarm, seen, live.closed.values()))
        return _json({**alarm_view(alarm, parts.name_of, full=True), "incident": incident})

    async def alarm_log(request: Request, alarm_id: Annotated[str, Path(max_length=64)]) -> Response:
        """What happened to the alarm and who was told; needs the history."""
        await find_alarm(parts, visitor_of(request), alarm_id)
        log, told = await find_log(parts, alarm_id), await find_notifications(parts, alarm_id)
        return _json({"log": log, "notifications": told})

    async def gateways(request: Request) -> Response:
        """Every gateway of the registry with what it last said of itself."""
        sees = visitor_of(request).sees
        rows = []
        for gateway in parts.registry().gateways:
            if sees(gateway.site_id):
                known = live.gateways.get(gateway.gateway_id)
                said = {"state": known.state, "at": known.at_s} if known is not None else {"state": "never", "at": None}
                rows.append({**msgspec.structs.asdict(gateway), **said})
        return _json({"gateways": rows})

    async def sites(request: Request) -> Response:
        sees = visitor_of(request).sees
        rows = [
            {"site_id": s.site_id, "name": s.name, "kind": s.kind, "address": s.address, "timezone": s.timezone}
            for s in parts.registry().sites
            if sees(s.site_id)
        ]
        return _json({"sites": rows})

    async def devices(request: Request) -> Response:
        sees = visitor_of(request).sees
        keep = ("device_id", "site_id", "gateway_id", "kind", "profile", "name", "room_id", "out_of_service")
        rows = [{key: getattr(d, key) for key in keep} for d in parts.registry().devices if sees(d.site_id)]
        return _json({"devices": rows})

    async def routine(request: Request, resident_id: Annotated[str, Path(max_length=64)]) -> Response:
        """Notes about a resident's routine, and the last four weeks as they see them; needs the history."""
        resident = parts.registry().resident.get(resident_id)
        if resident is None or not visitor_of(request).sees(resident.site_id):
            raise ProblemError(404, "unknown_resident")
        notes = [note_view(note) for note in await find_notes(parts, resident_id)]
        days = await parts.database.fetch("resident_days", {"resident_id": resident_id, "limit": WEEKS_DAYS})
        return _json({"notes": notes, "days": days})

    async def me(request: Request) -> Response:
        """The account behind the session, its permissions, and the token that every change must carry."""
        visitor = visitor_of(request)
        user = visitor.user
        return _json(
            {
                "user_id": user.user_id,
                "name": user.name,
                "role": user.role,
                "language": parts.renderer.language(request),
                "site_ids": user.site_ids,
                "permissions": [p for p in Permission if visitor.may(p)],
                "csrf": visitor.csrf,
            }
        )

    async def openapi(request: Request) -> Response:
        return JSONResponse(request.app.openapi())

    routes.get("/api/v1/feed", feed, Permission.SEE_ALARMS, response_class=Response)
    routes.get("/api/v1/alarms", open_alarms, Permission.SEE_ALARMS)
    routes.get("/api/v1/alarms/{alarm_id}", one_alarm, Permission.SEE_ALARMS)
    routes.get("/api/v1/alarms/{alarm_id}/log", alarm_log, Permission.SEE_ALARMS)
    routes.get("/api/v1/gateways", gateways, Permission.SEE_SITES)
    routes.get("/api/v1/sites", sites, Permission.SEE_SITES)
    routes.get("/api/v1/devices", devices, Permission.SEE_DEVICES)
    routes.get("/api/v1/residents/{resident_id}/routine", routine, Permission.SEE_ALARMS)
    routes.get("/api/v1/me", me, Permission.SIGNED_IN)
    routes.get("/api/v1/openapi.json", openapi, Permission.SIGNED_IN, include_in_schema=False)


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
