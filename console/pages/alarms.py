"""The live list and the page of one alarm: who, where, since when, why, what to do, whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.step import SYSTEM
from console import words
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.database import Row
from console.errors import DatabaseAwayError
from console.pages.chart import charts
from console.parts import Parts
from console.records import find_alarm, find_log, find_notifications
from console.routes import Routes
from console.scripts import STEPS
from ingest.wire.topics import valid_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an alarm's history: ``event`` as in ``words.LOG_EVENTS``."""

    at: datetime
    event: str
    by: str = ""
    text: str = ""


def add_alarm_pages(routes: Routes, parts: Parts) -> None:
    async def desk(request: Request) -> Response:
        sites = [s for s in parts.registry().sites if visitor_of(request).sees(s.site_id)]
        return parts.renderer.page(request, "desk.html", sites=sites)

    def show(request: Request, alarm: Alarm, template: str) -> Response:
        return parts.renderer.page(
            request,
            template,
            alarm=alarm,
            is_live=alarm.alarm_id in parts.live.alarms,
            charts=charts(alarm.evidence),
            steps=STEPS[alarm.kind],
            facts=_facts(alarm),
            entries=entries_of(alarm, parts),
        )

    async def page(request: Request, alarm_id: Annotated[str, Path(max_length=64)]) -> Response:
        alarm = await find_alarm(parts, visitor_of(request), alarm_id)
        return show(request, alarm, "alarm.html")

    async def panel(request: Request, alarm_id: Annotated[str, Path(max_length=64)]) -> Response:
        alarm = await find_alarm(parts, visitor_of(request), alarm_id)
        return show(request, alarm, "panel.html")

    async def log(request: Request, alarm_id: Annotated[str, Path(max_length=64)]) -> Response:
        """The log of one alarm; without the database what the alarm itself remembers."""
        alarm = await find_alarm(parts, visitor_of(request), alarm_id)
        away = False
        told: list[Row] = []
        try:
            entries = [
                _entry(row, parts) for row in await find_log(parts, alarm_id) if row["event"] in words.LOG_EVENTS
            ] or entries_of(alarm, parts)
            told = await find_notifications(parts, alarm_id)
        except DatabaseAwayError:
            entries, away = entries_of(alarm, parts), True
        return parts.renderer.page(request, "log.html", alarm=alarm, entries=entries, told=told, away=away)

    routes.get("/", desk, Permission.SEE_ALARMS)
    routes.get("/alarms/{alarm_id}", page, Permission.SEE_ALARMS)
    routes.get("/alarms/{alarm_id}/panel", panel, Permission.SEE_ALARMS)
    routes.get("/alarms/{alarm_id}/log", log, Permission.SEE_ALARMS)


def entries_of(alarm: Alarm, parts: Parts) -> list[Entry]:
    """What the alarm itself remembers, oldest first."""
    entries = [Entry(at=alarm.raised_at, event="Raised")]
    if alarm.count > 1:
        entries.append(Entry(at=alarm.last_at, event="Recurred"))
    if alarm.cleared_at is not None:
        entries.append(Entry(at=alarm.cleared_at, event="Cleared"))
    for event, act in (
        ("Acknowledge", alarm.acknowledged),
        ("Attend", alarm.attended),
        ("Resolve", alarm.resolved),
    ):
        if act is not None:
            text = alarm.disposition or "" if event == "Resolve" else ""
            entries.append(Entry(at=act.at, event=event, by=_name(parts, act.by), text=text))
    return sorted(entries, key=lambda entry: entry.at)


def _entry(row: Row, parts: Parts) -> Entry:
    detail = row["detail"] if isinstance(row["detail"], dict) else {}
    text = detail.get("note") or detail.get("text") or detail.get("disposition") or detail.get("reason") or ""
    return Entry(at=row["at"], event=str(row["event"]), by=_name(parts, row["by"] or SYSTEM), text=str(text))


def _name(parts: Parts, user_id: str) -> str:
    return "" if user_id == SYSTEM else parts.name_of(user_id)


def _facts(alarm: Alarm) -> list[tuple[str, str]]:
    """Signal and value where the evidence has no series; ids that are not fit to be shown are left out."""
    signal, value = alarm.evidence.get("signal"), alarm.evidence.get("value")
    if not isinstance(signal, str) or not valid_id(signal):
        return []
    return [(signal, "" if value is None or isinstance(value, bool) else str(value)[:200])]
