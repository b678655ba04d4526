"""Storing a batch as a whole or not at all, whatever is in it and whatever was stored before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import psycopg

from ingest.store import arrays, rollup
from ingest.store.batch import Batch, SetAside
from ingest.store.bulk import copy_extra, copy_frame
from ingest.store.connection import Connection, connect, deadline, set_locally
from ingest.store.errors import TransientStoreError
from ingest.store.frame import Extra, Frame
from ingest.store.last_values import LastValues
from ingest.store.migrate import Backend, backend_of
from ingest.store.queries import load
from ingest.store.recent import RecentKeys
from ingest.store.tables import HOURLY_KINDS
from ingest.store.upsert import upsert_extra, upsert_frame
from ingest.wire.signals import Kind

CONSUMER = "ingest"
LANE = "data"
_SQL = load(Path(__file__).parent / "queries.sql")
_REFUSED_ALONE = 100  # of one batch; what is refused beyond is set aside in pieces of more than one row
_HOUR_US = 3_600_000_000
_LATE_US = round(rollup.LATE / timedelta(microseconds=1))
_DATA_ERRORS = (psycopg.DataError, psycopg.IntegrityError)
_RowsT = TypeVar("_RowsT", Frame, Extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a commit did: rows that went in by COPY, rows that were merged, rows that the database refused."""

    copied: int
    merged: int
    refused: int
    last_values: int


