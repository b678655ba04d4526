"""The alarm lane of the detectors: judgements out until ``alarms`` has acknowledged them, like a gateway's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from alarms.core.judgement import Judgement
from alarms.detect.store import DetectStore
from ingest.wire import acks, topics
from ingest.wire.senml import Record
from ingest.wire.signals import JUDGEMENT_PREFIX
from ingest.wire.topics import Lane

SHARD = 0
GATEWAY_ID = "detect"
ACK_TOPIC = topics.ack(SHARD, GATEWAY_ID, "alarms")
STATUS_TOPIC = topics.status(SHARD, GATEWAY_ID)
WINDOW = 64
RESEND_S = 2.0
LONGEST_WAIT_S = 30.0

_TOPIC = topics.up(SHARD, GATEWAY_ID, Lane.ALARM)
_MAX_RECORDS = 100
_ENCODE = msgspec.json.Encoder().encode


class Publisher(Protocol):
    """The session to the broker."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        """Hand a message to the connection; False when there is none."""
        ...


def bodies(judgements: Sequence[Judgement]) -> Iterator[bytes]:
    """Judgements as the records of packs, in their order."""
    for start in range(0, len(judgements), _MAX_RECORDS):
        yield _ENCODE([_record(judgement) for judgement in judgements[start : start + _MAX_RECORDS]])


class Outlet:
    """Sends what a store holds; ``now_s`` is of a clock that never goes back, ``wall_s`` of the wall."""

    def __init__(self, publisher: Publisher, store: DetectStore) -> None:
        self._publisher = publisher
        self._store = store
        self._sent_to = store.released
        self._progress_s = 0.0
        self._wait_s = RESEND_S

    def connected(self, now_s: float) -> None:
        """A new connection: whatever is not acknowledged is sent again."""
        self._sent_to = self._store.released
        self._progress_s = now_s
        self._wait_s = RESEND_S

    def acknowledged(self, payload: bytes, now_s: float) -> None:
        """A message on ``down/ack/alarms``; one for another boot, or of nonsense, is not for us."""
        ack = acks.decode(payload)
        if ack is None:
            return
        if ack.boot == self._store.boot and ack.alarm is not None and ack.alarm > self._store.released:
            self._store.release(ack.alarm)
            self._progress_s = now_s
            self._wait_s = RESEND_S

    def send(self, now_s: float, wall_s: float) -> None:
        """Send what may be sent, and everything again when there was no progress for long."""
        store = self._store
        if self._sent_to <= store.released:
            self._progress_s = now_s
        elif now_s - self._progress_s >= self._wait_s:
            self._sent_to = store.released
            self._progress_s = now_s
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
        room = WINDOW - (max(self._sent_to, store.released) - store.released)
        if room <= 0 or self._sent_to >= store.next_seq - 1:
            return
        floor = store.released + 1
        for seq, body in store.pending(self._sent_to, room):
            payload = _ENCODE(
                {"boot": store.boot, "seq": seq, "floor": floor, "sent_at": wall_s, "records": msgspec.Raw(body)}
            )
            if not self._publisher.publish(_TOPIC, payload):
                return
            self._sent_to = seq


def _record(judgement: Judgement) -> Record:
    return Record(
        bn=f"{judgement.subject}/",
        n=f"{JUDGEMENT_PREFIX}{judgement.rule}",
        vb=judgement.raised,
        t=judgement.at_s,
        ev=dict(judgement.evidence) or None,
    )
