"""One pure step of an alarm's life: the alarm and an event in, the changed alarm and what follows out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from alarms.lifecycle.alarm import Act, Alarm, AlarmKind, Condition, Disposition, Flag, Priority, Response
from alarms.lifecycle.effects import DoNotNotify, Effect, Lamp, LampState, Notify, Reason, SirenOff
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import (
    Acknowledge,
    Attend,
    Cleared,
    Event,
    Note,
    Onset,
    Recurred,
    Resolve,
    ReturnDue,
    StepDue,
)
from alarms.lifecycle.policy import DEFAULT_POLICIES, Policy
from alarms.lifecycle.table import TRANSITIONS

SYSTEM = "system"
_NAMESPACE = uuid.UUID("5b0a4b5e-2f0c-5c38-9f0e-0a6d6f1a7e11")
_PERSONAL = (AlarmKind.HELP_CALL, AlarmKind.FALL)
_WHILE_ACTIVE = (Disposition.FALSE_ALARM, Disposition.REPAIRED, Disposition.TEST)

Policies = Mapping[Priority, Policy]


def alarm_id(onset: Onset) -> str:
    """The alarm's identity: uuid5 of site, rule, subject and onset record, so that a repeat is the same alarm."""
    return str(uuid.uuid5(_NAMESPACE, f"{onset.identity.site_id}|{onset.rule}|{onset.subject}|{onset.record}"))


def open_alarm(onset: Onset, now: datetime, policies: Policies = DEFAULT_POLICIES) -> tuple[Alarm, list[Effect]]:
    """A new alarm and the first things that follow from it."""
    alarm = Alarm(
        alarm_id=alarm_id(onset),
        version=1,
        rule=onset.rule,
        subject=onset.subject,
        kind=onset.kind,
        priority=Priority.LOW if Flag.TEST in onset.flags else onset.priority,
        latching=onset.latching,
        momentary=onset.momentary,
        identity=onset.identity,
        raised_at=onset.raised_at,
        received_at=onset.received_at,
        last_at=onset.raised_at,
        flags=onset.flags,
        evidence=onset.evidence,
    )
    alarm, effects = _ring(alarm, Reason.NEW_ALARM, now, policies)
    if alarm.kind in _PERSONAL:
        effects.append(Lamp(state=LampState.RECEIVED))
    return alarm, effects


def step(
    alarm: Alarm, event: Event, now: datetime, policies: Policies = DEFAULT_POLICIES
) -> tuple[Alarm, list[Effect]]:
    """The alarm after ``event``, one version further, and what follows.

    Raises
    ------
    TransitionError
        The pair is not in the table, or the condition of a fire still stands; nothing has changed.
    """
    try:
        response = TRANSITIONS[alarm.response, type(event)]
    except KeyError:
        first = alarm.resolved or alarm.attended or alarm.acknowledged
        raise TransitionError(alarm.response, type(event).__name__, first=first) from None
    if isinstance(event, Resolve):
        _check_may_resolve(alarm, event.disposition)
    alarm = replace(alarm, response=response, version=alarm.version + 1)
    match event:
        case Recurred():
            return _recurred(alarm, event, now, policies)
        case Cleared():
            return _cleared(alarm, event, now)
        case Acknowledge(by=by):
            return _taken(replace(alarm, acknowledged=Act(by=by, at=now)), now, policies)
        case Attend(by=by):
            act = Act(by=by, at=now)
            return _taken(replace(alarm, attended=act, acknowledged=alarm.acknowledged or act), now, policies)
        case Resolve():
            return _resolved(alarm, event, now)
        case Note(note=note):
            return replace(alarm, note=f"{alarm.note}\n{note}".strip()), []
        case StepDue():
            return _escalated(alarm, now, policies)
        case ReturnDue():
            return _ring(replace(alarm, round=alarm.round + 1), Reason.FORGOTTEN, now, policies)


