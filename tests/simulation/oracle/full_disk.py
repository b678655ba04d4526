"""With the journal's disk full an emergency still goes out at once, from memory."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from alarms.lifecycle.alarm import Alarm, Flag
from ingest.mqtt import Message
from ingest.wire import pack, topics
from ingest.wire.errors import DecodeError
from ingest.wire.senml import Resolved, resolve
from ingest.wire.topics import Lane
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

_ALARM = msgspec.json.Decoder(Alarm)
_CALLS = ("help_call", "smoke")


class FullDisk(Rule):
    """Calls that the program has read while its disk took no writes must be published before it reads on."""

    promise = "with a full disk emergencies are told from memory"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._owed: set[str] = set()
        self._told: set[str] = set()

    def taken(self, messages: Sequence[Message]) -> None:
        subject = self.oracle.subject
        if subject.writable:
            self._told.clear()
        if subject.writable or subject.connected_since_s is None:
            return
        for message in messages:
            gateway = topics.parse_gateway(message.topic)
            if gateway is not None and gateway.lane is Lane.ALARM:
                self._owed.update(_callers(message.payload))

    def publishing(self, topic: str, payload: bytes, *, retain: bool) -> None:
        if not self.oracle.subject.writable and payload and topics.parse_alarm(topic) is not None:
            alarm = _ALARM.decode(payload)
            if Flag.NOT_JOURNALED in alarm.flags:
                self._told.add(alarm.identity.device_id)

    def looked(self, now_s: float) -> None:
        subject = self.oracle.subject
        missed = self._owed - self._told
        self._owed.clear()
        if missed and subject.running and not subject.writable and subject.connected_since_s is not None:
            self.fail(f"{', '.join(sorted(missed))} called and nobody was told")


def _callers(payload: bytes) -> list[str]:
    try:
        records = resolve(pack.decode(payload).records)
    except DecodeError:
        return []
    return [one.device for one in records if isinstance(one, Resolved) and one.signal in _CALLS and one.value]
