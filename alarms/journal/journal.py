"""The journal's file: one writer; what stands inside ``transaction()`` is durable together or not at all."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from alarms.errors import JournalError, JournalFullError
from alarms.journal import chain
from alarms.journal.chain import Line, Verdict
from alarms.journal.clock import ClockTable
from alarms.journal.ended import EndedTable
from alarms.journal.grouping import GroupingTable
from alarms.journal.letters import LetterTable
from alarms.journal.linkage import LinkageTable
from alarms.journal.live import LiveTables
from alarms.journal.presence import PresenceTable
from alarms.journal.records import Entry, GatewayState
from alarms.journal.sends import SendTable
from alarms.lifecycle import verification
from alarms.lifecycle.alarm import Alarm
from ingest.wire.lane import LanePosition
from ingest.wire.topics import CANARY

_ENCODE = msgspec.json.Encoder().encode
_ALARM = msgspec.json.Decoder(Alarm)
_JSON = msgspec.json.Decoder()
_ADDED = (
    ("alarm", "shelf_until", "REAL"),
    ("alarm", "resident_id", "TEXT"),
    ("alarm", "expected_at", "REAL"),
    ("alarm", "verify_until", "REAL"),
    ("alarm", "lone_fire", "INTEGER NOT NULL DEFAULT 0"),
    ("send", "place", "INTEGER NOT NULL DEFAULT 0"),
    ("send", "hand_over_at", "REAL"),
    ("send", "receipt_at", "REAL"),
    ("log", "hash", "BLOB"),
    ("ended", "proofs", "TEXT NOT NULL DEFAULT '[]'"),
)
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


class Journal(SendTable, LetterTable, PresenceTable, GroupingTable, EndedTable, LinkageTable, ClockTable, LiveTables):
    """The journal's file. Not thread-safe: each thread opens its own."""

    def __init__(self, path: Path | None) -> None:
        """Open or create the journal; None is one in memory, as short-lived as the program.

        Raises
        ------
        JournalError
            The file is no journal or is damaged.
        """
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=10)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._add_columns()
            self._db.executescript((resources.files("alarms.journal") / "schema.sql").read_text("utf-8"))
            self._db.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT 'log', ?"
                " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'log')",
                (time.time_ns() // 1_000_000,),
            )
        except sqlite3.DatabaseError as error:
            raise JournalError(f"{path}: {error}") from error

    def close(self) -> None:
        self._db.close()

    def _add_columns(self) -> None:
        """Bring an older file's tables up to the schema."""
        for table, column, kind in _ADDED:
            known = [row[1] for row in self._db.execute(f"PRAGMA table_info({table})")]
            if known and column not in known:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit on leaving, durable on disk; undo everything on an exception.

        Raises
        ------
        JournalFullError
            The disk did not take it; nothing of it is written.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and _primary_code(error) in _FULL:
                raise JournalFullError(str(error)) from error
            raise

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Within a transaction: undo only what happens here when it fails."""
        self._db.execute("SAVEPOINT item")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK TO item")
                self._db.execute("RELEASE item")
            raise
        self._db.execute("RELEASE item")

    # alarms

    def alarm(self, alarm_id: str) -> Alarm | None:
        """An alarm by its id, open or resolved."""
        row = self._db.execute("SELECT state FROM alarm WHERE alarm_id = ?", (alarm_id,)).fetchone()
        return None if row is None else _ALARM.decode(row[0])

    def open_by_key(self, dedup_key: str) -> Alarm | None:
        """The one open alarm of a key."""
        row = self._db.execute("SELECT state FROM alarm WHERE dedup_key = ? AND is_open", (dedup_key,)).fetchone()
        return None if row is None else _ALARM.decode(row[0])

    def open_for(self, rule: str, subject: str) -> list[Alarm]:
        """Open alarms of a rule about a subject, wherever it stood when they began."""
        sql = "SELECT state FROM alarm WHERE subject = ? AND rule = ? AND is_open"
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (subject, rule))]

    def open_at(self, site_id: str, rules: Sequence[str], limit: int = 200) -> list[Alarm]:
        """Open alarms of some rules at a site."""
        sql = (
            "SELECT state FROM alarm INDEXED BY alarm_open_rule"
            " WHERE site_id = ? AND rule IN (SELECT value FROM json_each(?)) AND is_open LIMIT ?"
        )
        names = msgspec.json.encode(list(rules)).decode()
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (site_id, names, limit))]

    def open_alarms(self) -> list[Alarm]:
        return [_ALARM.decode(row[0]) for row in self._db.execute("SELECT state FROM alarm WHERE is_open")]

    def write(self, alarm: Alarm, *, at: datetime, event: str, by: str, detail: dict[str, Any]) -> None:
        """Store the alarm's new state and append the transition to the log.

        The canary's alarm is no history: it is kept while it is open and leaves no line, or a year of them would be
        gigabytes.
        """
        state = _ENCODE(alarm)
        self._db.execute(
            "INSERT INTO alarm (alarm_id, site_id, rule, subject, dedup_key, is_open, next_step_at, return_at,"
            " shelf_until, state, resident_id, expected_at, verify_until, lone_fire)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (alarm_id) DO UPDATE SET"
            " is_open = excluded.is_open, next_step_at = excluded.next_step_at, return_at = excluded.return_at,"
            " shelf_until = excluded.shelf_until, state = excluded.state, expected_at = excluded.expected_at,"
            " verify_until = excluded.verify_until, lone_fire = excluded.lone_fire",
            (
                alarm.alarm_id,
                alarm.identity.site_id,
                alarm.rule,
                alarm.subject,
                alarm.dedup_key,
                alarm.is_open,
                _seconds(alarm.next_step_at),
                _seconds(alarm.return_at),
                None if alarm.suppressed is None else _seconds(alarm.suppressed.until),
                state,
                alarm.identity.resident_id,
                _seconds(alarm.expected_at),
                _seconds(alarm.verify_until),
                verification.is_lone_fire(alarm),
            ),
        )
        self.write_grouping(alarm)
        if alarm.identity.site_id != CANARY:
            self._append(alarm.alarm_id, alarm.version, at.timestamp(), event, by, detail, state)
        elif not alarm.is_open:
            self._db.execute("DELETE FROM alarm WHERE alarm_id = ?", (alarm.alarm_id,))

    def steps_due(self, now: datetime, limit: int = 500) -> list[Alarm]:
        """Open alarms whose next escalation has come, oldest first."""
        sql = "SELECT state FROM alarm WHERE next_step_at <= ? ORDER BY next_step_at LIMIT ?"
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (now.timestamp(), limit))]

    def returns_due(self, now: datetime, limit: int = 500) -> list[Alarm]:
        """Acknowledged alarms that come back now, oldest first."""
        sql = "SELECT state FROM alarm WHERE return_at <= ? ORDER BY return_at LIMIT ?"
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (now.timestamp(), limit))]

    def waiting(self) -> list[Alarm]:
        """Alarms that wait for their next escalation, to come back, for somebody on the way, or to be verified."""
        columns = ("next_step_at", "return_at", "expected_at", "verify_until")
        selects = (f"SELECT alarm_id FROM alarm WHERE {column} IS NOT NULL" for column in columns)  # noqa: S608 - our own
        sql = f"SELECT state FROM alarm WHERE alarm_id IN ({' UNION '.join(selects)})"  # noqa: S608 - likewise
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql)]

    def expected_by(self, now: datetime, limit: int = 500) -> list[Alarm]:
        """Alarms to which somebody was to come by now, oldest first."""
        sql = "SELECT state FROM alarm WHERE expected_at <= ? ORDER BY expected_at LIMIT ?"
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (now.timestamp(), limit))]

    def pre_alarms(self, site_id: str) -> list[Alarm]:
        """The site's fire alarms that wait for their verification, oldest first."""
        sql = "SELECT state FROM alarm WHERE verify_until IS NOT NULL AND site_id = ? ORDER BY verify_until"
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (site_id,))]

    def lone_fires(self, site_id: str) -> list[Alarm]:
        """The site's fire alarms that sound and that no second trigger has confirmed."""
        sql = "SELECT state FROM alarm WHERE lone_fire AND site_id = ?"
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (site_id,))]

    def verified_by(self, now: datetime, limit: int = 500) -> list[Alarm]:
        """Pre-alarms whose time has run out, oldest first."""
        sql = "SELECT state FROM alarm WHERE verify_until <= ? ORDER BY verify_until LIMIT ?"
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (now.timestamp(), limit))]

    def alarms_of(self, resident_id: str, home: str = "") -> list[Alarm]:
        """Every alarm about a resident, or about all who live in ``home``, open or resolved."""
        sql = (
            "SELECT state FROM alarm WHERE resident_id = ?"
            " UNION ALL SELECT state FROM alarm WHERE resident_id IS NULL AND subject = ?"
        )
        rows = self._db.execute(sql, (resident_id, home))
        return [_ALARM.decode(row[0]) for row in rows]

    def shelves_over(self, now: datetime, limit: int = 500) -> list[Alarm]:
        """Alarms that were put aside until now, oldest first."""
        sql = "SELECT state FROM alarm WHERE shelf_until <= ? ORDER BY shelf_until LIMIT ?"
        return [_ALARM.decode(row[0]) for row in self._db.execute(sql, (now.timestamp(), limit))]

    def next_deadline_s(self, now: datetime) -> float | None:
        """The earliest moment at which something falls due; of messages under way only their next try."""
        row = self._db.execute(
            "SELECT min(due) FROM (SELECT min(next_step_at) AS due FROM alarm WHERE next_step_at IS NOT NULL"
            " UNION ALL SELECT min(return_at) FROM alarm WHERE return_at IS NOT NULL"
            " UNION ALL SELECT min(shelf_until) FROM alarm WHERE shelf_until IS NOT NULL"
            " UNION ALL SELECT min(expected_at) FROM alarm WHERE expected_at IS NOT NULL"
            " UNION ALL SELECT min(verify_until) FROM alarm WHERE verify_until IS NOT NULL"
            " UNION ALL SELECT min(hand_over_at) FROM send WHERE hand_over_at IS NOT NULL"
            " UNION ALL SELECT min(lost_at) FROM gateway WHERE lost_at IS NOT NULL"
            " UNION ALL SELECT min(until) FROM presence UNION ALL SELECT min(until) FROM drill"
            " UNION ALL SELECT min(until) FROM moving"
            " UNION ALL SELECT min(until) FROM flood UNION ALL SELECT min(due_at) FROM digest"
            " UNION ALL SELECT min(next_try_at) FROM send WHERE next_try_at > ?)",
            (now.timestamp(),),
        ).fetchone()
        return None if row[0] is None else float(row[0])

    def log_send(self, alarm_id: str, at_s: float, event: str, detail: dict[str, Any]) -> None:
        """Append a line about a send, or about a send not made, with its reason."""
        self._append(alarm_id, 0, at_s, event, "system", detail, None)

    # positions, commands, tests, gateways

    def lane(self, gateway_id: str, boot: str) -> LanePosition:
        """Where we stand in the alarm lane of a gateway's spool."""
        sql = "SELECT position, ahead FROM lane WHERE gateway_id = ? AND boot = ?"
        row = self._db.execute(sql, (gateway_id, boot)).fetchone()
        return LanePosition() if row is None else LanePosition(row[0], set(_JSON.decode(row[1])))

    def write_lane(self, gateway_id: str, boot: str, lane: LanePosition, now: datetime) -> None:
        self._db.execute(
            "INSERT INTO lane (gateway_id, boot, position, ahead, used_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (gateway_id, boot) DO UPDATE SET position = excluded.position, ahead = excluded.ahead,"
            " used_at = excluded.used_at",
            (gateway_id, boot, lane.position, _ENCODE(sorted(lane.ahead)).decode(), now.timestamp()),
        )

    def reply(self, command_id: str) -> bytes | None:
        """The answer already given to a command."""
        row = self._db.execute("SELECT reply FROM command WHERE command_id = ?", (command_id,)).fetchone()
        return None if row is None else bytes(row[0])

    def write_reply(self, command_id: str, reply: bytes, now: datetime) -> None:
        self._db.execute("INSERT INTO command VALUES (?, ?, ?)", (command_id, now.timestamp(), reply))

    def in_test(self, device_id: str, now: datetime) -> bool:
        """True while a device is being tested."""
        row = self._db.execute("SELECT until FROM testing WHERE device_id = ?", (device_id,)).fetchone()
        return row is not None and bool(row[0] > now.timestamp())

    def set_test(self, device_id: str, until: datetime | None) -> None:
        if until is None:
            self._db.execute("DELETE FROM testing WHERE device_id = ?", (device_id,))
        else:
            self._db.execute("INSERT OR REPLACE INTO testing VALUES (?, ?)", (device_id, until.timestamp()))

    def gateway(self, gateway_id: str) -> GatewayState | None:
        sql = "SELECT gateway_id, boot, state, at, lost_at FROM gateway WHERE gateway_id = ?"
        row = self._db.execute(sql, (gateway_id,)).fetchone()
        return None if row is None else _gateway(row)

    def gateways(self) -> list[GatewayState]:
        return [_gateway(row) for row in self._db.execute("SELECT gateway_id, boot, state, at, lost_at FROM gateway")]

    def write_gateway(self, state: GatewayState) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO gateway VALUES (?, ?, ?, ?, ?)",
            (state.gateway_id, state.boot, state.state, state.at_s, state.lost_s),
        )

    def gateways_lost(self, now: datetime) -> list[GatewayState]:
        """Gateways whose silence has become a fault."""
        sql = "SELECT gateway_id, boot, state, at, lost_at FROM gateway WHERE lost_at <= ?"
        return [_gateway(row) for row in self._db.execute(sql, (now.timestamp(),))]

    # the log

    def entries(self, after: int, limit: int) -> list[Entry]:
        """The log's lines after ``after``, in order."""
        sql = (
            "SELECT log_id, alarm_id, version, at, event, by, detail, state FROM log"
            " WHERE log_id > ? ORDER BY log_id LIMIT ?"
        )
        return [_entry(row) for row in self._db.execute(sql, (after, limit))]

    def state_at(self, alarm_id: str, version: int) -> Alarm | None:
        """An alarm as it was at ``version``."""
        sql = "SELECT state FROM log WHERE alarm_id = ? AND version = ? AND state IS NOT NULL"
        row = self._db.execute(sql, (alarm_id, version)).fetchone()
        return None if row is None else _ALARM.decode(row[0])

    def entries_of(self, alarm_id: str) -> list[Entry]:
        """One alarm's lines, in order."""
        sql = (
            "SELECT log_id, alarm_id, version, at, event, by, detail, state FROM log WHERE alarm_id = ? ORDER BY log_id"
        )
        return [_entry(row) for row in self._db.execute(sql, (alarm_id,))]

    def last_log_id(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(log_id), 0) FROM log").fetchone()[0])

    def forget(self, before: datetime) -> None:
        """Drop answered commands, unused spool positions, ended groupings and letters from before ``before``."""
        self._db.execute("DELETE FROM command WHERE at < ?", (before.timestamp(),))
        self._db.execute("DELETE FROM lane WHERE used_at < ?", (before.timestamp(),))
        self._db.execute("DELETE FROM linkage WHERE at < ?", (before.timestamp(),))
        self.forget_groupings(before)
        self.forget_letters(before)

    def verify(self) -> Verdict:
        """Whether every line of the log follows from the one before."""
        return chain.verify(self._db)

    def _append(
        self, alarm_id: str, version: int, at_s: float, event: str, by: str, detail: dict[str, Any], state: bytes | None
    ) -> None:
        line = Line(
            alarm_id=alarm_id, version=version, at_s=at_s, event=event, by=by, detail=_ENCODE(detail), state=state
        )
        self._db.execute(
            "INSERT INTO log (alarm_id, version, at, event, by, detail, state, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (alarm_id, version, at_s, event, by, line.detail, state, chain.link(chain.head(self._db), line)),
        )


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.astimezone(UTC).timestamp()


def _gateway(row: tuple[Any, ...]) -> GatewayState:  # Any: columns of a row
    return GatewayState(gateway_id=row[0], boot=row[1], state=row[2], at_s=row[3], lost_s=row[4])


def _entry(row: tuple[Any, ...]) -> Entry:  # Any: columns of a row
    return Entry(
        log_id=row[0],
        alarm_id=row[1],
        version=row[2],
        at_s=row[3],
        event=row[4],
        by=row[5],
        detail=_JSON.decode(row[6]),
        state=None if row[7] is None else _ALARM.decode(row[7]),
    )


def _primary_code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
