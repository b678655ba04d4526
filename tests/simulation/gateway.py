"""A gateway: the real uplink and its windows over a spool that power cuts do not hurt."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from gateway.packing import Datum, alarm_bodies
from gateway.uplink import Uplink
from ingest.log import Log
from ingest.wire import status, topics
from ingest.wire.topics import Lane
from tests.simulation.broker import Broker, Link, Will
from tests.simulation.oracle.oracle import Oracle


class ListSpool:
    """The words of ``gateway.spool.Spool`` that the uplink uses, for the alarm lane."""

    def __init__(self, boot: str) -> None:
        self.boot = boot
        self._packs: dict[int, bytes] = {}
        self._next = 0

    def append(self, body: bytes) -> int:
        self._packs[self._next] = body
        self._next += 1
        return self._next - 1

    def next_seq(self, lane: Lane) -> int:
        return self._next if lane is Lane.ALARM else 0

    def count(self, lane: Lane) -> int:
        return len(self._packs) if lane is Lane.ALARM else 0

    def floor(self, lane: Lane) -> int:
        return next(iter(self._packs), self.next_seq(lane))

    def pending(self, lane: Lane, after: int, limit: int) -> list[tuple[int, bytes]]:
        newer = ((seq, body) for seq, body in self._packs.items() if seq > after)
        return list(itertools.islice(newer, limit)) if lane is Lane.ALARM else []

    def acknowledge(self, lane: Lane, seq: int) -> None:
        if lane is Lane.ALARM:
            self._packs = {held: body for held, body in self._packs.items() if held > seq}


class SimGateway:
    """Spools what its devices say and sends it until the engine has acknowledged it."""

    def __init__(self, broker: Broker, oracle: Oracle, gateway_id: str, shard: int) -> None:
        self._broker = broker
        self._oracle = oracle
        self._timeline = broker.timeline
        self._shard = shard
        self._boots = 0
        self._up: Link | None = None
        self._down: Link | None = None
        self._wake_s = float("inf")
        self.gateway_id = gateway_id
        self.name = gateway_id
        self.filters = (topics.ack(shard, gateway_id, "alarms"), topics.command(shard, gateway_id))
        self.powered = False
        self.reachable = True
        self.clock_off_s = 0.0
        self.offline_since_s: float | None = 0.0
        self.spool = self._new_spool()
        self.power_on()

    @property
    def connected(self) -> bool:
        return self._up is not None

    def say(self, data: Sequence[Datum]) -> None:
        """A device has said something of the alarm class; without power nobody hears it."""
        if not self.powered:
            return
        for body in alarm_bodies(data):
            seq = self.spool.append(body)
            self._oracle.spooled(self.gateway_id, self.spool.boot, seq, data)
        self._send()

    def device_time_s(self) -> float:
        """The clock that the devices' records carry."""
        return self._timeline.true_moment(self._timeline.now_s).timestamp() + self.clock_off_s

    # power and network

    def power_on(self) -> None:
        if self.powered:
            return
        self.powered = True
        self._started_s = self.device_time_s()
        self._uplink = Uplink(self, self._shard, self.gateway_id, self._started_s, self.device_time_s, Log("gateway"))
        self._uplink.attach(self.spool)  # type: ignore[arg-type]  # the words that the uplink uses
        self._try()

    def power_off(self, *, spool_lost: bool = False) -> None:
        """The plug is pulled; the broker notices after a while. What was spooled is there afterwards, or it is not."""
        self.powered = False
        self.cut(noticed_after_s=10 + 5 * self._timeline.random.random())
        if spool_lost:
            self._oracle.spool_lost(self.gateway_id, self.spool.boot)
            self.spool = self._new_spool()

    def cut(self, *, noticed_after_s: float) -> None:
        """The network between the gateway and the broker is gone."""
        if self._up is None or self._down is None:
            return
        self._up.cut()
        self._down.cut()
        link = self._up

        def noticed() -> None:
            if self._up is link:
                self._broker.disconnect(self.name, with_will=True)

        self._timeline.after(noticed_after_s, noticed)

    def mend(self) -> None:
        """Power and network are there again."""
        self.reachable = True
        self.power_on()

    # the broker's side

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        link = self._down

        def arrive() -> None:
            if not self.powered or self._down is not link:
                return
            if topic.endswith("/down/cmd") and b'"status"' in payload:
                self._uplink.tell_status("online")
            elif topic.endswith("/down/ack/alarms"):
                before = self.spool.floor(Lane.ALARM)
                self._uplink.acknowledged("alarms", payload, self._timeline.now_s)
                if self.spool.floor(Lane.ALARM) > before:
                    self._oracle.released(self.gateway_id, self.spool.boot, self.spool.floor(Lane.ALARM) - 1)
                self._send()

        if link is not None:
            link.carry(arrive)

    def lost(self) -> None:
        for link in (self._up, self._down):
            if link is not None:
                link.cut()
        self._up = self._down = None
        self.offline_since_s = self._timeline.now_s
        if self.powered:
            self._timeline.after(0.1 + 4 * self._timeline.random.random(), self._try)

    # the uplink's side

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        del qos
        if self._up is None:
            return False
        self._up.carry(lambda: self._broker.publish(topic, payload, retain=retain))
        if not retain and self._timeline.random.random() < self._broker.weather.repeats:
            self._up.carry(lambda: self._broker.publish(topic, payload, retain=retain))
        return True

    def _try(self) -> None:
        if not self.powered or self._up is not None:
            return
        will = Will(
            topics.status(self._shard, self.gateway_id), status.encode("offline", self.spool.boot, self._started_s)
        )
        if not self.reachable or not self._broker.connect(self, will):
            self._timeline.after(0.1 + 4 * self._timeline.random.random(), self._try)
            return
        self._up, self._down = Link(self._broker), Link(self._broker)
        self.offline_since_s = None
        self._uplink.connected(self._timeline.now_s)
        self._send()

    def _send(self) -> None:
        if not self.powered or self._up is None:
            return
        self._uplink.send(self._timeline.now_s)
        due_s = self._uplink.due_s()
        if due_s is not None and not self._timeline.now_s < self._wake_s <= due_s:
            self._wake_s = due_s
            self._timeline.at(due_s, self._wake)

    def _wake(self) -> None:
        if self._timeline.now_s >= self._wake_s:
            self._wake_s = float("inf")
            self._send()

    def _new_spool(self) -> ListSpool:
        self._boots += 1
        return ListSpool(f"{self.gateway_id}-boot-{self._boots}")
