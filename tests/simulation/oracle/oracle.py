"""The oracle: reads the journal through a connection of its own and tells every rule what happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from alarms.journal.journal import Journal
from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm
from alarms.notify.dispatcher import Task
from gateway.packing import Datum
from ingest.mqtt import Message
from tests.simulation.oracle.rule import Delivery, Rule, Subject
from tests.simulation.story import Story
from tests.simulation.timeline import Timeline

_BATCH = 1000
_Rule = TypeVar("_Rule", bound=Rule)


class Oracle:
    """``alarms`` are the newest committed states, ``due`` the messages that are to be sent, by key, of each alarm.

    Both without alarms that are long over.
    """

    def __init__(self, timeline: Timeline, story: Story, path: Path, rules: Sequence[type[Rule]]) -> None:
        self.timeline = timeline
        self.story = story
        self.journal = Journal(path)
        self.alarms: dict[str, Alarm] = {}
        self.due: dict[str, str] = {}
        self.entries = 0
        self.seen: Counter[str] = Counter()
        self._read_to = self.journal.last_log_id()
        self._rules = [rule(self) for rule in rules]
        self._entry = self._told_of("entry")
        self._publishing = self._told_of("publishing")
        self._looked = self._told_of("looked")

    def attach(self, subject: Subject) -> None:
        """The program under test."""
        self.subject = subject

    def rule(self, kind: type[_Rule]) -> _Rule:
        """The rule of this class."""
        return next(rule for rule in self._rules if isinstance(rule, kind))

    def close(self) -> None:
        self.journal.close()

    @property
    def open_alarms(self) -> Iterator[Alarm]:
        return (alarm for alarm in self.alarms.values() if alarm.is_open)

    def pull(self) -> None:
        """Read what has been committed since the last time; called after every commit."""
        fresh: list[Entry] = []
        while entries := self.journal.entries(self._read_to, _BATCH):
            self._read_to = entries[-1].log_id
            fresh += entries
        if not fresh:
            return
        self.entries += len(fresh)
        self.seen.update(entry.event for entry in fresh)
        for entry in fresh:
            before = self.alarms.get(entry.alarm_id)
            if entry.state is not None:
                self.alarms[entry.alarm_id] = entry.state
                self._tell(entry)
            elif entry.event == "due":
                self.due[entry.detail["send_key"]] = entry.alarm_id
            for told in self._entry:
                told(entry, before)
        for rule in self._rules:
            rule.committed(fresh)

    def publishing(self, topic: str, payload: bytes, retain: bool) -> None:
        for told in self._publishing:
            told(topic, payload, retain=retain)

    def taken(self, messages: Sequence[Message]) -> None:
        for rule in self._rules:
            rule.taken(messages)

    def acknowledging(self, messages: Sequence[Message]) -> None:
        for rule in self._rules:
            rule.acknowledging(messages)

    def submitting(self, task: Task) -> None:
        for rule in self._rules:
            rule.submitting(task)

    def delivered(self, delivery: Delivery) -> None:
        for rule in self._rules:
            rule.delivered(delivery)

    def spooled(self, gateway_id: str, boot: str, seq: int, data: Sequence[Datum]) -> None:
        for rule in self._rules:
            rule.spooled(gateway_id, boot, seq, data)

    def spool_lost(self, gateway_id: str, boot: str) -> None:
        for rule in self._rules:
            rule.spool_lost(gateway_id, boot)

    def released(self, gateway_id: str, boot: str, seq: int) -> None:
        for rule in self._rules:
            rule.released(gateway_id, boot, seq)

    def looked(self) -> None:
        for told in self._looked:
            told(self.timeline.now_s)

    def next_due_s(self) -> float:
        """When a rule expects the program to do something by itself."""
        return min(rule.next_due_s() for rule in self._rules)

    def quiet(self) -> None:
        """Nothing is under way: everything must agree. What is long over is forgotten."""
        self.pull()
        for rule in self._rules:
            rule.quiet()
        self.alarms = {alarm.alarm_id: alarm for alarm in self.open_alarms}
        self.due = {key: alarm_id for key, alarm_id in self.due.items() if alarm_id in self.alarms}

    def _told_of(self, name: str) -> list[Callable[..., Any]]:  # Any: the hooks have different shapes
        """The rules that want to know, so that the busy hooks cost nothing for the others."""
        return [getattr(rule, name) for rule in self._rules if getattr(type(rule), name) is not getattr(Rule, name)]

    def _tell(self, entry: Entry) -> None:
        alarm = entry.state
        if alarm is not None and entry.event != "Recurred":
            self.story.tell(
                "journal: {} of {} {} by {}: {} (version {})",
                entry.event, alarm.rule, alarm.subject, entry.by, alarm.response, alarm.version,
            )  # fmt: skip
