"""The alarms that are handled as one, in the order in which they began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.incident import FIRE_SIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """``members`` are open, oldest first; ``parent`` is the one that it began with, None when that one is closed.

    ``rooms`` are those of a fire in the order in which it reached them, also those that are over by now.
    """

    parent: Alarm | None
    members: tuple[Alarm, ...]
    rooms: tuple[Alarm, ...] = ()


def incident_of(alarm: Alarm, open_alarms: Iterable[Alarm], closed: Iterable[Alarm] = ()) -> Incident | None:
    """The incident of an alarm; None when it stands alone. ``closed`` are alarms that are over lately."""
    if alarm.incident_id is None:
        return None
    found = {one.alarm_id: one for one in open_alarms if one.incident_id == alarm.incident_id}
    found[alarm.alarm_id] = alarm
    members = sorted(found.values(), key=lambda one: (one.raised_at, one.alarm_id))
    over = [one for one in closed if one.incident_id == alarm.incident_id and not one.is_pre_alarm]
    return Incident(parent=found.get(alarm.incident_id), members=tuple(members), rooms=_rooms([*members, *over]))


def _rooms(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """The first alarm of fire in each room, in order."""
    first: dict[str, Alarm] = {}
    for one in sorted(alarms, key=lambda one: (one.raised_at, one.alarm_id)):
        if one.kind in FIRE_SIDE and one.identity.room_name:
            first.setdefault(one.identity.room_name, one)
    return tuple(first.values())
