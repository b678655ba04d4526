"""The second step of a login: the code of the person's app, or enrolling one, before anything else opens."""

from __future__ import annotations

import re
from typing import Annotated

import segno
from fastapi import Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.auth import totp
from console.auth.factor_store import HalfLogin
from console.auth.permissions import Permission
from console.auth.second import HALF_LIFE_S
from console.auth.sessions import Why
from console.errors import ProblemError
from console.language import COOKIE, DEFAULT_ZONE, N_, local_time
from console.pages.login import first_page, let_in
from console.parts import Parts
from console.routes import Routes
from console.words import PROBLEMS
from ingest.registry.model import User

_WAIT = N_("Too many wrong codes. Wait %(seconds)s seconds, then type the code that the app shows then.")
_TOLD = ("wait_code", "wrong_code", "used_code")
Typed = Annotated[str, Form(max_length=100)]


def fault_text(request: Request, parts: Parts, problem: ProblemError) -> str:
    """What is wrong with a code, in the person's language; other problems go on as they are."""
    if problem.code not in _TOLD:
        raise problem
    parts.metrics.logins.labels(problem.code).inc()
    if problem.code == "wait_code":
        return parts.renderer.text(request, _WAIT, **problem.facts)
    return parts.renderer.text(request, PROBLEMS[problem.code])


def address_of(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client is not None else ""


def codes_page(request: Request, parts: Parts, user: User, codes: list[str], onward: str, *, now_in: bool) -> Response:
    """The recovery codes, this once; ``now_in``: the login is done with it."""
    zone = next((site.timezone for site in parts.registry().sites), DEFAULT_ZONE)
    return parts.renderer.page(
        request,
        "recovery_codes.html",
        user=user,
        codes=codes,
        onward=onward,
        now_in=now_in,
        made_on=local_time(parts.clock.now(), zone).date(),
    )


def add_second_pages(routes: Routes, parts: Parts) -> None:
    async def standing(request: Request) -> tuple[HalfLogin, User] | None:
        """The half login of this browser, which has no other rights and is spoken to in its person's language."""
        token = request.cookies.get(parts.guard.half_cookie, "")
        found = await parts.second.half(token, parts.registry().user)
        if found is None:
            return None
        request.state.visitor = None
        request.state.language = request.cookies.get(COOKIE) or found[1].language
        return found

    def page(request: Request, half: HalfLogin, user: User, fault: str = "", status: int = 200) -> Response:
        if half.secret is None:
            return parts.renderer.page(
                request, "second_code.html", status=status, user=user, fault=fault, minutes=HALF_LIFE_S // 60
            )
        secret = parts.second.secret_of(half)
        account = f"{user.user_id}@{request.url.hostname or 'console'}"
        address = totp.address(secret, account)
        return parts.renderer.page(
            request,
            "second_enrol.html",
            status=status,
            user=user,
            fault=fault,
            address=address,
            code=segno.make(address, micro=False).svg_inline(border=4, light="#fff", omitsize=True),
            secret=" ".join(re.findall(".{4}", secret)),
            account=account,
            needed=parts.second.needed(user),
            replaces=bool(half.replaces),
        )

    async def show(request: Request) -> Response:
        found = await standing(request)
        if found is not None:
            return page(request, *found)
        # whose role has come to need it meanwhile holds a session that has proved the first factor
        user = await parts.sessions.lacking_second(request.cookies.get(parts.guard.cookie, ""))
        if user is None:
            return RedirectResponse("/login", 303)
        response = RedirectResponse("/login/second", 303)
        parts.guard.set_half_cookie(response, await parts.second.begin(user))
        return response

    async def step(request: Request, code: Typed = "", recovery: Typed = "") -> Response:
        found = await standing(request)
        if found is None:
            return again(request)
        half, user = found
        try:
            if half.secret is not None:
                codes = await parts.second.enrol(half, code, address_of(request))
                return await enrolled(request, user, codes)
            await parts.second.finish(half, recovery or code, address_of(request))
        except ProblemError as problem:
            fault = fault_text(request, parts, problem)
            response = page(request, half, user, fault, problem.status)
            response.headers.update(problem.headers)
            return response
        return await let_in(parts, request, user, second=True)

    async def enrolled(request: Request, user: User, codes: list[str]) -> Response:
        """Every other session ends; this browser goes on in a new one, and sees the recovery codes this once."""
        await parts.sessions.end_all(user.user_id, Why.FACTOR_SET)
        entered = await let_in(parts, request, user, second=True)
        response = codes_page(request, parts, user, codes, first_page(user), now_in=True)
        for cookie in entered.headers.getlist("set-cookie"):
            response.headers.append("set-cookie", cookie)
        return response

    async def give_up(request: Request) -> Response:
        """Not now: nothing of this login stays."""
        await parts.second.give_up(request.cookies.get(parts.guard.half_cookie, ""))
        response = RedirectResponse("/account" if request.state.visitor is not None else "/login", 303)
        parts.guard.drop_half_cookie(response)
        if request.state.visitor is None:
            parts.guard.drop_cookie(response)
        return response

    def again(request: Request) -> Response:
        response = parts.renderer.page(
            request,
            "login.html",
            status=401,
            message=parts.renderer.text(request, PROBLEMS["half_over"]),
            account="",
            trust_url="",
        )
        parts.guard.drop_half_cookie(response)
        return response

    routes.get("/login/second", show, Permission.PUBLIC)
    routes.post("/login/second", step, Permission.PUBLIC)
    routes.post("/login/second/cancel", give_up, Permission.PUBLIC)
