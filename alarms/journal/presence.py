"""The journal's staff in rooms, and the drills that run: both are over at a moment of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_SELECT = "SELECT device_id, site_id, room_id, by, since, until FROM presence WHERE "


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Staff in a room: which device said so, who (an account, ``badge:{id}``, ``staff:{room}``), and for how long."""

    device_id: str
    site_id: str
    room_id: str
    by: str
    since: datetime
    until: datetime


class PresenceTable:
    """The part of the journal that is about staff at the place and drills; transactions are the journal's."""

    _db: sqlite3.Connection

    def presence_of(self, device_id: str, now: datetime) -> Presence | None:
        """What a device says that still holds."""
        found = self._presences("device_id = ? AND until > ?", (device_id, now.timestamp()))
        return found[0] if found else None

    def presences_in(self, site_id: str, room_id: str, now: datetime) -> list[Presence]:
        """Who is in a room, longest first."""
        where = "site_id = ? AND room_id = ? AND until > ? ORDER BY since, device_id"
        return self._presences(where, (site_id, room_id, now.timestamp()))

    def presences(self) -> list[Presence]:
        """Every room with staff in it, those whose time is just over too."""
        return self._presences("TRUE ORDER BY since, device_id", ())

    def presences_over(self, now: datetime) -> list[Presence]:
        """Those that nobody has renewed in time."""
        return self._presences("until <= ? ORDER BY until", (now.timestamp(),))

    def write_presence(self, presence: Presence) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO presence VALUES (?, ?, ?, ?, ?, ?)",
            (
                presence.device_id,
                presence.site_id,
                presence.room_id,
                presence.by,
                presence.since.timestamp(),
                presence.until.timestamp(),
            ),
        )

    def end_presence(self, device_id: str) -> None:
        self._db.execute("DELETE FROM presence WHERE device_id = ?", (device_id,))

    def begin_drill(self, alarm_id: str, until: datetime) -> None:
        self._db.execute("INSERT OR REPLACE INTO drill VALUES (?, ?)", (alarm_id, until.timestamp()))

    def end_drill(self, alarm_id: str) -> None:
        self._db.execute("DELETE FROM drill WHERE alarm_id = ?", (alarm_id,))

    def drills_over(self, now: datetime) -> list[str]:
        """The alarms of drills whose time is over."""
        sql = "SELECT alarm_id FROM drill WHERE until <= ? ORDER BY until"
        return [row[0] for row in self._db.execute(sql, (now.timestamp(),))]

    def _presences(self, where: str, values: Sequence[str | float]) -> list[Presence]:
        return [_presence(row) for row in self._db.execute(_SELECT + where, values)]


def _presence(row: tuple[Any, ...]) -> Presence:  # Any: columns of a row
    return Presence(
        device_id=row[0],
        site_id=row[1],
        room_id=row[2],
        by=row[3],
        since=datetime.fromtimestamp(row[4], UTC),
        until=datetime.fromtimestamp(row[5], UTC),
    )
