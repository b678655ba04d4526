"""The journal's part in linkage: what was asked for in which incident, and which outputs are still to move."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime


class LinkageTable:
    """The part of the journal that is about outputs; transactions are the journal's."""

    _db: sqlite3.Connection

    def was_linked(self, incidents: Iterable[str], output_id: str) -> bool:
        """Whether an output was asked for in one of the incidents."""
        sql = "SELECT 1 FROM linkage WHERE incident_id = ? AND output_id = ?"
        return any(self._db.execute(sql, (one, output_id)).fetchone() is not None for one in incidents)

    def note_linked(self, incident_id: str, output_id: str, now: datetime) -> None:
        self._db.execute("INSERT OR REPLACE INTO linkage VALUES (?, ?, ?)", (incident_id, output_id, now.timestamp()))

    def share_linked(self, one: str, incident_id: str) -> None:
        """What was asked for in ``one`` was asked for in ``incident_id``, which it belongs to now."""
        sql = "INSERT OR IGNORE INTO linkage SELECT ?, output_id, at FROM linkage WHERE incident_id = ?"
        self._db.execute(sql, (incident_id, one))

    def await_move(self, alarm_id: str, output_id: str, until: datetime) -> None:
        """An output that was asked for at an alarm is to move by then."""
        self._db.execute("INSERT OR REPLACE INTO moving VALUES (?, ?, ?)", (alarm_id, output_id, until.timestamp()))

    def moved(self, output_id: str) -> list[str]:
        """An output has moved: the alarms at which it was asked for, which wait for it no more."""
        sql = "DELETE FROM moving WHERE output_id = ? RETURNING alarm_id"
        return sorted(row[0] for row in self._db.execute(sql, (output_id,)).fetchall())

    def unmoved(self, now: datetime) -> list[tuple[str, str]]:
        """Alarms and outputs that have not moved in time; they are waited for no more."""
        sql = "DELETE FROM moving WHERE until <= ? RETURNING alarm_id, output_id"
        return sorted(self._db.execute(sql, (now.timestamp(),)).fetchall())
