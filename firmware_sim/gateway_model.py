"""A light gateway, pure: packs with boot and seq, a bounded window, resends until every consumer has acknowledged.

The spool itself is ``fleet_spool``; many of these live in one process for load and chaos tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from firmware_sim.fleet_spool import LaneStart
from ingest.wire import acks
from ingest.wire.topics import Lane
from ingest.wire.window import CONSUMERS, LaneWindow


@dataclass(slots=True, kw_only=True)
class LaneModel:
    """One lane: ``floor`` is the lowest seq held, ``next_seq`` the next to be made."""

    next_seq: int
    floor: int
    window: LaneWindow

    def make(self) -> int:
        """A new sequence number."""
        seq = self.next_seq
        self.next_seq += 1
        return seq

    def acknowledged(self, consumer: str, position: int, now: float, *, lacks: bool = False) -> bool:
        """A consumer is durable up to ``position``; True when packs were released."""
        if position >= self.next_seq or not self.window.acknowledge(consumer, position, now, lacks=lacks):
            return False
        self.floor = max(self.floor, self.window.released + 1)
        return True

    def shed(self, keep: int) -> bool:
        """Forget the oldest beyond ``keep``; True when some were."""
        lowest = self.next_seq - keep
        if lowest <= self.floor:
            return False
        self.floor = lowest
        return True

    def portion(self, now: float) -> tuple[int, int]:
        """What may go out now: so many packs behind this seq."""
        self.window.keep(self.floor)
        return self.window.portion(self.next_seq, now)


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
            lane: LaneModel(next_seq=start.next_seq, floor=start.floor, window=LaneWindow(lane, consumers[lane]))
            for lane, start in lanes.items()
        }

    def hear(self, consumer: str, payload: bytes, now: float) -> list[Lane]:
        """A message on ``down/ack/{consumer}``: the lanes in which packs were released."""
        ack = acks.decode(payload)
        if ack is None or ack.boot != self.boot:
            return []
        told = [(lane, at, lacks) for lane, at, lacks in ack.positions() if lane in self.lanes]
        return [lane for lane, at, lacks in told if self.lanes[lane].acknowledged(consumer, at, now, lacks=lacks)]

    def connect(self, now: float) -> None:
        self.connected = True
        for lane in self.lanes.values():
            lane.window.restart(now)

    def compose(self, lane: Lane, seq: int, body: bytes, sent_at: float) -> bytes:
        """The pack as it goes out now: the envelope is fresh, the body is as it was spooled."""
        head = f'{{"boot":"{self.boot}","seq":{seq},"floor":{self.lanes[lane].floor},"sent_at":{sent_at:.3f},'
        return head.encode() + body

    def status(self, state: str, at: float) -> bytes:
        return msgspec.json.encode({"state": state, "boot": self.boot, "at": at})
