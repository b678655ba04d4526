"""A console on a real broker, and a small alarm engine to play with: states out, commands in."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from fastapi import FastAPI

from alarms.engine import commands
from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition, ContactAtOnset, Flag, Identity, Priority
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import Event, Resolve
from alarms.lifecycle.step import step
from console.app import create_app
from console.auth.passwords import hash_password
from console.auth.tokens import create_login_link
from console.parts import Parts
from console.program import ConsoleServer
from console.routes import Route
from console.settings import ConsoleSettings
from console.wiring import build_parts, close_parts
from ingest.account import Account
from ingest.clock import Clock, SystemClock
from ingest.mqtt import Message, Session
from ingest.registry.model import Contact, Device, Gateway, Registry, Resident, Room, Site, User, Zone
from ingest.settings import ConnectionSettings
from ingest.wire import topics
from ingest.wire.signals import Kind
from tests.children import PATIENCE_S
from tests.life_evidence import life_evidence

PASSWORD = "correct horse"
_HASH = hash_password(PASSWORD)


def a_registry(**changes: Any) -> Registry:
    """A nursing home with three rooms and a private home, and one account of each role."""
    roles = ("operator", "carer", "supervisor", "installer", "administrator", "family")
    registry = Registry(
        version=7,
        sites=(
            Site(site_id="home", name="幸福里养老院", shard=3, address="杭州市西湖区文三路 8 号"),
            Site(site_id="flat", name="陈家", shard=4, kind="private_home", address="杭州市拱墅区"),
        ),
        zones=(Zone(zone_id="floor3", site_id="home", name="三楼"),),
        rooms=(
            Room(room_id="r305", site_id="home", name="305 室", zone_id="floor3"),
            Room(room_id="r306", site_id="home", name="306 室", zone_id="floor3"),
            Room(room_id="kitchen", site_id="flat", name="厨房"),
        ),
        residents=(
            Resident(resident_id="wang", site_id="home", name="王秀英", room_id="r305", needs="助听器；行走需搀扶"),
            Resident(resident_id="chen", site_id="flat", name="陈建国", room_id="kitchen", away=True),
        ),
        contacts=(Contact(contact_id="c1", site_id="home", name="王磊", resident_id="wang", phone="138-0000-0001"),),
        gateways=(
            Gateway(gateway_id="gw-home", site_id="home", name="三楼网关"),
            Gateway(gateway_id="gw-flat", site_id="flat"),
        ),
        devices=(
            Device(
                device_id="sos-305",
                number=1,
                site_id="home",
                gateway_id="gw-home",
                kind=Kind.BUTTON,
                profile="button",
                name="床头呼叫",
                room_id="r305",
                resident_id="wang",
            ),
            Device(
                device_id="smoke-k",
                number=2,
                site_id="flat",
                gateway_id="gw-flat",
                kind=Kind.FIRE,
                profile="smoke",
                name="厨房烟感",
                room_id="kitchen",
            ),
        ),
        users=(
            *(User(user_id=role, name=role.title(), role=role, password_hash=_HASH) for role in roles),
            User(user_id="lina", name="李娜", role="operator", password_hash=_HASH),
            User(user_id="only-flat", name="Flat only", role="carer", password_hash=_HASH, site_ids=("flat",)),
        ),
    )
    return msgspec.structs.replace(registry, **changes)


def an_alarm(alarm_id: str = "a-1", *, age_s: float = 0, **changes: Any) -> Alarm:
    """A help call from room 305, raised ``age_s`` ago."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    identity = Identity(
        site_id="home",
        site_name="幸福里养老院",
        zone_name="三楼",
        room_id="r305",
        room_name="305 室",
        resident_id="wang",
        resident_name="王秀英",
        resident_needs="助听器；行走需搀扶",
        gateway_id="gw-home",
        device_id="sos-305",
        device_name="床头呼叫",
        contacts=(
            ContactAtOnset(name="王磊", relation="儿子", phone="138-0000-0001", webhook="https://secret.example/k"),
        ),
    )
    values: dict[str, Any] = {
        "alarm_id": alarm_id,
        "version": 1,
        "rule": "help_call",
        "subject": "sos-305",
        "kind": AlarmKind.HELP_CALL,
        "priority": Priority.EMERGENCY,
        "latching": True,
        "momentary": True,
        "identity": identity,
        "raised_at": at,
        "received_at": at,
        "last_at": at,
        "evidence": {"signal": "help_call", "value": True},
    }
    return Alarm(**{**values, **changes})


