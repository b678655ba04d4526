"""The stages of a fall, and what a word about a fall does to the alarm that stands.

A detector speaks of one fall more than once: it is *suspected* at once, and later *confirmed* (whoever fell lies there)
or *recovered* (they stood up and walked: a near fall). Its evidence names the fall by the moment of its impact. A
radar, and a device's own flag, name none: their words within a *window* are about one fall.

Words may be repeated and come in any order:

- the same word again, and a suspicion after its confirmation, change nothing;
- a confirmation without a suspicion is an emergency at once; one after a recovery raises the near fall again;
- a recovery of which no suspicion is known is not kept: the suspicion that comes after it rings, for in doubt people
  are told;
- a later fall is a new onset, and so is any other one after a near fall, for clocks are set back too; of an earlier
  fall that a standing one has overtaken only the confirmation counts.

Two sources that say it within a window about one resident, or one room where not both know the resident, mean one fall:
the second one confirms the first, whatever their stages (docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag, Identity, Priority
from alarms.lifecycle.events import Confirmed, Onset, Recurred
from ingest.wire.fall_stage import Stage

CONFIRMED_BY = "confirmed_by"
"""In the evidence: the devices that saw it too."""

Evidence = Mapping[str, Any]  # Any: a JSON object


_PRIORITY = {Stage.SUSPECTED: Priority.HIGH, Stage.CONFIRMED: Priority.EMERGENCY, Stage.RECOVERED: Priority.LOW}


def stage_of(evidence: Evidence) -> Stage | None:
    """The stage that the evidence tells; None where it tells none that we know."""
    told = evidence.get("stage")
    return Stage(told) if told in list(Stage) else None


def priority_of(evidence: Evidence, otherwise: Priority) -> Priority:
    """How urgent a fall of this evidence is; ``otherwise``, the rule's own priority, without a stage."""
    stage = stage_of(evidence)
    return _PRIORITY[stage] if stage is not None else otherwise


def impact_of(evidence: Evidence) -> float | None:
    """The moment of the impact in seconds, by which a detector names a fall."""
    at_s = evidence.get("impact_at_s")
    return float(at_s) if isinstance(at_s, int | float) else None


def is_source(alarm: Alarm, onset: Onset) -> bool:
    """Whether the device behind ``onset`` has raised the open fall that ``alarm`` is, or confirmed it."""
    device_id = onset.identity.device_id
    is_own = device_id in (alarm.identity.device_id, *_confirmed_by(alarm))
    return _marks(alarm) == _marks(onset) and (is_own or (alarm.rule, alarm.subject) == (onset.rule, onset.subject))


def is_told_by_another(alarm: Alarm, onset: Onset, window: timedelta) -> bool:
    """Whether ``onset`` is another source's word about the open fall that ``alarm`` is.

    Neither may be put aside by announced work or a repair: what counts is never held back by what does not.
    """
    is_near = abs(onset.raised_at - alarm.last_at) <= window
    is_heard = alarm.suppressed is None and onset.suppressed is None
    return is_near and is_heard and _marks(alarm) == _marks(onset) and _is_one_person(alarm.identity, onset.identity)


def event_of(alarm: Alarm, onset: Onset, window: timedelta) -> Recurred | Confirmed | None:
    """What ``onset`` is to the open fall that it is about; None: nothing new."""
    stage = stage_of(onset.evidence) or Stage.CONFIRMED
    again = Recurred(
        at=onset.raised_at, received_at=onset.received_at, evidence=onset.evidence, priority=onset.priority
    )
    confirmed = Confirmed(at=onset.raised_at, priority=onset.priority, evidence=onset.evidence)
    if not is_source(alarm, onset):
        return _by_another(alarm, onset, again)
    order = _order(alarm, onset.evidence, onset.raised_at, window)
    if order > 0 or (order < 0 and alarm.is_near_fall):
        return again
    if stage is Stage.CONFIRMED:
        if alarm.priority.rank <= onset.priority.rank and not alarm.is_near_fall:
            return None
        return confirmed if order == 0 else replace(confirmed, evidence={})
    if order < 0:
        return None
    was, now = impact_of(alarm.evidence), impact_of(onset.evidence)
    if alarm.is_near_fall:
        return again if was is None or was != now else None
    return confirmed if was is None and now is not None else None  # the device's own flag came first


def is_recovery(alarm: Alarm, device_id: str, evidence: Evidence, at: datetime, window: timedelta) -> bool:
    """Whether a device's word of a recovery is about the suspected fall that ``alarm`` is."""
    is_suspected = alarm.kind is AlarmKind.FALL and alarm.priority is not Priority.EMERGENCY
    is_own = device_id == alarm.identity.device_id and Flag.DRILL not in alarm.flags
    return is_suspected and not alarm.is_near_fall and is_own and _order(alarm, evidence, at, window) == 0


def _by_another(alarm: Alarm, onset: Onset, again: Recurred) -> Recurred | Confirmed:
    """What was told first stands; the other source adds what that one lacks."""
    devices = [*_confirmed_by(alarm), onset.identity.device_id]
    if alarm.is_near_fall:
        return replace(again, evidence=onset.evidence | {CONFIRMED_BY: devices})
    evidence = onset.evidence | alarm.evidence | {"stage": Stage.CONFIRMED, CONFIRMED_BY: devices}
    return Confirmed(at=onset.raised_at, priority=_PRIORITY[Stage.CONFIRMED], evidence=evidence)


def _confirmed_by(alarm: Alarm) -> list[str]:
    known = alarm.evidence.get(CONFIRMED_BY)
    return known if isinstance(known, list) else []


def _order(alarm: Alarm, evidence: Evidence, at: datetime, window: timedelta) -> int:
    """Whether a word is about the alarm's newest fall (0), a later (1) or an earlier one (-1): in doubt a later one."""
    was, now = impact_of(alarm.evidence), impact_of(evidence)
    if was is not None and now is not None:
        return (now > was) - (now < was)
    return 0 if abs(at - alarm.last_at) <= window else 1


def _is_one_person(one: Identity, other: Identity) -> bool:
    if one.site_id != other.site_id:
        return False
    if one.resident_id is not None and other.resident_id is not None:
        return one.resident_id == other.resident_id
    return one.room_id is not None and one.room_id == other.room_id


def _marks(one: Alarm | Onset) -> set[Flag]:
    return {Flag.TEST, Flag.DRILL} & set(one.flags)
