"""A fall that a pendant has spoken of stands as urgent as it said, until they got up or it was closed."""

from __future__ import annotations

from collections.abc import Sequence

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag, Priority
from gateway.packing import Datum
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

_AT_LEAST = {"suspected": Priority.HIGH, "confirmed": Priority.EMERGENCY}


class Falls(Rule):
    """When a gateway lets go of a word, the device has had an alarm of that priority since the word was spooled."""

    promise = "no fall is lost, and none is lowered once it is confirmed"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._held: dict[tuple[str, str], dict[int, list[tuple[str, Priority, int]]]] = {}
        self._stood: dict[str, list[Priority]] = {}

    def spooled(self, gateway_id: str, boot: str, seq: int, data: Sequence[Datum]) -> None:
        words = [
            (datum.device_id, _AT_LEAST[str(datum.value)], len(self._stood.get(datum.device_id, ())))
            for datum in data
            if datum.signal == "fall" and datum.value in _AT_LEAST
        ]
        if words:
            self._held.setdefault((gateway_id, boot), {})[seq] = words

    def released(self, gateway_id: str, boot: str, seq: int) -> None:
        held = self._held.get((gateway_id, boot), {})
        for done in [one for one in held if one <= seq]:
            for device_id, priority, before in held.pop(done):
                stood = self._stood.get(device_id, [])[max(0, before - 1) :]
                if not any(one.rank <= priority.rank for one in stood):
                    self.fail(f"{device_id} said a fall of {priority}, and the journal knows {stood}")

    def spool_lost(self, gateway_id: str, boot: str) -> None:
        self._held.pop((gateway_id, boot), None)

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        alarm = entry.state
        if alarm is None or alarm.kind is not AlarmKind.FALL or Flag.DRILL in alarm.flags:
            return
        for device_id in (alarm.identity.device_id, *alarm.evidence.get("confirmed_by", ())):
            self._stood.setdefault(device_id, []).append(alarm.priority)
        is_worse = before is not None and alarm.priority.rank > before.priority.rank
        if before is not None and is_worse and before.priority is Priority.EMERGENCY:
            self.fail(f"the confirmed fall {alarm.subject} was lowered to {alarm.priority} by {entry.event}")
