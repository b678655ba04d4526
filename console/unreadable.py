"""An alarm whose state this console cannot read is still an alarm: shown with its bytes, never dropped."""

from __future__ import annotations

from datetime import datetime

from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag, Identity, Priority


def unreadable_alarm(site_id: str, alarm_id: str, payload: bytes, now: datetime) -> Alarm:
    """A stand-in that says where it came from and shows the first bytes."""
    return Alarm(
        alarm_id=alarm_id,
        version=0,
        rule="unreadable",
        subject=alarm_id,
        kind=AlarmKind.UNREADABLE,
        priority=Priority.HIGH,
        latching=True,
        momentary=True,
        identity=Identity(site_id=site_id),
        raised_at=now,
        received_at=now,
        last_at=now,
        flags=(Flag.UNREADABLE,),
        evidence={"text": payload[:200].decode("utf-8", "replace")},
    )
