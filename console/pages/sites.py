"""Sites: rooms, residents, gateways and what is open, each site at a glance."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from alarms.lifecycle.alarm import Flag, Priority
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.parts import Parts
from console.routes import Routes
from ingest.registry.model import Gateway, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLine:
    """A gateway and what it last said of itself; ``state`` as in ``words.GATEWAY_STATES``."""

    gateway: Gateway
    state: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLine:
    """Staff in one room; ``names`` is empty where the button does not know who."""

    room: str
    names: list[str]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One site; ``waiting`` counts unanswered real alarms by priority, ``handled`` the others that are open.

    What is put aside, and drills, are counted apart.
    """

    site: Site
    rooms: int
    residents: int
    away: int
    devices: int
    waiting: dict[str, int]
    handled: int
    aside: int
    drills: int
    staff: list[StaffLine]
    gateways: list[GatewayLine]

    @property
    def order(self) -> tuple[int, str]:
        ranks = [Priority(priority).rank for priority in self.waiting]
        return (min(ranks, default=len(Priority)), self.site.name)


def add_site_pages(routes: Routes, parts: Parts) -> None:
    async def sites(request: Request) -> Response:
        visitor = visitor_of(request)
        seen = visitor.sites_in(parts.registry())
        cards = sorted(_cards(parts, seen), key=lambda card: card.order)
        return await asyncio.to_thread(parts.renderer.page, request, "sites.html", cards=cards)

    routes.get("/sites", sites, Permission.SEE_SITES)


def _cards(parts: Parts, sites: Sequence[Site]) -> list[Card]:
    registry = parts.registry()
    rooms = Counter(room.site_id for room in registry.rooms)
    residents = Counter(resident.site_id for resident in registry.residents)
    away = Counter(resident.site_id for resident in registry.residents if resident.away)
    devices = Counter(device.site_id for device in registry.devices)
    waiting: defaultdict[str, Counter[str]] = defaultdict(Counter)
    handled: Counter[str] = Counter()
    aside: Counter[str] = Counter()
    drills: Counter[str] = Counter()
    for alarm in parts.live.open_alarms():
        if alarm.suppressed is not None:
            aside[alarm.identity.site_id] += 1
        elif Flag.DRILL in alarm.flags:
            drills[alarm.identity.site_id] += 1
        elif not alarm.answered:
            waiting[alarm.identity.site_id][alarm.priority.value] += 1
        else:
            handled[alarm.identity.site_id] += 1
    gateways: defaultdict[str, list[GatewayLine]] = defaultdict(list)
    for gateway in registry.gateways:
        gateways[gateway.site_id].append(_gateway(parts, gateway))
    return [
        Card(
            site=site,
            rooms=rooms[site.site_id],
            residents=residents[site.site_id],
            away=away[site.site_id],
            devices=devices[site.site_id],
            waiting=dict(waiting[site.site_id]),
            handled=handled[site.site_id],
            aside=aside[site.site_id],
            drills=drills[site.site_id],
            staff=_staff(parts, site.site_id),
            gateways=gateways[site.site_id],
        )
        for site in sites
    ]


def _staff(parts: Parts, site_id: str) -> list[StaffLine]:
    rooms = parts.registry().room
    return [
        StaffLine(
            room=rooms[room_id].name if room_id in rooms else room_id,
            names=[parts.name_of(by) for by in present.by if not by.startswith("staff:")],
            since=present.since,
        )
        for (of_site, room_id), present in sorted(parts.live.present.items())
        if of_site == site_id
    ]


def _gateway(parts: Parts, gateway: Gateway) -> GatewayLine:
    known = parts.live.gateways.get(gateway.gateway_id)
    if gateway.revoked:
        return GatewayLine(gateway=gateway, state="revoked", since=None)
    if known is None:
        return GatewayLine(gateway=gateway, state="never", since=None)
    since = datetime.fromtimestamp(known.at_s, UTC) if 0 < known.at_s < 4e9 else None
    return GatewayLine(gateway=gateway, state="online" if known.state == "online" else "offline", since=since)
