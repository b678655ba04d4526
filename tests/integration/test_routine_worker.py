"""The routine of a home over weeks: drawn up once each morning, caught up, kept, and erased with the resident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from alarms.core.routine.note import NoteKind
from alarms.routine.reader import NotesReader
from ingest.registry import edit, removing
from ingest.registry.model import Device, Gateway, Resident, Site
from ingest.store.housekeeping import keep_house
from ingest.wire.signals import Kind
from tests.routine_home import RoutineHome, routine_home

pytestmark = pytest.mark.database

_DAY = date(2025, 11, 26)


@pytest.fixture
def home(database: str) -> Iterator[RoutineHome]:
    with routine_home(database) as flat:
        yield flat


def weeks_of(home: RoutineHome, days: int = 14) -> date:
    """Ordinary days, up once a night, until the day before ``_DAY``."""
    with home.connection.transaction():
        for back in range(days, 0, -1):
            home.ordinary_day(_DAY - timedelta(days=back))
    return _DAY


def restless(home: RoutineHome, day: date) -> None:
    home.ordinary_day(day, nights=("23:20", "00:30", "01:10", "02:10", "03:20", "04:00", "04:30"))


def count(home: RoutineHome, table: str) -> int:
    row = home.connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


def test_after_a_restless_night_there_is_a_note_in_the_morning_and_only_one(home: RoutineHome) -> None:
    day = weeks_of(home)
    restless(home, day)
    home.morning(day, "06:59")
    assert home.notes() == [], "not before seven"
    home.morning(day)
    (note,) = [one for one in home.notes() if one.kind is NoteKind.NIGHT]
    assert (note.since, note.now, note.usual, note.detail) == (day, 7, 1, 7)
    assert home.morning(day, "12:00") == 0, "nothing is left for this day"
    assert len(home.notes()) == 1
    for days in range(1, 5):
        home.ordinary_day(day + timedelta(days=days))
        home.morning(day + timedelta(days=days))
    (note,) = home.notes()
    assert note.until == day + timedelta(days=3)


def test_a_worker_that_was_away_finds_the_same_notes_as_one_that_looked_each_morning(home: RoutineHome) -> None:
    day = weeks_of(home)
    restless(home, day)
    for days in range(1, 6):
        home.ordinary_day(day + timedelta(days=days), temp_c=12 if days > 2 else 20)
    home.morning(day + timedelta(days=5))
    caught_up = home.notes()
    home.connection.execute("TRUNCATE routine_day, routine_note")
    for days in range(-14, 6):
        home.morning(day + timedelta(days=days))
    assert home.notes() == caught_up
    assert {note.kind for note in caught_up} == {NoteKind.NIGHT, NoteKind.COLD}


def test_what_a_gateway_brings_late_is_drawn_up_again_for_what_is_usual(home: RoutineHome) -> None:
    home.ordinary_day(_DAY - timedelta(days=1))
    home.morning(_DAY)
    late = "SELECT night_up, heard_h FROM routine_day WHERE day = %s"
    assert home.connection.execute(late, (_DAY,)).fetchone() != (1, 24)
    home.ordinary_day(_DAY)
    home.morning(_DAY, "20:00")
    assert home.connection.execute(late, (_DAY,)).fetchone() != (1, 24), "once a day is enough"
    home.ordinary_day(_DAY + timedelta(days=1))
    home.morning(_DAY + timedelta(days=1))
    assert home.connection.execute(late, (_DAY,)).fetchone() == (1, 24)


def test_everything_goes_with_the_resident(home: RoutineHome) -> None:
    restless(home, weeks_of(home))
    home.morning(_DAY)
    assert count(home, "routine_day") == 56
    removing.remove_resident(home.connection, "li")
    assert (count(home, "routine_day"), count(home, "routine_note")) == (0, 0)


def test_what_is_old_is_forgotten(home: RoutineHome) -> None:
    restless(home, weeks_of(home))
    home.morning(_DAY)
    keep_house(home.connection, home.clock.at + timedelta(days=729), 100)
    assert count(home, "routine_day") > 0
    keep_house(home.connection, home.clock.at + timedelta(days=731), 100)
    assert count(home, "routine_day") == 0
    assert count(home, "routine_note") == 1, "a note goes on until it has ended"


def test_the_news_know_the_notes_that_go_on(home: RoutineHome) -> None:
    restless(home, weeks_of(home))
    home.morning(_DAY)
    reader = NotesReader(home.dsn)
    yesterday = home.clock.at - timedelta(days=1)
    assert reader.begun("li", yesterday) == []
    reader.read()
    assert [note.kind for note in reader.begun("li", yesterday)] == [NoteKind.NIGHT]
    assert reader.begun("li", home.clock.at) == [], "told before"
    assert reader.begun("wang", yesterday) == []


def test_a_login_of_another_customer_sees_neither_days_nor_notes(home: RoutineHome) -> None:
    restless(home, weeks_of(home))
    home.morning(_DAY)
    login = "reader_" + home.connection.info.dbname[-12:]
    home.connection.execute(f"CREATE ROLE {login} LOGIN")  # type: ignore[arg-type]
    try:
        home.connection.execute(f"GRANT SELECT ON routine_day, routine_note TO {login}")  # type: ignore[arg-type]
        with psycopg.connect(home.dsn, autocommit=True) as connection:
            connection.execute(f"SET SESSION AUTHORIZATION {login}")  # type: ignore[arg-type]
            seen = "SELECT (SELECT count(*) FROM routine_day), (SELECT count(*) FROM routine_note)"
            assert connection.execute(seen).fetchone() == (56, 1)
            edit.add_site(home.connection, Site(site_id="other", name="Other", shard=2))
            home.connection.execute("INSERT INTO board_reader VALUES (%s, 'other')", (login,))
            assert connection.execute(seen).fetchone() == (0, 0)
    finally:
        home.connection.execute(f"DROP OWNED BY {login}")  # type: ignore[arg-type]
        home.connection.execute(f"DROP ROLE {login}")  # type: ignore[arg-type]


def test_a_site_that_the_database_refuses_holds_up_no_other(home: RoutineHome) -> None:
    home.ordinary_day(_DAY)
    edit.add_site(home.connection, Site(site_id="aaa", name="Aaa", shard=3, kind="private_home"))
    edit.add_resident(home.connection, Resident(resident_id="wang", site_id="aaa", name="王芳"))
    edit.add_gateway(home.connection, Gateway(gateway_id="gw-aaa", site_id="aaa"))
    pir = Device(
        device_id="pir-aaa", number=0, site_id="aaa", gateway_id="gw-aaa", kind=Kind.AMBIENT, profile="motion_sensor"
    )
    edit.add_device(home.connection, pir)
    home.connection.execute("ALTER TABLE routine_day ADD CONSTRAINT not_wang CHECK (resident_id <> 'wang')")
    home.morning(_DAY)
    assert count(home, "routine_day") == 56
