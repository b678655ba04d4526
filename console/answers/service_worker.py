"""The service worker at the root, because a worker serves only what lies below its own address."""

from __future__ import annotations

from starlette.responses import Response

from console.auth.permissions import Permission
from console.parts import Parts
from console.render import STATIC
from console.routes import Routes


def add_service_worker(routes: Routes, parts: Parts) -> None:
    del parts
    source = (STATIC / "js" / "sw.mjs").read_bytes()

    async def worker() -> Response:
        return Response(source, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    routes.get("/sw.js", worker, Permission.PUBLIC)
