"""The journal's part in a wall clock that is set: what to compare it with, and every wait that moves along."""

from __future__ import annotations

import sqlite3

from ingest.clock import Anchor

_WAITS = (
    ("send", "next_try_at"),
    ("send", "hand_over_at"),
    ("gateway", "lost_at"),
    ("presence", "until"),
    ("drill", "until"),
    ("flood", "until"),
    ("moving", "until"),
    ("testing", "until"),
    # how long ago something was, for what looks back over a while
    ("grouping", "received_at"),
    ("lane", "used_at"),
    ("command", "at"),
)
"""Not here: the waits of alarms, which are part of their state; the end of a shelf, which is a time of day."""


class ClockTable:
    """The part of the journal that is about the machine's clock; transactions are the journal's."""

    _db: sqlite3.Connection

    def clock_anchor(self) -> Anchor | None:
        """How the wall clock stood to the steady one, and the newest moment that was written down."""
        row = self._db.execute(
            "SELECT boot, ahead_s,"
            " coalesce((SELECT at FROM log WHERE log_id > clock.log_id ORDER BY log_id DESC LIMIT 1), at) FROM clock"
        ).fetchone()
        return None if row is None else Anchor(*row)

    def write_clock_anchor(self, anchor: Anchor) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO clock (only, boot, ahead_s, at, log_id)"
            " VALUES (0, ?, ?, ?, (SELECT coalesce(max(log_id), 0) FROM log))",
            (anchor.boot, anchor.ahead_s, anchor.seen_s),
        )

    def move_waits(self, by_s: float) -> None:
        """The wall clock was set by ``by_s``: whoever waits goes on waiting just as long."""
        for table, column in _WAITS:
            statement = f"UPDATE {table} SET {column} = {column} + ? WHERE {column} IS NOT NULL"  # noqa: S608 - our own
            self._db.execute(statement, (by_s,))
