"""The console's application, built from its parts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from console.answers.links import add_answer_routes
from console.answers.phone import add_phone_routes
from console.answers.service_worker import add_service_worker
from console.api.commands import add_command_routes
from console.api.health import add_health_routes
from console.api.problems import add_problem_handlers
from console.api.reads import add_read_routes
from console.ending import end
from console.family.app import add_family_app
from console.family.home import add_family_pages
from console.headers import SecurityHeaders
from console.pages.account import add_account_pages
from console.pages.alarms import add_alarm_pages
from console.pages.devices import add_device_pages
from console.pages.drills import add_drill_pages
from console.pages.handover import add_handover_pages
from console.pages.history import add_history_pages
from console.pages.login import add_login_pages
from console.pages.password import add_password_pages
from console.pages.plans import add_plan_pages
from console.pages.residents import add_resident_pages
from console.pages.second import add_second_pages
from console.pages.sites import add_site_pages
from console.pages.wall import add_wall_page
from console.parts import Parts
from console.render import STATIC
from console.residents.away import add_away_step
from console.routes import Routes
from console.setup.home import add_setup_pages
from console.watch.route import add_watch_routes


def create_app(parts: Parts) -> FastAPI:
    """The application. Its life is the broker connection's life."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(parts.broker.run(), name="console-broker"),
            asyncio.create_task(parts.pictures.run(), name="console-pictures"),
        ]
        try:
            yield
        finally:
            parts.live.close()
            await end(*tasks)

    app = FastAPI(
        title="Anxin 安心",
        version="1",
        description="The alarm console's API. Errors are problem documents (RFC 9457).",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    routes = Routes(app, parts.guard)
    for add in (
        add_health_routes,
        add_read_routes,
        add_command_routes,
        add_login_pages,
        add_second_pages,
        add_password_pages,
        add_account_pages,
        add_alarm_pages,
        add_history_pages,
        add_handover_pages,
        add_device_pages,
        add_site_pages,
        add_resident_pages,
        add_away_step,
        add_wall_page,
        add_plan_pages,
        add_drill_pages,
        add_watch_routes,
        add_answer_routes,
        add_phone_routes,
        add_service_worker,
        add_setup_pages,
        add_family_app,
        add_family_pages,
    ):
        add(routes, parts)
    app.state.routes = routes.table
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_problem_handlers(app, parts.renderer)
    app.add_middleware(SecurityHeaders, metrics=parts.metrics, hsts=parts.settings.secure and parts.settings.hsts)
    return app
