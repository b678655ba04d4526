"""Messages of the data lane to readings that wait for their batch. No database, no clock."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ingest.mqtt import Message
from ingest.pipeline.lanes import Lanes
from ingest.registry.directory import NO_KIND, directory, kind_of_number
from ingest.registry.model import Registry
from ingest.store.batch import LaneMove
from ingest.wire import acks, pack, topics
from ingest.wire.errors import DecodeError
from ingest.wire.readings import Drained, Reader
from ingest.wire.topics import GatewayTopic, Lane

CONSUMER = "ingest"
_MAX_TOPICS = 100_000
_KEPT_BYTES = 65_536  # of a message that cannot be decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What becomes durable together, and what may be acknowledged then."""

    drained: Drained
    kind_of_number: NDArray[np.int8]
    lanes: list[LaneMove]
    messages: list[Message]
    repeats: int
    shard_of: dict[str, int]

    def acknowledgements(self) -> list[tuple[str, bytes]]:
        """Topic and payload for every lane that had a pack."""
        return [
            (
                topics.ack(self.shard_of[lane.gateway_id], lane.gateway_id, CONSUMER),
                msgspec.json.encode(acks.Ack(boot=lane.boot, data=lane.position, lacks=["data"] if lane.lacks else [])),
            )
            for lane in self.lanes
            if lane.position >= 0
        ]


class Intake:
    """Decodes messages, drops repeats, collects the rest."""

    def __init__(self, registry: Registry, lanes: Lanes) -> None:
        self._lanes = lanes
        self._registry = registry
        self._reader = Reader(directory(registry))
        self._kind_of_number = kind_of_number(registry)
        self._topics: dict[str, GatewayTopic | None] = {}
        self._messages: list[Message] = []
        self._repeats = 0
        self._shard_of: dict[str, int] = {}

    @property
    def registry(self) -> Registry:
        """What names are looked up in."""
        return self._registry

    @property
    def readings(self) -> int:
        """Readings that wait."""
        return len(self._reader)

    @property
    def messages(self) -> int:
        """Messages that wait, repeats included."""
        return len(self._messages)

    def set_registry(self, registry: Registry) -> None:
        """Look names up in ``registry`` from now on; what waits stays as it was looked up."""
        self._registry = registry
        self._reader.set_directory(directory(registry))
        known = kind_of_number(registry)
        before = self._kind_of_number[: len(known)]
        # readings of a device that is gone now may wait still
        known[: len(before)] = np.where(known[: len(before)] == NO_KIND, before, known[: len(before)])
        self._kind_of_number = np.concatenate([known, self._kind_of_number[len(known) :]])

    def add(self, message: Message) -> None:
        """Read one message. Whatever is in it, it is never an error of the program."""
        self._messages.append(message)
        topic = self._topics.get(message.topic) or self._parse(message.topic)
        if topic is None or topic.lane is not Lane.DATA:
            return
        gateway_id = topic.gateway_id
        try:
            read = pack.decode(message.payload)
        except DecodeError as error:
            self._refuse(gateway_id, message.payload, error)
            return
        if read.boot is None or self._is_new(gateway_id, read.boot, read.seq, read.floor):
            self._reader.add(gateway_id, read, message.received_s)

    def take(self) -> Taken:
        """Everything since last time."""
        messages, self._messages = self._messages, []
        repeats, self._repeats = self._repeats, 0
        return Taken(
            drained=self._reader.drain(),
            kind_of_number=self._kind_of_number,
            lanes=self._lanes.take_moves(),
            messages=messages,
            repeats=repeats,
            shard_of=self._shard_of,
        )

    def _refuse(self, gateway_id: str, payload: bytes, error: DecodeError) -> None:
        # its identity may be readable still: then the gateway is told, and stops sending it
        header = pack.decode_header(payload)
        if header is None or self._is_new(gateway_id, header.boot, header.seq, header.floor):
            self._reader.refuse(gateway_id, error, payload[:_KEPT_BYTES])

    def _is_new(self, gateway_id: str, boot: str, seq: int, floor: int) -> bool:
        new = self._lanes.accept(gateway_id, boot, seq, floor)
        if not new:
            self._repeats += 1
        return new

    def _parse(self, text: str) -> GatewayTopic | None:
        if text in self._topics:
            return self._topics[text]
        if len(self._topics) >= _MAX_TOPICS:
            self._topics.clear()
        topic = self._topics[text] = topics.parse_gateway(text)
        if topic is not None:
            self._shard_of[topic.gateway_id] = topic.shard
        return topic


def is_in_spool(message: Message) -> bool:
    """Whether a gateway keeps ``message`` and sends it again until it is acknowledged on ``down/ack``."""
    return pack.decode_header(message.payload) is not None
