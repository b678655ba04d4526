"""Changes to the registry that pages make, bounded in time: a stopped database says so at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg

from console.errors import DatabaseAwayError
from ingest.log import Log
from ingest.registry.model import Registry
from ingest.store.connection import Connection, connect, deadline
from ingest.store.errors import StoreError

_THREADS = 2
_LOOK_S = 0.05
_KNOWN_S = 3.0
T = TypeVar("T")


class RegistryEdits:
    """Runs changes in threads of its own, each with a connection of its own."""

    def __init__(self, dsn: str, registry: Callable[[], Registry], *, limit_s: float) -> None:
        self._dsn = dsn
        self._registry = registry
        self._limit_s = limit_s
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="console-edits")
        self._log = Log("console")

    async def run(self, change: Callable[[Connection], T]) -> T:
        """Do it, or raise what ``change`` raises.

        Raises
        ------
        DatabaseAwayError
            No database is set up, or it does not answer in time. The change may still be made.
        """
        if not self._dsn:
            raise DatabaseAwayError
        try:
            future = asyncio.get_running_loop().run_in_executor(self._pool, self._run, change)
            return await asyncio.wait_for(future, 2 * self._limit_s)
        except (TimeoutError, StoreError, psycopg.Error) as error:
            self._log.warning("edit.away", error=type(error).__name__)
            raise DatabaseAwayError from error

    async def known(self, holds: Callable[[Registry], bool]) -> bool:
        """Wait until this console's own copy of the registry has the change; False when it takes too long."""
        for _ in range(round(_KNOWN_S / _LOOK_S)):
            if holds(self._registry()):
                return True
            await asyncio.sleep(_LOOK_S)
        return holds(self._registry())

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, change: Callable[[Connection], T]) -> T:
        with (
            connect(self._dsn, "console", statement_timeout_s=self._limit_s, autocommit=True) as connection,
            deadline(connection, self._limit_s),
        ):
            return change(connection)
