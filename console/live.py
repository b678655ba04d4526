"""What is open right now, in memory, and a bounded ring of the latest changes for the feeds.

Changed on the event loop's thread only; other threads read.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from alarms.lifecycle.alarm import Alarm, Flag, Response
from console.unreadable import unreadable_alarm
from console.view import NameOf, alarm_view, presence_view
from ingest.clock import Clock
from ingest.log import Log
from ingest.wire import status

_CLOSED_KEPT = 2_000
_CATCH_UP_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened; ``site_id`` None is for everybody, else for who may see that site."""

    seq: int
    event: str
    site_id: str | None
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """What a gateway last said of itself."""

    gateway_id: str
    site_id: str
    state: str
    boot: str
    at_s: float


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Staff in a room: who (as commands say ``by``) and since when."""

    by: tuple[str, ...]
    since: datetime


_PRESENT = msgspec.json.Decoder(Present)


class Live:
    """Open alarms, gateways and the state of the console's own link to the broker.

    ``epoch`` names this run: an id of another run cannot be resumed. Changes are numbered from 1, ``head`` is the
    newest. ``closed`` keeps the latest closed alarms.
    """

    def __init__(
        self, *, clock: Clock, name_of: NameOf, site_of_gateway: Callable[[str], str | None], ring: int = 4096
    ) -> None:
        self.epoch = secrets.token_hex(4)
        self.alarms: dict[str, Alarm] = {}
        self.gateways: dict[str, GatewayState] = {}
        self.present: dict[tuple[str, str], Present] = {}
        self._left: dict[tuple[str, str], Present] = {}  # who was there and is not confirmed yet
        self.broker_proved = False
        self.engine_proved = False
        self.synced = False  # true for good once the first picture is complete
        self.synced_now = False
        self.closing = False
        self.unreadable = 0
        self.head = 0
        self.access_changes = 0
        self._clock = clock
        self._name_of = name_of
        self._site_of_gateway = site_of_gateway
        self._ring: deque[Change] = deque(maxlen=ring)
        self.closed: OrderedDict[str, Alarm] = OrderedDict()
        self._views: dict[str, tuple[Alarm, msgspec.Raw]] = {}
        self._unconfirmed: set[str] = set()
        self._waiters: set[asyncio.Event] = set()
        self._log = Log("console")

    def apply_alarm(self, site_id: str, alarm_id: str, payload: bytes, *, retained: bool) -> None:
        """Take one message of an alarm's topic; what cannot be decoded is shown as an unreadable alarm.

        A live message is the newest by the broker's order. A retained one may be an old copy that the engine
        replaces in a moment, so it never takes a known alarm back, unless that one was told from memory while the
        journal's disk was full.
        """
        self._unconfirmed.discard(alarm_id)
        known = self.alarms.get(alarm_id)
        if not payload:
            if known is not None:
                self._close(known)
            return
        alarm = self._decode(site_id, alarm_id, payload)
        if retained:
            last = known or self.closed.get(alarm_id)
            in_memory = last is not None and Flag.NOT_JOURNALED in last.flags
            if last is not None and alarm.version <= last.version and not in_memory:
                return
        elif alarm == known:
            return
        if not alarm.is_open:
            if known is not None or alarm_id not in self.closed:
                self._close(alarm)
            return
        self.closed.pop(alarm_id, None)
        self.alarms[alarm_id] = alarm
        self._add("alarm", site_id, {"alarm": self.view(alarm)})

    def apply_status(self, gateway_id: str, payload: bytes) -> None:
        """Take a gateway's status; a last will from an older connection is ignored."""
        told = status.decode(payload)
        known = self.gateways.get(gateway_id)
        if told is None or (known is not None and not told.is_news(known.at_s)):
            return
        site_id = self._site_of_gateway(gateway_id) or ""
        state = GatewayState(gateway_id=gateway_id, site_id=site_id, state=told.state, boot=told.boot, at_s=told.at)
        if state == known:
            return
        self.gateways[gateway_id] = state
        self._add("gateway", site_id, {"gateway": state})

    def apply_presence(self, site_id: str, room_id: str, payload: bytes) -> None:
        """Staff are in a room, or (without a payload) not any more."""
        known = self.present.pop((site_id, room_id), None) or self._left.pop((site_id, room_id), None)
        if payload:
            try:
                self.present[site_id, room_id] = _PRESENT.decode(payload)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                self._log.warning("presence.unreadable", site_id=site_id, room_id=room_id)
        if self.present.get((site_id, room_id)) != known:
            self._add("presence", site_id, {"presence": self.presence(site_id, room_id)})

    def begin_sync(self) -> None:
        """A connection stands and the broker starts to repeat what is open: what it does not repeat is gone."""
        self._unconfirmed = set(self.alarms)
        self._left = {**self._left, **self.present}
        self.present.clear()
        self.synced_now = False

    def end_sync(self) -> None:
        """All retained alarms have come: close what the broker did not repeat."""
        for alarm_id in self._unconfirmed:
            alarm = self.alarms.get(alarm_id)
            if alarm is not None:
                self._close(alarm)
        self._unconfirmed = set()
        left, self._left = self._left, {}
        for site_id, room_id in left:
            self._add("presence", site_id, {"presence": self.presence(site_id, room_id)})
        self.synced = self.synced_now = True

    @property
    def linked(self) -> bool:
        """False while nobody can know whether the picture is still true."""
        return self.broker_proved and self.engine_proved

    def set_link(self, *, broker: bool, engine: bool) -> None:
        """Say whether the way through the broker, and the alarm engine behind it, are proved to work."""
        before = self.linked
        self.broker_proved, self.engine_proved = broker, engine
        if before != self.linked:
            self._add("link", None, {"linked": self.linked})

    def recheck_access(self) -> None:
        """Accounts may have changed: every feed asks again, now."""
        self.access_changes += 1
        self._views.clear()  # people may have other names now
        self._wake()

    def close(self) -> None:
        """End all feeds: the program stops."""
        self.closing = True
        self._wake()

    def since(self, seq: int) -> list[Change] | None:
        """The changes after ``seq``, or None when they are no longer kept."""
        if seq == self.head:
            return []
        if seq > self.head or not self._ring or seq < self._ring[0].seq - 1:
            return None
        return [self._ring[i] for i in range(seq - self._ring[0].seq + 1, len(self._ring))]

    async def wait(self, seq: int, timeout_s: float) -> None:
        """Return when there is a change after ``seq``, when the program stops, or after the timeout."""
        if self.head > seq or self.closing:
            return
        woken = asyncio.Event()
        self._waiters.add(woken)
        try:
            async with asyncio.timeout(timeout_s):
                await woken.wait()
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(woken)

    async def catch_up(self, find: Callable[[], Alarm | None], version: int, tries: int) -> None:
        """Wait until the alarm that ``find`` gives has come to ``version``; the broker may hand out a reply first."""
        for _ in range(tries):
            alarm = find()
            if alarm is None or alarm.version >= version:
                return
            await self.wait(self.head, _CATCH_UP_S)

    def open_alarms(self) -> list[Alarm]:
        """Every open alarm: most urgent first, a drill after the real ones, then the longest waiting."""
        return sorted(
            self.alarms.values(), key=lambda a: (a.priority.rank, Flag.DRILL in a.flags, a.received_at, a.alarm_id)
        )

    def view(self, alarm: Alarm) -> msgspec.Raw:
        """An open alarm as feeds tell it, in JSON: made once for all of them, for in a flood it costs much."""
        kept = self._views.get(alarm.alarm_id)
        if kept is None or kept[0] is not alarm:
            kept = alarm, msgspec.Raw(msgspec.json.encode(alarm_view(alarm, self._name_of)))
            self._views[alarm.alarm_id] = kept
        return kept[1]

    def presence(self, site_id: str, room_id: str) -> dict[str, object]:
        """Who is in a room, as feeds tell it."""
        known = self.present.get((site_id, room_id))
        return presence_view(site_id, room_id, known.by if known else (), self._name_of)

    def _decode(self, site_id: str, alarm_id: str, payload: bytes) -> Alarm:
        try:
            alarm = msgspec.json.decode(payload, type=Alarm)
            if (alarm.identity.site_id, alarm.alarm_id) == (site_id, alarm_id):
                return alarm
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
        self.unreadable += 1
        self._log.error("alarm.unreadable", alarm_id=alarm_id, site_id=site_id)
        return unreadable_alarm(site_id, alarm_id, payload, self._clock.now())

    def _close(self, alarm: Alarm) -> None:
        self.alarms.pop(alarm.alarm_id, None)
        self._views.pop(alarm.alarm_id, None)
        self.closed[alarm.alarm_id] = alarm
        while len(self.closed) > _CLOSED_KEPT:
            self.closed.popitem(last=False)
        by_person = alarm.response is Response.RESOLVED
        view = alarm_view(alarm, self._name_of) if by_person else None
        self._add("closed", alarm.identity.site_id, {"alarm_id": alarm.alarm_id, "alarm": view})

    def _add(self, event: str, site_id: str | None, body: dict[str, Any]) -> None:  # Any: a JSON object
        self.head += 1
        self._ring.append(Change(seq=self.head, event=event, site_id=site_id, data=msgspec.json.encode(body)))
        self._wake()

    def _wake(self) -> None:
        for woken in self._waiters:
            woken.set()
