"""A light gateway, pure: packs with boot and seq, a bounded window, resends until every consumer has acknowledged.

The spool itself is ``fleet_spool``; many of these live in one process for load and chaos tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from firmware_sim.fleet_spool import LaneStart
from ingest.wire.topics import Lane

CONSUMERS: dict[Lane, tuple[str, ...]] = {Lane.ALARM: ("alarms",), Lane.DATA: ("ingest", "detect")}
"""Who must have acknowledged before a pack is forgotten."""

RESEND_S = 2.0
RESEND_AT_MOST_S = 30.0
WINDOW = 32


class _Ack(msgspec.Struct):
    boot: str
    alarm: int | None = None
    data: int | None = None


_ACK = msgspec.json.Decoder(_Ack)


@dataclass(slots=True, kw_only=True)
class LaneModel:
    """One lane: ``floor`` is the lowest seq held, ``sent`` the next one to send, ``next_seq`` the next to be made."""

    next_seq: int
    floor: int
    consumers: tuple[str, ...]
    sent: int = 0
    positions: dict[str, int] = field(default_factory=dict)
    moved_at: float = 0.0
    patience_s: float = RESEND_S

    def make(self) -> int:
        """A new sequence number."""
        seq = self.next_seq
        self.next_seq += 1
        return seq

    def acknowledged(self, consumer: str, position: int, now: float) -> bool:
        """A consumer is durable up to ``position``; True when packs were released."""
        if consumer not in self.consumers or position >= self.next_seq:
            return False
        self.positions[consumer] = max(position, self.positions.get(consumer, -1))
        done = min(self.positions.get(name, -1) for name in self.consumers)
        if done < self.floor:
            return False
        self.floor = done + 1
        self.sent = max(self.sent, self.floor)
        self.moved_at, self.patience_s = now, RESEND_S
        return True

    def shed(self, keep: int) -> bool:
        """Forget the oldest beyond ``keep``; True when some were."""
        lowest = self.next_seq - keep
        if lowest <= self.floor:
            return False
        self.floor = lowest
        self.sent = max(self.sent, self.floor)
        return True

    def rewind(self, now: float) -> None:
        """Begin again at the lowest one held: a new connection."""
        self.sent, self.moved_at, self.patience_s = self.floor, now, RESEND_S

    def overdue(self, now: float) -> bool:
        """True once when nothing has moved for the lane's patience: the window goes out again, less and less often."""
        if self.sent == self.floor or now - self.moved_at < self.patience_s:
            return False
        self.sent, self.moved_at = self.floor, now
        self.patience_s = min(self.patience_s * 2, RESEND_AT_MOST_S)
        return True

    def room(self) -> int:
        """How many more packs may go out now."""
        return max(0, min(self.floor + WINDOW, self.next_seq) - self.sent)

    def went_out(self, seq: int, now: float) -> None:
        if self.sent == self.floor:
            self.moved_at = now
        self.sent = seq + 1


class GatewayModel:
    """One gateway's lanes; what is sent is composed from bodies that the spool keeps."""

    def __init__(
        self,
        gateway_id: str,
        shard: int,
        boot: str,
        lanes: Mapping[Lane, LaneStart],
        consumers: Mapping[Lane, Sequence[str]] = CONSUMERS,
    ) -> None:
        self.gateway_id = gateway_id
        self.shard = shard
        self.boot = boot
        self.connected = False
        self.lanes = {
            lane: LaneModel(
                next_seq=start.next_seq, floor=start.floor, sent=start.floor, consumers=tuple(consumers[lane])
            )
            for lane, start in lanes.items()
        }

    def hear(self, consumer: str, payload: bytes, now: float) -> list[Lane]:
        """A message on ``down/ack/{consumer}``: the lanes in which packs were released."""
        try:
            ack = _ACK.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return []
        if ack.boot != self.boot:
            return []
        told = ((Lane.ALARM, ack.alarm), (Lane.DATA, ack.data))
        return [lane for lane, at in told if at is not None and self.lanes[lane].acknowledged(consumer, at, now)]

    def connect(self, now: float) -> None:
        self.connected = True
        for lane in self.lanes.values():
            lane.rewind(now)

    def compose(self, lane: Lane, seq: int, body: bytes, sent_at: float) -> bytes:
        """The pack as it goes out now: the envelope is fresh, the body is as it was spooled."""
        head = f'{{"boot":"{self.boot}","seq":{seq},"floor":{self.lanes[lane].floor},"sent_at":{sent_at:.3f},'
        return head.encode() + body

    def status(self, state: str, at: float) -> bytes:
        return msgspec.json.encode({"state": state, "boot": self.boot, "at": at})
