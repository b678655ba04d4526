"""What the transition table alone cannot say: who may do it, and when. Nothing changes when a guard refuses."""

from __future__ import annotations

from datetime import datetime, timedelta

from alarms.lifecycle import sprinkler
from alarms.lifecycle.alarm import (
    Alarm,
    AlarmKind,
    Condition,
    Disposition,
    Flag,
    Priority,
    Reached,
    Response,
    Suppression,
)
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import (
    Acknowledge,
    ConfirmFire,
    Event,
    Recovered,
    Resolve,
    ReturnDue,
    SetOut,
    ShelfOver,
    Shelve,
    StepDue,
    TurnBack,
    Unshelve,
)

PERSONAL = (AlarmKind.HELP_CALL, AlarmKind.FALL)
"""Somebody waits for somebody: a lamp answers them, and only a person who reached them ends it."""

LONGEST_SHELF = timedelta(hours=24)
LONGEST_WAY = timedelta(hours=4)
_WHILE_ACTIVE = (Disposition.FALSE_ALARM, Disposition.REPAIRED, Disposition.TEST)
_NOBODY_IN_NEED = (Disposition.TEST, Disposition.REPAIRED)


def check(alarm: Alarm, event: Event, now: datetime) -> None:
    """Refuse what the table allows and this alarm does not.

    Raises
    ------
    TransitionError
        With the reason for the person, and who was first where that is why.
    """
    match event:
        case Acknowledge(by=by):
            _check_another_taker(alarm, by)
        case Resolve():
            _check_may_resolve(alarm, event)
        case Recovered() if not _is_suspected_fall(alarm):
            raise TransitionError(alarm.response, "Recovered", why="only a suspected fall becomes a near fall")
        case ConfirmFire() if alarm.kind is not AlarmKind.FIRE or Flag.TEST in alarm.flags:
            raise TransitionError(alarm.response, "ConfirmFire", why="only a fire alarm is confirmed as a fire")
        case Shelve():
            _check_may_shelve(alarm, event, now)
        case Unshelve() | ShelfOver() if alarm.suppressed is None:
            raise TransitionError(alarm.response, type(event).__name__, why="it is not put aside")
        case SetOut(until=until) if not now - LONGEST_WAY < until <= now + LONGEST_WAY:  # it may have waited for us
            raise TransitionError(alarm.response, "SetOut", why="say when you will be there: within 4 hours from now")
        case TurnBack(by=by) if all(one.by != by for one in alarm.coming):
            raise TransitionError(alarm.response, "TurnBack", why="this person is not on the way")
        case StepDue() if alarm.next_step_at is None:
            raise TransitionError(alarm.response, "StepDue", why="nobody is waited for")
        case ReturnDue() if alarm.suppressed is not None:
            raise TransitionError(alarm.response, "ReturnDue", why="it is put aside")


def reached(alarm: Alarm, event: Resolve) -> Reached | None:
    """How the person in need was reached: as told, or in person where somebody attends."""
    return event.reached or (Reached.IN_PERSON if alarm.response is Response.ATTENDED else None)


def _is_suspected_fall(alarm: Alarm) -> bool:
    return alarm.kind is AlarmKind.FALL and alarm.priority is not Priority.EMERGENCY and not alarm.is_near_fall


def _check_another_taker(alarm: Alarm, by: str) -> None:
    """A second acknowledgement is welcome only where the policy asks for more people, and from somebody else."""
    own = next((act for act in alarm.takers if act.by == by), None)
    if own is not None:
        raise TransitionError(alarm.response, "Acknowledge", first=own)
    if alarm.answered:
        raise TransitionError(alarm.response, "Acknowledge", first=alarm.attended or alarm.acknowledged)


def _check_may_resolve(alarm: Alarm, event: Resolve) -> None:
    stands = alarm.condition is Condition.ACTIVE and not alarm.momentary
    is_seen = alarm.kind is AlarmKind.INACTIVITY  # who has looked knows more than any sensor
    lasts = not is_seen and (alarm.latching or alarm.rule in sprinkler.UNTIL_RESTORED)
    if stands and lasts and event.disposition not in _WHILE_ACTIVE:
        why = "its condition still stands; resolve it when it has cleared, or as a false alarm, a test or a repair"
        raise TransitionError(alarm.response, "Resolve", why=why)
    needs = alarm.kind in PERSONAL and not alarm.is_near_fall and event.disposition not in _NOBODY_IN_NEED
    if needs and reached(alarm, event) is None:
        why = "say how the person was reached: in person, by voice, or with the button at the place"
        raise TransitionError(alarm.response, "Resolve", why=why)


def _check_may_shelve(alarm: Alarm, event: Shelve, now: datetime) -> None:
    why = ""
    if alarm.suppressed is not None:
        why = f"it is put aside already, until {alarm.suppressed.until:%H:%M}"
    elif alarm.is_pre_alarm:
        why = "it waits for its verification: resolve it as a false alarm, or confirm the fire"
    elif not event.reason.strip():
        why = "say why it is put aside"
    elif not now < event.until <= now + LONGEST_SHELF:
        why = "it can be put aside for at most 24 hours from now"
    elif event.how is Suppression.SHELVED and alarm.priority is Priority.EMERGENCY and event.second in (None, event.by):
        why = "an emergency is put aside by two people: a second one must agree"
    if why:
        raise TransitionError(alarm.response, "Shelve", why=why)
