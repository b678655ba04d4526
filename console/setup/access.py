"""The ways in of somebody else's account: an administrator ends sessions and resets a lost second factor."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form as Body
from fastapi import Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access import MARK, access_view, find_session
from console.auth.permissions import Permission
from console.auth.sessions import Why
from console.errors import ProblemError
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from console.setup.pages import KindPages
from console.setup.place import Place, place_of
from ingest.registry.model import User

Id = Annotated[str, Body(max_length=200)]
_DONE = {
    "ended": N_("The session has ended."),
    "all": N_("Every session of this account has ended."),
    "reset": N_("The second step is reset, and every session has ended."),
}


def add_account_access(routes: Routes, parts: Parts, pages: KindPages) -> None:
    """Add the page of an account's ways in, and what may be done there."""

    def other(request: Request, account_id: str) -> tuple[Place, User]:
        """Somebody else's account that the visitor may change; one's own has a page of its own."""
        place = place_of(parts, request)
        account: User = pages.find(place, account_id)
        if account.user_id == place.visitor.user.user_id:
            raise ProblemError(409, "own_access")
        return place, account

    def back(account: User, done: str) -> Response:
        return RedirectResponse(f"/setup/accounts/access?{urlencode({'id': account.user_id, 'done': done})}", 303)

    async def show(
        request: Request,
        id: Annotated[str, Query(max_length=200)],  # noqa: A002 - the address's name
        done: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        place, account = other(request, id)
        return pages.page(
            place,
            "setup_access.html",
            account=account,
            access=await access_view(parts, request, account),
            needed=parts.second.needed(account),
            done=_DONE.get(done, ""),
        )

    async def end(request: Request, id: Id, mark: Annotated[str, Body(pattern=MARK)]) -> Response:  # noqa: A002
        place, account = other(request, id)
        await parts.sessions.end(await find_session(parts, account, mark), Why.BY_ADMINISTRATOR)
        await parts.second.note(account.user_id, "session_ended", place.visitor.user.user_id)
        return back(account, "ended")

    async def end_all(request: Request, id: Id) -> Response:  # noqa: A002
        place, account = other(request, id)
        await parts.sessions.end_all(account.user_id, Why.BY_ADMINISTRATOR)
        await parts.second.note(account.user_id, "sessions_ended", place.visitor.user.user_id)
        return back(account, "all")

    async def reset(request: Request, id: Id) -> Response:  # noqa: A002
        place, account = other(request, id)
        await parts.second.remove(account.user_id, place.visitor.user.user_id)
        await parts.sessions.end_all(account.user_id, Why.FACTOR_RESET)
        return back(account, "reset")

    routes.get("/setup/accounts/access", show, Permission.EDIT_ACCOUNTS)
    routes.post("/setup/accounts/sessions/end", end, Permission.EDIT_ACCOUNTS)
    routes.post("/setup/accounts/sessions/end-all", end_all, Permission.EDIT_ACCOUNTS)
    routes.post("/setup/accounts/factor/reset", reset, Permission.EDIT_ACCOUNTS)
