"""Every message that is due reaches its provider; again only after a kill; and an answered alarm stops telling."""

from __future__ import annotations

from dataclasses import dataclass

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.effects import Reason
from alarms.notify.dispatcher import Task
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Delivery, Rule

_SOON_S = 1.5


@dataclass(slots=True)
class Known:
    """What is known of one message."""

    alarm_id: str
    due_s: float
    epoch: int
    delivered: int = 0
    allowed: int = 1
    submitted: bool = False
    over: str = ""


class Sends(Rule):
    """An epoch is a life of the program, or a time in which its disk took no writes: each may repeat a message once."""

    promise = "each message reaches its provider, and no more often than it must"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self.delivered_total = 0
        self._known: dict[str, Known] = {}
        self._unsent: dict[str, Known] = {}
        self._early: dict[str, int] = {}
        self._pending: set[str] = set()

    def next_due_s(self) -> float:
        """While a message is neither done nor dropped the program may look after it at any turn."""
        return 0.0 if self._pending else float("inf")

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        match entry.event:
            case "due":
                key = entry.detail["send_key"]
                known = Known(entry.alarm_id, self.oracle.timeline.now_s, self._epoch())
                known.delivered = self._early.pop(key, 0)
                known.allowed += known.delivered
                self._known[key] = self._unsent[key] = known
                self._pending.add(key)
            case "sent" if entry.detail["final"]:
                self._end(entry.detail["send_key"], "done" if entry.detail["ok"] else "refused")
            case "not_sent" if "send_key" in entry.detail:
                self._end(entry.detail["send_key"], "dropped")

    def submitting(self, task: Task) -> None:
        known = self._known.get(task.notice.key)
        if known is None:
            return
        known.submitted = True
        self._unsent.pop(task.notice.key, None)
        if known.over:
            self.fail(f"{task.notice.key} is tried again although it is {known.over}")
        alarm = self.oracle.alarms.get(task.notice.alarm_id)
        if alarm is not None and (alarm.answered or alarm.is_near_fall) and task.notice.kind != Reason.ALL_CLEAR:
            self.fail(f"{task.notice.key} goes out although {alarm.rule} {alarm.subject} waits for nobody")

    def delivered(self, delivery: Delivery) -> None:
        self.delivered_total += 1
        known = self._known.get(delivery.key)
        if known is None:  # told from memory: the journal will know it when the disk takes writes again
            self._early[delivery.key] = self._early.get(delivery.key, 0) + 1
            return
        known.delivered += 1
        if not delivery.told:
            known.allowed += 1
        allowed = known.allowed + self._epoch() - known.epoch
        if known.delivered > allowed:
            self.fail(f"{delivery.key} reached its provider {known.delivered} times, {allowed} would do")

    def looked(self, now_s: float) -> None:
        subject = self.oracle.subject
        if not self._unsent or not (subject.running and subject.writable):
            return
        for key, known in self._unsent.items():
            if now_s > max(known.due_s, subject.alive_since_s, subject.writable_since_s) + _SOON_S:
                self.fail(f"{key} has been due for {now_s - known.due_s:.1f} s and no channel was asked")
            return  # oldest first

    def quiet(self) -> None:
        for key, known in self._known.items():
            if not known.over:
                self.fail(f"{key} is neither done nor refused nor dropped")
            if known.over == "done" and not known.delivered:
                self.fail(f"{key} is said to be done and never reached its provider")
        self._known.clear()
        self._early.clear()

    def _end(self, key: str, how: str) -> None:
        known = self._known.get(key)
        self._unsent.pop(key, None)
        self._pending.discard(key)
        if known is not None:
            known.over = how

    def _epoch(self) -> int:
        return self.oracle.subject.lives
