"""Is the process alive, can it do its work, what has it counted?"""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from console.auth.permissions import Permission
from console.parts import Parts
from console.routes import Routes


def add_health_routes(routes: Routes, parts: Parts) -> None:
    async def healthz() -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz() -> Response:
        """Ready: the path from the broker is proved and accounts are known. The database is not asked for; a
        missing alarm engine is shown on the pages, so they must be served."""
        state = {
            "broker": parts.live.broker_proved,
            "alarms": parts.live.synced,
            "registry": parts.registry().version > 0,
        }
        ready = state["broker"] and state["alarms"] and state["registry"]
        return JSONResponse({"ready": ready, **state, "engine": parts.live.engine_proved}, 200 if ready else 503)

    async def metrics() -> Response:
        return Response(parts.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    routes.get("/healthz", healthz, Permission.PUBLIC)
    routes.get("/readyz", readyz, Permission.PUBLIC)
    routes.get("/metrics", metrics, Permission.LOCAL)
