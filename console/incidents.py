"""The alarms that are handled as one, in the order in which they began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from alarms.lifecycle import spread
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.incident import FIRE_SIDE
from alarms.lifecycle.spread import Reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """``members`` are open, oldest first; ``parent`` is the one that it began with, None when that one is closed.

    ``way``: the rooms of a fire in the order in which it reached them, also those that are over by now.
    """

    parent: Alarm | None
    members: tuple[Alarm, ...]
    way: tuple[Reached, ...] = ()


def incident_of(alarm: Alarm, open_alarms: Iterable[Alarm], closed: Iterable[Alarm] = ()) -> Incident | None:
    """The incident of an alarm; None when it stands alone. ``closed`` are alarms that are over lately."""
    if alarm.incident_id is None:
        return None
    found = {one.alarm_id: one for one in open_alarms if one.incident_id == alarm.incident_id}
    found[alarm.alarm_id] = alarm
    members = sorted(found.values(), key=lambda one: (one.raised_at, one.alarm_id))
    over = [one for one in closed if one.incident_id == alarm.incident_id]
    burning = [one for one in (*members, *over) if one.kind in FIRE_SIDE]
    return Incident(parent=found.get(alarm.incident_id), members=tuple(members), way=spread.way(burning))


def incident_view(incident: Incident | None) -> dict[str, Any] | None:  # Any: a JSON object
    """What the API shows of an incident."""
    if incident is None:
        return None
    return {
        "incident_id": incident.members[0].incident_id,
        "alarm_ids": [one.alarm_id for one in incident.members],
        "way": [asdict(one) for one in incident.way],
    }
