"""Nothing is switched by one detector, by an exercise, twice in one incident, or against an interlock."""

from __future__ import annotations

import msgspec

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm, Flag
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

_LOOSE = msgspec.json.Decoder(dict[str, object])


class Linkage(Rule):
    """Reads what was asked for in the log, and what gateways are told."""

    promise = "a fire switches what it must, once, with two triggers"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self.total = 0
        self._asked: set[tuple[str, str]] = set()
        self._may_leave: set[str] = set()

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        alarm = entry.state
        if entry.event != "Linked" or alarm is None:
            return
        triggers = [one for one in alarm.evidence.get("confirmed_by", ()) if one["independent"]]
        if not triggers or {Flag.TEST, Flag.DRILL} & set(alarm.flags) or alarm.suppressed is not None:
            self.fail(f"{alarm.subject} switches with {triggers} and {alarm.flags}")
        for one in entry.detail["asked"]:
            self.total += 1
            key = alarm.incident_id or alarm.alarm_id, one["output_id"]
            if key in self._asked:
                self.fail(f"{one['output_id']} is asked for twice in {key[0]}")
            self._asked.add(key)
            if one["refused"] is not (one["output_id"] in self._fed):
                self.fail(f"{one['output_id']} is refused: {one['refused']}")
            if not one["refused"]:
                self._may_leave.add(f"{alarm.alarm_id}/{alarm.version}/output-{one['output_id']}")

    def publishing(self, topic: str, payload: bytes, *, retain: bool) -> None:
        if topic.endswith("/down/cmd") and b'"output"' in payload:
            nonce = str(_LOOSE.decode(payload)["nonce"])
            if nonce not in self._may_leave:
                self.fail(f"a gateway is told {nonce}, which nothing asked for")
            self._may_leave.discard(nonce)

    @property
    def _fed(self) -> set[str]:
        return {one.output_id for one in self.oracle.subject.registry.outputs if one.feeds}
