"""The canary's alarm lane: numbered packs, kept until ``alarms`` has them, sent again as needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from ingest.wire import pack, topics
from ingest.wire.pack import Pack
from ingest.wire.senml import Record
from ingest.wire.topics import CANARY, Lane

SHARD = 0
TOPIC = topics.up(SHARD, CANARY, Lane.ALARM)
ACK_TOPIC = topics.ack(SHARD, CANARY, "alarms")
RESEND_S = 2.0
LONGEST_WAIT_S = 30.0
MOST_HELD = 16


class Publisher(Protocol):
    """The session to the broker."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        """Hand a message to the connection; False when there is none."""
        ...


class _Ack(msgspec.Struct):
    boot: str
    alarm: int


_ACK = msgspec.json.Decoder(_Ack)


class AlarmLane:
    """Holds the press under way, because an old one is of no use to anybody, and the latest verdicts.

    ``save`` keeps the next seq durably before a pack with the one before it leaves. ``wall`` tells the time for
    ``sent_at``; ``now_s`` arguments are of a clock that never goes back.
    """

    def __init__(
        self, publisher: Publisher, boot: str, next_seq: int, save: Callable[[int], None], wall: Callable[[], float]
    ) -> None:
        self._publisher = publisher
        self._boot = boot
        self._next_seq = next_seq
        self._save = save
        self._wall = wall
        self._press: int | None = None
        self._held: dict[int, Record] = {}
        self._wait_s = RESEND_S
        self._resend_s = float("inf")

    def press(self, record: Record, now_s: float) -> int:
        """Send a press; the one before it is given up. Its seq is returned."""
        self.give_up()
        self._press = self._take(record, now_s)
        return self._press

    def give_up(self) -> None:
        """The press under way has come through, or was missed: it is not sent again."""
        self._held.pop(-1 if self._press is None else self._press, None)
        self._press = None

    def tell(self, record: Record, now_s: float) -> None:
        """Send a verdict, again and again until it is journaled."""
        if len(self._held) >= MOST_HELD:
            del self._held[min(self._held)]
        self._take(record, now_s)

    def is_echo(self, payload: bytes) -> bool:
        """Whether a message on the lane's own topic is the press under way, back from the broker."""
        header = pack.decode_header(payload)
        return header is not None and (header.boot, header.seq) == (self._boot, self._press)

    def acknowledged(self, payload: bytes) -> None:
        """A message on ``down/ack/alarms``; one for another boot, or of nonsense, is not for us."""
        try:
            ack = _ACK.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return
        if ack.boot == self._boot:
            self._held = {seq: record for seq, record in self._held.items() if seq > ack.alarm}

    def connected(self, now_s: float) -> None:
        """A new connection: what is not acknowledged is sent again."""
        self._wait_s = RESEND_S
        self._send_all(now_s)

    def turn(self, now_s: float) -> None:
        """Send again what has waited for long."""
        if self._held and now_s >= self._resend_s:
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
            self._send_all(now_s)

    def _take(self, record: Record, now_s: float) -> int:
        seq, self._next_seq = self._next_seq, self._next_seq + 1
        self._save(self._next_seq)
        self._held[seq] = record
        self._wait_s = RESEND_S
        self._send_all(now_s)
        return seq

    def _send_all(self, now_s: float) -> None:
        """All of it, oldest first: a verdict that was lost must not come after the one that takes it back."""
        self._resend_s = now_s + self._wait_s
        for seq in sorted(self._held):
            self._send(seq)

    def _send(self, seq: int) -> None:
        body = Pack(
            boot=self._boot, seq=seq, floor=min(self._held), sent_at=round(self._wall(), 3), records=[self._held[seq]]
        )
        self._publisher.publish(TOPIC, pack.encode(body))
