"""The program ``ingest``: the data lane of every gateway into the database."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

from prometheus_client import start_http_server

from ingest.clock import SystemClock
from ingest.errors import SettingsError
from ingest.health import FILE, Health
from ingest.log import Log, start_logging
from ingest.mqtt import Message, Session
from ingest.pipeline.intake import Intake, Taken, is_in_spool
from ingest.pipeline.lanes import Lanes
from ingest.pipeline.metrics import Metrics
from ingest.pipeline.settings import IngestSettings
from ingest.pipeline.start import read_positions
from ingest.pipeline.storing import STUCK_S, Storing
from ingest.pipeline.upkeep import Upkeep
from ingest.registry.follower import RegistryFollower
from ingest.settings import ConnectionSettings
from ingest.wire import topics

_TAKE = 4096
_MAX_MESSAGES = 60_000
_TURN_S = 0.05
_PAUSE_S = 0.002
_COLLECT = (100_000, 20, 100)  # packs are many lists and no cycles: looking for some costs more than reading them
_SWITCH_S = 0.0005  # three threads share the interpreter; the storing one has many short waits


class Ingest:
    """The consumer's loop: take, decode, hand over to be stored; acknowledge what is stored."""

    def __init__(self, connection: ConnectionSettings, settings: IngestSettings) -> None:
        clock = SystemClock()
        self._settings = settings
        self._dsn = connection.database
        self._log = Log("ingest")
        self._metrics = Metrics()
        self._follower = RegistryFollower(
            connection.database, connection.data / "ingest" / "registry.json", "ingest-registry"
        )
        self._session = Session(
            connection.account(settings.username, settings.password.get_secret_value()),
            f"anxin-{settings.username}",
            subscriptions=[topics.every_gateway("up/data")],
            pause_s=_PAUSE_S,
        )
        self._storing = Storing(
            connection.database,
            clock,
            self._metrics,
            self._acknowledge,
            statement_s=settings.statement_s,
            last_value_s=settings.last_value_s,
        )
        self._upkeep = Upkeep(connection.database, clock, settings.keep_days)
        self._health = Health(connection.data / "ingest" / FILE)
        self._oldest_s: float | None = None

    @property
    def listens(self) -> bool:
        """Whether the broker gives us what gateways send."""
        return self._session.subscribed

    def run(self, stopping: threading.Event) -> bool:
        """Until ``stopping``; then what is in hand is stored and acknowledged, if the database is there.

        False when an error of the program ended it before: nothing that was not stored is acknowledged.
        """
        whole = True
        if self._settings.metrics_port:
            start_http_server(self._settings.metrics_port, "127.0.0.1", registry=self._metrics.registry)
        self._follower.start()
        self._session.start()
        intake = self._prepare(stopping)
        if intake is not None:
            self._upkeep.start()
            self._storing.start()
            self._log.info("ingest.started", devices=len(intake.registry.devices))
            while whole and not stopping.is_set():
                self._turn(intake)
                whole = self._storing.alive
            self._log.info("ingest.stopping")
            self._finish(intake)
            self._upkeep.stop()
        self._session.stop()
        self._follower.stop()
        return whole

    def _prepare(self, stopping: threading.Event) -> Intake | None:
        """Wait for the database: without positions and registry nothing can be stored, and the spools hold it."""
        held: list[Message] = []

        def hold(message: Message) -> bool:
            room = len(held) < _TAKE
            if room:
                held.append(message)
            return room

        patient_until_s = time.monotonic() + STUCK_S
        while not stopping.is_set():
            self._report(state="waiting for the database")
            positions = read_positions(self._dsn)
            if positions is not None and self._follower.current.version:
                intake = Intake(self._follower.current, Lanes(positions))
                for message in held:
                    intake.add(message)
                return intake
            if time.monotonic() > patient_until_s:
                self._leave(hold)
            stopping.wait(0.2 if positions is not None else 1.0)
        return None

    def _turn(self, intake: Intake) -> None:
        if not self._is_full(intake):
            items = self._session.take(_TAKE, _TURN_S)
            if self._follower.current is not intake.registry:
                intake.set_registry(self._follower.current)
            for item in items:
                if isinstance(item, Message):
                    intake.add(item)
        elif self._storing.is_stuck:
            self._leave(partial(self._hold, intake))
        else:
            self._storing.wait(_TURN_S)
        now_s = time.monotonic()
        if self._oldest_s is None and intake.messages:
            self._oldest_s = now_s
        if not self._storing.busy and self._is_due(intake, now_s):
            self._hand_over(intake)
        self._report(state="storing" if self._storing.failing_since is None else "waiting for the database")

    def _leave(self, hold: Callable[[Message], bool]) -> None:
        """The database is away and our memory is full: what goes on coming stays in the spools, not in the broker.

        ``hold`` keeps a message that is in no spool, unless there is too much of it.
        """
        done, left = [], 0
        for item in self._session.take(_TAKE, _TURN_S):
            if isinstance(item, Message):
                in_spool = is_in_spool(item)
                if in_spool or not hold(item):
                    left += in_spool
                    done.append(item)
        self._session.acknowledge(done)
        self._metrics.left(left, len(done) - left)

    def _hold(self, intake: Intake, message: Message) -> bool:
        room = intake.messages < 2 * _MAX_MESSAGES and intake.readings < 2 * self._settings.flush_readings
        if room:
            intake.add(message)
        return room

    def _is_due(self, intake: Intake, now_s: float) -> bool:
        if self._oldest_s is None:
            return False
        return now_s - self._oldest_s >= self._settings.flush_s or self._is_full(intake)

    def _is_full(self, intake: Intake) -> bool:
        """Then nothing more is read into memory: the broker and the spools hold the rest."""
        return intake.readings >= self._settings.flush_readings or intake.messages >= _MAX_MESSAGES

    def _hand_over(self, intake: Intake) -> None:
        self._oldest_s = None
        self._storing.give(intake.take())

    def _finish(self, intake: Intake) -> None:
        self._storing.wait(self._settings.statement_s)
        if intake.messages and not self._storing.busy:
            self._hand_over(intake)
        self._storing.stop()

    def _acknowledge(self, taken: Taken) -> None:
        self._session.acknowledge(taken.messages)
        for topic, payload in taken.acknowledgements():
            # a lost one is made up for: the gateway sends again, and is told again
            self._session.publish(topic, payload, qos=0)

    def _report(self, state: str) -> None:
        if self._health.due():
            since = [at_s for at_s in (self._oldest_s, self._storing.failing_since) if at_s is not None]
            waits_s = time.monotonic() - min(since) if since else 0.0
            self._health.report(
                state=state,
                broker=self._session.subscribed,
                database=self._storing.failing_since is None and state != "waiting for the database",
                lag_s=round(waits_s, 2),
                registry_version=self._follower.current.version,
                **self._metrics.facts(),
            )


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 when it ended as asked, 1 by an error, 2 on wrong settings."""
    start_logging()
    log = Log("ingest")
    try:
        connection, settings = _settings()
    except SettingsError as error:
        log.error("settings.refused", error=error)
        return 2
    sys.setswitchinterval(_SWITCH_S)
    gc.set_threshold(*_COLLECT)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return 0 if Ingest(connection, settings).run(stopping) else 1


def _settings() -> tuple[ConnectionSettings, IngestSettings]:
    connection = ConnectionSettings.load()
    if not connection.database:
        raise SettingsError("connection.database is empty: ingest stores in PostgreSQL and is of no use without")
    return connection, IngestSettings.load()
