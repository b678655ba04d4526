"""The family app as it is installed: the page for no connection, the service worker that shows it.

Nobody need be logged in for either: they hold no word about anybody.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.auth.permissions import Permission
from console.parts import Parts
from console.render import STATIC
from console.routes import Routes

SCOPE = "/family"


def add_family_app(routes: Routes, parts: Parts) -> None:
    source = (STATIC / "js" / "family-sw.mjs").read_bytes()

    async def worker() -> Response:
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": SCOPE}
        return Response(source, media_type="text/javascript", headers=headers)

    async def offline(request: Request) -> Response:
        return parts.renderer.page(request, "family_offline.html")

    routes.get("/family/sw.js", worker, Permission.PUBLIC)
    routes.get("/family/offline", offline, Permission.PUBLIC)