def a_fire(alarm_id: str = "f-1", **changes: Any) -> Alarm:
    """A fire in room 306 whose smoke is gone; ``needed`` people must take it."""
    alarm = an_alarm(alarm_id, rule="smoke_alarm", subject="room:r306", kind=AlarmKind.FIRE, momentary=False)
    identity = replace(
        alarm.identity, room_id="r306", room_name="306 室", resident_name="", resident_id=None, device_name="烟感"
    )
    values = {"identity": identity, "condition": Condition.CLEARED, "cleared_at": alarm.raised_at, "evidence": {}}
    return replace(alarm, **{**values, **changes})


def a_question(alarm_id: str = "q-1", *, age_s: float = 0, **changes: Any) -> Alarm:
    """Whether all is well with Ms Wang: no sign of life for long."""
    alarm = an_alarm(alarm_id, age_s=age_s, rule="no_sign_of_life", subject="resident:wang", kind=AlarmKind.INACTIVITY)
    values = {
        "identity": replace(alarm.identity, device_id="", device_name=""),
        "priority": Priority.LOW,
        "flags": (Flag.QUESTION,),
        "momentary": False,
        "evidence": life_evidence(at_s=alarm.raised_at.timestamp()),
    }
    return replace(alarm, **{**values, **changes})


def at_flat(alarm: Alarm) -> Alarm:
    """The same alarm in the private home."""
    identity = replace(
        alarm.identity, site_id="flat", site_name="陈家", zone_name="", room_name="厨房", resident_name="陈建国"
    )
    return replace(alarm, identity=identity)


_DO = (topics.EVERY_ALARM_DO, topics.EVERY_SITE_DO)


