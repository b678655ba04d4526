"""One pure step of an alarm's life: the alarm and an event in, the changed alarm and what follows out."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alarms.lifecycle import flood, guards, inactivity, incident, sprinkler, verification
from alarms.lifecycle.alarm import (
    UNTOLD,
    Act,
    Alarm,
    AlarmKind,
    Assigned,
    Condition,
    Flag,
    OnTheWay,
    Priority,
    Response,
    Suppressed,
    Suppression,
)
from alarms.lifecycle.effects import QUIET, DoNotNotify, Effect, Lamp, LampState, Notify, Reason, SirenOff, SirenOn
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import (
    Acknowledge,
    Assign,
    Attend,
    Cleared,
    ClockSet,
    Confirmed,
    ConfirmFire,
    Event,
    Grouped,
    Linked,
    Moved,
    NotArrived,
    Note,
    Onset,
    Recovered,
    Recurred,
    Resolve,
    ReturnDue,
    SetOut,
    ShelfOver,
    Shelve,
    Stay,
    StepDue,
    TurnBack,
    Unshelve,
)
from alarms.lifecycle.guards import PERSONAL
from alarms.lifecycle.policy import DEFAULT_POLICIES, NOBODY, Policies, Policy
from alarms.lifecycle.table import TRANSITIONS

SYSTEM = "system"
LINKAGE = "linkage"
"""In the evidence of a fire: every output that was asked for."""
_LESS = (Flag.NEAR_FALL, Flag.PRE_ALARM, Flag.QUESTION)
_NAMESPACE = uuid.UUID("5b0a4b5e-2f0c-5c38-9f0e-0a6d6f1a7e11")


def alarm_id(onset: Onset) -> str:
    """The alarm's identity: uuid5 of site, rule, subject and onset record, so that a repeat is the same alarm."""
    return str(uuid.uuid5(_NAMESPACE, f"{onset.identity.site_id}|{onset.rule}|{onset.subject}|{onset.record}"))


def alarm_of(onset: Onset) -> Alarm:
    """The alarm that an onset begins, before anybody is told of it."""
    return Alarm(
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
        suppressed=onset.suppressed,
        verify_until=onset.verify_until,
    )


def open_alarm(
    alarm: Alarm, reason: Reason, now: datetime, policies: Policies = DEFAULT_POLICIES
) -> tuple[Alarm, list[Effect]]:
    """A new alarm and the first things that follow from it.

    ``reason`` is why people are told of it, or, one of ``QUIET``, why nobody is told of it by itself for now.
    """
    alarm, effects = _ring(alarm, reason, now, policies)
    if _has_lamp(alarm):
        effects.append(Lamp(state=LampState.ASKED if alarm.is_question else LampState.RECEIVED))
    return alarm, effects


def step(
    alarm: Alarm, event: Event, now: datetime, policies: Policies = DEFAULT_POLICIES
) -> tuple[Alarm, list[Effect]]:
    """The alarm after ``event``, one version further, and what follows.

    Raises
    ------
    TransitionError
        The pair is not in the table, or a guard refuses it; nothing has changed.
    """
    try:
        response = TRANSITIONS[alarm.response, type(event)]
    except KeyError:
        first = alarm.resolved or alarm.attended or alarm.acknowledged
        raise TransitionError(alarm.response, type(event).__name__, first=first) from None
    guards.check(alarm, event, now)
    before, alarm = alarm, replace(alarm, response=response, version=alarm.version + 1)
    match event:
        case Recurred():
            return _recurred(alarm, event, now, policies)
        case Confirmed():
            return _confirmed(alarm, event, now, policies)
        case ConfirmFire(by=by):
            return _confirmed_by_person(alarm, by, now, policies)
        case Linked(asked=asked):
            return replace(alarm, evidence={**alarm.evidence, LINKAGE: [*linked(alarm), *asked]}), []
        case Moved():
            return replace(alarm, evidence={**alarm.evidence, LINKAGE: _answered(alarm, event, now)}), []
        case Recovered():
            return _recovered(alarm, event)
        case Cleared():
            return _cleared(alarm, event, now)
        case Acknowledge(by=by):
            act = Act(by=by, at=now)
            return _taken(replace(alarm, acknowledged=alarm.acknowledged or act), act, before, now, policies)
        case Attend(by=by):
            act = Act(by=by, at=now)
            alarm = replace(alarm, attended=act, acknowledged=alarm.acknowledged or act)
            return _taken(alarm, act, before, now, policies)
        case Stay(until=until):
            return replace(alarm, return_at=alarm.return_at and max(alarm.return_at, until)), []
        case Resolve():
            return _resolved(replace(alarm, reached=guards.reached(before, event)), event, now)
        case Note(note=note):
            return replace(alarm, note=f"{alarm.note}\n{note}".strip()), []
        case Assign():
            return _assigned(alarm, event, now, policies)
        case Shelve():
            return _shelved(alarm, event, now)
        case Unshelve() | ShelfOver():
            alarm = replace(alarm, suppressed=None, round=alarm.round + 1)
            quiet = event.quiet if isinstance(event, ShelfOver) else None
            return _ring(alarm, quiet or Reason.SHELF_OVER, now, policies)
        case SetOut(by=by, until=until):
            return replace(alarm, coming=(*_others(alarm, by), OnTheWay(by=by, at=now, until=until))), []
        case TurnBack(by=by):
            return replace(alarm, coming=_others(alarm, by)), []
        case NotArrived():
            late = tuple(replace(one, over=one.over or one.until <= now) for one in alarm.coming)
            return replace(alarm, coming=late), []
        case Grouped():
            return _grouped(alarm, event), []
        case StepDue():
            return _escalated(alarm, event, now, policies)
        case ReturnDue():
            return _ring(replace(alarm, round=alarm.round + 1), Reason.FORGOTTEN, now, policies)
        case ClockSet(by_s=by_s):
            return _moved(alarm, timedelta(seconds=by_s)), []


