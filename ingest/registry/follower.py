"""The registry in a program: at once from the local copy, then as PostgreSQL has it, without ever waiting for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import psycopg

from ingest.log import Log
from ingest.registry import source
from ingest.registry.model import Registry
from ingest.store.connection import Connection, connect, deadline, require_table
from ingest.store.errors import StoreError

_POLL_S = 1.0
_RETRY_S = 2.0
_STATEMENT_S = 2.0
_LOAD_S = 20.0


class RegistryFollower:
    """Keeps ``current`` up to date in a thread of its own.

    With an empty ``dsn`` the local copy is all there is. Subscribers are called in the follower's thread, each time
    the registry has changed; they must be quick.
    """

    def __init__(self, dsn: str, copy: Path, program: str = "registry") -> None:
        self._dsn = dsn
        self._copy = copy
        self._program = program
        self._current = source.read_copy(copy)
        self._callbacks: list[Callable[[Registry], None]] = []
        self._reachable = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="registry", daemon=True)
        self._log = Log(program)

    @property
    def current(self) -> Registry:
        """The newest registry known; empty before the first ever contact with the database."""
        return self._current

    @property
    def reachable(self) -> bool:
        """Whether the database answered last time."""
        return self._reachable

    def subscribe(self, callback: Callable[[Registry], None]) -> None:
        """Call ``callback`` with every registry that comes from now on."""
        self._callbacks.append(callback)

    def start(self) -> None:
        if self._dsn:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_LOAD_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._dsn, self._program, statement_timeout_s=_STATEMENT_S, autocommit=True) as connection:
                    self._follow(connection)
            except (StoreError, psycopg.Error, msgspec.MsgspecError) as error:
                if self._reachable:
                    self._log.warning("registry.unreachable", error=error)
                self._reachable = False
                self._stopping.wait(_RETRY_S)

    def _follow(self, connection: Connection) -> None:
        first = True
        with deadline(connection, _STATEMENT_S):
            require_table(connection, source.NEWEST_TABLE)
        while not self._stopping.is_set():
            with deadline(connection, _STATEMENT_S):
                version = source.version(connection)
            # a database that was restored may have a lower version: any other one is news
            if first or version != self._current.version:
                with deadline(connection, _LOAD_S):
                    self._set(source.load(connection))
                first = False
            self._reachable = True
            self._stopping.wait(_POLL_S)

    def _set(self, registry: Registry) -> None:
        if registry == self._current:
            return
        self._current = registry
        for callback in self._callbacks:  # before the copy: a slow disk keeps the news from nobody
            callback(registry)
        try:
            source.write_copy(self._copy, registry)
        except OSError as error:
            self._log.error("registry.copy_failed", error=error)
        self._log.info("registry.loaded", version=registry.version, devices=len(registry.devices))