class BatchWriter:
    """Writes batches over one connection. After a ``TransientStoreError`` make a new one.

    ``recent`` outlives connections: it is the caller's.
    """

    def __init__(self, dsn: str, recent: dict[Kind | None, RecentKeys], *, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s
        self._recent = recent
        self._connection = connect(dsn, CONSUMER, statement_timeout_s=timeout_s)
        try:
            with self._limited(1):
                arrays.register(self._connection)
                self.backend = backend_of(self._connection)
                if self.backend is Backend.TIMESCALEDB:
                    # late data may touch many compressed rows; the limit would refuse the batch
                    set_locally(self._connection, "timescaledb.max_tuples_decompressed_per_dml_transaction", "0")
                self._connection.commit()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def store(self, batch: Batch, last_values: LastValues, now: datetime, *, again: bool, last_limit: int) -> Stored:
        """Commit ``batch``; at most ``last_limit`` last values go with it.

        ``again``: an earlier attempt ended without an answer, so its rows may be there.

        Raises
        ------
        TransientStoreError
            Nothing is known to be stored: keep the batch and try again over a new connection.
        """
        if not again:
            stored = self._try_copy(batch, last_values, now, last_limit)
            if stored is not None:
                return stored
        try:
            with self._limited(3):
                stored = self._merge(batch, last_values, now, last_limit)
        except _DATA_ERRORS as error:
            raise TransientStoreError(f"the database refuses more than rows: {error}") from error
        return stored

    def _try_copy(self, batch: Batch, last_values: LastValues, now: datetime, last_limit: int) -> Stored | None:
        """None when a row was there that the window did not know, or one that the database refuses."""
        try:
            with self._limited(1):
                stored = self._copy(batch, last_values, now, last_limit)
        except _DATA_ERRORS:
            return None
        return stored

    def _copy(self, batch: Batch, last_values: LastValues, now: datetime, last_limit: int) -> Stored:
        merged = 0
        with self._connection.transaction():
            for frame in batch.frames:
                known = self._window(frame.kind).seen(frame)
                merged += int(known.sum())
                self._copy_or_merge(frame, known, copy_frame, upsert_frame)
            if len(batch.extra):
                known = self._window(None).seen(batch.extra)
                merged += int(known.sum())
                self._copy_or_merge(batch.extra, known, copy_extra, upsert_extra)
            written = self._rest(batch, [], last_values, now, last_limit)
        last_values.written()
        return Stored(copied=batch.rows - merged, merged=merged, refused=0, last_values=written)

    def _copy_or_merge(
        self,
        rows: _RowsT,
        known: np.ndarray[tuple[int], np.dtype[np.bool_]],
        copy: Callable[[Connection, _RowsT], None],
        upsert: Callable[[Connection, _RowsT], None],
    ) -> None:
        if not known.any():
            copy(self._connection, rows)
            return
        upsert(self._connection, rows.take(known))
        if not known.all():
            copy(self._connection, rows.take(~known))

    def _merge(self, batch: Batch, last_values: LastValues, now: datetime, last_limit: int) -> Stored:
        refused: list[SetAside] = []
        rows_refused = 0
        with self._connection.transaction():
            for frame in batch.frames:
                rows_refused += self._upsert_good(frame, upsert_frame, refused, now)
            if len(batch.extra):
                rows_refused += self._upsert_good(batch.extra, upsert_extra, refused, now)
            written = self._rest(batch, refused, last_values, now, last_limit)
        last_values.written()
        return Stored(copied=0, merged=batch.rows - rows_refused, refused=rows_refused, last_values=written)

    def _upsert_good(
        self,
        rows: _RowsT,
        upsert: Callable[[Connection, _RowsT], None],
        refused: list[SetAside],
        now: datetime,
    ) -> int:
        """Merge what the database takes, in halves around what it refuses; how many rows it refused."""
        try:
            with self._connection.transaction():
                upsert(self._connection, rows)
                return 0
        except _DATA_ERRORS as error:
            if len(rows) == 1 or len(refused) >= _REFUSED_ALONE:
                refused.append(_refused(rows, str(error), now))
                return len(rows)
        half = len(rows) // 2
        return self._upsert_good(rows.take(slice(None, half)), upsert, refused, now) + self._upsert_good(
            rows.take(slice(half, None)), upsert, refused, now
        )

    def _rest(
        self, batch: Batch, refused: list[SetAside], last_values: LastValues, now: datetime, last_limit: int
    ) -> int:
        """Everything that goes with the rows into their transaction; the number of last values."""
        if self.backend is Backend.PLAIN:
            self._mark_stale(batch, now)
        self._set_aside([*batch.set_aside, *refused])
        if batch.lanes:
            self._connection.execute(
                _SQL["move_lanes"],
                {
                    "consumer": CONSUMER,
                    "lane": LANE,
                    "moved_at": now,
                    "gateway_id": [lane.gateway_id for lane in batch.lanes],
                    "boot": [lane.boot for lane in batch.lanes],
                    "position": [lane.position for lane in batch.lanes],
                    "ahead": ["{" + ",".join(map(str, lane.ahead)) + "}" for lane in batch.lanes],
                },
            )
        return last_values.write(self._connection, last_limit) if last_limit else 0

    def _mark_stale(self, batch: Batch, now: datetime) -> None:
        before_us = round(now.timestamp() * 1e6) - _LATE_US - _HOUR_US
        for frame in batch.frames:
            if frame.kind not in HOURLY_KINDS:
                continue
            for hour in np.unique(frame.time_us[frame.time_us < before_us] // _HOUR_US).tolist():
                self._connection.execute(
                    _SQL["mark_stale"], {"kind": frame.kind, "hour": datetime.fromtimestamp(hour * 3600, UTC)}
                )

    def _set_aside(self, rows: list[SetAside]) -> None:
        if not rows:
            return
        with self._connection.cursor() as cursor:
            cursor.executemany(
                _SQL["set_aside"],
                [
                    {
                        "received_at": row.received_at,
                        "gateway_id": row.gateway_id,
                        "topic": row.topic,
                        "reason": row.reason,
                        "detail": row.plain_detail,
                        "payload": row.payload,
                    }
                    for row in rows
                ],
            )

    def _window(self, kind: Kind | None) -> RecentKeys:
        return self._recent.setdefault(kind, RecentKeys())

    @contextmanager
    def _limited(self, times: int) -> Iterator[None]:
        """A time limit; what is not an error of the data becomes ``TransientStoreError``."""
        try:
            with deadline(self._connection, self._timeout_s * times):
                yield
        except _DATA_ERRORS:
            raise
        except psycopg.Error as error:
            raise TransientStoreError(f"the database did not store: {error}") from error


def _refused(rows: Frame | Extra, reason: str, now: datetime) -> SetAside:
    """What the database would not take, as JSON that a person can read."""
    body: dict[str, Any] = {"kind": rows.kind if isinstance(rows, Frame) else "extra"}  # Any: a JSON object
    for name in rows.__dataclass_fields__:
        if name != "kind":
            # NaN, an absent value, becomes null
            body[name] = getattr(rows, name).tolist()
    return SetAside(
        received_at=now,
        gateway_id="",
        topic="",
        reason="store_refused",
        detail=reason,
        payload=msgspec.json.encode(body),
    )
