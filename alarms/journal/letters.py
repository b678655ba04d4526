"""The journal's letters: messages to people that no alarm is behind, and when each relative's next digest is due."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime


class LetterTable:
    """The part of the journal that is about letters; transactions are the journal's."""

    _db: sqlite3.Connection

    def add_letter(self, letter_id: str, at: datetime, body: bytes) -> bool:
        """Keep a letter; False when it was written before: then it is not sent again."""
        sql = "INSERT INTO letter (letter_id, at, body) VALUES (?, ?, ?) ON CONFLICT (letter_id) DO NOTHING"
        return self._db.execute(sql, (letter_id, at.timestamp(), body)).rowcount == 1

    def letter(self, letter_id: str) -> bytes | None:
        """What stands in a letter."""
        row = self._db.execute("SELECT body FROM letter WHERE letter_id = ?", (letter_id,)).fetchone()
        return None if row is None else bytes(row[0])

    def forget_letters(self, before: datetime) -> None:
        self._db.execute("DELETE FROM letter WHERE at < ?", (before.timestamp(),))

    def digests(self) -> Mapping[str, str]:
        """The wish behind each planned digest, by target."""
        return dict(self._db.execute("SELECT target, wish FROM digest").fetchall())

    def plan_digest(self, target: str, wish: str, due_at: datetime) -> None:
        """The next digest of a target."""
        sql = "INSERT OR REPLACE INTO digest (target, wish, due_at) VALUES (?, ?, ?)"
        self._db.execute(sql, (target, wish, due_at.timestamp()))

    def drop_digest(self, target: str) -> None:
        self._db.execute("DELETE FROM digest WHERE target = ?", (target,))

    def digests_due(self, now: datetime) -> list[tuple[str, str, datetime]]:
        """Whose digest is due by now: target, wish and the moment."""
        sql = "SELECT target, wish, due_at FROM digest WHERE due_at <= ? ORDER BY due_at, target"
        rows = self._db.execute(sql, (now.timestamp(),))
        return [(target, wish, datetime.fromtimestamp(due_s, UTC)) for target, wish, due_s in rows]
