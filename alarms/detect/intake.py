"""Messages of the gateways to readings, motion windows and connection states. Whatever is in them, it is no error.

The alarm lane is overheard: it is ``alarms`` that judges and acknowledges it, and that says what cannot be read. Here
its records tell only that somebody is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from ingest.mqtt import Message
from ingest.pipeline.lanes import REACH, Lanes
from ingest.store.batch import LaneMove
from ingest.wire import acks, motion, pack, status, topics
from ingest.wire.batch import ReadingBatch
from ingest.wire.directory import Directory
from ingest.wire.errors import DecodeError
from ingest.wire.motion import MotionWindow
from ingest.wire.readings import Reader
from ingest.wire.senml import Record
from ingest.wire.signals import BY_NAME, DEEDS, STAFF_PRESENT
from ingest.wire.topics import GatewayTopic, Lane

CONSUMER = "detect"
SUBSCRIPTIONS = tuple(topics.every_gateway(leaf) for leaf in ("up/data", "up/motion", "up/alarm", "status"))
_MAX_TOPICS = 100_000
LANES = (Lane.DATA, Lane.MOTION, Lane.ALARM)
_REACH = {Lane.ALARM: REACH}
"""What is judged is judged in its order: behind a gap nothing is taken. A deed has its own time."""
_DEEDS = [BY_NAME[name].number for name in DEEDS if BY_NAME[name].alarm]


@dataclass(frozen=True, slots=True)
class Motion:
    """A window of a registered wearer."""

    device_number: int
    window: MotionWindow


class Intake:
    """Decodes, drops repeats, collects. What cannot be read is counted in ``refused`` and acknowledged."""

    def __init__(self, stored: Mapping[Lane, list[LaneMove]]) -> None:
        self._lanes = {lane: Lanes(stored.get(lane, ()), reach=_REACH.get(lane, 1)) for lane in LANES}
        self._directory = Directory()
        self._reader = Reader(self._directory)
        self._overheard = Reader(self._directory)
        self._motions: list[Motion] = []
        self._status_at: dict[str, float] = {}
        self._moved: dict[Lane, dict[tuple[str, str], LaneMove]] = {lane: {} for lane in LANES}
        self._topics: dict[str, GatewayTopic] = {}
        self._shard_of: dict[str, int] = {}
        self.refused: Counter[str] = Counter()

    def set_directory(self, directory: Directory) -> None:
        """Look names up in ``directory`` from now on."""
        self._directory = directory
        self._reader.set_directory(directory)
        self._overheard.set_directory(directory)

    def add(self, message: Message) -> tuple[str, bool] | None:
        """Read one message; of a status message the gateway and whether it is online."""
        topic = self._topics.get(message.topic) or self._parse(message.topic)
        if topic is None:
            return None
        if topic.leaf == "status":
            return self._status(topic.gateway_id, message.payload)
        if topic.lane is Lane.DATA:
            self._data(topic, message)
        elif topic.lane is Lane.MOTION:
            self._motion(topic, message)
        elif topic.lane is Lane.ALARM:
            self._overhear(topic, message)
        return None

    def drain(self) -> tuple[ReadingBatch, list[Motion]]:
        """The readings, the deeds behind them, and the windows since last time."""
        motions, self._motions = self._motions, []
        batches = []
        if len(self._reader):
            drained = self._reader.drain()
            for (_, reason), count in drained.rejects.counts.items():
                self.refused[reason] += count
            batches.append(drained.as_batch())
        if len(self._overheard):
            said = self._overheard.drain().as_batch()
            batches.append(said.take(np.flatnonzero(np.isin(said.signal, _DEEDS))))
        return ReadingBatch.concatenate(batches), motions

    def unsaved(self) -> dict[Lane, list[LaneMove]]:
        """Where the lanes stand that moved since the last ``saved``."""
        for lane, lanes in self._lanes.items():
            fresh = {(move.gateway_id, move.boot): move for move in lanes.take_moves()}
            self._moved[lane] |= fresh
        return {lane: list(moves.values()) for lane, moves in self._moved.items()}

    def saved(self) -> dict[Lane, list[LaneMove]]:
        """What ``unsaved`` gave last is durable: it may be acknowledged."""
        moved = {lane: list(moves.values()) for lane, moves in self._moved.items()}
        self._moved = {lane: {} for lane in LANES}
        return moved

    def acknowledgements(self, moved: Mapping[Lane, list[LaneMove]]) -> list[tuple[str, bytes]]:
        """Topic and payload for every lane that moved and is durable now."""
        found: dict[tuple[str, str], acks.Ack] = {}
        for lane, moves in moved.items():
            for move in moves:
                if move.position >= 0 and lane is not Lane.ALARM:
                    ack = found.get((move.gateway_id, move.boot), acks.Ack(move.boot))
                    lacks = [*ack.lacks, lane.value] if move.lacks else ack.lacks
                    told = msgspec.structs.replace(ack, **{lane.value: move.position, "lacks": lacks})
                    found[move.gateway_id, move.boot] = told
        return [
            (topics.ack(self._shard_of.get(gateway_id, 0), gateway_id, CONSUMER), msgspec.json.encode(ack))
            for (gateway_id, _), ack in found.items()
        ]

    def _parse(self, text: str) -> GatewayTopic | None:
        topic = topics.parse_gateway(text)
        if topic is not None:
            if len(self._topics) >= _MAX_TOPICS:
                self._topics.clear()
            self._topics[text] = topic
            self._shard_of[topic.gateway_id] = topic.shard
        return topic

    def _data(self, topic: GatewayTopic, message: Message) -> None:
        gateway_id = topic.gateway_id
        try:
            read = pack.decode(message.payload)
        except DecodeError as error:
            self.refused[error.reason] += 1
            header = pack.decode_header(message.payload)
            if header is not None:
                self._lanes[Lane.DATA].accept(gateway_id, header.boot, header.seq, header.floor)
            return
        if read.boot is None or self._lanes[Lane.DATA].accept(gateway_id, read.boot, read.seq, read.floor):
            self._reader.add(gateway_id, read, message.received_s)

    def _motion(self, topic: GatewayTopic, message: Message) -> None:
        gateway_id = topic.gateway_id
        try:
            window = motion.decode(message.payload)
        except DecodeError as error:
            self.refused[error.reason] += 1
            header = motion.decode_header(message.payload)
            if header is not None:
                self._lanes[Lane.MOTION].accept(gateway_id, *header)
            return
        if not self._lanes[Lane.MOTION].accept(gateway_id, window.boot, window.seq, window.floor):
            return
        site = self._directory.gateways.get(gateway_id)
        device = site.devices.get(window.device_id) if site and gateway_id not in self._directory.revoked else None
        if device is None:
            self.refused["unknown_device"] += 1
            return
        self._motions.append(Motion(device.number, window))

    def _overhear(self, topic: GatewayTopic, message: Message) -> None:
        if topic.gateway_id not in self._directory.gateways:
            return  # our own judgements, too
        try:
            read = pack.decode(message.payload)
        except DecodeError:
            return
        if read.boot is None or self._lanes[Lane.ALARM].accept(topic.gateway_id, read.boot, read.seq, read.floor):
            records = [_without_badge(record) for record in read.records]
            self._overheard.add(topic.gateway_id, msgspec.structs.replace(read, records=records), message.received_s)

    def _status(self, gateway_id: str, payload: bytes) -> tuple[str, bool] | None:
        told = status.decode(payload)
        known_at = self._status_at.get(gateway_id, 0.0)
        if told is None or not told.is_news(known_at):
            return None
        self._status_at[gateway_id] = told.at if told.online else known_at
        return gateway_id, told.online


def _without_badge(record: Record) -> Record:
    """Who it was does not matter here."""
    if record.vs is None or not record.n.endswith(STAFF_PRESENT):
        return record
    return msgspec.structs.replace(record, vs=None, vb=True)