def _has_lamp(alarm: Alarm) -> bool:
    """Whether somebody waits for somebody, or is asked."""
    return alarm.kind in PERSONAL or inactivity.stage_of(alarm.kind, alarm.evidence) is not None


def linked(alarm: Alarm) -> list[Any]:  # Any: JSON objects
    """The outputs that were asked for at this alarm, or refused, in order."""
    listed = alarm.evidence.get(LINKAGE)
    return listed if isinstance(listed, list) else []


def policy_of(alarm: Alarm, policies: Policies) -> Policy:
    """What applies to this alarm."""
    if alarm.rule == flood.RULE:
        return flood.POLICY
    if alarm.is_near_fall or alarm.is_pre_alarm:
        return NOBODY
    if alarm.is_question:
        return inactivity.QUESTION
    if sprinkler.is_held_back(alarm):
        return sprinkler.HELD_BACK
    return policies.of(alarm.identity.site_id, alarm.kind, alarm.priority)


def _answered(alarm: Alarm, event: Moved, now: datetime) -> list[Any]:  # Any: JSON objects
    """The outputs that were asked for, the last of them of this id with what became of it."""
    listed = linked(alarm)
    own = [place for place, one in enumerate(listed) if one.get("output_id") == event.output_id and not one["refused"]]
    answer = {"moved": event.moved, "moved_at_s": now.timestamp()}
    return [{**one, **answer} if place == max(own, default=-1) else one for place, one in enumerate(listed)]