def _ring(alarm: Alarm, reason: Reason, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    """Begin the escalation from its first step."""
    policy = policies[alarm.priority]
    alarm = replace(alarm, response=Response.NEW, step=0, return_at=None, next_step_at=None)
    if Flag.TEST in alarm.flags:
        return alarm, [DoNotNotify(reason=Reason.TEST)]
    if not policy.steps:
        return alarm, [DoNotNotify(reason=Reason.LOW_PRIORITY)]
    notify = Notify(step=0, round=alarm.round, groups=policy.steps[0].groups, reason=reason)
    return replace(alarm, next_step_at=now + timedelta(seconds=_wait_s(policy, 1))), [notify]


def _escalated(alarm: Alarm, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    policy = policies[alarm.priority]
    if not policy.steps:
        return replace(alarm, next_step_at=None), [DoNotNotify(reason=Reason.LOW_PRIORITY)]
    number = alarm.step + 1
    last = len(policy.steps) - 1
    notify = Notify(
        step=number,
        round=alarm.round,
        groups=policy.steps[min(number, last)].groups,
        reason=Reason.ESCALATED if number <= last else Reason.REPEATED,
    )
    next_step_at = now + timedelta(seconds=_wait_s(policy, number + 1))
    return replace(alarm, step=number, next_step_at=next_step_at), [notify]


def _wait_s(policy: Policy, number: int) -> float:
    return policy.steps[number].after_s if number < len(policy.steps) else policy.repeat_s


def _recurred(alarm: Alarm, event: Recurred, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    is_new_onset = alarm.momentary or alarm.condition is Condition.CLEARED
    alarm = replace(
        alarm,
        count=alarm.count + 1,
        last_at=max(alarm.last_at, event.at),
        condition=Condition.ACTIVE,
        cleared_at=None,
        evidence=alarm.evidence | event.evidence,
    )
    effects: list[Effect] = []
    if is_new_onset and alarm.response is not Response.NEW:
        alarm, effects = _ring(replace(alarm, round=alarm.round + 1), Reason.RAISED_AGAIN, now, policies)
    if alarm.kind in _PERSONAL:
        effects.append(Lamp(state=LampState.RECEIVED))
    return alarm, effects


def _cleared(alarm: Alarm, event: Cleared, now: datetime) -> tuple[Alarm, list[Effect]]:
    alarm = replace(alarm, condition=Condition.CLEARED, cleared_at=event.at)
    if alarm.latching:
        return alarm, []
    resolved = Act(by=SYSTEM, at=now)
    return replace(alarm, response=Response.RESOLVED, resolved=resolved, next_step_at=None, return_at=None), []


def _taken(alarm: Alarm, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    return_s = policies[alarm.priority].return_s
    alarm = replace(alarm, next_step_at=None, return_at=None if return_s is None else now + timedelta(seconds=return_s))
    effects: list[Effect] = [SirenOff()]
    if alarm.kind in _PERSONAL:
        effects.append(Lamp(state=LampState.HELP_COMING))
    return alarm, effects


def _resolved(alarm: Alarm, event: Resolve, now: datetime) -> tuple[Alarm, list[Effect]]:
    act = Act(by=event.by, at=now)
    alarm = replace(
        alarm,
        resolved=act,
        acknowledged=alarm.acknowledged or act,
        disposition=event.disposition,
        note=f"{alarm.note}\n{event.note}".strip(),
        next_step_at=None,
        return_at=None,
    )
    effects: list[Effect] = [SirenOff()]
    if alarm.kind in _PERSONAL:
        effects.append(Lamp(state=LampState.OFF))
    return alarm, effects


def _check_may_resolve(alarm: Alarm, disposition: Disposition) -> None:
    stands = alarm.condition is Condition.ACTIVE and not alarm.momentary
    if stands and alarm.latching and disposition not in _WHILE_ACTIVE:
        why = "its condition still stands; resolve it when it has cleared, or as a false alarm, a test or a repair"
        raise TransitionError(alarm.response, "Resolve", why=why)
