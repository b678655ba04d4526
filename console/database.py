"""Reads from PostgreSQL for pages, bounded in every way: the console works without it.

Each read runs in a small pool of threads with a connection of its own. A page waits ``limit_s`` at most; after a
failure nobody asks again for a moment, so that a stopped server does not slow every page.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from console.errors import DatabaseAwayError
from ingest.log import Log
from ingest.store.connection import connect, deadline, set_locally
from ingest.store.errors import StoreError
from ingest.store.queries import load

Row = dict[str, Any]  # Any: a column's value

SQL = load(Path(__file__).parent / "queries.sql")
"""The console's statements by name."""
_THREADS = 4
_WAITING = 32
_REST_S = 2.0


class Database:
    """``fetch`` gives rows or says that the database is away, never later than ``limit_s``."""

    def __init__(self, dsn: str, *, limit_s: float = 2.0) -> None:
        self._dsn = dsn
        self._limit_s = limit_s
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="console-database")
        self._waiting = 0
        self._rest_until = 0.0
        self._log = Log("console")

    async def fetch(self, name: str, values: Mapping[str, Any]) -> list[Row]:  # Any: a statement's values
        """The rows of the statement ``name`` of ``queries.sql``.

        Raises
        ------
        DatabaseAwayError
            No database is set up, it does not answer in time, or it refuses.
        """
        if not self._dsn or time.monotonic() < self._rest_until or self._waiting >= _WAITING:
            raise DatabaseAwayError
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._read, name, values)
        future.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._limit_s)
        except (TimeoutError, StoreError, psycopg.Error) as error:
            if not isinstance(error, psycopg.ProgrammingError):
                self._rest_until = time.monotonic() + _REST_S
            self._log.warning("database.away", statement=name, error=type(error).__name__)
            raise DatabaseAwayError from error

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, name: str, values: Mapping[str, Any]) -> list[Row]:  # Any: a statement's values
        with (
            connect(self._dsn, "console", statement_timeout_s=self._limit_s, autocommit=True) as connection,
            deadline(connection, self._limit_s),
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            set_locally(connection, "default_transaction_read_only", "on")
            return cursor.execute(SQL[name], values).fetchall()

    def _done(self, future: asyncio.Future[list[Row]]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            future.exception()  # seen: a read may fail after nobody waits for it any more
