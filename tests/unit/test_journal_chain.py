"""The log tells when somebody has changed it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from alarms.journal.journal import Journal
from tests.alarm_stories import START

LINES = 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    with journal.transaction():
        for number in range(LINES):
            journal.log_send(f"alarm-{number % 3}", START.timestamp() + number, "shown", {"step": number})
    journal.close()
    return path


def change(path: Path, sql: str) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(sql)
    db.close()


def broken(path: Path) -> int | None:
    """Which line, counted from 0."""
    journal = Journal(path)
    verdict = journal.verify()
    first = journal.entries(0, 1)[0].log_id
    journal.close()
    return None if verdict.broken is None else verdict.broken - first


def test_an_untouched_log_is_whole_and_tells_its_newest_hash(file: Path) -> None:
    journal = Journal(file)
    verdict = journal.verify()
    assert (verdict.lines, verdict.broken, len(verdict.head)) == (LINES, None, 32)
    with journal.transaction():
        journal.log_send("alarm-1", START.timestamp(), "shown", {})
    assert journal.verify().head != verdict.head


@pytest.mark.parametrize(
    "assignment",
    [
        "by = 'zhao'",
        "at = at + 1",
        "event = 'sent'",
        "alarm_id = 'other'",
        "version = 7",
        "detail = x'7b7d'",
        "state = x''",
    ],
)
def test_a_changed_field_shows(file: Path, assignment: str) -> None:
    change(file, f"UPDATE log SET {assignment} WHERE log_id = (SELECT min(log_id) + 7 FROM log)")
    assert broken(file) == 7


def test_a_line_that_was_taken_out_shows(file: Path) -> None:
    change(file, "DELETE FROM log WHERE log_id = (SELECT min(log_id) + 7 FROM log)")
    assert broken(file) == 8


def test_lines_that_changed_places_show(file: Path) -> None:
    """Whole lines, with the hashes that were theirs."""
    change(
        file,
        "UPDATE log SET log_id = -1 WHERE log_id = (SELECT max(log_id) - 12 FROM log);"
        "UPDATE log SET log_id = log_id - 1 WHERE log_id = (SELECT max(log_id) - 11 FROM log);"
        "UPDATE log SET log_id = (SELECT max(log_id) - 11 FROM log) WHERE log_id = -1",
    )
    assert broken(file) == 7


def test_a_line_that_was_put_in_shows(file: Path) -> None:
    change(
        file,
        "INSERT INTO log (alarm_id, version, at, event, by, detail) VALUES ('a', 0, 0, 'shown', 'system', x'7b7d')",
    )
    assert broken(file) == LINES


def test_a_rollback_leaves_no_gap(file: Path) -> None:
    journal = Journal(file)
    with pytest.raises(RuntimeError), journal.transaction():
        journal.log_send("alarm-1", START.timestamp(), "shown", {})
        raise RuntimeError
    with journal.transaction():
        journal.log_send("alarm-1", START.timestamp(), "shown", {})
    assert journal.verify().broken is None