def _ring(alarm: Alarm, reason: Reason, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    """Begin the escalation from its first step."""
    policy = policy_of(alarm, policies)
    alarm = replace(
        alarm,
        response=Response.NEW,
        step=0,
        takers=(),
        needed=policy.acknowledgements,
        return_at=None,
        next_step_at=None,
    )
    if Flag.TEST in alarm.flags or Flag.CANARY in alarm.flags:
        return alarm, [DoNotNotify(reason=Reason.TEST)]
    if alarm.suppressed is not None:
        return alarm, [DoNotNotify(reason=Reason(alarm.suppressed.how))]
    if alarm.is_pre_alarm:
        return replace(alarm, step=UNTOLD), [DoNotNotify(reason=Reason.VERIFYING)]
    if reason in QUIET and incident.is_urgent(alarm):
        reason = Reason.NEW_ALARM
    if reason in QUIET:
        return replace(alarm, step=UNTOLD, next_step_at=_later(policy, now)), [DoNotNotify(reason=reason)]
    if not policy.steps:
        return alarm, [DoNotNotify(reason=Reason.LOW_PRIORITY)]
    if policy.steps[0].after_s > 0 and alarm.priority is not Priority.EMERGENCY:
        first_at = now + timedelta(seconds=policy.steps[0].after_s)
        return replace(alarm, step=UNTOLD, next_step_at=first_at), [DoNotNotify(reason=Reason.FIRST_STEP_LATER)]
    next_step_at = now + timedelta(seconds=_wait_s(policy, 1))
    return replace(alarm, next_step_at=next_step_at), [_notify(alarm, policy, 0, reason)]


def _escalated(alarm: Alarm, event: StepDue, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    policy = policy_of(alarm, policies)
    if event.quiet is not None:
        return replace(alarm, next_step_at=_later(policy, now)), [DoNotNotify(reason=event.quiet)]
    if not policy.steps:
        return replace(alarm, next_step_at=None), [DoNotNotify(reason=Reason.LOW_PRIORITY)]
    number = alarm.step + 1
    if alarm.response is not Response.NEW:
        reason = Reason.MORE_NEEDED
    elif number == 0:
        reason = Reason.NEW_ALARM
    else:
        reason = Reason.ESCALATED if number < len(policy.steps) else Reason.REPEATED
    next_step_at = now + timedelta(seconds=_wait_s(policy, number + 1))
    return replace(alarm, step=number, next_step_at=next_step_at), [_notify(alarm, policy, number, reason)]


def _later(policy: Policy, now: datetime) -> datetime | None:
    """When a step that another alarm speaks for is due again: in the rhythm in which that one repeats."""
    return now + timedelta(seconds=policy.repeat_s) if policy.steps else None


def _others(alarm: Alarm, by: str) -> tuple[OnTheWay, ...]:
    return tuple(one for one in alarm.coming if one.by != by)


def _grouped(alarm: Alarm, event: Grouped) -> Alarm:
    due_at = alarm.next_step_at
    if due_at is not None and event.due_at is not None:
        due_at = min(due_at, event.due_at)
    return replace(alarm, incident_id=event.incident_id, next_step_at=due_at)


def _moved(alarm: Alarm, by: timedelta) -> Alarm:
    """The same waits on a clock that was set. Set back, it must not show that somebody took later what comes now."""
    back = min(by, timedelta())
    return replace(
        alarm,
        next_step_at=alarm.next_step_at and alarm.next_step_at + by,
        return_at=alarm.return_at and alarm.return_at + by,
        verify_until=alarm.verify_until and alarm.verify_until + by,
        takers=tuple(replace(taker, at=taker.at + back) for taker in alarm.takers),
        coming=tuple(one if one.over else replace(one, at=one.at + back, until=one.until + by) for one in alarm.coming),
    )


def _notify(alarm: Alarm, policy: Policy, number: int, reason: Reason) -> Notify:
    step = policy.steps[min(number, len(policy.steps) - 1)]
    return Notify(
        step=number,
        round=alarm.round,
        who=step.who,
        channels=step.channels,
        reason=reason,
        hand_over_s=policy.hand_over_s,
    )


def _wait_s(policy: Policy, number: int) -> float:
    return policy.steps[number].after_s if number < len(policy.steps) else policy.repeat_s


def _recurred(alarm: Alarm, event: Recurred, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    is_new_onset = alarm.momentary or alarm.condition is Condition.CLEARED
    before, alarm = alarm, _as_urgent_as(alarm, event.priority)
    alarm = replace(
        alarm,
        count=alarm.count + 1,
        last_at=max(alarm.last_at, event.at),
        condition=Condition.ACTIVE,
        cleared_at=None,
        evidence=alarm.evidence | event.evidence,
    )
    effects: list[Effect] = []
    rings = (is_new_onset and alarm.response is not Response.NEW) or alarm.priority is not before.priority
    if rings and alarm.suppressed is None:
        alarm, effects = _ring(replace(alarm, round=alarm.round + 1), Reason.RAISED_AGAIN, now, policies)
    if _has_lamp(alarm):
        effects.append(Lamp(state=LampState.RECEIVED))
    if alarm.kind is AlarmKind.FIRE and effects:
        effects.append(SirenOn())
    return alarm, effects


def _confirmed_by_person(alarm: Alarm, by: str, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    """A fire that a person has seen burns, whatever the detectors say."""
    who = {"what": "person", "id": by, "at_s": now.timestamp(), "independent": True}
    confirmed, effects = _confirmed(alarm, Confirmed(at=now, priority=Priority.EMERGENCY, trigger=who), now, policies)
    return replace(confirmed, condition=alarm.condition, cleared_at=alarm.cleared_at), effects


def _confirmed(alarm: Alarm, event: Confirmed, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    """Who has answered is not rung again, unless they answered something less: a near fall, a pre-alarm, a question."""
    before, alarm = alarm, _as_urgent_as(alarm, event.priority)
    evidence = alarm.evidence | event.evidence
    if event.trigger:
        evidence = verification.borne_out(evidence, event.trigger)
    alarm = replace(alarm, condition=Condition.ACTIVE, cleared_at=None, evidence=evidence)
    if alarm.priority is before.priority or alarm.suppressed is not None:
        return alarm, []
    was_less = before.is_near_fall or before.is_pre_alarm or before.is_question
    answered_less = was_less or before.suppressed is not None
    if before.response is Response.NEW or answered_less:
        alarm, effects = _ring(replace(alarm, round=alarm.round + 1), Reason.MORE_URGENT, now, policies)
        if alarm.kind is AlarmKind.FIRE:
            effects.append(SirenOn())
        return alarm, [*effects, *([Lamp(state=LampState.RECEIVED)] if _has_lamp(alarm) else [])]
    policy = policy_of(alarm, policies)
    if not alarm.answered:
        step_at = now + timedelta(seconds=_wait_s(policy, alarm.step + 1))
        alarm = replace(alarm, next_step_at=min(alarm.next_step_at or step_at, step_at))
    if policy.return_s is None:
        return replace(alarm, return_at=None), []
    return_at = now + timedelta(seconds=policy.return_s)
    return replace(alarm, return_at=min(alarm.return_at or return_at, return_at)), []


def _recovered(alarm: Alarm, event: Recovered) -> tuple[Alarm, list[Effect]]:
    near_fall = replace(
        alarm,
        priority=Priority.LOW,
        flags=(*alarm.flags, Flag.NEAR_FALL),
        condition=Condition.CLEARED,
        cleared_at=event.at,
        evidence=alarm.evidence | event.evidence,
        needed=NOBODY.acknowledgements,
        next_step_at=None,
        return_at=None,
    )
    return near_fall, [SirenOff(), Lamp(state=LampState.OFF), DoNotNotify(reason=Reason.NEAR_FALL)]


def _as_urgent_as(alarm: Alarm, priority: Priority | None) -> Alarm:
    """At least so urgent, and nothing less any more. Who put it aside agreed to less: it comes back."""
    if priority is None:
        return alarm
    flags = tuple(flag for flag in alarm.flags if flag not in _LESS)
    alarm = replace(alarm, flags=flags, verify_until=None)
    if Flag.TEST in alarm.flags or priority.rank >= alarm.priority.rank:
        return alarm
    is_shelved = alarm.suppressed is not None and alarm.suppressed.how is Suppression.SHELVED
    return replace(alarm, priority=priority, suppressed=None if is_shelved else alarm.suppressed)


def _cleared(alarm: Alarm, event: Cleared, now: datetime) -> tuple[Alarm, list[Effect]]:
    alarm = replace(alarm, condition=Condition.CLEARED, cleared_at=event.at)
    if alarm.is_pre_alarm:
        alarm = replace(alarm, evidence={**alarm.evidence, "stage": verification.FireStage.CLEARED})
    elif alarm.latching and not alarm.is_question:
        return alarm, []
    effects: list[Effect] = [Lamp(state=LampState.OFF)] if alarm.is_question else []
    return _ended(replace(alarm, response=Response.RESOLVED, resolved=Act(by=SYSTEM, at=now))), effects


def _taken(alarm: Alarm, act: Act, before: Alarm, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    """Somebody has taken it: steps stop when there are enough people, and it comes back when it is forgotten."""
    if all(taker.by != act.by for taker in alarm.takers):
        alarm = replace(alarm, takers=(*alarm.takers, act))
    return_s = policy_of(alarm, policies).return_s
    if alarm.suppressed is None and return_s is not None:
        alarm = replace(alarm, return_at=now + timedelta(seconds=return_s))
    if alarm.answered:
        alarm = replace(alarm, next_step_at=None)
    sounds = not alarm.is_pre_alarm and (before.response is Response.NEW or alarm.answered)
    effects: list[Effect] = [SirenOff()] if sounds else []
    if _has_lamp(alarm):
        effects.append(Lamp(state=LampState.HELP_COMING))
    return alarm, effects


def _assigned(alarm: Alarm, event: Assign, now: datetime, policies: Policies) -> tuple[Alarm, list[Effect]]:
    notify = Notify(
        step=alarm.step,
        round=alarm.round,
        who=(event.to,),
        reason=Reason.ASSIGNED,
        mark=f"@{alarm.version}",
        hand_over_s=policy_of(alarm, policies).hand_over_s,
    )
    return replace(alarm, assigned=Assigned(to=event.to, by=event.by, at=now)), [notify]


def _shelved(alarm: Alarm, event: Shelve, now: datetime) -> tuple[Alarm, list[Effect]]:
    aside = Suppressed(how=event.how, reason=event.reason, by=event.by, second=event.second, at=now, until=event.until)
    alarm = replace(alarm, suppressed=aside, next_step_at=None, return_at=None)
    return alarm, [DoNotNotify(reason=Reason(event.how))]


def _resolved(alarm: Alarm, event: Resolve, now: datetime) -> tuple[Alarm, list[Effect]]:
    act = Act(by=event.by, at=now)
    alarm = replace(
        alarm,
        resolved=act,
        acknowledged=alarm.acknowledged or act,
        disposition=event.disposition,
        note=f"{alarm.note}\n{event.note}".strip(),
    )
    effects: list[Effect] = [SirenOff()]
    if _has_lamp(alarm):
        effects.append(Lamp(state=LampState.OFF))
    return _ended(alarm), effects


def _ended(alarm: Alarm) -> Alarm:
    return replace(alarm, next_step_at=None, return_at=None, verify_until=None, suppressed=None, coming=())
