"""Binary COPY of frames: one statement and one buffer for a table, built by numpy.

A NULL has no bytes in the binary form, so rows are encoded in groups with the same columns present; groups of different
width follow each other in one stream.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from psycopg import sql

from ingest.store.connection import Connection
from ingest.store.frame import Extra, Frame, WideTable, wide_table
from ingest.store.tables import EXTRA

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_EPOCH_US = 946_684_800_000_000  # PostgreSQL counts from 2000
_NULL = -1
_KEY_COLUMNS = ("time", "device_number", "received_at")
_EXTRA_COLUMNS = ("time", "value", "device_number", "signal", "element")
_Bytes = np.ndarray[Any, np.dtype[np.void]]  # Any: a shape


def copy_frame(connection: Connection, frame: Frame) -> None:
    """Write the rows of ``frame``; one that is there already fails the whole statement."""
    table = wide_table(frame.kind)
    _copy(connection, table.name, (*_KEY_COLUMNS, *(signal.name for signal in table.columns)), encode(frame))


def copy_extra(connection: Connection, extra: Extra) -> None:
    """Write the rows of ``extra``; one that is there already fails the whole statement."""
    _copy(connection, EXTRA, _EXTRA_COLUMNS, encode_extra(extra))


def encode(frame: Frame) -> bytes:
    """The rows as a binary COPY stream."""
    table = wide_table(frame.kind)
    present = ~np.isnan(frame.value)
    pattern = present @ (1 << np.arange(len(table.columns), dtype=np.int64))
    if len(pattern) == 0 or (pattern == pattern[0]).all():
        groups = [frame] if len(frame) else []
        patterns = pattern[:1]
    else:
        patterns = np.unique(pattern)
        groups = [frame.take(pattern == one) for one in patterns]
    parts = [_HEADER]
    parts += [_group(table, group, int(one)).tobytes() for group, one in zip(groups, patterns, strict=True)]
    parts.append(_TRAILER)
    return b"".join(parts)


def encode_extra(extra: Extra) -> bytes:
    """The rows as a binary COPY stream."""
    rows: _Bytes = np.empty(len(extra), _EXTRA_ROW)
    rows["fields"] = len(_EXTRA_COLUMNS)
    for name, values in (
        ("time", extra.time_us - _EPOCH_US),
        ("value", extra.value),
        ("device", extra.device),
        ("signal", extra.signal),
        ("element", extra.element),
    ):
        rows[name] = values
        rows[f"{name}_length"] = _EXTRA_ROW[name].itemsize
    return _HEADER + rows.tobytes() + _TRAILER


def _copy(connection: Connection, table: str, columns: tuple[str, ...], stream: bytes) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(stream)


def _group(table: WideTable, frame: Frame, pattern: int) -> _Bytes:
    """Rows in which exactly the columns of ``pattern`` (bit by bit) are present."""
    dtype = _row_type(table.double, pattern)
    rows: _Bytes = np.empty(len(frame), dtype)
    rows["fields"] = len(_KEY_COLUMNS) + len(table.columns)
    rows["time_length"] = rows["received_length"] = 8
    rows["device_length"] = 4
    rows["time"] = frame.time_us - _EPOCH_US
    rows["received"] = frame.received_us - _EPOCH_US
    rows["device"] = frame.device
    for column, double in enumerate(table.double):
        if pattern >> column & 1:
            rows[f"l{column}"] = 8 if double else 4
            rows[f"v{column}"] = frame.value[:, column]
        else:
            rows[f"l{column}"] = _NULL
    return rows


@lru_cache(maxsize=4096)
def _row_type(double: tuple[bool, ...], pattern: int) -> np.dtype[np.void]:
    fields = [
        ("fields", ">i2"),
        ("time_length", ">i4"),
        ("time", ">i8"),
        ("device_length", ">i4"),
        ("device", ">i4"),
        ("received_length", ">i4"),
        ("received", ">i8"),
    ]
    for column, is_double in enumerate(double):
        fields.append((f"l{column}", ">i4"))
        if pattern >> column & 1:
            fields.append((f"v{column}", ">f8" if is_double else ">f4"))
    return np.dtype(fields)


_EXTRA_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("time_length", ">i4"),
        ("time", ">i8"),
        ("value_length", ">i4"),
        ("value", ">f8"),
        ("device_length", ">i4"),
        ("device", ">i4"),
        ("signal_length", ">i4"),
        ("signal", ">i2"),
        ("element_length", ">i4"),
        ("element", ">i2"),
    ]
)
