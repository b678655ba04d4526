"""Messages to what the core judges: readings, motion windows, gateways that come and go."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from alarms.detect.state import LaneKey
from ingest.mqtt import Message
from ingest.registry.directory import directory
from ingest.registry.model import Registry
from ingest.wire import motion, pack, topics
from ingest.wire.batch import ReadingBatch
from ingest.wire.errors import DecodeError
from ingest.wire.lane import LanePosition
from ingest.wire.motion import MotionWindow
from ingest.wire.readings import Reader
from ingest.wire.topics import GatewayTopic, Lane


@dataclass(frozen=True, slots=True)
class Worn:
    """A motion window of a known wearer's device."""

    window: MotionWindow
    device_number: int


@dataclass(frozen=True, slots=True)
class GatewaySeen:
    """A gateway said, or its last will said for it, whether it is there."""

    gateway_id: str
    online: bool


class _Status(msgspec.Struct):
    state: str
    at: float = 0.0


class Intake:
    """Decodes, drops repeats and remembers where every lane stands. Bad messages are ``ingest``'s to set aside."""

    def __init__(self, registry: Registry, lanes: dict[LaneKey, LanePosition]) -> None:
        self._registry = registry
        self._reader = Reader(directory(registry))
        self._lanes = lanes
        self._moved: set[LaneKey] = set()
        self._topics: dict[str, GatewayTopic | None] = {}
        self._shards: dict[str, int] = {}
        self._seen_at: dict[str, float] = {}

    def set_registry(self, registry: Registry) -> None:
        self._registry = registry
        self._reader.set_directory(directory(registry))

    def add(self, message: Message) -> Worn | GatewaySeen | None:
        """Take one message; readings wait for ``readings()``, the rest is given at once."""
        if message.topic not in self._topics:
            self._topics[message.topic] = topics.parse_gateway(message.topic)
        topic = self._topics[message.topic]
        if topic is None:
            return None
        self._shards[topic.gateway_id] = topic.shard
        match topic.lane:
            case Lane.DATA:
                self._data(topic.gateway_id, message)
            case Lane.MOTION:
                return self._motion(topic.gateway_id, message)
            case None if topic.leaf == "status":
                return self._status(topic.gateway_id, message.payload)
        return None

    def readings(self) -> ReadingBatch:
        """Every reading since last time."""
        return self._reader.drain().as_batch()

    def moved(self) -> list[tuple[LaneKey, LanePosition]]:
        """The lanes that had a pack since last time, where they stand now."""
        moved = [(key, self._lanes[key]) for key in self._moved]
        self._moved = set()
        return moved

    def shard(self, gateway_id: str) -> int:
        return self._shards[gateway_id]

    def _data(self, gateway_id: str, message: Message) -> None:
        try:
            read = pack.decode(message.payload)
        except DecodeError:
            header = pack.decode_header(message.payload)
            if header is not None:
                self._is_new(LaneKey(gateway_id, header.boot, Lane.DATA), header.seq, header.floor)
            return
        if read.boot is None or self._is_new(LaneKey(gateway_id, read.boot, Lane.DATA), read.seq, read.floor):
            self._reader.add(gateway_id, read, message.received_s)

    def _motion(self, gateway_id: str, message: Message) -> Worn | None:
        try:
            window = motion.decode(message.payload)
        except DecodeError:
            return None
        if not self._is_new(LaneKey(gateway_id, window.boot, Lane.MOTION), window.seq, window.floor):
            return None
        device = self._registry.device.get(window.device_id)
        gateway = self._registry.gateway.get(gateway_id)
        if device is None or gateway is None or device.site_id != gateway.site_id:
            return None
        return Worn(window, device.number)

    def _status(self, gateway_id: str, payload: bytes) -> GatewaySeen | None:
        try:
            status = msgspec.json.decode(payload, type=_Status)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        if status.state != "online" and status.at < self._seen_at.get(gateway_id, 0.0):
            return None  # the last will of an older connection
        self._seen_at[gateway_id] = status.at
        return GatewaySeen(gateway_id, status.state == "online")

    def _is_new(self, key: LaneKey, seq: int, floor: int) -> bool:
        lane = self._lanes.setdefault(key, LanePosition())
        self._moved.add(key)
        return lane.accept(seq, floor)
