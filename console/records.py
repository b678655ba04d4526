"""Alarms for a page: open and just closed ones from memory, others and their logs from the history."""

from __future__ import annotations

import msgspec

from alarms.lifecycle.alarm import Alarm
from console.auth.visitor import Visitor
from console.database import Row
from console.errors import ProblemError
from console.parts import Parts


async def find_alarm(parts: Parts, visitor: Visitor, alarm_id: str) -> Alarm:
    """The alarm, as far as the visitor may see it.

    Raises
    ------
    ProblemError
        404: not open, and not in the history.
    DatabaseAwayError
        Not open, and the history cannot be asked.
    """
    alarm = parts.live.alarms.get(alarm_id) or parts.live.closed.get(alarm_id)
    if alarm is not None:
        if not visitor.sees(alarm.identity.site_id):
            raise ProblemError(404, "unknown_alarm")
        return alarm
    rows = await parts.database.fetch("alarm", {"alarm_id": alarm_id, "site_ids": site_filter(visitor)})
    stored = read_state(rows[0]["state"]) if rows else None
    if stored is None:
        raise ProblemError(404, "unknown_alarm")
    return stored


async def find_log(parts: Parts, alarm_id: str) -> list[Row]:
    """What happened, oldest first."""
    return await parts.database.fetch("alarm_log", {"alarm_id": alarm_id})


async def find_notifications(parts: Parts, alarm_id: str) -> list[Row]:
    """Who was told, oldest first."""
    return await parts.database.fetch("notifications", {"alarm_id": alarm_id})


def read_state(state: object) -> Alarm | None:
    """An alarm out of the history's JSON; None when it was written by another version and cannot be read."""
    try:
        return msgspec.convert(state, Alarm)
    except msgspec.MsgspecError:
        return None


def site_filter(visitor: Visitor) -> list[str] | None:
    """The sites for a statement; None for all."""
    return list(visitor.user.site_ids) or None
