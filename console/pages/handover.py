"""The hand-over from one shift to the next: the list that nobody has to keep on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alarms.engine import escalation
from alarms.lifecycle.alarm import Alarm, Flag
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import DatabaseAwayError, ProblemError
from console.handover import notes
from console.handover.flow_tests import FlowTask, flow_tasks, read_flows
from console.handover.notes import Kept
from console.handover.shift import Period, Span, period_of
from console.handover.summary import Summary, summarise
from console.history import read_since
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from ingest.registry.model import Device, Resident, Site

_MOST = 2000
_NOT_SAVED = N_("It could not be saved: the database does not answer. What you wrote is still here, try it again.")
_NOTE = Annotated[str, Form(min_length=1, max_length=2000)]
_SITE = Annotated[str, Form(max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds at the moment, known without the database."""

    open: list[Alarm]
    aside: list[Alarm]
    away: list[Resident]
    back: list[Resident]
    out_of_service: list[Device]


def add_handover_pages(routes: Routes, parts: Parts) -> None:
    def seen(request: Request) -> list[Site]:
        return visitor_of(request).sites_in(parts.registry())

    async def page(
        request: Request, site_id: str, span: Span, *, status: int = 200, given: str = "", fault: str = ""
    ) -> Response:
        sites = seen(request)
        site = next((one for one in sites if one.site_id == site_id), sites[0] if sites else None)
        if site is None:
            return parts.renderer.page(request, "handover.html", status=status, site=None, sites=[])
        now = parts.clock.now()
        period = period_of(escalation.rotas(parts.registry()).get(site.site_id, ()), now, span)
        summary, kept, tests = await _past(parts, request, site, period)
        return parts.renderer.page(
            request,
            "handover.html",
            status=status,
            site=site,
            sites=sites,
            span=span,
            period=period,
            standing=_standing(parts, site.site_id),
            summary=summary,
            kept=kept,
            tests=tests,
            name_of=parts.name_of,
            given=given,
            fault=fault,
        )

    async def show(
        request: Request, site: Annotated[str, Query(max_length=64)] = "", span: Annotated[Span, Query()] = Span.SHIFT
    ) -> Response:
        return await page(request, site, span)

    async def change(request: Request, site: str, statement: str, given: str = "", **values: object) -> Response:
        visitor = visitor_of(request)
        if site not in {one.site_id for one in seen(request)}:
            raise ProblemError(404, "unknown_site")
        by = visitor.user.user_id
        try:
            await notes.write(parts, statement, site_id=site, at=parts.clock.now(), by=by, **values)
        except DatabaseAwayError:
            fault = parts.renderer.text(request, _NOT_SAVED)
            return await page(request, site, Span.SHIFT, status=503, given=given, fault=fault)
        return RedirectResponse(f"/handover?site={quote(site)}", 303)

    async def write(request: Request, site: _SITE, note: _NOTE) -> Response:
        if not note.strip():
            raise ProblemError(422, "invalid")
        return await change(request, site, "write_handover_note", given=note, note=note.strip())

    async def done(request: Request, site: _SITE, note_id: Annotated[int, Form(ge=0, lt=2**63)]) -> Response:
        return await change(request, site, "end_handover_note", note_id=note_id)

    async def take(request: Request, site: _SITE) -> Response:
        return await change(request, site, "take_over")

    routes.get("/handover", show, Permission.SEE_ALARMS)
    routes.post("/handover/note", write, Permission.ANSWER_ALARMS)
    routes.post("/handover/done", done, Permission.ANSWER_ALARMS)
    routes.post("/handover/take", take, Permission.ANSWER_ALARMS)


async def _past(
    parts: Parts, request: Request, site: Site, period: Period
) -> tuple[Summary | None, Kept | None, list[FlowTask]]:
    """What the database knows; None: it is away."""
    try:
        alarms = await read_since(parts, visitor_of(request), site.site_id, period.since, _MOST)
        now = parts.clock.now()
        tests = flow_tasks(parts.registry(), site.site_id, await read_flows(parts, site.site_id, now), now)
        return summarise(alarms, now), await notes.read(parts, site.site_id, period.since), tests
    except DatabaseAwayError:
        return None, None, []


def _standing(parts: Parts, site_id: str) -> Standing:
    registry = parts.registry()
    here = [
        alarm
        for alarm in parts.live.open_alarms()
        if alarm.identity.site_id == site_id and Flag.DRILL not in alarm.flags
    ]
    return Standing(
        open=[alarm for alarm in here if alarm.suppressed is None],
        aside=[alarm for alarm in here if alarm.suppressed is not None],
        away=[one for one in registry.residents if one.site_id == site_id and one.away],
        back=[one for one in registry.residents if one.site_id == site_id and one.back_at is not None],
        out_of_service=[one for one in registry.devices if one.site_id == site_id and one.out_of_service],
    )
