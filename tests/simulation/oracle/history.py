"""The log is the truth: versions grow by one, states follow from it, and the projection reaches the same."""

from __future__ import annotations

from collections.abc import Sequence

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm
from alarms.projection.rows import Row, alarm_row, send_row
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule


class History(Rule):
    """Compares each change with the one before, and the log with the table of states when all is quiet."""

    promise = "the log replays to the states"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._last_id = 0
        self._gone: set[str] = set()

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        if entry.log_id <= self._last_id:
            self.fail(f"line {entry.log_id} comes after line {self._last_id}")
        self._last_id = entry.log_id
        alarm = entry.state
        if alarm is None:
            return
        version = before.version if before is not None else 0
        if alarm.version != version + 1 or entry.version != alarm.version:
            self.fail(f"{alarm.rule} {alarm.subject} goes from version {version} to {alarm.version}")
        if before is not None and not before.is_open:
            self.fail(f"{alarm.rule} {alarm.subject} was over and changes by {entry.event}")

    def quiet(self) -> None:
        stored = {alarm.alarm_id: alarm for alarm in self.oracle.journal.open_alarms()}
        logged = {alarm.alarm_id: alarm for alarm in self.oracle.open_alarms}
        if stored != logged:
            wrong = next(key for key in stored | logged if stored.get(key) != logged.get(key))
            self.fail(f"alarm {wrong}: the table says {stored.get(wrong)}, the log says {logged.get(wrong)}")
        for alarm_id, alarm in self.oracle.alarms.items():
            if not alarm.is_open and self.oracle.journal.alarm(alarm_id) != alarm:
                self.fail(f"alarm {alarm_id} is over in the log and not in the table")


class Projection(Rule):
    """The tables of PostgreSQL as dictionaries, written by the projection's own rows, in batches that may fail."""

    promise = "the projection reaches the same state"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._position = oracle.journal.last_log_id()
        self._alarms: dict[str, Row] = {}
        self._sends: dict[str, Row] = {}

    def committed(self, entries: Sequence[Entry]) -> None:
        random = self.oracle.timeline.random
        if random.random() < 0.02:
            self._follow(limit=random.choice((1, 10, 1000)))

    def quiet(self) -> None:
        while self._follow(limit=1000):
            pass
        for alarm in self.oracle.journal.open_alarms():
            row = self._alarms.get(alarm.alarm_id)
            if row is None or row["version"] != alarm.version or row["response"] != alarm.response:
                self.fail(f"alarm {alarm.alarm_id} has version {alarm.version}, the projection says {row}")
        for alarm_id, row in self._alarms.items():
            known = self.oracle.alarms.get(alarm_id)
            if known is not None and row["version"] != known.version:
                self.fail(f"alarm {alarm_id} has version {known.version}, the projection {row['version']}")
        self._alarms = {key: row for key, row in self._alarms.items() if row["response"] != "resolved"}
        self._sends.clear()

    def _follow(self, limit: int) -> bool:
        """One batch as the projector writes it; False when there is nothing to write."""
        entries = self.oracle.journal.entries(self._position, limit)
        if not entries:
            return False
        newest = {entry.alarm_id: entry.state for entry in entries if entry.state is not None}
        rows = [alarm_row(alarm) for alarm in newest.values()]
        sends = [row for entry in entries if (row := send_row(entry)) is not None]
        if self.oracle.timeline.random.random() < 0.2:
            return True  # PostgreSQL was killed before the commit: rows and cursor stay as they were
        for row in rows:
            known = self._alarms.get(row["alarm_id"])
            if known is None or known["version"] < row["version"]:
                self._alarms[row["alarm_id"]] = row
        for statement, row in sends:
            if statement == "send_due":
                self._sends.setdefault(row["send_key"], row)
            elif row["send_key"] in self._sends:
                self._sends[row["send_key"]] |= row
        self._position = entries[-1].log_id
        return True
