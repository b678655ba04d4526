"""Log in by password or by a one-time link, log out, choose the language."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Form, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.auth.guard import visitor_of
from console.auth.permissions import Permission, home_of
from console.auth.tokens import token_hash
from console.errors import ProblemError
from console.language import COOKIE, LANGUAGES
from console.parts import Parts
from console.routes import Routes
from console.tls.trust_link import trust_url
from console.words import PROBLEMS
from ingest.log import Log
from ingest.registry.model import User

_YEAR_S = 365 * 86_400


async def let_in(parts: Parts, request: Request, user: User, *, second: bool) -> Response:
    """Open a session, in the place of the one that this browser may have."""
    if before := request.cookies.get(parts.guard.cookie):
        await parts.sessions.end(token_hash(before))
    response = RedirectResponse(first_page(user), 303)
    token = await parts.sessions.open(user, request.headers.get("user-agent", ""), second=second)
    parts.guard.set_cookie(response, token)
    parts.metrics.logins.labels("good").inc()
    Log("console").info("login.good", user_id=user.user_id, second=second)
    return response


def first_page(user: User) -> str:
    """Where a login leads: who has come by a link chooses a password first."""
    return home_of(user.role) if user.password_hash else "/password"


def add_login_pages(routes: Routes, parts: Parts) -> None:
    async def enter(request: Request, user: User) -> Response:
        """The first factor is proved: let them in, or on to the second step."""
        if not await parts.second.asked(user):
            return await let_in(parts, request, user, second=False)
        response = RedirectResponse("/login/second", 303)
        parts.guard.set_half_cookie(response, await parts.second.begin(user))
        return response

    def again(request: Request, code: str, status: int, account: str = "") -> Response:
        parts.metrics.logins.labels(code).inc()
        message = parts.renderer.text(request, PROBLEMS[code])
        return page(request, status, message, account)

    def page(request: Request, status: int = 200, message: str = "", account: str = "") -> Response:
        trust = trust_url(request, parts.settings)
        return parts.renderer.page(
            request, "login.html", status=status, message=message, account=account, trust_url=trust
        )

    async def show(request: Request) -> Response:
        if request.state.visitor is not None:
            return RedirectResponse(home_of(request.state.visitor.user.role), 303)
        why = await parts.sessions.why_not(request.cookies.get(parts.guard.cookie, ""))
        if why == "second_factor":
            return RedirectResponse("/login/second", 303)
        # told until the next login, in every tab that was thrown out
        return page(request, message="" if why == "signed_out" else parts.renderer.text(request, PROBLEMS[why]))

    async def log_in(
        request: Request,
        account: Annotated[str, Form(max_length=64)] = "",
        password: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        try:
            user = await parts.proof.user(request, account, password)
        except ProblemError as problem:
            if problem.code not in ("wait", "wrong_login"):
                raise
            response = again(request, problem.code, problem.status, account.strip())
            response.headers.update(problem.headers)
            return response
        return await enter(request, user)

    async def log_in_once(request: Request, token: Annotated[str, Path(max_length=100)]) -> Response:
        if "prefetch" in request.headers.get("sec-purpose", ""):
            raise ProblemError(403, "forbidden")
        now = parts.clock.now().timestamp()
        user_id = await asyncio.to_thread(parts.store.take_link, token_hash(token), now)
        user = parts.registry().user.get(user_id) if user_id is not None else None
        if user is None or user.disabled:
            return again(request, "used_link", 401)
        return await enter(request, user)

    async def log_out(request: Request) -> Response:
        await parts.sessions.end(visitor_of(request).session)
        response = RedirectResponse("/login", 303)
        parts.guard.drop_cookie(response)
        return response

    async def set_language(
        request: Request,
        language: Annotated[str, Form(max_length=8)],
        back: Annotated[str, Form(max_length=2000)] = "/",
    ) -> Response:
        if language not in LANGUAGES:
            raise ProblemError(422, "invalid")
        # only a path of our own: never a way to another site
        own = back.startswith("/") and not back.startswith(("//", "/\\")) and "\\" not in back
        response = RedirectResponse(back if own else "/", 303)
        response.set_cookie(
            COOKIE, language, max_age=_YEAR_S, path="/", secure=parts.settings.secure, httponly=True, samesite="lax"
        )
        del request
        return response

    routes.get("/login", show, Permission.PUBLIC)
    routes.post("/login", log_in, Permission.PUBLIC)
    routes.get("/login/once/{token}", log_in_once, Permission.PUBLIC)
    routes.post("/logout", log_out, Permission.SIGNED_IN)
    routes.post("/language", set_language, Permission.PUBLIC)
