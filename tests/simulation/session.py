"""Stands where ``ingest.mqtt.Session`` stands: the same words, one thread, virtual time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ingest.clock import ClockWatch
from ingest.mqtt import Connected, Disconnected, Item, Message, Posted, moved
from tests.simulation.broker import Broker, Link
from tests.simulation.hazards import Hazards

IDLE_WAIT_S = 1.0
"""Waits at least so long are idle ones: the loop knows of nothing that is due earlier."""


@dataclass(slots=True)
class KeptSession:
    """What the broker keeps for the program between its connections: QoS 1 messages that it has not acknowledged."""

    broker: Broker
    filters: Sequence[str]
    name: str = "anxin-alarms"
    exists: bool = False
    pending: dict[int, tuple[str, bytes, bool]] = field(default_factory=dict)
    reader: SimSession | None = None
    _mid: int = 0

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        if not self.exists:
            return
        self._mid += 1
        self.pending[self._mid] = (topic, payload, retained)
        if self.reader is not None:
            self.reader.carry(self._mid, topic, payload, retained=retained)

    def lost(self) -> None:
        """The broker has died."""
        if not self.broker.weather.sessions_survive:
            self.exists = False
            self.pending.clear()
        if self.reader is not None:
            self.reader.lose_connection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who watches the session. ``patience`` may stretch an idle wait to a whole number of idle waits."""

    patience: Callable[[float], float]
    looked: Callable[[], None]
    taken: Callable[[Sequence[Message]], None]
    published: Callable[[str, bytes, bool], None]
    acknowledged: Callable[[Sequence[Message]], None]


