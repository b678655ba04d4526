"""The journal's messages: what is due, tried, received and handed over to another channel."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

import msgspec

from alarms.journal.records import Send
from alarms.lifecycle.alarm import Alarm

_SELECT = (
    "SELECT urgent, send_key, alarm_id, step, round, target, channel, address, reason, due_at, attempts, place,"
    " hand_over_at FROM send WHERE "
)
_ALARM = msgspec.json.Decoder(Alarm)


class SendTable:
    """The part of the journal that is about messages; transactions are the journal's."""

    _db: sqlite3.Connection

    def add_send(self, send: Send) -> bool:
        """Note that a message is due; False when this very send is known already."""
        cursor = self._db.execute(
            "INSERT INTO send (send_key, alarm_id, step, round, target, channel, address, reason, urgent, due_at,"
            " next_try_at, place, hand_over_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (send_key) DO NOTHING",
            (
                send.send_key,
                send.alarm_id,
                send.step,
                send.round,
                send.target,
                send.channel,
                send.address,
                send.reason,
                send.urgent,
                send.due_s,
                send.due_s,
                send.place,
                send.hand_over_s,
            ),
        )
        return cursor.rowcount == 1

    def sends_due(self, now: datetime, limit: int = 5000) -> list[Send]:
        """Messages that are to be tried by now, urgent ones first."""
        sql = _SELECT + "next_try_at <= ? ORDER BY urgent DESC, next_try_at LIMIT ?"
        return [_send(row) for row in self._db.execute(sql, (now.timestamp(), limit))]

    def send(self, send_key: str) -> Send | None:
        """One message by its key."""
        row = self._db.execute(_SELECT + "send_key = ?", (send_key,)).fetchone()
        return None if row is None else _send(row)

    def sends_of(self, alarm_id: str) -> list[Send]:
        """All messages about an alarm, in the order in which they fell due."""
        rows = self._db.execute(_SELECT + "alarm_id = ? ORDER BY due_at, place", (alarm_id,))
        return [_send(row) for row in rows]

    def sends_under(self, prefix: str) -> list[Send]:
        """Messages whose keys begin so (``alarm/step/round/``, perhaps ``target/``), in the order of their places."""
        sql = _SELECT + "send_key >= ? AND send_key < ? ORDER BY place, due_at"
        return [_send(row) for row in self._db.execute(sql, (prefix, f"{prefix[:-1]}0"))]  # "0" follows "/"

    def hand_overs_due(self, now: datetime, limit: int = 500) -> list[Send]:
        """Messages whose channel has had its time."""
        sql = _SELECT + "hand_over_at <= ? ORDER BY hand_over_at LIMIT ?"
        return [_send(row) for row in self._db.execute(sql, (now.timestamp(), limit))]

    def end_hand_over(self, send_key: str) -> None:
        """The next channel has taken over, or need not any more."""
        self._db.execute("UPDATE send SET hand_over_at = NULL WHERE send_key = ?", (send_key,))

    def end_hand_overs_of(self, alarm_id: str) -> None:
        """Somebody has answered the alarm: no other channel is tried."""
        self._db.execute(
            "UPDATE send SET hand_over_at = NULL WHERE alarm_id = ? AND hand_over_at IS NOT NULL", (alarm_id,)
        )

    def write_receipt(self, send_key: str, at: datetime) -> bool:
        """A phone has shown the message: its channel keeps it. False when that was known, or the key is not."""
        cursor = self._db.execute(
            "UPDATE send SET receipt_at = ?, hand_over_at = NULL WHERE send_key = ? AND receipt_at IS NULL",
            (at.timestamp(), send_key),
        )
        return cursor.rowcount == 1

    def sends_since(self, target: str, since: datetime, now: datetime) -> list[tuple[Alarm, int]]:
        """About which alarms a target was to get ordinary messages since then, and how many.

        A clock that was set back has seen later moments: they do not count.
        """
        sql = (
            "SELECT state, told FROM (SELECT alarm_id, count(*) AS told FROM send"
            " WHERE target = ? AND due_at > ? AND due_at <= ? AND NOT urgent GROUP BY alarm_id)"
            " JOIN alarm USING (alarm_id)"
        )
        rows = self._db.execute(sql, (target, since.timestamp(), now.timestamp()))
        return [(_ALARM.decode(state), int(told)) for state, told in rows]

    def finish_send(self, send_key: str, attempts: int, retry_s: float | None) -> bool:
        """Note an attempt: done when ``retry_s`` is None, else to be tried again then. False if it was done already."""
        cursor = self._db.execute(
            "UPDATE send SET attempts = ?, next_try_at = ? WHERE send_key = ? AND next_try_at IS NOT NULL",
            (attempts, retry_s, send_key),
        )
        return cursor.rowcount == 1

    def reached(self, alarm_id: str) -> set[str]:
        """The targets whose provider has taken a message about an alarm."""
        sql = (
            "SELECT DISTINCT send.target FROM log JOIN send ON send.send_key = json_extract(CAST(log.detail AS TEXT),"
            " '$.send_key') WHERE log.alarm_id = ? AND log.event = 'sent'"
            " AND json_extract(CAST(log.detail AS TEXT), '$.ok')"
        )
        return {row[0] for row in self._db.execute(sql, (alarm_id,))}

    def pending_sends_of(self, alarm_id: str) -> list[str]:
        """Keys of an alarm's messages that are still waiting."""
        sql = "SELECT send_key FROM send WHERE alarm_id = ? AND next_try_at IS NOT NULL"
        return [row[0] for row in self._db.execute(sql, (alarm_id,))]


def _send(row: tuple[Any, ...]) -> Send:  # Any: columns of a row
    names = ("send_key", "alarm_id", "step", "round", "target", "channel", "address", "reason", "due_s", "attempts")
    urgent, *columns, place, hand_over_s = row
    return Send(urgent=bool(urgent), place=place, hand_over_s=hand_over_s, **dict(zip(names, columns, strict=True)))
