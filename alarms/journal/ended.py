"""The journal's addresses that have ended: the registry may learn of it later, an alarm must know at once."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A provider said at ``at`` that this address of a channel has ended for good, and why."""

    channel: str
    address: str
    at: datetime
    reason: str


class EndedTable:
    """The part of the journal that is about addresses that have ended; transactions are the journal's."""

    _db: sqlite3.Connection

    def ended_at(self, channel: str, address: str) -> datetime | None:
        """When an address has ended, as far as it is kept."""
        sql = "SELECT at FROM ended WHERE channel = ? AND address = ?"
        row = self._db.execute(sql, (channel, address)).fetchone()
        return None if row is None else datetime.fromtimestamp(row[0], UTC)

    def all_ended(self) -> list[Ended]:
        rows = self._db.execute("SELECT channel, address, at, reason FROM ended ORDER BY at, channel, address")
        return [Ended(channel=c, address=a, at=datetime.fromtimestamp(at, UTC), reason=why) for c, a, at, why in rows]

    def write_ended(self, ended: Ended) -> None:
        row = (ended.channel, ended.address, ended.at.timestamp(), ended.reason)
        self._db.execute("INSERT OR REPLACE INTO ended (channel, address, at, reason) VALUES (?, ?, ?, ?)", row)

    def forget_ended(self, ended: Ended) -> None:
        """The registry says it now, or has no such address any more."""
        self._db.execute("DELETE FROM ended WHERE channel = ? AND address = ?", (ended.channel, ended.address))
