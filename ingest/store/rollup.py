"""Hours of the readings, rolled up by ourselves where TimescaleDB does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from psycopg import sql

from ingest.store.connection import Connection
from ingest.store.queries import load
from ingest.store.tables import HOURLY_KINDS, table_of
from ingest.wire.signals import Kind

HOUR = timedelta(hours=1)
SETTLED = timedelta(minutes=10)
"""An hour is rolled up this long after its end; the writer marks hours that change later as stale."""

LATE = timedelta(minutes=5)
"""A reading that comes this long after its hour's end makes the hour stale; it is below ``SETTLED``: none slips by."""

_SQL = load(Path(__file__).parent / "queries.sql")
_STALE_AT_ONCE = 200


def roll_up(connection: Connection, now: datetime) -> int:
    """Roll up the hours that are over, and again those that late data has changed; how many hours were done."""
    return sum(_new_hours(connection, kind, now) + _stale_hours(connection, kind) for kind in HOURLY_KINDS)


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _new_hours(connection: Connection, kind: Kind, now: datetime) -> int:
    end = hour_of(now - SETTLED)
    row = connection.execute(_SQL["rollup_done"], {"kind": kind}).fetchone()
    start = row[0] if row is not None else _first_hour(connection, kind, end)
    hours = 0
    while start < end:
        stop = min(start + timedelta(days=1), end)
        with connection.transaction():
            _roll(connection, kind, start, stop)
            connection.execute(_SQL["set_rollup_done"], {"kind": kind, "done_to": stop})
        hours += round((stop - start) / HOUR)
        start = stop
    return hours


def _stale_hours(connection: Connection, kind: Kind) -> int:
    rows = connection.execute(_SQL["stale_hours"], {"kind": kind, "limit": _STALE_AT_ONCE}).fetchall()
    for (hour,) in rows:
        with connection.transaction():
            # deleting first waits for a writer that has just marked the hour again
            connection.execute(_SQL["forget_stale"], {"kind": kind, "hour": hour})
            row = connection.execute(_SQL["rollup_done"], {"kind": kind}).fetchone()
            if row is not None and hour < row[0]:
                _roll(connection, kind, hour, hour + HOUR)
    return len(rows)


def _first_hour(connection: Connection, kind: Kind, end: datetime) -> datetime:
    query = sql.SQL("SELECT min(time) FROM {}").format(sql.Identifier(table_of(kind)))
    row = connection.execute(query).fetchone()
    return min(hour_of(row[0]), end) if row is not None and row[0] is not None else end


def _roll(connection: Connection, kind: Kind, start: datetime, end: datetime) -> None:
    function = sql.Identifier(f"roll_up_{kind}")
    connection.execute(sql.SQL("SELECT {}(%s, %s)").format(function), (start, end))
