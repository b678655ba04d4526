"""Residents: a list to find somebody in, and the card of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.parts import Parts
from console.residents.card import card_of
from console.routes import Routes
from ingest.registry.model import Resident

_ID = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One resident in the list; ``open`` counts open alarms."""

    resident: Resident
    site_name: str
    room_name: str
    open: int


def add_resident_pages(routes: Routes, parts: Parts) -> None:

    async def residents(
        request: Request,
        site: Annotated[str, Query(max_length=64)] = "",
        text: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        visitor = visitor_of(request)
        registry = parts.registry()
        sites = visitor.sites_in(registry)
        shown = {one.site_id: one.name for one in sites if site in ("", one.site_id)}
        alarms = [who for alarm in parts.live.open_alarms() for who in alarm.identity.people]
        lines = [
            Line(
                resident=one,
                site_name=shown[one.site_id],
                room_name=room.name if (room := registry.room.get(one.room_id or "")) is not None else "",
                open=alarms.count(one.resident_id),
            )
            for one in registry.residents
            if one.site_id in shown
        ]
        wanted = text.strip().lower()
        found = [line for line in lines if wanted in f"{line.resident.name} {line.room_name}".lower()]
        found.sort(key=lambda line: (line.open == 0, line.site_name, line.room_name, line.resident.name))
        return parts.renderer.page(request, "residents.html", lines=found, sites=sites, site=site, text=text)

    async def show(request: Request, resident_id: _ID, template: str) -> Response:
        card = await card_of(parts, visitor_of(request), resident_id)
        return parts.renderer.page(request, template, card=card, name_of=parts.name_of)

    async def page(request: Request, resident_id: _ID) -> Response:
        return await show(request, resident_id, "resident.html")

    async def fragment(request: Request, resident_id: _ID) -> Response:
        return await show(request, resident_id, "resident_card.html")

    routes.get("/residents", residents, Permission.SEE_ALARMS)
    routes.get("/residents/{resident_id}", page, Permission.SEE_ALARMS)
    routes.get("/residents/{resident_id}/card", fragment, Permission.SEE_ALARMS)
