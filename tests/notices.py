"""Notices for the tests of channels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from alarms.lifecycle.alarm import Alarm, AlarmKind, Identity, Priority
from alarms.notify.message import Notice, notice

START = datetime(2026, 3, 2, 22, 14, tzinfo=UTC)


class FixedClock:
    """Stands still until it is moved."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def an_alarm(kind: AlarmKind = AlarmKind.HELP_CALL, **other: Any) -> Alarm:
    """Ms Wang of room 201 has pressed her pendant."""
    given: dict[str, Any] = {
        "alarm_id": "a-1",
        "version": 1,
        "rule": "help_call",
        "subject": "sos-201",
        "kind": kind,
        "priority": Priority.EMERGENCY,
        "latching": True,
        "momentary": True,
        "identity": Identity(
            site_id="pine",
            site_name="松园",
            zone_name="二楼",
            room_id="r201",
            room_name="201",
            resident_id="r-7",
            resident_name="王秀英",
            resident_needs="糖尿病 diabetes, dementia",
        ),
        "raised_at": START,
        "received_at": START,
        "last_at": START,
    }
    return Alarm(**{**given, **other})


def a_notice(number: int = 1, **other: Any) -> Notice:
    """The message of that alarm; a number of its own for each send."""
    alarm_fields = {name: other.pop(name) for name in ("priority", "kind", "flags", "count") if name in other}
    return notice(
        an_alarm(**alarm_fields), f"a-1/0/{number}/user:li/webhook", 0, "user:li", "webhook", "raised", **other
    )
