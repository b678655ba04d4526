"""Every deadline is met within a second of true time while the program runs, at once after a restart, never early."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm, Flag
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

TOLERANCE_S = 1.0
_SLACK_S = 0.2
"""A turn takes a moment of its own."""

_TIME_OF_DAY = "end of shelf"
_END_OF_DRILL = "end of drill"
_ARRIVAL = "arrival"
_VERIFIED = "end of verification"
_MET_BY = {
    "next step": "StepDue",
    "return": "ReturnDue",
    _TIME_OF_DAY: "ShelfOver",
    _ARRIVAL: "NotArrived",
    _VERIFIED: "",  # a second sign ends it earlier, see ``Fires``
    _END_OF_DRILL: "",
}
_DRILL = timedelta(minutes=30)
_STAY_S = 3600.0
"""Where staff are a call comes back no earlier than they must say again that they are there."""


class Deadlines(Rule):
    """A deadline is known by alarm, name and moment; its true time is reckoned when it is committed."""

    promise = "every deadline is met within a second"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._waiting: list[tuple[float, str, str, datetime]] = []
        self._true_s: dict[tuple[str, str], tuple[datetime, float]] = {}
        self._stayed: set[str] = set()
        self.worst_s = 0.0
        """How late, or early, the least exact one was met by a program that ran and could write."""

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        alarm = entry.state
        if alarm is None:
            return
        if before is not None:
            self._not_early(entry, before)
        if entry.event == "Stay":
            self._stayed.add(alarm.alarm_id)
        standing = dict(deadlines(alarm))
        for name in _MET_BY:
            at, key = standing.get(name), (alarm.alarm_id, name)
            known = self._true_s.get(key)
            if at is None:
                self._true_s.pop(key, None)
            elif known is None or known[0] != at:
                is_moved = known is not None and entry.event == "ClockSet"
                true_s = known[1] if known is not None and is_moved else self._true(at)
                self._wait(alarm.alarm_id, name, at, true_s)
        self._present(alarm, entry)

    def looked(self, now_s: float) -> None:
        subject = self.oracle.subject
        while self._waiting and self._waiting[0][0] + TOLERANCE_S + _SLACK_S < now_s:
            true_s, alarm_id, name, at = heapq.heappop(self._waiting)
            if not self._stands(alarm_id, name, at):
                continue
            if not (subject.running and subject.writable):
                heapq.heappush(self._waiting, (now_s, alarm_id, name, at))
                return
            able_s = max(true_s, subject.alive_since_s, subject.writable_since_s)
            if now_s <= able_s + TOLERANCE_S + _SLACK_S:
                heapq.heappush(self._waiting, (able_s, alarm_id, name, at))
                continue
            alarm = self.oracle.alarms[alarm_id]
            self.fail(f"the {name} of {alarm.rule} {alarm.subject} is {now_s - true_s:.1f} s over and nothing happens")

    def clock_set(self) -> None:
        """The end of a shelf is a time of day: it comes earlier, at once or later. Every other wait stays as long."""
        self._waiting = [one for one in self._waiting if one[2] != _TIME_OF_DAY]
        heapq.heapify(self._waiting)
        for (alarm_id, name), (at, _) in list(self._true_s.items()):
            if name == _TIME_OF_DAY:
                self._wait(alarm_id, name, at, max(self.oracle.timeline.now_s, self._true(at)))

    def next_due_s(self) -> float:
        while self._waiting and not self._stands(*self._waiting[0][1:]):
            heapq.heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else float("inf")

    def _true(self, at: datetime) -> float:
        return self.oracle.timeline.now_s + (at - self.oracle.subject.now()).total_seconds()

    def _wait(self, alarm_id: str, name: str, at: datetime, true_s: float) -> None:
        self._true_s[alarm_id, name] = (at, true_s)
        heapq.heappush(self._waiting, (true_s, alarm_id, name, at))

    def _stands(self, alarm_id: str, name: str, at: datetime) -> bool:
        known = self._true_s.get((alarm_id, name))
        return known is not None and known[0] == at

    def _not_early(self, entry: Entry, before: Alarm) -> None:
        for name, met_by in _MET_BY.items():
            known = self._true_s.get((entry.alarm_id, name))
            if entry.event == met_by and known is not None:
                subject, now_s = self.oracle.subject, self.oracle.timeline.now_s
                early_s = known[1] - now_s
                late_s = now_s - max(known[1], subject.alive_since_s, subject.writable_since_s)
                self.worst_s = max(self.worst_s, early_s, late_s)
                if early_s > TOLERANCE_S:
                    self.fail(f"the {name} of {before.rule} {before.subject} comes {early_s:.1f} s too early")

    def _present(self, alarm: Alarm, entry: Entry) -> None:
        """Whoever waits for something has a deadline, and it is not further away than the policy says."""
        if not alarm.is_open or Flag.TEST in alarm.flags or alarm.suppressed is not None:
            return
        policy = self.oracle.subject.policy_of(alarm)
        if not alarm.answered and policy.steps:
            wait_s = max([policy.repeat_s, *(step.after_s for step in policy.steps)])
            self._within(alarm, entry, "next step", alarm.next_step_at, wait_s)
        elif alarm.answered and policy.return_s is not None:
            wait_s = max(policy.return_s, _STAY_S) if alarm.alarm_id in self._stayed else policy.return_s
            self._within(alarm, entry, "return", alarm.return_at, wait_s)

    def _within(self, alarm: Alarm, entry: Entry, name: str, at: datetime | None, wait_s: float) -> None:
        if at is None:
            self.fail(f"{alarm.rule} {alarm.subject} is {alarm.response} after {entry.event} and has no {name}")
        if at > self.oracle.subject.now() + timedelta(seconds=wait_s + TOLERANCE_S):
            self.fail(f"the {name} of {alarm.rule} {alarm.subject} is later than {wait_s:g} s after {entry.event}")


def deadlines(alarm: Alarm) -> Iterator[tuple[str, datetime]]:
    """The deadlines that an alarm's state holds, by name."""
    if alarm.next_step_at is not None:
        yield "next step", alarm.next_step_at
    if alarm.return_at is not None:
        yield "return", alarm.return_at
    if alarm.suppressed is not None:
        yield _TIME_OF_DAY, alarm.suppressed.until
    if alarm.expected_at is not None:
        yield _ARRIVAL, alarm.expected_at
    if alarm.verify_until is not None:
        yield _VERIFIED, alarm.verify_until
    if alarm.is_open and Flag.DRILL in alarm.flags:
        yield _END_OF_DRILL, alarm.raised_at + _DRILL
