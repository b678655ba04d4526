"""Nothing leaves before it is durable: not a state, a message, an answer, nor an acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from alarms.lifecycle.alarm import Alarm, Flag
from alarms.notify.dispatcher import Task
from ingest.mqtt import Message
from ingest.wire import pack, topics
from ingest.wire.topics import Lane
from tests.simulation.oracle.rule import Rule

_ALARM = msgspec.json.Decoder(Alarm)
_LOOSE = msgspec.json.Decoder(dict[str, object])


class Committed(Rule):
    """Looks through its own connection to the journal whenever something is about to leave."""

    promise = "nothing leaves before the commit"

    def publishing(self, topic: str, payload: bytes, *, retain: bool) -> None:
        if (alarm := topics.parse_alarm(topic)) is not None:
            if payload:
                self._state(_ALARM.decode(payload))
            else:
                self._cleared(alarm.alarm_id)
        elif topic.endswith("/down/ack/alarms"):
            self._ack(topic, payload)
        elif topic.endswith("/down/cmd"):
            self._gateway_command(payload)
        elif "/console/" in topic and topic != topics.CHANNEL_ENDED:
            self._reply(payload)

    def submitting(self, task: Task) -> None:
        if self.oracle.subject.writable and task.notice.key not in self.oracle.due:
            self.fail(f"message {task.notice.key} goes out and the journal does not know it")

    def acknowledging(self, messages: Sequence[Message]) -> None:
        for message in messages:
            gateway = topics.parse_gateway(message.topic)
            alarm = topics.parse_alarm(message.topic)
            if gateway is not None and gateway.lane is Lane.ALARM:
                header = pack.decode_header(message.payload)
                if header is not None and not self._has(gateway.gateway_id, header.boot, header.seq):
                    self.fail(f"pack {header.seq} of {gateway.gateway_id} is acknowledged and not in the journal")
            elif alarm is not None and alarm.is_command:
                command = _LOOSE.decode(message.payload)
                if self.oracle.journal.reply(str(command["id"])) is None:
                    self.fail(f"command {command['id']} is acknowledged and its answer is not in the journal")

    def _state(self, alarm: Alarm) -> None:
        if Flag.NOT_JOURNALED in alarm.flags:
            if self.oracle.subject.writable:
                self.fail(f"{alarm.rule} {alarm.subject} says that it is not journaled, and the disk takes writes")
            return
        if self.oracle.alarms.get(alarm.alarm_id) == alarm:
            return
        if self.oracle.journal.state_at(alarm.alarm_id, alarm.version) != alarm:
            self.fail(f"{alarm.rule} {alarm.subject} is published in version {alarm.version}, which is not committed")

    def _cleared(self, alarm_id: str) -> None:
        if not self.oracle.subject.writable:
            return  # resolved in memory; ``Retained`` sees that the journal comes to the same
        alarm = self.oracle.journal.alarm(alarm_id)
        if alarm is not None and alarm.is_open:
            self.fail(f"the topic of {alarm.rule} {alarm.subject} is cleared while the alarm is open")

    def _ack(self, topic: str, payload: bytes) -> None:
        gateway = topics.parse_gateway(topic)
        said = _LOOSE.decode(payload)
        boot, seq = str(said["boot"]), said[Lane.ALARM]
        if gateway is not None and isinstance(seq, int):
            held = self.oracle.journal.lane(gateway.gateway_id, boot)
            if held.position < seq:
                self.fail(f"{gateway.gateway_id} may let go of {seq}, the journal has packs up to {held.position}")

    def _has(self, gateway_id: str, boot: str, seq: int) -> bool:
        held = self.oracle.journal.lane(gateway_id, boot)
        return seq <= held.position or seq in held.ahead

    def _gateway_command(self, payload: bytes) -> None:
        nonce = _LOOSE.decode(payload).get("nonce")
        if nonce is None:
            return  # about no alarm
        alarm_id, version, what = str(nonce).split("/")
        if self.oracle.journal.state_at(alarm_id, int(version)) is None:
            self.fail(f"a gateway is told {what} for version {version} of {alarm_id}, which is not committed")

    def _reply(self, payload: bytes) -> None:
        if not self.oracle.subject.writable:
            return  # from memory; ``Commands`` sees that the journal comes to the same answer
        command_id = str(_LOOSE.decode(payload)["id"])
        if self.oracle.journal.reply(command_id) != payload:
            self.fail(f"command {command_id} is answered with what is not in the journal")
