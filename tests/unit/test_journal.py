"""The journal: together or not at all, one open alarm for one key, and what a full disk does."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alarms.errors import JournalError, JournalFullError
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm
from tests.alarm_stories import REGISTRY, START, Desk


@pytest.fixture
def alarm() -> Alarm:
    desk = Desk()
    desk.record("sos-201", "help_call")
    return desk.only


def write(journal: Journal, alarm: Alarm) -> None:
    journal.write(alarm, at=START, event="Raised", by="system", detail={})


def test_what_is_committed_is_there_after_a_restart(tmp_path: Path, alarm: Alarm) -> None:
    first = Journal(tmp_path / "j.sqlite")
    with first.transaction():
        write(first, alarm)
    first.close()
    assert Journal(tmp_path / "j.sqlite").open_alarms() == [alarm]


def test_a_failure_in_the_middle_leaves_nothing_behind(tmp_path: Path, alarm: Alarm) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    with pytest.raises(ZeroDivisionError), journal.transaction():
        write(journal, alarm)
        raise ZeroDivisionError
    assert journal.open_alarms() == []
    assert journal.entries(0, 10) == []


def test_a_failing_item_undoes_only_itself(tmp_path: Path, alarm: Alarm) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    with journal.transaction():
        write(journal, alarm)
        with pytest.raises(ZeroDivisionError), journal.savepoint():
            write(journal, replace(alarm, version=2, note="half"))
            raise ZeroDivisionError
    assert [found.version for found in journal.open_alarms()] == [1]


def test_two_open_alarms_of_one_key_are_impossible(tmp_path: Path, alarm: Alarm) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="dedup_key"), journal.transaction():
        write(journal, alarm)
        write(journal, replace(alarm, alarm_id="another"))


def test_two_programs_that_hear_one_button_at_once_make_one_alarm_with_a_count(tmp_path: Path) -> None:
    """Each looks and writes in one transaction, and the unique index stands behind it."""
    presses, path = 25, tmp_path / "j.sqlite"
    Journal(path).close()
    begin = threading.Barrier(2, timeout=20)

    def hear(first_seq: int) -> None:
        desk = Desk()
        desk.seq = first_seq
        desk.journal = Journal(path)
        desk.restart(REGISTRY)
        for _ in range(presses):
            begin.wait()
            desk.record("sos-201", "help_call")
        desk.journal.close()

    with ThreadPoolExecutor(2) as programs:
        list(programs.map(hear, (0, 1000)))
    journal = Journal(path)
    assert [entry.event for entry in journal.entries(0, 1000)].count("Raised") == 1
    (one,) = journal.open_alarms()
    assert one.count == 2 * presses


def test_a_full_disk_has_its_own_error_and_the_journal_goes_on_when_there_is_room(tmp_path: Path, alarm: Alarm) -> None:
    journal = Journal(tmp_path / "j.sqlite")
    limit = journal._db.execute("PRAGMA page_count").fetchone()[0] + 2
    journal._db.execute(f"PRAGMA max_page_count = {limit}")
    with pytest.raises(JournalFullError), journal.transaction():
        for number in range(200):
            write(journal, replace(alarm, alarm_id=f"a{number}", subject=f"device:{number}"))
    assert journal.open_alarms() == []
    journal._db.execute("PRAGMA max_page_count = 100000")
    with journal.transaction():
        write(journal, alarm)
    assert len(journal.open_alarms()) == 1


def test_a_file_that_is_no_journal_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"this is not a database at all, but long enough to be looked at" * 50)
    with pytest.raises(JournalError, match=r"j\.sqlite"):
        Journal(path)


def test_lines_of_a_new_journal_come_after_those_of_the_one_before(tmp_path: Path, alarm: Alarm) -> None:
    ids = []
    for name in ("old", "new"):
        journal = Journal(tmp_path / name)
        with journal.transaction():
            write(journal, alarm)
        ids.append(journal.last_log_id())
    assert ids[0] > 1_600_000_000_000
    assert ids[0] <= ids[1]


def test_the_next_deadline_is_the_earliest_of_all(alarm: Alarm) -> None:
    journal = Journal(None)
    assert journal.next_deadline_s(START) is None
    with journal.transaction():
        write(journal, alarm)
        soon = replace(
            alarm, alarm_id="b", subject="device:b", next_step_at=None, return_at=START + timedelta(seconds=5)
        )
        write(journal, soon)
    assert journal.next_deadline_s(START) == START.timestamp() + 5