class FakeEngine:
    """Publishes alarms as the engine does and answers commands by the real lifecycle; ``deaf`` lets it ignore them.

    A command that the console repeats because its answer is late is answered again but carried out and kept once.
    """

    def __init__(self, account: Account) -> None:
        self.alarms: dict[str, Alarm] = {}
        self.commands: list[dict[str, Any]] = []
        self.deaf = False
        self._seen: dict[tuple[str, int], Alarm] = {}
        self._answers: dict[str, bytes] = {}
        self._session = Session(account, "anxin-alarms", subscriptions=_DO, clean=True)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._session.start()
        self._thread.start()
        end = time.monotonic() + 10
        while not self._session.connected:
            assert time.monotonic() < end
            time.sleep(0.01)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5)
        self._session.stop()

    def tell(self, alarm: Alarm) -> Alarm:
        """Publish the alarm's state; a resolved one is cleared after it."""
        topic = topics.alarm(alarm.identity.site_id, alarm.alarm_id)
        payload = msgspec.json.encode(alarm)
        self._seen[alarm.alarm_id, alarm.version] = alarm
        if alarm.is_open:
            self.alarms[alarm.alarm_id] = alarm
            assert self._session.publish(topic, payload, retain=True)
        else:
            self.alarms.pop(alarm.alarm_id, None)
            assert self._session.publish(topic, payload)
            assert self._session.publish(topic, b"", retain=True)
        return alarm

    def tell_raw(self, site_id: str, alarm_id: str, payload: bytes) -> None:
        assert self._session.publish(topics.alarm(site_id, alarm_id), payload, retain=True)

    def tell_presence(self, site_id: str, room_id: str, by: list[str]) -> None:
        """Staff are in a room; nobody: not any more."""
        now = datetime.now(UTC)
        body = {"site_id": site_id, "room_id": room_id, "by": by, "since": now, "until": now + timedelta(hours=1)}
        payload = msgspec.json.encode(body) if by else b""
        assert self._session.publish(topics.presence(site_id, room_id), payload, retain=True)

    def happen(self, alarm_id: str, event: Event) -> Alarm:
        """Something happens to an open alarm, as a deadline or a detector makes it."""
        changed, _ = step(self.alarms[alarm_id], event, datetime.now(UTC))
        return self.tell(changed)

    def _run(self) -> None:
        while not self._stopping.is_set():
            messages = [item for item in self._session.take(100, 0.1) if isinstance(item, Message)]
            for message in messages:
                if not self.deaf:
                    self._obey(message)
            self._session.acknowledge(messages)

    def _obey(self, message: Message) -> None:
        command = commands.decode(message.payload)
        assert command is not None
        site_id = topics.parse_site_do(message.topic)
        parsed = topics.parse_alarm(message.topic)
        if command.id not in self._answers:
            if not command.id.startswith("console-"):
                self.commands.append(json.loads(message.payload))
            if site_id is not None:
                self._answers[command.id] = self._begin_drill(command)
            else:
                assert parsed is not None
                self._answers[command.id] = self._carry_out(parsed.alarm_id, command)
        self._session.publish(command.reply_to, self._answers[command.id])

    def _begin_drill(self, command: commands.Command) -> bytes:
        drill = an_alarm(
            f"drill-{command.id[:8]}",
            kind=AlarmKind(command.kind),
            flags=(Flag.DRILL,),
            evidence={"drill": {"by": command.by}},
        )
        return commands.accepted(command, self.tell(drill))

    def _carry_out(self, alarm_id: str, command: commands.Command) -> bytes:
        alarm = self.alarms.get(alarm_id)
        if alarm is None:
            return commands.refused(command, "unknown_alarm")
        if command.do == "resolve_incident" and command.disposition is not None:
            resolve = Resolve(by=command.by, disposition=command.disposition, note=command.note)
            for member in [one for one in self.alarms.values() if one.incident_id == alarm_id]:
                alarm = self.happen(member.alarm_id, resolve)
            return commands.accepted(command, alarm)
        event = commands.event_of(command)
        if event is None:
            return commands.refused(command, "bad_command", alarm)
        seen = self._seen.get((alarm_id, command.version or 0))
        if command.version not in (None, alarm.version) and commands.is_outdated(seen, alarm):
            return commands.refused(command, "conflict", alarm)
        try:
            return commands.accepted(command, self.happen(alarm_id, event))
        except TransitionError as error:
            return commands.refused(command, "conflict" if error.first is not None else "refused", alarm, error)


