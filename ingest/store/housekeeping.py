"""The store's own upkeep, run every few minutes by the ingest program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from psycopg import sql

from ingest.store import partitions, rollup
from ingest.store.connection import Connection
from ingest.store.migrate import Backend, backend_of
from ingest.store.queries import load
from ingest.store.tables import HOURLY_KINDS, READING_TABLES

QUARANTINE_DAYS = 30
CHANGES_KEPT_DAYS = 3 * 365
HOURS_KEPT_DAYS = 5 * 365
ROUTINE_DAYS_KEPT_DAYS = 2 * 365
"""A season is compared with last year's."""

ROUTINE_NOTES_KEPT_DAYS = 3 * 365
_SQL = load(Path(__file__).parent / "queries.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What one round did."""

    partitions_made: int = 0
    partitions_dropped: int = 0
    hours_rolled_up: int = 0


def keep_house(connection: Connection, now: datetime, keep_days: int) -> Upkeep:
    """Make and drop partitions, roll up hours, forget what is old; ``connection`` is in autocommit mode."""
    connection.execute(_SQL["forget_quarantine"], {"before": now - timedelta(days=QUARANTINE_DAYS)})
    connection.execute(_SQL["forget_changes"], {"before": now - timedelta(days=CHANGES_KEPT_DAYS)})
    connection.execute(_SQL["forget_routine_days"], {"before": now - timedelta(days=ROUTINE_DAYS_KEPT_DAYS)})
    connection.execute(_SQL["forget_routine_notes"], {"before": now - timedelta(days=ROUTINE_NOTES_KEPT_DAYS)})
    connection.execute(_SQL["forget_lanes"], {"before": now - timedelta(days=keep_days)})
    if backend_of(connection) is Backend.TIMESCALEDB:
        _set_retention(connection, keep_days)
        return Upkeep()
    made = partitions.prepare(connection, now)
    made += partitions.settle_default(connection, now, keep_days)
    dropped = partitions.drop_old(connection, now, keep_days)
    hours = rollup.roll_up(connection, now)
    before = {"before": now - timedelta(days=HOURS_KEPT_DAYS)}
    for kind in HOURLY_KINDS:
        query = sql.SQL(_SQL["forget_hours"]).format(view=sql.Identifier(f"{kind}_hour_stored"))
        connection.execute(query, before)
    return Upkeep(partitions_made=len(made), partitions_dropped=len(dropped), hours_rolled_up=hours)


def _set_retention(connection: Connection, keep_days: int) -> None:
    for table in READING_TABLES:
        bounds = {"table": table, "keep": timedelta(days=keep_days)}
        if connection.execute(_SQL["retention_differs"], bounds).fetchone() is not None:
            with connection.transaction():
                connection.execute(_SQL["remove_retention"], bounds)
                connection.execute(_SQL["add_retention"], bounds)
