"""The service worker at the root, because a worker serves only what lies below its own address; the offline page.

Both halves, messages and pages, are sent as one script, so that none can fail to come. Nobody need be logged in: they
hold no word about anybody.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.auth.permissions import Permission
from console.parts import Parts
from console.render import STATIC
from console.routes import Routes


def add_service_worker(routes: Routes, parts: Parts) -> None:
    source = b"\n".join((STATIC / "js" / name).read_bytes() for name in ("sw.mjs", "offline-sw.mjs"))

    async def worker() -> Response:
        return Response(source, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    async def offline(request: Request) -> Response:
        return parts.renderer.page(request, "offline.html")

    routes.get("/sw.js", worker, Permission.PUBLIC)
    routes.get("/offline", offline, Permission.PUBLIC)
