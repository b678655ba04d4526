"""Who says who they are proves it by password, and wrong tries cost time: at the login, and as a second person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request

from console.auth.passwords import PasswordCheck
from console.auth.throttle import Throttle
from console.errors import ProblemError
from ingest.clock import Clock
from ingest.log import Log
from ingest.registry.model import Registry, User


class Proof:
    """Proves an account of the registry."""

    def __init__(
        self, registry: Callable[[], Registry], throttle: Throttle, passwords: PasswordCheck, clock: Clock
    ) -> None:
        self._registry = registry
        self._throttle = throttle
        self._passwords = passwords
        self._clock = clock
        self._log = Log("console")

    async def user(self, request: Request, account: str, password: str) -> User:
        """The account that this password opens.

        Raises
        ------
        ProblemError
            429 ``wait``: too many wrong tries; 401 ``wrong_login``; 503 ``busy``.
        """
        account = account.strip()
        address = request.client.host if request.client is not None else ""
        now = self._clock.now().timestamp()
        wait_s = await asyncio.to_thread(self._throttle.wait_s, account, address, now)
        if wait_s > 0:
            problem = ProblemError(429, "wait")
            problem.headers["Retry-After"] = str(round(wait_s + 0.5))
            raise problem
        # counted before the check: a hundred tries at once are a hundred tries
        await asyncio.to_thread(self._throttle.failed, account, address, now)
        user = self._registry().user.get(account)
        good = await self._passwords.matches(password, user.password_hash if user is not None else "")
        if user is None or not good or user.disabled:
            self._log.warning("login.wrong", address=address)
            raise ProblemError(401, "wrong_login")
        await asyncio.to_thread(self._throttle.succeeded, account, address)
        return user
