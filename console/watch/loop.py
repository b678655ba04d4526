"""The watcher's one loop: what is heard, what is due, what follows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from console.watch import canary, records
from console.watch.canary import Clear, Effect, Leg, Missed, Passed, Press, Raise, Timing
from console.watch.feed import Heard
from console.watch.kept import KeptFile
from console.watch.lane import ACK_TOPIC, TOPIC, AlarmLane, Publisher
from console.watch.metrics import Metrics
from ingest.log import Log
from ingest.mqtt import Connected, Item, Message, Posted
from ingest.wire import topics
from ingest.wire.topics import CANARY

SUBSCRIPTIONS = (TOPIC, ACK_TOPIC, topics.alarm(CANARY, "+"))
_RESOLVED = "resolved"


class _State(msgspec.Struct):
    response: str
    evidence: dict[str, Any] = {}  # Any: a JSON object


_STATE = msgspec.json.Decoder(_State)


class Loop:
    """``clock`` never goes back; ``wall`` tells the time. Both in seconds."""

    def __init__(
        self,
        *,
        publisher: Publisher,
        kept: KeptFile,
        timing: Timing,
        metrics: Metrics,
        clock: Callable[[], float],
        wall: Callable[[], float],
        log: Log,
    ) -> None:
        self._publisher = publisher
        self._kept = kept
        self._timing = timing
        self._metrics = metrics
        self._clock = clock
        self._wall = wall
        self._log = log
        known = kept.now
        self._lane = AlarmLane(publisher, known.boot, known.next_seq, lambda seq: kept.save(next_seq=seq), wall)
        now_s = clock()
        passed_s = now_s - max(0.0, wall() - known.passed_at) if known.passed_at else None
        self._canary = canary.start(now_s, timing, misses=known.misses, failed=known.failed, passed_s=passed_s)
        self._press = ""
        self._open: set[str] = set()

    def wait_s(self) -> float:
        """How long nothing is due, a second at most."""
        return min(max(0.0, canary.due_s(self._canary, self._timing) - self._clock()), 1.0)

    def is_well(self) -> bool:
        """Whether the outside watcher may be told that all is well; any thread may ask."""
        return self._clock() < canary.well_until_s(self._canary, self._timing)

    def facts(self) -> dict[str, Any]:  # Any: JSON values
        """What the doctor reads."""
        known = self._kept.now
        return {
            "misses": self._canary.misses,
            **({"failed": self._canary.failed} if self._canary.failed is not None else {}),
            "last_ok_s": round(self._wall() - known.passed_at, 1) if known.passed_at else None,
            **self._metrics.last_hour(self._clock()),
            "pings": dict(self._metrics.pings),
        }

    def turn(self, items: Sequence[Item]) -> None:
        """Take what has come, then do what is due."""
        for item in items:
            match item:
                case Message():
                    self._hear(item)
                case Connected():
                    self._lane.connected(self._clock())
                case Posted(body=Heard(name=name, at_s=at_s)) if name == self._press:
                    self._saw(Leg.FEED, at_s)
        now_s = self._clock()
        self._canary, effects = canary.turn(self._canary, now_s, self._timing)
        self._follow(effects)
        self._lane.turn(now_s)
        self._tidy()

    def _hear(self, message: Message) -> None:
        if message.topic == TOPIC:
            if self._lane.is_echo(message.payload):
                self._saw(Leg.BROKER, self._clock())
        elif message.topic == ACK_TOPIC:
            self._lane.acknowledged(message.payload)
        elif (alarm := topics.parse_alarm(message.topic)) is not None:
            self._hear_state(alarm.alarm_id, message.payload)

    def _hear_state(self, alarm_id: str, payload: bytes) -> None:
        try:
            state = _STATE.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            state = _State(response=_RESOLVED)
        if state.response == _RESOLVED:
            self._open.discard(alarm_id)
            return
        self._open.add(alarm_id)
        if state.evidence.get("text") == self._press:
            self._saw(Leg.ALARMS, self._clock())

    def _saw(self, leg: Leg, at_s: float) -> None:
        self._canary, effects = canary.saw(self._canary, leg, at_s)
        self._follow(effects)

    def _follow(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Press():
                    # the name is new even where the disk has forgotten the seq
                    self._press = f"canary {secrets.token_hex(6)}"
                    self._lane.press(records.press(self._press, self._wall()), self._clock())
                case Passed(seen=seen):
                    self._over()
                    self._metrics.passed(seen, self._clock())
                    self._kept.fared(self._canary, self._wall())
                case Missed(leg=leg, misses=misses):
                    self._over()
                    self._metrics.missed(leg, misses)
                    self._log.error("canary.missed", leg=leg, misses=misses)
                    self._kept.fared(self._canary, self._kept.now.passed_at)
                case Raise(leg=leg, misses=misses):
                    self._log.error("path.broken", leg=leg, misses=misses)
                    self._lane.tell(records.missed(leg, misses, self._wall()), self._clock())
                case Clear():
                    self._log.info("path.whole")
                    self._lane.tell(records.cleared(self._wall()), self._clock())

    def _over(self) -> None:
        """The press under way has come through, or was missed."""
        self._lane.give_up()
        self._press = ""

    def _tidy(self) -> None:
        """Resolve the canary's alarms while no press is under way."""
        if self._press:
            return
        for alarm_id in self._open:
            command = {"do": "resolve", "by": CANARY, "id": f"{CANARY}-{secrets.token_hex(8)}", "disposition": "test"}
            self._publisher.publish(topics.alarm_do(CANARY, alarm_id), msgspec.json.encode(command))
        self._open.clear()
