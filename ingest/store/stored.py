"""Stored readings, read back hour by hour in the order of their own time: what a replay judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from psycopg import sql

from ingest.store.connection import Connection
from ingest.store.tables import EXTRA, table_of
from ingest.wire.batch import SINGLE, ReadingBatch
from ingest.wire.signals import Kind, columns

_STEP = timedelta(hours=1)


def stored(
    connection: Connection, first: datetime, last: datetime, kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[tuple[datetime, ReadingBatch]]:
    """The end of every hour from ``first`` to ``last``, and what is stored of it; hours without readings too.

    Rare signals do not keep when they came: they count as received at their own time.
    """
    begins = first
    while begins < last:
        ends = min(begins + _STEP, last)
        parts = [_wide(connection, kind, begins, ends) for kind in kinds if columns(kind)]
        batch = ReadingBatch.concatenate([*parts, _extra(connection, begins, ends)])
        yield ends, batch.take(np.argsort(batch.observed_s, kind="stable"))
        begins = ends


def _wide(connection: Connection, kind: Kind, begins: datetime, ends: datetime) -> ReadingBatch:
    signals = columns(kind)
    names = sql.SQL(", ").join(sql.Identifier(signal.name) for signal in signals)
    query = sql.SQL(
        "SELECT device_number, extract(epoch FROM time)::float8, extract(epoch FROM received_at)::float8, {} FROM {}"
        " WHERE time >= %s AND time < %s ORDER BY time, device_number"
    ).format(names, sql.Identifier(table_of(kind)))
    rows = connection.execute(query, (begins.astimezone(UTC), ends.astimezone(UTC))).fetchall()
    cells = np.array(rows, np.float64).reshape(len(rows), 3 + len(signals))  # NULL becomes NaN
    row, column = np.nonzero(~np.isnan(cells[:, 3:]))
    return ReadingBatch(
        device=cells[row, 0].astype(np.int32),
        signal=np.array([signal.number for signal in signals], np.int16)[column],
        element=np.full(len(row), SINGLE, np.int8),
        observed_s=cells[row, 1],
        received_s=cells[row, 2],
        value=cells[row, 3 + column],
    )


def _extra(connection: Connection, begins: datetime, ends: datetime) -> ReadingBatch:
    query = sql.SQL(
        "SELECT device_number, signal, element, extract(epoch FROM time)::float8, value FROM {}"
        " WHERE time >= %s AND time < %s ORDER BY time, device_number"
    ).format(sql.Identifier(EXTRA))
    rows = connection.execute(query, (begins.astimezone(UTC), ends.astimezone(UTC))).fetchall()
    cells = np.array(rows, np.float64).reshape(len(rows), 5)
    return ReadingBatch(
        device=cells[:, 0].astype(np.int32),
        signal=cells[:, 1].astype(np.int16),
        element=cells[:, 2].astype(np.int8),
        observed_s=cells[:, 3],
        received_s=cells[:, 3],
        value=cells[:, 4],
    )
