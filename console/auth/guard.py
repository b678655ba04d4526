"""Stands before every route: finds the visitor, checks the route's permission and that a change is really meant."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from console.auth.permissions import Permission
from console.auth.second import HALF_LIFE_S
from console.auth.sessions import Sessions
from console.auth.visitor import Visitor
from console.errors import ProblemError
from console.settings import LOOPBACK, ConsoleSettings

MOST_UPLOAD = 16_000_000
"""Bytes of a form with a file."""

_SAFE = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Builds the dependency of each route."""

    def __init__(self, sessions: Sessions, settings: ConsoleSettings) -> None:
        self._sessions = sessions
        self._settings = settings

    @property
    def cookie(self) -> str:
        """The session cookie's name: with HTTPS the prefix makes the browser hold it to this host, path and HTTPS."""
        return "__Host-anxin" if self._settings.secure else "anxin_session"

    @property
    def half_cookie(self) -> str:
        """The cookie of a login that waits for its second step."""
        return "__Host-anxin-half" if self._settings.secure else "anxin_half"

    def require(self, permission: Permission) -> Callable[[Request], Awaitable[None]]:
        """A dependency that refuses who does not hold the permission and sets ``request.state.visitor``."""

        async def check(request: Request) -> None:
            visitor = await self._sessions.visitor(request.cookies.get(self.cookie, ""))
            request.state.visitor = visitor
            if request.method not in _SAFE:
                await _check_meant(request, None if permission is Permission.PUBLIC else visitor)
            if permission is Permission.PUBLIC:
                return
            if permission is Permission.LOCAL:
                self._check_local(request)
            elif visitor is None:
                raise ProblemError(401, await self._sessions.why_not(request.cookies.get(self.cookie, "")))
            elif not visitor.may(permission):
                raise ProblemError(403, "forbidden")

        return check

    def set_cookie(self, response: Response, token: str) -> None:
        """Let the browser in; a half login is over with it."""
        self._set(response, self.cookie, token, self._settings.session_days * 86_400)
        self.drop_half_cookie(response)

    def set_half_cookie(self, response: Response, token: str) -> None:
        self._set(response, self.half_cookie, token, HALF_LIFE_S)

    def drop_cookie(self, response: Response) -> None:
        self._drop(response, self.cookie)

    def drop_half_cookie(self, response: Response) -> None:
        self._drop(response, self.half_cookie)

    def _set(self, response: Response, name: str, token: str, life_s: int) -> None:
        response.set_cookie(
            name, token, max_age=life_s, path="/", secure=self._settings.secure, httponly=True, samesite="lax"
        )

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._settings.secure, httponly=True, samesite="lax")

    def _check_local(self, request: Request) -> None:
        token = self._settings.metrics_token.get_secret_value()
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and hmac.compare_digest(given.encode(), token.encode()):
            return
        forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        if forwarded or request.client is None or request.client.host not in LOOPBACK:
            raise ProblemError(403, "forbidden")


def visitor_of(request: Request) -> Visitor:
    """The visitor behind a guarded route."""
    visitor = request.state.visitor
    if not isinstance(visitor, Visitor):
        raise ProblemError(401, "signed_out")
    return visitor


async def _check_meant(request: Request, visitor: Visitor | None) -> None:
    """Refuse a change that another site's page could have sent (CSRF)."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise ProblemError(403, "cross_site")
    # "null" comes with some privacy settings: then the browser's own word on the site must be there
    known = origin is None or (origin == "null" and site == "same-origin")
    if not known and urlsplit(str(origin)).netloc != request.headers.get("host"):
        raise ProblemError(403, "cross_site")
    if visitor is None:
        return
    token = request.headers.get("x-csrf-token")
    if token is None and _is_form(request):
        field = (await request.form()).get("csrf")
        token = field if isinstance(field, str) else None
    if token is None or not hmac.compare_digest(token.encode(), visitor.csrf.encode()):
        await request.close()  # an uploaded file
        raise ProblemError(403, "csrf")


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MOST_UPLOAD:
            raise ProblemError(413, "too_heavy")  # refused unread
        return True
    return kind.startswith("application/x-www-form-urlencoded")
