"""Follows the notes that go on, for the news of the day: ``alarms`` must never wait for the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg.rows import dict_row

from alarms.core.routine.note import Note
from alarms.routine.drawing import SQL
from alarms.routine.rows import note_of
from ingest.log import Log
from ingest.store.connection import connect, deadline, require_table
from ingest.store.rounds import Rounds

_EVERY_S = 60.0
_STATEMENT_S = 10.0


class NotesReader:
    """Keeps the newest notes that it could read; none before the first time."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._notes: Mapping[str, Sequence[tuple[datetime, Note]]] = {}
        self._rounds = Rounds(
            self.read, name="routine-notes", every_s=_EVERY_S, after_failure_s=_EVERY_S,
            stop_within_s=_STATEMENT_S, log=Log("alarms"), failed="routine.unread",
        )  # fmt: skip

    def start(self) -> None:
        if self._dsn:
            self._rounds.start()

    def stop(self) -> None:
        self._rounds.stop()

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