class SimSession:
    """The program's connection during one of its lives.

    ``take`` is where time passes: everything in the world happens while the program waits here. Idle turns that would
    have found nothing to do are left out, without moving the others.
    """

    def __init__(self, kept: KeptSession, hazards: Hazards, stopping: threading.Event, witness: Witness) -> None:
        self._kept = kept
        self._broker = kept.broker
        self._timeline = kept.broker.timeline
        self._clock_watch = ClockWatch(self._timeline)
        self._hazards = hazards
        self._stopping = stopping
        self._witness = witness
        self._inbox: deque[Item] = deque()
        self._outgoing: dict[int, tuple[str, bytes, bool]] = {}
        self._sent = 0
        self._connection = 0
        self._up: Link | None = None
        self._down: Link | None = None
        self._alive = True
        self._wait_from_s = self._wait_until_s = self._wait_s = 0.0
        self._busy_s = 0.0
        self.connected = False

    # what the program uses

    def start(self) -> None:
        self._timeline.after(0.001 + self._broker.latency_s(), self._try)

    def stop(self) -> None:
        """Say goodbye."""
        self._alive = False
        self.lose_connection()

    def take(self, limit: int, timeout_s: float) -> list[Item]:
        """Up to ``limit`` items, waiting at most ``timeout_s`` for the first; the world goes on meanwhile."""
        self._hazards.touch("before taking")
        if self._busy_s:  # the turn before took its time
            self._timeline.run_until(self._timeline.now_s + self._busy_s)
            self._busy_s = 0.0
        self._witness.looked()
        if not self._inbox:
            self._wait(timeout_s)
            self._witness.looked()
        self._look_at_clock()
        taken = [self._inbox.popleft() for _ in range(min(limit, len(self._inbox)))]
        self._witness.taken([item for item in taken if isinstance(item, Message)])
        self._hazards.idle = not taken and timeout_s >= IDLE_WAIT_S
        if taken:
            self._busy_s = self._timeline.random.choice((0.001, 0.003, 0.01, 0.05))
        return taken

    def post(self, body: object) -> None:
        if self._alive:
            self._inbox.append(Posted(body))

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        del qos
        if not self.connected:
            return False
        self._hazards.touch("before publishing")
        self._witness.published(topic, payload, retain)
        self._sent += 1
        self._outgoing[self._sent] = (topic, payload, retain)
        self._send(self._sent)
        self._hazards.touch("after publishing")
        return True

    def acknowledge(self, messages: Iterable[Message]) -> None:
        done = list(messages)
        if not done:
            return
        self._hazards.touch("before acknowledging")
        self._witness.acknowledged(done)
        for message in done:
            if message.qos > 0 and message.connection == self._connection and self._up is not None:
                self._up.carry(self._forget(message.mid))
        self._hazards.touch("after acknowledging")

    # what the world does to it

    @property
    def waiting(self) -> int:
        """How many items nobody has taken."""
        return len(self._inbox)

    def nudge(self) -> None:
        """Something changed that only a turn would notice: the idle wait ends as an idle wait would have."""
        if self._wait_s > 0:
            turns = int((self._timeline.now_s - self._wait_from_s) / self._wait_s) + 1
            self._wait_until_s = min(self._wait_until_s, self._wait_from_s + turns * self._wait_s)

    def silence(self, noticed_after_s: float) -> None:
        """The network swallows everything from now on; that is noticed only after a while."""
        if self._up is None or self._down is None:
            return
        self._up.cut()
        self._down.cut()
        connection = self._connection

        def noticed() -> None:
            if self.connected and self._connection == connection:
                self.lose_connection()

        self._timeline.after(noticed_after_s, noticed)

    def die(self) -> None:
        """The process is gone. What it wrote last may still be in the network; nothing more comes."""
        self._alive = False
        if self._up is not None and self._timeline.random.random() < 0.5:
            self._up.cut()
        self.lose_connection()

    def carry(self, mid: int, topic: str, payload: bytes, *, retained: bool) -> None:
        """A message leaves the broker."""
        connection = self._connection

        def arrive() -> None:
            if self._alive and self._connection == connection:
                self._look_at_clock()
                received_s = self._timeline.now().timestamp()
                message = Message(topic, payload, retained, received_s, 1, mid, connection)
                self._inbox.append(message)
                if self._timeline.random.random() < self._broker.weather.repeats:
                    self._inbox.append(message)

        if self._down is not None:
            self._down.carry(arrive)

    def lose_connection(self) -> None:
        """The connection has ended; a living program tries again."""
        if not self.connected:
            return
        self.connected = False
        if self._down is not None:
            self._down.cut()
        if self._alive and self._up is not None:
            self._up.cut()
        self._up = self._down = self._kept.reader = None
        if self._alive:
            self._inbox.append(Disconnected(self._connection))
            self._retry()

    def _look_at_clock(self) -> None:
        """As the real one does."""
        look = self._clock_watch.look()
        if look.set_by_s:
            self._clock_watch.accept(look)
            self._inbox = deque(moved(item, look.set_by_s) for item in self._inbox)

    def _wait(self, timeout_s: float) -> None:
        timeline = self._timeline
        self._wait_from_s, self._wait_s = timeline.now_s, timeout_s
        self._wait_until_s = timeline.now_s + self._witness.patience(timeout_s)
        while not self._inbox and not self._stopping.is_set() and timeline.next_s() <= self._wait_until_s:
            timeline.run_next()
        if not self._inbox and not self._stopping.is_set():
            timeline.now_s = max(timeline.now_s, self._wait_until_s)
        self._wait_s = 0.0

    def _retry(self) -> None:
        self._timeline.after(0.1 + 2 * self._timeline.random.random(), self._try)

    def _try(self) -> None:
        if not self._alive or self.connected:
            return
        if not self._broker.up:
            self._retry()
            return
        kept = self._kept
        resumed, kept.exists, kept.reader = kept.exists, True, self
        self._connection += 1
        self._up, self._down = Link(self._broker), Link(self._broker)
        self.connected = True
        self._inbox.append(Connected(self._connection, resumed))
        for mid, (topic, payload, retained) in list(kept.pending.items()):
            self.carry(mid, topic, payload, retained=retained)
        for number in list(self._outgoing):
            self._send(number)
        self._broker.tell_retained(kept)

    def _send(self, number: int) -> None:
        topic, payload, retain = self._outgoing[number]

        def arrive() -> None:
            self._broker.publish(topic, payload, retain=retain)
            self._outgoing.pop(number, None)

        if self._up is not None:
            self._up.carry(arrive)

    def _forget(self, mid: int) -> Callable[[], None]:
        def arrive() -> None:
            self._kept.pending.pop(mid, None)

        return arrive
