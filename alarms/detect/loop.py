"""detect's one loop: take, judge, make durable, then send and acknowledge."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from alarms.core.judgement import Judgement
from alarms.detect.detector import CLOCK, Detector
from alarms.detect.intake import Intake
from alarms.detect.outlet import ACK_TOPIC, STATUS_TOPIC, Outlet, bodies
from alarms.detect.settings import DetectSettings
from alarms.detect.store import DetectStore
from alarms.errors import DetectStateFullError
from ingest.clock import ClockWatch, SteadyClock, decode_anchor
from ingest.health import Health
from ingest.log import Log
from ingest.mqtt import Connected, Disconnected, Item, Message, Posted, Session
from ingest.registry.directory import directory
from ingest.registry.model import Registry
from ingest.wire import status

_TAKE = 2048
_ENCODE = msgspec.json.Encoder().encode
_RETRY_S = 1.0
_COSTLY = 10
"""Saving takes at most one part in so many of the time, unless judgements want it."""


class Loop:
    """Everything that ``detect`` does, in one thread.

    A judgement is durable, together with the core state and the lane positions behind it, before it is sent; so a
    restart judges nothing twice. While the disk takes nothing, judgements leave from memory and telemetry stays
    unacknowledged in the gateways' spools.
    """

    def __init__(
        self,
        *,
        session: Session,
        store: DetectStore,
        detector: Detector,
        intake: Intake,
        health: Health,
        settings: DetectSettings,
        clock: SteadyClock,
        database: Callable[[], bool],
        log: Log,
        started_s: float,
        tell_back: Callable[[Mapping[str, float]], None] = lambda _: None,
    ) -> None:
        self._online = status.encode("online", store.boot, started_s)
        self._session = session
        self._store = store
        self._memory = DetectStore(None)
        self._outlets = [Outlet(session, store), Outlet(session, self._memory)]
        self._detector = detector
        self._intake = intake
        self._health = health
        self._settings = settings
        self._clock = clock
        self._clock_watch = ClockWatch(clock, decode_anchor(store.state(CLOCK)))
        self._database = database
        self._tell_back = tell_back
        self._log = log
        self._taken: list[Message] = []
        self._found: list[Judgement] = []
        self._registry_version = 0
        self._next_tick_s = 0.0
        self._next_save_s = 0.0
        self._next_history_s = time.monotonic() + settings.history_s
        self._save_ms = 0.0
        self._judged = 0
        self._readings = 0
        self._full = False

    def run(self, stopping: threading.Event) -> None:
        """Until ``stopping``; then everything is saved once more and acknowledged."""
        while not stopping.is_set():
            self.turn()
        self._next_save_s = self._next_history_s = 0.0
        self._save(time.monotonic(), force=True)

    def turn(self) -> None:
        """One round; it lasts until something comes, at most until the next tick."""
        now_s = time.monotonic()
        wait_s = min(self._next_tick_s, self._next_save_s if self._taken or self._full else self._next_tick_s) - now_s
        items = self._session.take(_TAKE, max(0.0, min(wait_s, self._settings.tick_s)))
        self._look_at_clock()
        self._handle(items)
        now_s, wall_s = time.monotonic(), self._wall()
        batch, motions = self._intake.drain()
        self._readings += len(batch)
        self._found += self._detector.update(batch, motions, wall_s)
        if now_s >= self._next_tick_s:
            self._next_tick_s = now_s + self._settings.tick_s
            self._found += self._detector.tick(wall_s)
            self._tell_back(self._detector.back())
        self._save(now_s)
        for outlet in self._outlets:
            outlet.send(now_s, wall_s)
        self._report(wall_s)

    def set_registry(self, registry: Registry) -> None:
        """Judge by another registry from the next message on."""
        self._look_at_clock()
        self._registry_version = registry.version
        self._intake.set_directory(directory(registry))
        self._found += self._detector.set_registry(registry, self._wall())
        self._log.info("registry.used", version=registry.version, devices=len(registry.devices))

    def _wall(self) -> float:
        return self._clock.now().timestamp()

    def _look_at_clock(self) -> None:
        """When the wall clock was set nobody falls silent by it, and no wait becomes longer or shorter."""
        look = self._clock_watch.look()
        if look.set_by_s:
            self._detector.clock_set(look.set_by_s)
            self._clock_watch.accept(look)
            self._log.warning("clock.set", by_s=round(look.set_by_s, 3))

    def _handle(self, items: Iterable[Item]) -> None:
        now_s = time.monotonic()
        for item in items:
            match item:
                case Message():
                    self._message(item, now_s)
                case Connected():
                    self._detector.set_listening(True, self._wall())
                    self._session.publish(STATUS_TOPIC, self._online, retain=True)
                    for outlet in self._outlets:
                        outlet.connected(now_s)
                case Disconnected():
                    self._detector.set_listening(False, self._wall())
                case Posted(body) if isinstance(body, Registry):
                    # what came before is judged by the registry that it came under
                    batch, motions = self._intake.drain()
                    self._found += self._detector.update(batch, motions, self._wall())
                    self.set_registry(body)

    def _message(self, message: Message, now_s: float) -> None:
        self._taken.append(message)
        if message.topic == ACK_TOPIC:
            for outlet in self._outlets:
                outlet.acknowledged(message.payload, now_s)
            return
        heard = self._intake.add(message)
        if heard is not None:
            self._detector.set_gateway_online(*heard, self._wall())

    def _save(self, now_s: float, *, force: bool = False) -> None:
        """Make durable what is due; only then it is acknowledged."""
        due = (bool(self._taken) or self._full) and now_s >= self._next_save_s
        if not due and not force and (not self._found or (self._full and now_s < self._next_save_s)):
            return
        with_history = now_s >= self._next_history_s
        packs = list(bodies(self._found))
        state = self._detector.state() | (self._detector.history() if with_history else {})
        if state:
            state[CLOCK] = _ENCODE(self._clock_watch.anchor())
        try:
            self._store.save(packs=packs, lanes=self._intake.unsaved(), state=state, now_s=self._wall())
        except DetectStateFullError as error:
            self._failed(packs, now_s, error)
            return
        if self._full:
            self._full = False
            self._log.info("state.back")
        self._tell_log()
        moved = self._intake.saved()
        taken, self._taken = self._taken, []
        self._session.acknowledge(taken)
        for topic, payload in self._intake.acknowledgements(moved):
            self._session.publish(topic, payload, qos=0)  # a lost one is made up for: the gateway sends again
        cost_s = time.monotonic() - now_s
        self._save_ms = cost_s * 1000
        self._next_save_s = now_s + max(self._settings.save_s, _COSTLY * cost_s)
        if with_history:
            self._next_history_s = now_s + max(self._settings.history_s, 100 * cost_s)

    def _failed(self, packs: list[bytes], now_s: float, error: DetectStateFullError) -> None:
        if not self._full:
            self._full = True
            self._log.error("state.full", error=error)
        self._memory.save(packs=packs)
        taken, self._taken = self._taken, []
        self._session.acknowledge(taken)  # the spools hold them until ``down/ack``: the broker need not
        self._tell_log()
        self._next_save_s = now_s + _RETRY_S

    def _tell_log(self) -> None:
        for judgement in self._found:
            action = "rule.raised" if judgement.raised else "rule.cleared"
            self._log.info(action, rule=judgement.rule, subject=judgement.subject)
        self._judged += len(self._found)
        self._found = []

    def _report(self, wall_s: float) -> None:
        if not self._health.due():
            return
        lag_s = wall_s - min((message.received_s for message in self._taken), default=wall_s)
        self._health.report(
            state="judging" if self._detector.ready else "waiting for a registry",
            broker=self._session.subscribed,
            database=self._database(),
            registry_version=self._registry_version,
            lag_s=round(lag_s, 2),
            readings=self._readings,
            refused=dict(self._intake.refused),
            judged=self._judged,
            judgements_waiting=self._store.waiting + self._memory.waiting,
            save_ms=round(self._save_ms, 1),
            disk_full=self._full,
            **self._detector.facts(wall_s),
        )
