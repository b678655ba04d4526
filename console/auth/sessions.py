"""Sessions: opaque tokens in a cookie, looked up in the store, judged against the registry of this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from console.auth.store import AuthStore, SessionRow
from console.auth.tokens import new_token, token_hash
from console.auth.visitor import Visitor
from ingest.clock import Clock
from ingest.registry.model import Registry, User

_CACHE_S = 1.0
_TOUCH_S = 60.0
_CACHED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cached:
    row: SessionRow | None
    read_at: float


class Sessions:
    """Opens, finds and ends sessions. A disabled account or a new password ends them within a second."""

    def __init__(
        self, store: AuthStore, registry: Callable[[], Registry], clock: Clock, *, life_s: float, idle_s: float
    ) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._life_s = life_s
        self._idle_s = idle_s
        self._cache: dict[str, _Cached] = {}

    async def open(self, user: User) -> str:
        """A new session's token, for the cookie."""
        token = new_token()
        now = self._clock.now().timestamp()
        row = SessionRow(
            token_hash=token_hash(token),
            user_id=user.user_id,
            csrf=new_token(),
            credential=_credential(user),
            created_at=now,
            seen_at=now,
            expires_at=now + self._life_s,
        )
        await asyncio.to_thread(self._store.drop_expired, now, now - self._idle_s)
        await asyncio.to_thread(self._store.add_session, row)
        return token

    async def visitor(self, token: str) -> Visitor | None:
        """Who holds this token, or None when the session or the account is not good any more."""
        return await self.refresh(token_hash(token)) if token else None

    async def refresh(self, session: str, *, fresh: bool = False) -> Visitor | None:
        """As ``visitor``, for the hash of a token; ``fresh`` asks the store even within the same second."""
        now = self._clock.now().timestamp()
        if fresh:
            self._cache.pop(session, None)
        row = await self._row(session, now)
        if row is None or row.expires_at < now or row.seen_at < now - self._idle_s:
            return None
        user = self._registry().user.get(row.user_id)
        if user is None or user.disabled or _credential(user) != row.credential:
            return None
        if now - row.seen_at > _TOUCH_S:
            await asyncio.to_thread(self._store.touch_session, session, now)
            self._cache[session] = _Cached(row=replace(row, seen_at=now), read_at=now)
        return Visitor(user=user, session=session, csrf=row.csrf)

    async def end(self, session: str) -> None:
        self._cache.pop(session, None)
        await asyncio.to_thread(self._store.end_session, session)

    async def _row(self, session: str, now: float) -> SessionRow | None:
        cached = self._cache.get(session)
        if cached is not None and 0 <= now - cached.read_at < _CACHE_S:
            return cached.row
        row = await asyncio.to_thread(self._store.session, session)
        if len(self._cache) >= _CACHED:
            self._cache.clear()
        self._cache[session] = _Cached(row=row, read_at=now)
        return row


def _credential(user: User) -> str:
    return sha256(user.password_hash.encode()).hexdigest()[:16]
