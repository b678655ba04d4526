"""The journal's view for incidents and floods: of each alarm what they look at, found by place and moment."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import msgspec

from alarms.lifecycle import flood, incident
from alarms.lifecycle.alarm import Alarm, Flag
from alarms.lifecycle.incident import Family

_ALARM = msgspec.json.Decoder(Alarm)
_STATES = "SELECT alarm.state FROM grouping AS g JOIN alarm USING (alarm_id) WHERE "
_IN_ORDER = " ORDER BY g.priority, g.raised_at, g.alarm_id LIMIT ?"


class GroupingTable:
    """The part of the journal that is about what belongs together; transactions are the journal's.

    Every question is answered through an index with a limit, so that a thousand alarms cost a thousand times one.
    """

    _db: sqlite3.Connection

    def write_grouping(self, alarm: Alarm) -> None:
        """Note what incidents and floods look at; a test or the canary is none of theirs."""
        if Flag.TEST in alarm.flags or Flag.CANARY in alarm.flags:
            return
        due_at = flood.wants_to_be_told_at(alarm)
        self._db.execute(
            "INSERT INTO grouping (alarm_id, site_id, family, room_id, priority, received_at, raised_at, incident_id,"
            " is_open, speaks, counts, bundled, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (alarm_id) DO UPDATE SET incident_id = excluded.incident_id, is_open = excluded.is_open,"
            " speaks = excluded.speaks, counts = excluded.counts, bundled = excluded.bundled, due_at = excluded.due_at"
            " WHERE (incident_id, is_open, speaks, counts, bundled, due_at) IS NOT"
            " (excluded.incident_id, excluded.is_open, excluded.speaks, excluded.counts, excluded.bundled,"
            " excluded.due_at)",
            (
                alarm.alarm_id,
                alarm.identity.site_id,
                incident.family_of(alarm),
                alarm.identity.room_id,
                alarm.priority.rank,
                alarm.received_at.timestamp(),
                alarm.raised_at.timestamp(),
                alarm.incident_id,
                alarm.is_open,
                incident.speaks(alarm),
                flood.counts(alarm),
                flood.is_bundled(alarm),
                None if due_at is None else due_at.timestamp(),
            ),
        )

    def near(self, site_id: str, family: Family, at: datetime, limit: int) -> list[Alarm]:
        """The newest of a family around ``at`` that are open, or in an incident that is; newest first."""
        sql = (
            "g.site_id = ? AND g.family = ? AND g.received_at BETWEEN ? AND ?"
            " AND (g.is_open OR g.incident_id IS NOT NULL) AND (g.is_open OR EXISTS (SELECT 1 FROM grouping AS other"
            " INDEXED BY grouping_member WHERE other.incident_id = g.incident_id AND other.is_open))"
            " ORDER BY g.received_at DESC, g.alarm_id DESC LIMIT ?"
        )
        since, until = (at - family.window).timestamp(), (at + family.window).timestamp()
        return self._alarms(sql, site_id, family, since, until, limit)

    def member_in_room(self, incident_id: str, room_id: str) -> Alarm | None:
        """A member in a room, open or not."""
        found = self._alarms("g.incident_id = ? AND g.room_id = ? LIMIT ?", incident_id, room_id, 1)
        return found[0] if found else None

    def first_speaker_in_room(self, incident_id: str, room_id: str) -> Alarm | None:
        """The first alarm of a room that speaks: the one that people were told of first."""
        sql = "g.incident_id = ? AND g.room_id = ? AND g.speaks = 1 ORDER BY g.received_at, g.alarm_id LIMIT ?"
        found = self._alarms(sql, incident_id, room_id, 1)
        return found[0] if found else None

    def speaker(self, incident_id: str) -> Alarm | None:
        """The first member, by priority and order, that speaks for the others."""
        found = self._alarms("incident_id = ? AND speaks" + _IN_ORDER, incident_id, 1)
        return found[0] if found else None

    def open_members(self, incident_id: str, limit: int) -> list[Alarm]:
        """The first open members, by priority and order."""
        return self._alarms("g.incident_id = ? AND g.is_open" + _IN_ORDER, incident_id, limit)

    def count_open_members(self, incident_id: str, limit: int) -> int:
        """How many members are open, counted up to ``limit``."""
        sql = "SELECT 1 FROM grouping INDEXED BY grouping_member WHERE incident_id = ? AND is_open LIMIT ?"
        return len(self._db.execute(sql, (incident_id, limit)).fetchall())

    def is_wide(self, incident_id: str) -> bool:
        """Whether so many members are open that all faults of the site belong to it."""
        return self.count_open_members(incident_id, incident.ENOUGH) == incident.ENOUGH

    def began_lately(self, site_id: str, now: datetime, limit: int) -> list[datetime]:
        """When the newest alarms of a site reached us, newest first."""
        sql = "SELECT received_at FROM grouping WHERE site_id = ? AND counts AND received_at <= ?"
        rows = self._db.execute(sql + " ORDER BY received_at DESC LIMIT ?", (site_id, now.timestamp(), limit))
        return [datetime.fromtimestamp(row[0], UTC) for row in rows]

    def wanted_by(self, site_id: str, number: int) -> datetime | None:
        """By when people are to be told of ``number`` alarms for the first time; None: there are fewer."""
        sql = "SELECT due_at FROM grouping WHERE site_id = ? AND due_at IS NOT NULL ORDER BY due_at"
        row = self._db.execute(sql + " LIMIT 1 OFFSET ?", (site_id, number - 1)).fetchone()
        return None if row is None else datetime.fromtimestamp(row[0], UTC)

    def in_flood(self, site_id: str, since: datetime, limit: int = 5000) -> list[Alarm]:
        """Open alarms of a site that began since then, and those of which nobody has been told."""
        sql = (
            "g.alarm_id IN (SELECT alarm_id FROM grouping WHERE site_id = ? AND counts AND received_at > ?"
            " UNION SELECT alarm_id FROM grouping WHERE site_id = ? AND bundled) AND g.is_open LIMIT ?"
        )
        return self._alarms(sql, site_id, since.timestamp(), site_id, limit)

    def set_flood(self, site_id: str, until: datetime) -> None:
        """Look at the site's flood again then."""
        self._db.execute("INSERT OR REPLACE INTO flood VALUES (?, ?)", (site_id, until.timestamp()))

    def end_flood(self, site_id: str) -> None:
        self._db.execute("DELETE FROM flood WHERE site_id = ?", (site_id,))

    def floods_due(self, now: datetime) -> list[str]:
        """Sites whose flood may be over."""
        sql = "SELECT site_id FROM flood WHERE until <= ? ORDER BY until"
        return [row[0] for row in self._db.execute(sql, (now.timestamp(),))]

    def forget_groupings(self, before: datetime) -> None:
        """Drop what is over and began before then."""
        self._db.execute("DELETE FROM grouping WHERE NOT is_open AND received_at < ?", (before.timestamp(),))

    def _alarms(self, where: str, *values: str | float) -> list[Alarm]:
        return [_ALARM.decode(row[0]) for row in self._rows(where, values)]

    def _rows(self, where: str, values: tuple[str | float, ...]) -> list[tuple[Any, ...]]:  # Any: columns of a row
        return self._db.execute(_STATES + where, values).fetchall()
