"""What of a journal is still under way: enough for another one to go on from there."""

from __future__ import annotations

import sqlite3

_LIVE = {
    "alarm": "is_open",
    "send": "next_try_at IS NOT NULL OR hand_over_at IS NOT NULL",
    "grouping": "is_open",
    "flood": "TRUE",
    "lane": "TRUE",
    "testing": "TRUE",
    "presence": "TRUE",
    "drill": "TRUE",
    "ended": "TRUE",
}


class LiveTables:
    """The part of the journal that can be handed on; transactions are the journal's."""

    _db: sqlite3.Connection

    def go_on_from(self, other: LiveTables) -> None:
        """Take over what is under way in ``other``; its log and what is over stay behind."""
        for table, is_live in _LIVE.items():
            rows = other._db.execute(f"SELECT * FROM {table} WHERE {is_live}").fetchall()  # noqa: S608 - our own
            if rows:
                places = ", ".join("?" * len(rows[0]))
                self._db.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - likewise
