"""One's own account: the second step of the login, the sessions, and the ways to the rest."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access import MARK, access_view, find_session
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.auth.sessions import Why
from console.errors import ProblemError
from console.language import N_
from console.pages.second import address_of, codes_page, fault_text
from console.parts import Parts
from console.routes import Routes

_DONE = {
    "ended": N_("The session has ended."),
    "others": N_("Every other session has ended."),
    "off": N_("The second step is off."),
}


def add_account_pages(routes: Routes, parts: Parts) -> None:
    async def page(request: Request, done: str = "", fault: str = "", status: int = 200) -> Response:
        visitor = visitor_of(request)
        return parts.renderer.page(
            request,
            "account.html",
            status=status,
            access=await access_view(parts, request, visitor.user),
            needed=parts.second.needed(visitor.user),
            done=parts.renderer.text(request, _DONE.get(done, "")),
            fault=fault,
        )

    async def show(request: Request, done: Annotated[str, Query(max_length=20)] = "") -> Response:
        return await page(request, done)

    async def end(request: Request, mark: Annotated[str, Form(pattern=MARK)]) -> Response:
        """End one of one's own sessions; this one is ended by logging out."""
        visitor = visitor_of(request)
        session = await find_session(parts, visitor.user, mark)
        if session == visitor.session:
            raise ProblemError(409, "refused")
        await parts.sessions.end(session, Why.ELSEWHERE)
        await parts.second.note(visitor.user.user_id, "session_ended", visitor.user.user_id)
        return RedirectResponse("/account?done=ended", 303)

    async def end_others(request: Request) -> Response:
        visitor = visitor_of(request)
        if await parts.sessions.end_all(visitor.user.user_id, Why.ELSEWHERE, keep=visitor.session):
            await parts.second.note(visitor.user.user_id, "sessions_ended", visitor.user.user_id)
        return RedirectResponse("/account?done=others", 303)

    async def factor(
        request: Request,
        do: Annotated[Literal["set_up", "another", "codes", "off"], Form()],
        code: Annotated[str, Form(max_length=100)] = "",
    ) -> Response:
        """Set the second step up, or change it; what is there already is changed only by who proves a code of it."""
        user = visitor_of(request).user
        if do == "off" and parts.second.needed(user):
            raise ProblemError(409, "factor_needed")
        if do != "set_up":
            try:
                await parts.second.prove(user.user_id, code, address_of(request))
            except ProblemError as problem:
                response = await page(request, fault=fault_text(request, parts, problem), status=problem.status)
                response.headers.update(problem.headers)
                return response
        if do == "codes":
            codes = await parts.second.new_codes(user.user_id)
            return codes_page(request, parts, user, codes, "/account", now_in=False)
        if do == "off":
            await parts.second.remove(user.user_id, user.user_id)
            return RedirectResponse("/account?done=off", 303)
        response = RedirectResponse("/login/second", 303)
        parts.guard.set_half_cookie(response, await parts.second.begin(user, anew=do == "another"))
        return response

    routes.get("/account", show, Permission.SIGNED_IN)
    routes.post("/account/sessions/end", end, Permission.SIGNED_IN)
    routes.post("/account/sessions/others", end_others, Permission.SIGNED_IN)
    routes.post("/account/factor", factor, Permission.SIGNED_IN)
