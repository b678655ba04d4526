"""Draws up one day of some residents of a site, and the notes that begin, go on or end with it: one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row

from alarms.core.routine.facts import MEASURES, YEAR_DAYS, DayFacts, Past
from alarms.core.routine.note import Note, NoteKind
from alarms.core.routine.notes import Standing, step
from alarms.routine.rows import facts_of, note_of, row_of, stored
from alarms.routine.sensors import COLUMNS, Sensor
from alarms.routine.settings import RoutineSettings, clock
from ingest.store import queries
from ingest.store.connection import Connection

SQL = queries.load(Path(__file__).with_name("queries.sql"))
"""The statements of the routine by name."""

KEPT_DAYS = 70
"""A decline needs 56 days, and what was usual before a note of four weeks 31 more than it."""

_BEGIN = time(6)
_BEFORE = timedelta(hours=12)
"""Readings of so long before the day tell whether a sensor was heard, and whether a door was open."""

_COOKER_W = 200.0
"""As the rules of a cooker have it (alarms/core/profiles/cooker.toml)."""


def draw_day(
    connection: Connection,
    day: date,
    zone: str,
    sensors: Sequence[Sensor],
    settings: RoutineSettings,
    now: datetime,
) -> int:
    """Draw up ``day`` for the residents of these sensors; how many notes changed. The caller's transaction."""
    facts = read_facts(connection, day, zone, sensors, settings)
    fresh = [resident_id for resident_id, one in facts.items() if _write(connection, resident_id, one, now)]
    if not fresh:
        return 0
    days, standing = _days(connection, fresh, day), _standing(connection, fresh)
    changed = 0
    for resident_id in fresh:
        known = standing.get(resident_id, {})
        for kind, note in step(Past(days[resident_id]), known, settings.limits).items():
            if note != known.get(kind):
                connection.execute(SQL["write_note"], {"resident_id": resident_id, "begun_at": now, **row_of(note)})
                changed += 1
    return changed


def read_facts(
    connection: Connection, day: date, zone: str, sensors: Sequence[Sensor], settings: RoutineSettings
) -> dict[str, DayFacts]:
    """The day of every resident of these sensors, out of the readings."""
    asked = {
        **_moments(day, ZoneInfo(zone), settings),
        "movers": [one.number for one in sensors if one.moves],
        "thermometers": [one.number for one in sensors if one.lived_in],
        "cookers": [one.number for one in sensors if one.cooker],
        "cold_c": settings.cold_c,
        "cooker_w": _COOKER_W,
        **{name: [getattr(one, name) for one in sensors] for name in COLUMNS},
    }
    movers: dict[str, list[int]] = defaultdict(list)
    for one in sensors:
        if one.moves:
            movers[one.resident_id].append(one.number)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL["day_facts"], asked).fetchall()
    return {row["resident_id"]: facts_of(row, day, movers[row["resident_id"]]) for row in rows}


def _moments(day: date, zone: ZoneInfo, settings: RoutineSettings) -> dict[str, datetime]:
    """The bounds of a day by the clock of the place, so that it has 23, 24 or 25 hours."""

    def at(shown: time, days: int = 0) -> datetime:
        return datetime.combine(day + timedelta(days=days), shown, zone).astimezone(UTC)

    return {
        "since": at(_BEGIN) - _BEFORE,
        "begins_at": at(_BEGIN),
        "noon": at(time(12)),
        "evening": at(time(18)),
        "night_from": at(clock(settings.night_from_h)),
        "night_to": at(clock(settings.night_to_h), 1),
        "ends_at": at(_BEGIN, 1),
    }


def _write(connection: Connection, resident_id: str, facts: DayFacts, now: datetime) -> bool:
    given: dict[str, object] = {
        "resident_id": resident_id,
        "day": facts.day,
        "drawn_at": now,
        "sensors": list(facts.sensors),
    }
    given |= {name: stored(getattr(facts, name)) for name in MEASURES}
    return connection.execute(SQL["write_day"], given).fetchone() == (True,)


def _days(connection: Connection, resident_ids: Sequence[str], day: date) -> Mapping[str, list[DayFacts]]:
    asked = {"resident_id": list(resident_ids), "day": day, "kept": KEPT_DAYS, "year": YEAR_DAYS}
    found: dict[str, list[DayFacts]] = defaultdict(list)
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(SQL["days_of"], asked):
            found[row["resident_id"]].append(facts_of(row, row["day"], row["sensors"]))
    return found


def _standing(connection: Connection, resident_ids: Sequence[str]) -> Mapping[str, Standing]:
    found: dict[str, dict[NoteKind, Note]] = defaultdict(dict)
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(SQL["standing_notes"], {"resident_id": list(resident_ids)}):
            note = note_of(row)
            found[row["resident_id"]][note.kind] = note
    return found
