"""Devices: what the registry says, and when each was last heard as far as the history is reachable."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import DatabaseAwayError
from console.parts import Parts
from console.records import site_filter
from console.routes import Routes
from ingest.registry.model import Device, Registry
from ingest.wire.signals import BY_NAME

LOW_BATTERY_PCT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One device as the page shows it; what is not known is None."""

    device: Device
    site_name: str
    room_name: str
    resident_name: str
    gateway_state: str
    heard_at: datetime | None
    battery_pct: float | None
    battery_low: bool
    link: str


def add_device_pages(routes: Routes, parts: Parts) -> None:
    signals = {
        "battery": BY_NAME["battery_pct"].number,
        "battery_low": BY_NAME["battery_low"].number,
        "link": BY_NAME["link_quality"].number,
        "rssi": BY_NAME["rssi_dbm"].number,
    }

    async def devices(
        request: Request,
        site: Annotated[str, Query(max_length=64)] = "",
        kind: Annotated[str, Query(max_length=16)] = "",
        text: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        visitor = visitor_of(request)
        registry = parts.registry()
        away = False
        last: dict[str, dict[str, Any]] = {}  # Any: a column's value
        try:
            rows = await parts.database.fetch("device_last", {"site_ids": site_filter(visitor), **signals})
            last = {row["device_id"]: row for row in rows}
        except DatabaseAwayError:
            away = True
        wanted = [
            d for d in registry.devices if visitor.sees(d.site_id) and site in ("", d.site_id) and kind in ("", d.kind)
        ]
        lines = [_line(registry, parts, d, last.get(d.device_id, {})) for d in wanted]
        needle = text.strip().casefold()
        lines = [line for line in lines if needle in _words(line)]
        lines.sort(key=lambda line: (line.site_name, line.room_name, line.device.name, line.device.device_id))
        return await asyncio.to_thread(
            parts.renderer.page,
            request,
            "device_rows.html" if request.headers.get("hx-target") == "rows" else "devices.html",
            lines=lines,
            away=away,
            site=site,
            kind=kind,
            text=text.strip(),
            sites=visitor.sites_in(registry),
        )

    routes.get("/devices", devices, Permission.SEE_DEVICES)


def _line(registry: Registry, parts: Parts, device: Device, last: dict[str, Any]) -> Line:  # Any: a column's value
    site = registry.site.get(device.site_id)
    room = registry.room.get(device.room_id or "")
    resident = registry.resident.get(device.resident_id or "")
    gateway = parts.live.gateways.get(device.gateway_id)
    battery = last.get("battery_pct")
    link, rssi = last.get("link_quality"), last.get("rssi_dbm")
    return Line(
        device=device,
        site_name=site.name if site is not None else device.site_id,
        room_name=room.name if room is not None else "",
        resident_name=resident.name if resident is not None else "",
        gateway_state=gateway.state if gateway is not None else "never",
        heard_at=last.get("heard_at"),
        battery_pct=battery,
        battery_low=bool(last.get("battery_low")) or (battery is not None and battery < LOW_BATTERY_PCT),
        link=f"{rssi:.0f} dBm" if rssi is not None else f"{link:.0f} / 255" if link is not None else "",
    )


def _words(line: Line) -> str:
    device = line.device
    parts = (device.device_id, device.name, device.native, line.room_name, line.resident_name, line.site_name)
    return " ".join(parts).casefold()
