"""The live list and the page of one alarm: who, where, since when, why, what to do, whom to call."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from alarms.lifecycle.alarm import Alarm, AlarmKind
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import DatabaseAwayError
from console.incidents import incident_of
from console.log import Told, entries_from, entries_of, told_from
from console.pages.chart import charts
from console.pages.fall_stages import stage_of, told_of
from console.pages.fire_stages import fire_stage_of, links_of, may_be_confirmed, triggers_of
from console.pages.life_stages import life_stage_of
from console.pages.plans import place_on_plan
from console.pages.usual_day import usual_day
from console.parts import Parts
from console.records import find_alarm, find_log, find_notifications
from console.routes import Routes
from console.scripts import steps_of
from ingest.registry.model import Output
from ingest.wire.topics import valid_id


def add_alarm_pages(routes: Routes, parts: Parts) -> None:
    async def desk(request: Request) -> Response:
        sites = visitor_of(request).sites_in(parts.registry())
        return parts.renderer.page(request, "desk.html", sites=sites)

    def show(request: Request, alarm: Alarm, template: str) -> Response:
        fall = told_of(alarm.rule, alarm.evidence) if alarm.kind is AlarmKind.FALL else None
        return parts.renderer.page(
            request,
            template,
            alarm=alarm,
            is_live=alarm.alarm_id in parts.live.alarms,
            fall=fall,
            charts=charts(alarm.evidence, fall.spans if fall is not None else ()),
            day=usual_day(alarm.evidence) if alarm.kind is AlarmKind.INACTIVITY else None,
            steps=steps_of(alarm.kind, stage_of(alarm) or fire_stage_of(alarm) or life_stage_of(alarm), alarm.rule),
            triggers=triggers_of(alarm),
            may_confirm=may_be_confirmed(alarm),
            links=links_of(alarm),
            outputs=outputs_of(alarm),
            facts=_facts(alarm),
            entries=entries_of(alarm, parts),
            present=parts.live.present.get((alarm.identity.site_id, alarm.identity.room_id or "")),
            incident=incident_of(alarm, seen(request), parts.live.closed.values()),
            where=place_on_plan(parts.registry(), alarm),
            people=[one for one in map(parts.registry().resident.get, alarm.identity.people) if one is not None],
            name_of=parts.name_of,
        )

    def outputs_of(alarm: Alarm) -> list[Output]:
        """What a person may ask for at a fire."""
        if alarm.kind is not AlarmKind.FIRE or alarm.alarm_id not in parts.live.alarms:
            return []
        return [one for one in parts.registry().outputs if one.site_id == alarm.identity.site_id]

    def seen(request: Request) -> list[Alarm]:
        visitor = visitor_of(request)
        return [one for one in parts.live.alarms.values() if visitor.sees(one.identity.site_id)]

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
        told: list[Told] = []
        try:
            rows = await find_log(parts, alarm_id)
            entries = entries_from(rows, parts) or entries_of(alarm, parts)
            told = told_from(rows, await find_notifications(parts, alarm_id), parts)
        except DatabaseAwayError:
            entries, away = entries_of(alarm, parts), True
        return parts.renderer.page(request, "log.html", alarm=alarm, entries=entries, told=told, away=away)

    routes.get("/", desk, Permission.SEE_ALARMS)
    routes.get("/alarms/{alarm_id}", page, Permission.SEE_ALARMS)
    routes.get("/alarms/{alarm_id}/panel", panel, Permission.SEE_ALARMS)
    routes.get("/alarms/{alarm_id}/log", log, Permission.SEE_ALARMS)


def _facts(alarm: Alarm) -> list[tuple[str, str]]:
    """Signal and value where the evidence has no series; ids that are not fit to be shown are left out."""
    signal, value = alarm.evidence.get("signal"), alarm.evidence.get("value")
    if not isinstance(signal, str) or not valid_id(signal):
        return []
    return [(signal, "" if value is None or isinstance(value, bool) else str(value)[:200])]
