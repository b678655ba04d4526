"""Writing rows that may be there already: merged column by column, of two values the one that is there stays."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from psycopg import sql

from ingest.store.arrays import Doubles, Ints, Moments, Reals, Smallints
from ingest.store.connection import Connection
from ingest.store.frame import Extra, Frame, WideTable, wide_table
from ingest.store.queries import load
from ingest.wire.signals import Kind

_SQL = load(Path(__file__).parent / "queries.sql")


def upsert_frame(connection: Connection, frame: Frame) -> None:
    """Write the rows of ``frame``, each device and moment once; repeats change nothing, halves of a row are joined."""
    table = wide_table(frame.kind)
    columns = [
        Doubles(frame.value[:, column]) if double else Reals(frame.value[:, column])
        for column, double in enumerate(table.double)
    ]
    connection.execute(
        _statement(frame.kind), [Moments(frame.time_us), Ints(frame.device), Moments(frame.received_us), *columns]
    )


def upsert_extra(connection: Connection, extra: Extra) -> None:
    """Write the rows of ``extra``; repeats change nothing."""
    connection.execute(
        _SQL["upsert_extra"],
        {
            "time": Moments(extra.time_us),
            "value": Doubles(extra.value),
            "device": Ints(extra.device),
            "signal": Smallints(extra.signal),
            "element": Smallints(extra.element),
        },
    )


@cache
def _statement(kind: Kind) -> sql.Composed:
    table = wide_table(kind)
    if not table.columns:
        return _bare_statement(table)
    names = [sql.Identifier(signal.name) for signal in table.columns]
    target = sql.Identifier(table.name)
    return sql.SQL(
        "INSERT INTO {table} (time, device_number, received_at, {names})"
        " SELECT time, device_number, received_at, {values}"
        " FROM unnest({marks}) AS given (time, device_number, received_at, {names})"
        " ON CONFLICT (device_number, time) DO UPDATE SET {joined} WHERE {news}"
    ).format(
        table=target,
        names=sql.SQL(", ").join(names),
        values=sql.SQL(", ").join(sql.SQL("nullif({}, 'NaN')").format(name) for name in names),
        marks=sql.SQL(", ").join([sql.Placeholder()] * (3 + len(names))),
        joined=sql.SQL(", ").join(
            sql.SQL("{name} = coalesce({table}.{name}, excluded.{name})").format(table=target, name=name)
            for name in names
        ),
        news=sql.SQL(" OR ").join(
            sql.SQL("({table}.{name} IS NULL AND excluded.{name} IS NOT NULL)").format(table=target, name=name)
            for name in names
        ),
    )


def _bare_statement(table: WideTable) -> sql.Composed:
    return sql.SQL(
        "INSERT INTO {} (time, device_number, received_at) SELECT * FROM unnest(%s, %s, %s)"
        " ON CONFLICT (device_number, time) DO NOTHING"
    ).format(sql.Identifier(table.name))
