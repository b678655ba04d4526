"""The live feed as Server-Sent Events: a snapshot, then changes, each with an id to resume from.

An id is ``{epoch}.{access}-{seq}``: another run of the console, or other rights of the user, cannot be resumed and get
a fresh snapshot. There is no queue per client: each feed reads the common ring at its own place, and one that falls
off its end gets a fresh snapshot too. A client that does not read is dropped; it resumes when it comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from console.auth.visitor import Visitor
from console.ending import end
from console.live import Change, Live
from console.metrics import Metrics
from ingest.clock import Clock

BEAT_S = 5.0
CHECK_S = 0.5
_SEND_S = 10.0
_MANY = 500


class FeedResponse(Response):
    """One client's feed, until it goes, the session ends or the program stops."""

    def __init__(
        self,
        *,
        live: Live,
        metrics: Metrics,
        clock: Clock,
        visitor: Visitor,
        refresh: Callable[[], Awaitable[Visitor | None]],
        last_event_id: str,
    ) -> None:
        super().__init__(
            media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        del self.headers["content-length"]
        self._live = live
        self._metrics = metrics
        self._clock = clock
        self._visitor = visitor
        self._refresh = refresh
        self._last_event_id = last_event_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        self._metrics.feed_opened()
        writer = asyncio.create_task(self._write(send), name="console-feed")
        gone = asyncio.create_task(_wait_gone(receive), name="console-feed-gone")
        try:
            await asyncio.wait((writer, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._metrics.feed_closed()
            with contextlib.suppress(OSError):
                await end(writer, gone)

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        loop = asyncio.get_running_loop()
        seq, first = self._start()
        checked_at = beat_at = loop.time()
        access_changes = self._live.access_changes
        try:
            await _send(send, first)
            while not self._live.closing:
                await self._live.wait(seq, CHECK_S)
                now = loop.time()
                if now - checked_at >= CHECK_S or access_changes != self._live.access_changes:
                    checked_at, access_changes = now, self._live.access_changes
                    if not await self._still_allowed():
                        await _send(send, b"event: ended\ndata: {}\n\n")
                        break
                seq, chunk = self._next(seq)
                if now - beat_at >= BEAT_S:
                    beat_at = now
                    chunk += self._beat()
                if chunk:
                    await _send(send, chunk)
            await _send(send, b"", more=False)
        except TimeoutError:
            self._metrics.feeds_dropped.labels("slow").inc()

    def _start(self) -> tuple[int, bytes]:
        prefix, _, number = self._last_event_id.rpartition("-")
        if prefix == self._prefix and number.isdigit():
            changes = self._live.since(int(number))
            if changes is not None:
                return self._frames(int(number), changes, b"retry: 1000\n" + self._beat())
        return self._live.head, b"retry: 1000\n" + self._snapshot()

    def _next(self, seq: int) -> tuple[int, bytes]:
        changes = self._live.since(seq)
        if changes is None:
            self._metrics.feeds_dropped.labels("behind").inc()
            return self._live.head, self._snapshot()
        return self._frames(seq, changes, b"")

    def _frames(self, seq: int, changes: list[Change], chunk: bytes) -> tuple[int, bytes]:
        prefix = self._prefix
        frames = [chunk]
        for change in changes[:_MANY]:
            seq = change.seq
            if change.site_id is None or self._visitor.sees(change.site_id):
                frames.append(b"id: %s-%d\nevent: %s\ndata: " % (prefix.encode(), seq, change.event.encode()))
                frames.append(change.data + b"\n\n")
        return seq, b"".join(frames)

    def _snapshot(self) -> bytes:
        live, sees = self._live, self._visitor.sees
        body: dict[str, Any] = {  # Any: a JSON object
            "epoch": live.epoch,
            "at": self._clock.now(),
            "linked": live.linked,
            "alarms": [live.view(a) for a in live.open_alarms() if sees(a.identity.site_id)],
            "gateways": [g for g in list(live.gateways.values()) if sees(g.site_id)],
            "present": [live.presence(*where) for where in list(live.present) if sees(where[0])],
        }
        return b"id: %s-%d\nevent: snapshot\ndata: %s\n\n" % (
            self._prefix.encode(),
            live.head,
            msgspec.json.encode(body),
        )

    def _beat(self) -> bytes:
        body = msgspec.json.encode({"at": self._clock.now(), "linked": self._live.linked})
        return b": beat\nevent: beat\ndata: %s\n\n" % body

    async def _still_allowed(self) -> bool:
        visitor = await self._refresh()
        return visitor is not None and _access(visitor) == _access(self._visitor)

    @property
    def _prefix(self) -> str:
        return f"{self._live.epoch}.{_access(self._visitor)}"


def _access(visitor: Visitor) -> str:
    """A short name for what the visitor may see."""
    rights = f"{visitor.user.user_id}|{visitor.user.role}|{','.join(sorted(visitor.user.site_ids))}"
    return sha256(rights.encode()).hexdigest()[:8]


async def _send(send: Send, chunk: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(_SEND_S):
        await send({"type": "http.response.body", "body": chunk, "more_body": more})


async def _wait_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