class Desk:
    """A running console. ``registry`` may be replaced at any time."""

    def __init__(
        self,
        data: Path,
        account: Account,
        *,
        database: str = "",
        port: int = 0,
        clock: Clock | None = None,
        **settings: Any,
    ) -> None:
        self.data = data
        self._clock = clock or SystemClock()
        self.registry = a_registry()
        self._settings = ConsoleSettings.load(username=account.username, password=account.password, **settings)
        self._connection = ConnectionSettings.load(
            data=data, broker_host=account.host, broker_port=account.port, database=database
        )
        self._port = port
        self._ready = threading.Event()
        self.parts: Parts
        self._app: FastAPI
        self._server: ConsoleServer
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S), "the console does not start"
        end = time.monotonic() + PATIENCE_S
        while not self._server.started:
            assert time.monotonic() < end, "the console does not listen"
            time.sleep(0.01)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive():
            faulthandler.dump_traceback()
            raise AssertionError("the console does not end: see above where it stands")

    def change_registry(self, registry: Registry) -> None:
        """As the follower does it."""
        self.registry = registry
        self._loop.call_soon_threadsafe(self.parts.live.recheck_access)

    def routes(self) -> list[Route]:
        """Every route of the application."""
        return list(self._app.state.routes)

    def login_link(self, user_id: str = "operator") -> str:
        return self.url + create_login_link(self.data, user_id)

    @contextlib.contextmanager
    def client(self, user_id: str = "operator") -> Iterator[httpx.Client]:
        """A logged-in client that carries the token which changes need."""
        client = self.open_client(user_id)
        try:
            yield client
        finally:
            client.close()

    def open_client(self, user_id: str = "operator") -> httpx.Client:
        """The same, to be closed by the caller."""
        client = httpx.Client(base_url=self.url, timeout=10)
        assert client.get(self.login_link(user_id)).status_code == 303
        client.headers["X-CSRF-Token"] = client.get("/api/v1/me").json()["csrf"]
        return client

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.parts = build_parts(self._settings, self._connection, lambda: self.registry, self._clock)
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("127.0.0.1", self._port))
            self._port = listening.getsockname()[1]
            self._app = create_app(self.parts)
            config = uvicorn.Config(self._app, log_config=None, lifespan="on", timeout_graceful_shutdown=3)
            self._server = ConsoleServer(config, self.parts.live)
            self._ready.set()
            try:
                await self._server.serve(sockets=[listening])
            finally:
                close_parts(self.parts)


class FeedReader:
    """Reads ``/api/v1/feed`` in a thread; ``events`` are (id, event, body, moment of arrival)."""

    def __init__(self, client: httpx.Client, last_event_id: str = "") -> None:
        self.events: list[tuple[str, str, dict[str, Any], float]] = []
        self.comments = 0
        self.ended = False
        self.status = 0
        self._client = client
        self._headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def last_id(self) -> str:
        return next((event_id for event_id, *_ in reversed(self.events) if event_id), "")

    def of(self, event: str) -> list[dict[str, Any]]:
        return [body for _, name, body, _ in self.events if name == event]

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(60)

    def _run(self) -> None:
        # HTTP/1.0: the stream comes as it is, and a stop need not wait for the next beat
        url = self._client.base_url
        cookies = "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())
        headers = {"Host": f"{url.host}:{url.port}", "Cookie": cookies, **self._headers}
        request = "GET /api/v1/feed HTTP/1.0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
        with contextlib.suppress(OSError), socket.create_connection((url.host, url.port or 80), timeout=5) as wire:
            wire.sendall(request.encode())
            wire.settimeout(0.05)
            self._read(wire)
        self.ended = True

    def _read(self, wire: socket.socket) -> None:
        held = b""
        head = True
        while not self._stopping.is_set():
            try:
                chunk = wire.recv(65536)
            except TimeoutError:
                continue
            if not chunk:
                return
            held += chunk
            if head and b"\r\n\r\n" in held:
                first, _, held = held.partition(b"\r\n\r\n")
                self.status = int(first.split()[1])
                head = False
            while not head and b"\n\n" in held:
                block, _, held = held.partition(b"\n\n")
                self._take(block.decode())

    def _take(self, block: str) -> None:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            if line.startswith(":"):
                self.comments += 1
            else:
                name, _, value = line.partition(": ")
                fields[name] = value
        if "event" in fields:
            body = json.loads(fields["data"])
            self.events.append((fields.get("id", ""), fields["event"], body, time.monotonic()))


@contextlib.contextmanager
def running_desk(data: Path, account: Account, **settings: Any) -> Iterator[Desk]:
    desk = Desk(data, account, **settings)
    desk.start()
    try:
        yield desk
    finally:
        desk.stop()


__all__ = [
    "PASSWORD",
    "Condition",
    "Desk",
    "FakeEngine",
    "FeedReader",
    "Flag",
    "a_fire",
    "a_registry",
    "an_alarm",
    "at_flat",
    "running_desk",
]
