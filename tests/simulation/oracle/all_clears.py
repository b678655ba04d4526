"""A relative whose phone was told of an alarm hears that it is over, or the log says why not; nobody else does."""

from __future__ import annotations

from collections import defaultdict

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm, Disposition, Flag
from alarms.lifecycle.effects import Reason
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Delivery, Rule

_NO_NEWS = {Reason.NOT_SHARED, Reason.QUIET_HOURS, Reason.NO_TARGET, Reason.CHANNEL_ENDED}


class AllClears(Rule):
    """Reads in the log whom a provider took a message for, and what followed at the end."""

    promise = "whoever was told hears once that it is over"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self.total = 0
        self._sends: dict[str, tuple[str, str, str]] = {}
        self._delivered: set[str] = set()
        self._told: defaultdict[str, set[str]] = defaultdict(set)
        self._heard: defaultdict[str, set[str]] = defaultdict(set)
        self._over: dict[str, Alarm] = {}

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        alarm_id, detail = entry.alarm_id, entry.detail
        if entry.state is not None:
            if not entry.state.is_open or entry.state.is_near_fall:
                self._over[alarm_id] = entry.state
            elif self._over.pop(alarm_id, None) is not None:  # a near fall after which they fell again
                self._heard.pop(alarm_id, None)
        elif entry.event == "due":
            self._due(alarm_id, detail["send_key"], detail["target"], detail["reason"])
        elif entry.event == "sent" and detail["ok"]:
            _, target, reason = self._sends.get(detail["send_key"], ("", "", ""))
            if reason != Reason.ALL_CLEAR:
                self._told[alarm_id].add(target)
        elif entry.event == "not_sent" and alarm_id in self._over and detail["reason"] in _NO_NEWS:
            self._heard[alarm_id].add(detail["target"])

    def delivered(self, delivery: Delivery) -> None:
        self._delivered.add(delivery.key)

    def quiet(self) -> None:
        registry = self.oracle.subject.registry
        relatives = {f"contact:{one.contact_id}": one.resident_id for one in registry.contacts if one.user_id}
        for alarm_id, alarm in self._over.items():
            if {Flag.DRILL, Flag.TEST} & set(alarm.flags) or alarm.disposition is Disposition.TEST:
                continue
            concerned = {
                one for one in self._told[alarm_id] if one in relatives and relatives[one] == alarm.identity.resident_id
            }
            for target in concerned - self._heard[alarm_id]:
                self.fail(f"{target} was told of {alarm.rule} {alarm.subject} and never that it is over")
        for alarm_id in [alarm_id for alarm_id, alarm in self._over.items() if not alarm.is_open]:
            del self._over[alarm_id]
            self._told.pop(alarm_id, None)
            self._heard.pop(alarm_id, None)
        self._sends.clear()
        self._delivered.clear()

    def _due(self, alarm_id: str, send_key: str, target: str, reason: str) -> None:
        self._sends[send_key] = (alarm_id, target, reason)
        if reason != Reason.ALL_CLEAR:
            return
        self.total += 1
        alarm = self._over.get(alarm_id)
        if alarm is None:
            self.fail(f"{target} is to hear that {alarm_id} is over, and it is open")
        elif {Flag.DRILL, Flag.TEST} & set(alarm.flags):
            self.fail(f"{target} is to hear that {alarm.rule} {alarm.subject} is over, which was an exercise")
        if target not in self._told[alarm_id] and not self._has_reached(alarm_id, target):
            self.fail(f"{target} is to hear that {alarm_id} is over and was never told of it")
        self._heard[alarm_id].add(target)

    def _has_reached(self, alarm_id: str, target: str) -> bool:
        """Whether a provider took a message that the log had given up when the alarm ended."""
        return any(self._sends[key][:2] == (alarm_id, target) for key in self._delivered & self._sends.keys())
