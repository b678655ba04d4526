"""Follows the journal's log into PostgreSQL; the cursor moves in the same transaction as the rows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import psycopg

from alarms.journal.journal import Journal
from alarms.journal.records import Entry
from alarms.projection.rows import Row, alarm_row, log_row, send_row
from ingest.log import Log
from ingest.store import queries
from ingest.store.connection import Connection, connect, deadline, require_table
from ingest.store.errors import StoreError

_SQL = queries.load(Path(__file__).with_name("queries.sql"))
_BATCH = 1000
_POLL_S = 0.2
_RETRY_S = 1.0
_STATEMENT_S = 10.0


class Projector:
    """A thread of its own with its own view of the journal: PostgreSQL may be away or hang as long as it likes."""

    def __init__(self, dsn: str, journal: Path, supervision: Sequence[Row] = ()) -> None:
        """``supervision``: what ``supervision_rows`` makes of the profiles, for the boards."""
        self._dsn = dsn
        self._path = journal
        self._supervision = supervision
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projection", daemon=True)
        self._log = Log("alarms")
        self._reachable = True
        self.position = 0

    def start(self) -> None:
        if self._dsn:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_STATEMENT_S + 2)

    @property
    def reachable(self) -> bool:
        """False while PostgreSQL does not answer."""
        return self._reachable

    def _run(self) -> None:
        journal = Journal(self._path)
        while not self._stopping.is_set():
            try:
                with connect(self._dsn, "projection", statement_timeout_s=_STATEMENT_S) as connection:
                    self._reachable = True
                    self._follow(journal, connection)
            except (StoreError, psycopg.Error) as error:
                if self._reachable:
                    self._log.warning("projection.stopped", error=error)
                self._reachable = False
                self._stopping.wait(_RETRY_S)
        journal.close()

    def _follow(self, journal: Journal, connection: Connection) -> None:
        with deadline(connection, _STATEMENT_S):
            require_table(connection, "supervision")
            row = connection.execute(_SQL["cursor"]).fetchone()
            with connection.cursor() as cursor:
                cursor.executemany(_SQL["write_supervision"], self._supervision)
            connection.commit()
        self.position = int(row[0]) if row is not None else 0
        while not self._stopping.is_set():
            entries = journal.entries(self.position, _BATCH)
            if not entries:
                self._stopping.wait(_POLL_S)
                continue
            with deadline(connection, _STATEMENT_S):
                project(connection, entries)
                connection.commit()
            self.position = entries[-1].log_id


def project(connection: Connection, entries: list[Entry]) -> None:
    """Write the rows of ``entries`` and move the cursor; the caller commits."""
    newest = {entry.alarm_id: entry.state for entry in entries if entry.state is not None}
    with connection.pipeline(), connection.cursor() as cursor:
        cursor.executemany(_SQL["write_alarm"], [alarm_row(alarm) for alarm in newest.values()])
        cursor.executemany(_SQL["write_log"], [log_row(entry) for entry in entries])
        for entry in entries:
            if (send := send_row(entry)) is not None:
                cursor.execute(_SQL[send[0]], send[1])
        cursor.execute(_SQL["move_cursor"], {"position": entries[-1].log_id})
