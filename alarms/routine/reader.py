"""Follows the notes that go on, for the news of the day: ``alarms`` must never wait for the database."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import psycopg
from psycopg.rows import dict_row

from alarms.core.routine.note import Note
from alarms.routine.drawing import SQL
from alarms.routine.rows import note_of
from ingest.log import Log
from ingest.store.connection import connect, deadline, require_table
from ingest.store.errors import StoreError

_EVERY_S = 60.0
_STATEMENT_S = 10.0


class NotesReader:
    """Keeps the newest notes that it could read; none before the first time."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._notes: Mapping[str, Sequence[tuple[datetime, Note]]] = {}
        self._log = Log("alarms")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="routine-notes", daemon=True)

    def start(self) -> None:
        if self._dsn:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_STATEMENT_S)

    def begun(self, resident_id: str, since: datetime) -> Sequence[Note]:
        """The notes about this resident that go on and were first written after ``since``."""
        return [note for begun_at, note in self._notes.get(resident_id, ()) if begun_at > since]

    def read(self) -> None:
        """Read them once.

        Raises
        ------
        StoreError, psycopg.Error
            The database is away, or refuses.
        """
        found: dict[str, list[tuple[datetime, Note]]] = defaultdict(list)
        with (
            connect(self._dsn, "routine-notes", statement_timeout_s=_STATEMENT_S, autocommit=True) as connection,
            deadline(connection, _STATEMENT_S),
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            require_table(connection, "routine_note")
            for row in cursor.execute(SQL["open_notes"]):
                found[row["resident_id"]].append((row["begun_at"], note_of(row)))
        self._notes = found

    def _run(self) -> None:
        pause_s = 0.0
        while not self._stopping.wait(pause_s):
            pause_s = _EVERY_S
            try:
                self.read()
            except (StoreError, psycopg.Error) as error:
                self._log.warning("routine.unread", error=error)
