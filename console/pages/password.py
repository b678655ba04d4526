"""One's own password: set after a login by link, or changed by who knows the present one."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.auth.guard import visitor_of
from console.auth.passwords import SHORTEST, hash_password
from console.auth.permissions import Permission, home_of
from console.errors import DatabaseAwayError, ProblemError
from console.parts import Parts
from console.routes import Routes
from console.setup.place import place_of
from console.setup.saving import save
from console.setup.words import REFUSALS
from ingest.log import Log
from ingest.registry import edit

Secret = Annotated[str, Form(max_length=200)]


def add_password_pages(routes: Routes, parts: Parts) -> None:
    log = Log("console")

    def page(request: Request, field: str = "", code: str = "", status: int = 200, **facts: object) -> Response:
        fault = parts.renderer.text(request, REFUSALS[code], **facts) if code else ""
        return parts.renderer.page(
            request,
            "password.html",
            status=status,
            known=bool(visitor_of(request).user.password_hash),
            shortest=SHORTEST,
            field=field,
            fault=fault,
        )

    async def show(request: Request) -> Response:
        return page(request)

    async def change(request: Request, present: Secret = "", password: Secret = "", again: Secret = "") -> Response:
        """A new password ends every session of the account but this one, which goes on as a new one."""
        visitor = visitor_of(request)
        user = visitor.user
        if len(password) < SHORTEST:
            return page(request, "password", "short_password", 422, least=SHORTEST)
        if password != again:
            return page(request, "again", "other_password", 422)
        if user.password_hash:
            try:
                await parts.proof.user(request, user.user_id, present)
            except ProblemError as problem:
                if problem.code != "wrong_login":
                    raise
                return page(request, "present", "wrong_password", 422)
        changed = msgspec.structs.replace(user, password_hash=await asyncio.to_thread(hash_password, password))
        try:
            await save(
                place_of(parts, request),
                lambda connection: edit.set_user_password(connection, user.user_id, changed.password_hash),
            )
        except DatabaseAwayError:
            return page(request, "", "database_away", 503)
        log.info("password.changed", user_id=user.user_id)
        response = RedirectResponse(home_of(user.role), 303)
        agent = request.headers.get("user-agent", "")
        parts.guard.set_cookie(response, await parts.sessions.open(changed, agent, second=visitor.second))
        return response

    routes.get("/password", show, Permission.SIGNED_IN)
    routes.post("/password", change, Permission.SIGNED_IN)
