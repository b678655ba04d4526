"""The alarms that are handled as one, in the order in which they began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alarms.lifecycle.alarm import Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """``members`` are open, oldest first; ``parent`` is the one that it began with, None when that one is closed."""

    parent: Alarm | None
    members: tuple[Alarm, ...]


def incident_of(alarm: Alarm, open_alarms: Iterable[Alarm]) -> Incident | None:
    """The incident of an alarm; None when it stands alone."""
    if alarm.incident_id is None:
        return None
    found = {one.alarm_id: one for one in open_alarms if one.incident_id == alarm.incident_id}
    found[alarm.alarm_id] = alarm
    members = sorted(found.values(), key=lambda one: (one.raised_at, one.alarm_id))
    return Incident(parent=found.get(alarm.incident_id), members=tuple(members))
