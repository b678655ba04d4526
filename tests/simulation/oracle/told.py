"""An open emergency that nobody answers is told again and again, without end."""

from __future__ import annotations

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm, Flag, Priority
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

_SLACK_S = 1.5
_TOLD = ("shown", "due")
_SPOKEN_FOR = "in_incident"
"""Another alarm of the same event tells of it."""


class Told(Rule):
    """Remembers when each unanswered emergency was last told; downtime and a full disk are no excuse afterwards."""

    promise = "an unanswered emergency is told without end"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._last_s: dict[str, float] = {}
        self._look_s = 0.0

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        alarm = entry.state
        if alarm is not None:
            if not _waits(alarm):
                self._last_s.pop(alarm.alarm_id, None)
            elif alarm.alarm_id not in self._last_s:
                self._last_s[alarm.alarm_id] = self.oracle.timeline.now_s
        elif entry.alarm_id in self._last_s and (entry.event in _TOLD or entry.detail.get("reason") == _SPOKEN_FOR):
            self._last_s[entry.alarm_id] = self.oracle.timeline.now_s

    def looked(self, now_s: float) -> None:
        if now_s < self._look_s:
            return
        self._look_s = now_s + 5.0
        subject = self.oracle.subject
        if not (subject.running and subject.writable):
            return
        for alarm_id, last_s in self._last_s.items():
            alarm = self.oracle.alarms[alarm_id]
            policy = subject.policy_of(alarm)
            wait_s = max([policy.repeat_s, *(step.after_s for step in policy.steps)])
            due_s = max(last_s + wait_s, subject.alive_since_s, subject.writable_since_s)
            if now_s > due_s + _SLACK_S:
                self.fail(f"{alarm.rule} {alarm.subject} was told {now_s - last_s:.0f} s ago for the last time")


def _waits(alarm: Alarm) -> bool:
    return (
        alarm.priority is Priority.EMERGENCY
        and alarm.is_open
        and not alarm.answered
        and Flag.TEST not in alarm.flags
        and alarm.suppressed is None
    )
