"""Past alarms out of the history, filtered and page by page; says so when the database is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from alarms.lifecycle.alarm import Alarm, AlarmKind, Priority
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import DatabaseAwayError
from console.language import zone_of
from console.parts import Parts
from console.records import read_state, site_filter
from console.routes import Routes

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the person asked for; an empty text is no filter, a wrong one too."""

    site: str = ""
    kind: str = ""
    priority: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    def query(self, **more: str) -> str:
        """The filters as a query string."""
        own = {name: getattr(self, name) for name in ("site", "kind", "priority", "since", "until", "text")}
        return urlencode({name: value for name, value in {**own, **more}.items() if value})


def add_history_pages(routes: Routes, parts: Parts) -> None:
    async def history(
        request: Request,
        site: Annotated[str, Query(max_length=64)] = "",
        kind: Annotated[str, Query(max_length=32)] = "",
        priority: Annotated[str, Query(max_length=16)] = "",
        since: Annotated[str, Query(max_length=10)] = "",
        until: Annotated[str, Query(max_length=10)] = "",
        text: Annotated[str, Query(max_length=100)] = "",
        before: Annotated[str, Query(max_length=40)] = "",
        before_id: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        visitor = visitor_of(request)
        filters = Filters(site=site, kind=kind, priority=priority, since=since, until=until, text=text.strip())
        known = parts.registry().site.get(site)
        zone = zone_of(known.timezone if known is not None else "Asia/Shanghai")
        first, last = _day(since), _day(until)
        start = _moment(before)
        values = {
            "site_ids": site_filter(visitor),
            "site_id": site or None,
            "kind": kind if kind in set(AlarmKind) else None,
            "priority": priority if priority in set(Priority) else None,
            "since": datetime.combine(first, time(), zone) if first is not None else None,
            "until": datetime.combine(last + timedelta(days=1), time(), zone) if last is not None else None,
            "text": filters.text or None,
            "before": start,
            "before_id": before_id if start is not None else "",
            "limit": PAGE + 1,
        }
        away = False
        alarms: list[Alarm] = []
        following = ""
        try:
            rows = await parts.database.fetch("history", values)
            alarms = [a for a in (read_state(row["state"]) for row in rows[:PAGE]) if a is not None]
            if len(rows) > PAGE:
                end = rows[PAGE - 1]
                at = end["raised_at"].astimezone(UTC).isoformat()
                following = filters.query(before=at, before_id=end["alarm_id"])
        except DatabaseAwayError:
            away = True
        template = "history_rows.html" if request.headers.get("hx-target") == "rows" else "history.html"
        return parts.renderer.page(
            request,
            template,
            alarms=alarms,
            away=away,
            filters=filters,
            following=following,
            sites=[s for s in parts.registry().sites if visitor.sees(s.site_id)],
            name_of=parts.name_of,
        )

    routes.get("/history", history, Permission.SEE_HISTORY)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
