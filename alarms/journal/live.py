"""What of a journal is still under way: enough for another one to go on from there."""

from __future__ import annotations

import sqlite3

_WHOLE = ("flood", "lane", "testing", "presence", "drill", "ended", "linkage", "moving")
_SENDS = """
WITH live AS (
  SELECT send_key FROM send WHERE next_try_at IS NOT NULL
  UNION SELECT send_key FROM send WHERE hand_over_at IS NOT NULL
), begins AS (
  SELECT DISTINCT rtrim(send_key, replace(send_key, '/', '')) AS begin FROM live
)
SELECT DISTINCT send.*
  FROM begins JOIN send ON send_key >= begin AND send_key < substr(begin, 1, length(begin) - 1) || '0'
"""
"""What is under way, with what was tried before for the same person in the same step: no channel is asked twice."""
_LIVE = {
    "alarm": "SELECT * FROM alarm WHERE is_open",
    "send": _SENDS,
    "grouping": "SELECT * FROM grouping WHERE is_open",
    **{table: f"SELECT * FROM {table}" for table in _WHOLE},  # noqa: S608 - our own
}


class LiveTables:
    """The part of the journal that can be handed on; transactions are the journal's."""

    _db: sqlite3.Connection

    def go_on_from(self, other: LiveTables) -> None:
        """Take over what is under way in ``other``; its log and what is over stay behind."""
        for table, select in _LIVE.items():
            rows = other._db.execute(select).fetchall()
            if rows:
                places = ", ".join("?" * len(rows[0]))
                self._db.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - our own
