"""Sessions: opaque tokens in a cookie, looked up in the store, judged against the registry of this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from console.auth.store import AuthStore, SessionRow
from console.auth.tokens import new_token, token_hash
from console.auth.visitor import Visitor
from ingest.clock import Clock
from ingest.registry.model import Registry, User

_CACHE_S = 1.0
_TOUCH_S = 60.0
_CACHED = 10_000
_LONGEST_AGENT = 300


class Why(StrEnum):
    """Why a session was ended; a problem of this code tells the browser that comes back with it."""

    BY_ADMINISTRATOR = "ended_by_administrator"
    ELSEWHERE = "ended_elsewhere"
    FACTOR_SET = "ended_factor_set"
    FACTOR_RESET = "ended_factor_reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cached:
    row: SessionRow | None
    read_at: float


class Sessions:
    """Opens, finds and ends sessions. A disabled account or a new password ends them within a second.

    ``needs_second`` says of an account whether its sessions open anything without a second factor.
    """

    def __init__(
        self,
        store: AuthStore,
        registry: Callable[[], Registry],
        clock: Clock,
        *,
        life_s: float,
        idle_s: float,
        needs_second: Callable[[User], bool] = lambda _user: False,
    ) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._life_s = life_s
        self._idle_s = idle_s
        self._needs_second = needs_second
        self._cache: dict[str, _Cached] = {}

    async def open(self, user: User, agent: str = "", *, second: bool = False) -> str:
        """A new session's token, for the cookie; ``second``: a second factor was proved."""
        token = new_token()
        now = self._clock.now().timestamp()
        row = SessionRow(
            token_hash=token_hash(token),
            user_id=user.user_id,
            csrf=new_token(),
            credential=credential_of(user),
            created_at=now,
            seen_at=now,
            expires_at=now + self._life_s,
            agent=agent[:_LONGEST_AGENT],
            second=second,
        )
        await asyncio.to_thread(self._store.drop_expired, now, now - self._idle_s)
        await asyncio.to_thread(self._store.add_session, row)
        return token

    async def visitor(self, token: str) -> Visitor | None:
        """Who holds this token, or None when the session or the account is not good any more."""
        return await self.refresh(token_hash(token)) if token else None

    async def refresh(self, session: str, *, fresh: bool = False) -> Visitor | None:
        """As ``visitor``, for the hash of a token; ``fresh`` asks the store even within the same second."""
        if fresh:
            self._cache.pop(session, None)
        row = await self._row(session)
        user = self._holder(row) if row is not None else None
        if row is None or user is None or self._lacks_second(row, user):
            return None
        now = self._clock.now().timestamp()
        if now - row.seen_at > _TOUCH_S:
            await asyncio.to_thread(self._store.touch_session, session, now)
            self._cache[session] = _Cached(row=replace(row, seen_at=now), read_at=now)
        return Visitor(user=user, session=session, csrf=row.csrf, second=row.second)

    async def lacking_second(self, token: str) -> User | None:
        """Whose session this is, when it opens nothing only because the account needs a second factor by now."""
        row = await self._row(token_hash(token)) if token else None
        user = self._holder(row) if row is not None else None
        return user if row is not None and user is not None and self._lacks_second(row, user) else None

    async def why_not(self, token: str) -> str:
        """The problem of a token that ``visitor`` does not take."""
        if await self.lacking_second(token) is not None:
            return "second_factor"
        why = await asyncio.to_thread(self._store.why_ended, token_hash(token)) if token else ""
        return why or "signed_out"

    async def of(self, user: User) -> list[SessionRow]:
        """The account's sessions that still open something, the latest used first."""
        rows = await asyncio.to_thread(self._store.sessions_of, user.user_id)
        return [row for row in rows if self._holder(row) is not None and not self._lacks_second(row, user)]

    async def end(self, session: str, why: Why | None = None) -> None:
        """End it in every process; ``why`` is told to its browser."""
        self._cache.pop(session, None)
        now = self._clock.now().timestamp()
        await asyncio.to_thread(self._store.end_session, session, why or "", now)

    async def end_all(self, user_id: str, why: Why, *, keep: str = "") -> int:
        """End the account's sessions but ``keep``: how many these were."""
        now = self._clock.now().timestamp()
        ended = await asyncio.to_thread(self._store.end_sessions_of, user_id, why, now, keep)
        for session in ended:
            self._cache.pop(session, None)
        return len(ended)

    def _holder(self, row: SessionRow) -> User | None:
        """Whose session it is, while it is neither too old nor of an earlier password."""
        now = self._clock.now().timestamp()
        user = self._registry().user.get(row.user_id)
        if row.expires_at < now or row.seen_at < now - self._idle_s:
            return None
        return user if user is not None and not user.disabled and credential_of(user) == row.credential else None

    def _lacks_second(self, row: SessionRow, user: User) -> bool:
        return not row.second and self._needs_second(user)

    async def _row(self, session: str) -> SessionRow | None:
        now = self._clock.now().timestamp()
        cached = self._cache.get(session)
        if cached is not None and 0 <= now - cached.read_at < _CACHE_S:
            return cached.row
        row = await asyncio.to_thread(self._store.session, session)
        if len(self._cache) >= _CACHED:
            self._cache.clear()
        self._cache[session] = _Cached(row=row, read_at=now)
        return row


def credential_of(user: User) -> str:
    """A mark of the account's password."""
    return sha256(user.password_hash.encode()).hexdigest()[:16]
