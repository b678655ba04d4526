"""The console's connection to the broker: alarms and gateway status in, commands out, answers back.

A mark that the console sends to itself every two seconds proves that the path through the broker works; it also tells
when the broker has repeated everything it keeps. A question about an alarm that cannot exist proves that the alarm
engine answers: without it the list would look calm and be dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import aiomqtt
import msgspec

from console.ending import end
from console.errors import NoAnswerError
from console.live import Live
from console.metrics import Metrics
from ingest.account import Account
from ingest.log import Log
from ingest.wire import topics

MARK_EVERY_S = 2.0
LINK_LOST_S = 5.0
ENGINE_LOST_S = 8.0  # it may restart in 5 s
_SETTLE_S = 0.3
_REPEAT_S = 0.8


class Reply(msgspec.Struct):
    """The alarm engine's answer to one command; ``by`` and ``at`` say who was first and when."""

    id: str
    ok: bool
    version: int | None = None
    reason: str = ""
    detail: str = ""
    by: str | None = None
    at: datetime | None = None
    response: str | None = None


class Broker:
    """Keeps ``live`` true; ``command`` sends one command and waits for its answer."""

    def __init__(self, account: Account, live: Live, metrics: Metrics, *, reply_s: float = 3.0) -> None:
        self._account = account
        self._live = live
        self._metrics = metrics
        self._reply_s = reply_s
        self._client_id = f"anxin-console-{secrets.token_hex(4)}"
        self._replies = f"{topics.ROOT}/console/{self._client_id}/replies"
        self._client: aiomqtt.Client | None = None
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._marks: dict[str, asyncio.Event] = {}
        self._listeners: dict[str, Callable[[bytes], None]] = {}
        self._retained_at = 0.0
        # the same question every time: the engine keeps one answer, not one per question
        self._question = f"console-{secrets.token_hex(8)}"
        self._engine_at = -ENGINE_LOST_S
        self._log = Log("console")

    async def run(self) -> None:
        """Connect, listen and connect again, until cancelled."""
        while True:
            try:
                async with self._connect() as client:
                    await self._serve(client)
            except (aiomqtt.MqttError, OSError) as error:
                self._log.warning("broker.lost", error=error)
            finally:
                self._client = None
                self._live.set_link(broker=False, engine=False)
            await asyncio.sleep(0.2 + 0.5 * random.random())  # noqa: S311 - jitter

    def listen(self, topic: str, take: Callable[[bytes], None]) -> None:
        """Hand every message on one more topic to ``take``; to be called before ``run``."""
        self._listeners[topic] = take

    async def command(self, site_id: str, alarm_id: str, command: dict[str, Any]) -> Reply:  # Any: JSON
        """Send a command about an alarm, see ``ask``."""
        return await self.ask(topics.alarm_do(site_id, alarm_id), command)

    async def ask(self, topic: str, command: dict[str, Any], *, reply_s: float | None = None) -> Reply:  # Any: JSON
        """Send a command and repeat it, under the same id, until it is answered.

        Raises
        ------
        NoAnswerError
            Nobody answered in time. The command may still be carried out.
        """
        command_id = str(command["id"])
        payload = msgspec.json.encode({**command, "reply_to": self._replies})
        answer = self._waiting.setdefault(command_id, asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(reply_s or self._reply_s):
                while not answer.done():
                    await self._publish(topic, payload)
                    await asyncio.wait((answer,), timeout=_REPEAT_S)
            return answer.result()
        except TimeoutError:
            raise NoAnswerError from None
        finally:
            self._waiting.pop(command_id, None)

    def _connect(self) -> aiomqtt.Client:
        account = self._account
        tcp = account.socket is None
        return aiomqtt.Client(
            str(account.socket or account.host),
            account.port,
            transport="tcp" if tcp else "unix",
            username=account.username or None,
            password=account.password or None,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=True,
            keepalive=5,
            timeout=5,
            tls_context=ssl.create_default_context(cafile=str(account.ca)) if tcp and account.ca is not None else None,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)] if tcp else (),
        )

    async def _serve(self, client: aiomqtt.Client) -> None:
        self._live.begin_sync()
        self._retained_at = _now()
        known = (topics.EVERY_ALARM, topics.every_gateway("status"), topics.EVERY_PRESENCE)
        wanted = (self._replies, *known, *self._listeners)
        await client.subscribe([(topic, 1) for topic in wanted])
        self._client = client
        marker = asyncio.create_task(self._mark_forever(), name="console-marks")
        try:
            async for message in client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                self._take(message.topic.value, payload, retained=bool(message.retain))
        finally:
            await end(marker)

    def _take(self, topic: str, payload: bytes, *, retained: bool) -> None:
        if retained:
            self._retained_at = _now()
        alarm = topics.parse_alarm(topic)
        if alarm is not None and not alarm.is_command:
            self._metrics.states.inc()
            self._live.apply_alarm(alarm.site_id, alarm.alarm_id, payload, retained=retained)
        elif topic == self._replies:
            self._take_reply(payload)
        elif topic in self._listeners:
            self._listeners[topic](payload)
        elif (room := topics.parse_presence(topic)) is not None:
            self._live.apply_presence(*room, payload)
        elif (gateway := topics.parse_gateway(topic)) is not None:
            self._live.apply_status(gateway.gateway_id, payload)

    def _take_reply(self, payload: bytes) -> None:
        if payload.startswith(b"mark "):
            if (mark := self._marks.get(payload.decode("ascii", "replace"))) is not None:
                mark.set()
            return
        try:
            reply = msgspec.json.decode(payload, type=Reply)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._log.error("reply.unreadable")
            return
        if reply.id == self._question:
            self._engine_at = _now()
            self._live.set_link(broker=self._live.broker_proved, engine=True)
            return
        waiting = self._waiting.get(reply.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    async def _mark_forever(self) -> None:
        """Prove the link again and again; the first proof also ends the synchronisation."""
        while True:
            await self._ask_engine()
            came = await self._mark()
            if came and not self._live.synced_now:
                await self._settle()
                self._live.end_sync()
                self._log.info("alarms.synced", open=len(self._live.alarms))
            self._live.set_link(broker=came, engine=_now() - self._engine_at < ENGINE_LOST_S)
            await asyncio.sleep(MARK_EVERY_S if came else 0.2)

    async def _ask_engine(self) -> None:
        question = {
            "do": "acknowledge",
            "version": 0,
            "by": "console",
            "id": self._question,
            "reply_to": self._replies,
        }
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._publish(topics.alarm_do("console", self._question), msgspec.json.encode(question))

    async def _settle(self) -> None:
        """Wait until no retained state has come for a moment: some brokers let a mark overtake them."""
        while (left_s := self._retained_at + _SETTLE_S - _now()) > 0:  # noqa: ASYNC110 - the moment itself is waited for
            await asyncio.sleep(left_s)

    async def _mark(self) -> bool:
        mark = f"mark {uuid4()}"
        came = self._marks[mark] = asyncio.Event()
        began = _now()
        try:
            async with asyncio.timeout(LINK_LOST_S - MARK_EVERY_S):
                await self._publish(self._replies, mark.encode())
                await came.wait()
        except TimeoutError:
            return False
        finally:
            del self._marks[mark]
        self._metrics.round_trip.observe(_now() - began)
        return True

    async def _publish(self, topic: str, payload: bytes) -> None:
        client = self._client
        if client is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await client.publish(topic, payload, qos=1)


def _now() -> float:
    return asyncio.get_running_loop().time()
