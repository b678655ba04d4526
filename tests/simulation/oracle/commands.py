"""A command is answered the same way for ever, and one person takes an alarm first."""

from __future__ import annotations

import msgspec

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm
from ingest.wire import topics
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

_ID = msgspec.json.Decoder(dict[str, object])


class Commands(Rule):
    """Looks at every answer and at who took what."""

    promise = "a command counts once and is always answered the same"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._answers: dict[str, bytes] = {}
        self._from_memory: dict[str, object] = {}
        self._takers: dict[tuple[str, int], list[str]] = {}

    def publishing(self, topic: str, payload: bytes, *, retain: bool) -> None:
        if "/console/" in topic and topic != topics.CHANNEL_ENDED:
            said = _ID.decode(payload)
            command_id = str(said["id"])
            if not self.oracle.subject.writable:
                self._from_memory[command_id] = said["ok"]
            elif self._answers.setdefault(command_id, payload) != payload:
                self.fail(f"command {command_id} is answered in two ways")
            if self._from_memory.get(command_id, said["ok"]) != said["ok"]:
                self.fail(f"command {command_id} was answered otherwise while the disk was full")

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        alarm = entry.state
        if alarm is None or entry.event != "Acknowledge":
            return
        takers = self._takers.setdefault((alarm.alarm_id, alarm.round), [])
        takers.append(entry.by)
        if len(takers) > alarm.needed or len(set(takers)) < len(takers):
            self.fail(f"{alarm.rule} {alarm.subject} was taken by {', '.join(takers)} in one round")

    def quiet(self) -> None:
        self._answers.clear()
        self._from_memory.clear()
        self._takers = {key: takers for key, takers in self._takers.items() if key[0] in self.oracle.alarms}
