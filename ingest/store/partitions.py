"""Native daily partitions of the readings' tables: made ahead, filled up behind, dropped when old."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import LiteralString

from psycopg import sql

from ingest.store.connection import Connection
from ingest.store.queries import load
from ingest.store.tables import READING_TABLES

AHEAD_DAYS = 3
_SQL = load(Path(__file__).parent / "queries.sql")
_LOCK_TIMEOUT: LiteralString = "SET LOCAL lock_timeout = '2s'"  # the writer never waits long behind us


def prepare(connection: Connection, now: datetime) -> list[str]:
    """Make the partitions of yesterday up to ``AHEAD_DAYS`` ahead; the names of the new ones."""
    made: list[str] = []
    for table in READING_TABLES:
        bounds = {
            "table": table,
            "first": now.date() - timedelta(days=1),
            "last": now.date() + timedelta(days=AHEAD_DAYS),
        }
        made += [_make(connection, table, row[0]) for row in connection.execute(_SQL["missing_days"], bounds)]
    return made


def settle_default(connection: Connection, now: datetime, keep_days: int) -> list[str]:
    """Give days of their own to rows that the default partitions took in; the names of the new partitions.

    Rows older than ``keep_days`` are deleted.
    """
    oldest = _oldest(now, keep_days)
    made: list[str] = []
    for table in READING_TABLES:
        names = {"rest": sql.Identifier(f"{table}_default")}
        connection.execute(
            sql.SQL("DELETE FROM {rest} WHERE time < %s").format(**names), (datetime.combine(oldest, _MIDNIGHT),)
        )
        days = connection.execute(
            sql.SQL("SELECT DISTINCT (time AT TIME ZONE 'UTC')::date FROM {rest} ORDER BY 1").format(**names)
        ).fetchall()
        made += [_make(connection, table, row[0]) for row in days]
    return made


def drop_old(connection: Connection, now: datetime, keep_days: int) -> list[str]:
    """Drop the days older than ``keep_days``; the names of the partitions dropped."""
    oldest = _oldest(now, keep_days)
    dropped: list[str] = []
    for table in READING_TABLES:
        for (day,) in connection.execute(_SQL["days_of"], {"table": table}).fetchall():
            if day < oldest:
                with connection.transaction():
                    connection.execute(_LOCK_TIMEOUT)
                    connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(_name(table, day))))
                dropped.append(_name(table, day))
    return dropped


_MIDNIGHT = datetime.min.replace(tzinfo=UTC).timetz()


def _oldest(now: datetime, keep_days: int) -> date:
    return now.date() - timedelta(days=keep_days)


def _name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def _make(connection: Connection, table: str, day: date) -> str:
    start = datetime.combine(day, _MIDNIGHT)
    bounds = {"start": sql.Literal(start), "end": sql.Literal(start + timedelta(days=1))}
    names = {
        "table": sql.Identifier(table),
        "day": sql.Identifier(_name(table, day)),
        "rest": sql.Identifier(f"{table}_default"),
    }
    with connection.transaction():
        connection.execute(_LOCK_TIMEOUT)
        connection.execute(sql.SQL("CREATE TABLE {day} (LIKE {table} INCLUDING DEFAULTS)").format(**names))
        connection.execute(
            sql.SQL(
                "WITH moved AS (DELETE FROM {rest} WHERE time >= {start} AND time < {end} RETURNING *)"
                " INSERT INTO {day} SELECT * FROM moved"
            ).format(**names, **bounds)
        )
        connection.execute(
            sql.SQL("ALTER TABLE {table} ATTACH PARTITION {day} FOR VALUES FROM ({start}) TO ({end})").format(
                **names, **bounds
            )
        )
    return _name(table, day)
