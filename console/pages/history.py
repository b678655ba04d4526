"""Past alarms, filtered and page by page, and as a file; says so when the database is away."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from alarms.lifecycle.alarm import Alarm
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import DatabaseAwayError
from console.exports import csv_file, xlsx_file
from console.exports.alarms import table_of
from console.history import Filters, Page, Place, filters_of, read_page
from console.parts import Parts
from console.routes import Routes
from ingest.log import Log

PAGE = 50
_EXPORT_PAGE = 1000
MOST_EXPORTED = 20_000
_WRITERS = {"csv": (csv_file.write_csv, csv_file.MEDIA_TYPE), "xlsx": (xlsx_file.write_xlsx, xlsx_file.MEDIA_TYPE)}
_Asked = Annotated[Filters, Depends(filters_of)]


def add_history_pages(routes: Routes, parts: Parts) -> None:
    log = Log("console")

    async def history(
        request: Request,
        filters: _Asked,
        before: Annotated[str, Query(max_length=40)] = "",
        before_id: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        visitor = visitor_of(request)
        away = False
        page = Page(alarms=[], following=None)
        try:
            page = await read_page(parts, visitor, filters, Place.read(before, before_id), PAGE)
        except DatabaseAwayError:
            away = True
        template = "history_rows.html" if request.headers.get("hx-target") == "rows" else "history.html"
        return parts.renderer.page(
            request,
            template,
            alarms=page.alarms,
            away=away,
            filters=filters,
            following=_query(filters, page.following),
            sites=visitor.sites_in(parts.registry()),
            name_of=parts.name_of,
        )

    async def export(request: Request, filters: _Asked, ending: str) -> Response:
        visitor = visitor_of(request)
        alarms: list[Alarm] = []
        place: Place | None = None
        while len(alarms) < MOST_EXPORTED:
            page = await read_page(parts, visitor, filters, place, _EXPORT_PAGE)
            alarms += page.alarms
            place = page.following
            if place is None:
                break
        zones = {site.site_id: site.timezone for site in parts.registry().sites}
        write, media_type = _WRITERS[ending]

        def build() -> bytes:
            def text(message: str) -> str:
                return parts.renderer.text(request, message)

            return write(table_of(alarms, text, parts.name_of, zones, is_whole=place is None))

        body = await asyncio.to_thread(build)
        log.info("history.exported", by=visitor.user.user_id, alarms=len(alarms), file=ending, query=filters.query())
        name = f"anxin-alarms-{parts.clock.now():%Y-%m-%d}.{ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(body, media_type=media_type, headers=headers)

    async def as_csv(request: Request, filters: _Asked) -> Response:
        return await export(request, filters, "csv")

    async def as_xlsx(request: Request, filters: _Asked) -> Response:
        return await export(request, filters, "xlsx")

    routes.get("/history", history, Permission.SEE_HISTORY)
    routes.get("/history.csv", as_csv, Permission.EXPORT_HISTORY)
    routes.get("/history.xlsx", as_xlsx, Permission.EXPORT_HISTORY)


def _query(filters: Filters, place: Place | None) -> str:
    return "" if place is None else filters.query(before=place.before.isoformat(), before_id=place.before_id)
