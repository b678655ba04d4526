"""The one loop of ``detect``: read, judge, save, then acknowledge and tell."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

import msgspec

from alarms.core.engine import Core
from alarms.core.errors import StateError
from alarms.core.judgement import Judgement
from alarms.core.plan import CoreDevice
from alarms.core.profiles import Profiles
from alarms.detect.intake import GatewaySeen, Intake, Worn
from alarms.detect.state import DetectState
from ingest.clock import Clock
from ingest.log import Log
from ingest.mqtt import Connected, Disconnected, Item, Message, Posted, Session
from ingest.registry.model import Registry
from ingest.registry.thresholds import thresholds_of
from ingest.wire import pack, topics
from ingest.wire.senml import Record
from ingest.wire.signals import JUDGEMENT_PREFIX
from ingest.wire.topics import Lane

CONSUMER = "detect"
SHARD = 0
ACKS = topics.ack(SHARD, CONSUMER, "alarms")
SUBSCRIPTIONS = (
    topics.every_gateway(f"up/{Lane.DATA}"),
    topics.every_gateway(f"up/{Lane.MOTION}"),
    topics.every_gateway("status"),
    ACKS,
)
_TURN = 2000
_WAIT_S = 0.1
_TICK_S = 0.5
_SAVE_SHARE = 10.0  # at most a tenth of the time goes into saving, however large the state
_UP = topics.up(SHARD, CONSUMER, Lane.ALARM)
_ENCODE = msgspec.json.Encoder().encode
_RECORDS = msgspec.json.Decoder(list[Record])


class Loop:
    """Ties the core to the session, the state's file and the clock."""

    def __init__(
        self,
        *,
        profiles: Profiles,
        registry: Registry,
        state: DetectState,
        session: Session,
        clock: Clock,
        save_s: float,
        resend_s: float,
        started_s: float,
    ) -> None:
        self._started_s = started_s
        self._profiles = profiles
        self._state = state
        self._session = session
        self._clock = clock
        self._save_s = save_s
        self._resend_s = resend_s
        self._log = Log("detect")
        self._intake = Intake(registry, state.lanes())
        self._online: dict[str, bool] = {}
        self._judgements: list[Judgement] = []
        self._messages: list[Message] = []
        now_s = self._now_s()
        self._core = self._build(registry, state.core(), now_s)
        self._ticked_s = self._sent_s = now_s
        self._next_save_s = now_s
        self.readings = 0
        self.judged = 0

    def run(self, stopping: threading.Event) -> None:
        """Turn until ``stopping`` is set, then save once more."""
        while not stopping.is_set():
            self.turn(self._session.take(_TURN, _WAIT_S))
        self._save(self._now_s())

    def turn(self, items: Sequence[Item]) -> None:
        """Judge what has come; a judgement is made durable and told at once."""
        now_s = self._now_s()
        for item in items:
            self._take(item, now_s)
        batch = self._intake.readings()
        if len(batch):
            self.readings += len(batch)
            self._judgements += self._core.update(batch, now_s)
        if now_s - self._ticked_s >= _TICK_S or now_s < self._ticked_s:
            self._ticked_s = now_s
            self._judgements += self._core.tick(now_s)
        if self._judgements or (self._messages and now_s >= self._next_save_s):
            self._save(now_s)
        if now_s - self._sent_s >= self._resend_s or now_s < self._sent_s:
            self._tell(self._state.unacknowledged())

    def presence(self) -> dict[str, int]:
        """How many devices are healthy, overdue, offline, never heard, not supervised."""
        return self._core.presence(self._now_s())

    def _take(self, item: Item, now_s: float) -> None:
        match item:
            case Message(topic=topic, payload=payload) if topic == ACKS:
                self._acknowledged(payload)
                self._messages.append(item)
            case Message():
                self._messages.append(item)
                match self._intake.add(item):
                    case Worn(window=window, device_number=number):
                        self._judgements += self._core.update_motion(window, number, now_s)
                    case GatewaySeen(gateway_id=gateway_id, online=online):
                        self._online[gateway_id] = online
                        self._core.set_gateway_online(gateway_id, online, now_s)
            case Connected():
                self._core.set_listening(True, now_s)
                self._say_online()
                self._tell(self._state.unacknowledged())
            case Disconnected():
                self._core.set_listening(False, now_s)
            case Posted(body=Registry() as registry):
                self._set_registry(registry, now_s)

    def _set_registry(self, registry: Registry, now_s: float) -> None:
        """Lay the core out anew; what it knew of devices that are still there stays."""
        self._intake.set_registry(registry)
        self._core = self._build(registry, self._core.state(), now_s)

    def _build(self, registry: Registry, state: bytes | None, now_s: float) -> Core:
        devices = [
            CoreDevice(
                device_id=device.device_id,
                number=device.number,
                profile=device.profile,
                gateway_id=device.gateway_id,
                room_id=device.room_id,
                thresholds=thresholds_of(device, registry),
                out_of_service=device.out_of_service,
            )
            for device in registry.devices
            if self._profiles.profile(device.profile) is not None
        ]
        core = Core(self._profiles, devices, "platform")
        if state is not None:
            try:
                self._judgements += core.restore(state, now_s)
            except StateError as error:
                self._log.error("state.refused", error=error)
                core = Core(self._profiles, devices, "platform")
        for problem in core.problems:
            self._log.warning("threshold.ignored", problem=problem)
        for gateway_id, online in self._online.items():
            core.set_gateway_online(gateway_id, online, now_s)
        core.set_listening(self._session.connected, now_s)
        return core

    def _save(self, now_s: float) -> None:
        began_s = self._now_s()
        judgements, self._judgements = self._judgements, []
        moved = self._intake.moved()
        records = [_ENCODE([_record(judgement)]) for judgement in judgements]
        spooled = self._state.save(self._core.state(history=bool(judgements)), moved, records)
        for judgement in judgements:
            self._log.info(
                "rule.raised" if judgement.raised else "rule.cleared", rule=judgement.rule, subject=judgement.subject
            )
        self.judged += len(judgements)
        if spooled:
            self._tell(spooled)
        messages, self._messages = self._messages, []
        self._session.acknowledge(messages)
        for key, position in moved:
            topic = topics.ack(self._intake.shard(key.gateway_id), key.gateway_id, CONSUMER)
            self._session.publish(topic, _ENCODE({"boot": key.boot, key.lane: position.position}))
        cost_s = max(self._now_s() - began_s, 0.0)
        self._next_save_s = now_s + max(self._save_s, _SAVE_SHARE * cost_s)

    def _tell(self, spooled: Sequence[tuple[int, bytes]]) -> None:
        self._sent_s = self._now_s()
        floor = spooled[0][0] if spooled else 0
        for seq, records in spooled:
            body = pack.Pack(
                boot=self._state.boot, seq=seq, floor=floor, sent_at=self._sent_s, records=_RECORDS.decode(records)
            )
            self._session.publish(_UP, pack.encode(body))

    def _acknowledged(self, payload: bytes) -> None:
        try:
            ack = msgspec.json.decode(payload, type=_Ack)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return
        if ack.boot == self._state.boot:
            self._state.acknowledge(ack.alarm)

    def _say_online(self) -> None:
        body = {"state": "online", "boot": self._state.boot, "at": self._started_s}
        self._session.publish(topics.status(SHARD, CONSUMER), _ENCODE(body), retain=True)

    def _now_s(self) -> float:
        now: datetime = self._clock.now()
        return now.timestamp()


class _Ack(msgspec.Struct):
    boot: str
    alarm: int


def _record(judgement: Judgement) -> Record:
    return Record(
        bn=f"{judgement.subject}/",
        n=f"{JUDGEMENT_PREFIX}{judgement.rule}",
        vb=judgement.raised,
        t=judgement.at_s,
        ev=dict(judgement.evidence) or None,
    )
