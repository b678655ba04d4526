"""What the lifecycle's guards would say to a person's next step, so that a dialog asks only for what is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from alarms.lifecycle import guards
from alarms.lifecycle.alarm import Alarm, Disposition, Reached
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import Event, Resolve, Shelve
from alarms.lifecycle.incident import EQUIPMENT

_SOON = timedelta(minutes=1)


def endings(alarm: Alarm) -> tuple[list[Disposition], list[Disposition]]:
    """The dispositions with which it may be resolved now; those of them that ask how the person was reached."""
    silent = [one for one in Disposition if _passes(alarm, _end(one, None))]
    asking = [one for one in Disposition if one not in silent and _passes(alarm, _end(one, Reached.SPOKEN))]
    return [one for one in Disposition if one in silent or one in asking], asking


def ends_incident(alarm: Alarm) -> bool:
    """Whether all alarms of its incident may be resolved at it: the first one of many faults."""
    return alarm.incident_id == alarm.alarm_id and alarm.kind in EQUIPMENT


def needs_second(alarm: Alarm) -> bool:
    """Whether it takes two people to put it aside."""
    alone = Shelve(by="one", reason="any", until=alarm.received_at + _SOON)
    return not _passes(replace(alarm, suppressed=None), alone)


def _end(disposition: Disposition, reached: Reached | None) -> Resolve:
    return Resolve(by="one", disposition=disposition, reached=reached)


def _passes(alarm: Alarm, event: Event) -> bool:
    try:
        guards.check(alarm, event, alarm.received_at)
    except TransitionError:
        return False
    return True
