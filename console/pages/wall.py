"""The wallboard: one site's alarms on a screen in the corridor, large, and without residents' names."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import ProblemError
from console.parts import Parts
from console.routes import Routes


def add_wall_page(routes: Routes, parts: Parts) -> None:
    async def wall(request: Request, site: Annotated[str, Query(max_length=64)] = "") -> Response:
        known = parts.registry().site.get(site)
        if site and (known is None or not visitor_of(request).sees(site)):
            raise ProblemError(404, "unknown_site")
        return parts.renderer.page(request, "wall.html", site=known)

    routes.get("/wall", wall, Permission.SEE_ALARMS)
