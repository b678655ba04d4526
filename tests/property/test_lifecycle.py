"""Whatever happens to an alarm, in whatever order: nobody who should be told is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alarms.lifecycle.alarm import (
    Alarm,
    AlarmKind,
    Condition,
    Disposition,
    Flag,
    Identity,
    Priority,
    Reached,
    Response,
    Suppressed,
    Suppression,
)
from alarms.lifecycle.effects import DoNotNotify, Notify, Reason
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
from alarms.lifecycle.guards import LONGEST_WAY
from alarms.lifecycle.policy import DEFAULT_POLICIES, Chosen, Policy, Step
from alarms.lifecycle.step import alarm_id, alarm_of, open_alarm, policy_of, step
from alarms.lifecycle.table import TRANSITIONS

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
TWO_FOR_FIRE = Policy(steps=(Step(after_s=0, who=("everyone",)),), repeat_s=30, return_s=120, acknowledgements=2)
POLICIES = DEFAULT_POLICIES.with_chosen((Chosen(policy=TWO_FOR_FIRE, kinds=(AlarmKind.FIRE,)),))
GUARDED = (
    ConfirmFire,
    Recovered,
    Resolve,
    Acknowledge,
    Shelve,
    Unshelve,
    ShelfOver,
    StepDue,
    ReturnDue,
    SetOut,
    TurnBack,
)
PLANNED = Suppressed(how=Suppression.PLANNED, reason="pump test", by="wu", at=START, until=START + timedelta(hours=1))

onsets = st.builds(
    Onset,
    rule=st.just("help_call"),
    subject=st.just("device:x"),
    kind=st.sampled_from(AlarmKind),
    priority=st.sampled_from(Priority),
    latching=st.booleans(),
    momentary=st.booleans(),
    identity=st.just(Identity(site_id="pine")),
    record=st.text(max_size=5),
    raised_at=st.just(START),
    received_at=st.just(START),
    flags=st.sampled_from([(), (Flag.TEST,), (Flag.LATE,), (Flag.DRILL,)]),
    suppressed=st.sampled_from([None, None, None, PLANNED]),
)
people = st.sampled_from(["li", "zhao"])
events = st.one_of(
    st.builds(
        Recurred, at=st.just(START), received_at=st.just(START), priority=st.sampled_from([None, None, *Priority])
    ),
    st.builds(Confirmed, at=st.just(START), priority=st.sampled_from(Priority)),
    st.builds(ConfirmFire, by=people),
    st.builds(Recovered, at=st.just(START)),
    st.builds(Cleared, at=st.just(START)),
    st.builds(Acknowledge, by=people),
    st.builds(Attend, by=people),
    st.builds(Stay, until=st.just(START + timedelta(hours=1))),
    st.builds(
        Resolve,
        by=people,
        disposition=st.sampled_from(Disposition),
        reached=st.sampled_from([None, *Reached]),
    ),
    st.builds(
        Shelve,
        by=people,
        reason=st.sampled_from(["", "renovation"]),
        until=st.sampled_from([START + timedelta(hours=hours) for hours in (0, 2, 25)]),
        second=st.sampled_from([None, "li", "zhao"]),
    ),
    st.builds(Unshelve, by=people),
    st.builds(Assign, by=people, to=st.sampled_from(["user:li", "user:zhao"])),
    st.just(ShelfOver()),
    st.builds(SetOut, by=people, until=st.sampled_from([START + timedelta(hours=hours) for hours in (0, 1, 9)])),
    st.builds(TurnBack, by=people),
    st.just(NotArrived()),
    st.builds(Note, by=people, note=st.just("x")),
    st.just(StepDue()),
    st.just(ReturnDue()),
    st.builds(ClockSet, by_s=st.sampled_from([-3600.0, -0.6, 0.6, 3600.0])),
)


def waits(alarm: Alarm, now: datetime) -> list[timedelta | None]:
    """How long it still waits."""
    return [at and at - now for at in (alarm.next_step_at, alarm.return_at)]


def holds(alarm: Alarm) -> None:
    """What is true of every alarm at every moment."""
    policy = policy_of(alarm, POLICIES)
    waits = policy.steps and Flag.TEST not in alarm.flags and alarm.suppressed is None and alarm.is_open
    assert (alarm.next_step_at is not None) == bool(waits and not alarm.answered), "who is waited for is told on"
    if alarm.response in (Response.ACKNOWLEDGED, Response.ATTENDED):
        returns = policy.return_s is not None and alarm.suppressed is None
        assert (alarm.return_at is not None) == returns, "a forgotten alarm that never returns"
        assert alarm.acknowledged is not None
    if alarm.suppressed is not None:
        assert alarm.next_step_at is None
        assert alarm.return_at is None
        assert alarm.suppressed.until - alarm.suppressed.at <= timedelta(hours=24), "put aside for ever"
    assert len({one.by for one in alarm.coming}) == len(alarm.coming), "one person is on one way"
    assert all(one.at - one.until < LONGEST_WAY for one in alarm.coming), "on the way backwards"
    assert len({taker.by for taker in alarm.takers}) == len(alarm.takers), "one person counts once"
    if alarm.response is Response.RESOLVED:
        assert alarm.next_step_at is None
        assert alarm.return_at is None
        assert alarm.resolved is not None
        assert alarm.suppressed is None
        assert alarm.coming == (), "nobody is on the way to what is over"
        assert alarm.resolved.by != "system" or not alarm.latching, "only a person resolves what latches"
    if alarm.is_near_fall:
        assert alarm.next_step_at is None, "a near fall wakes nobody"
        assert alarm.return_at is None, "nor does it come back"
        assert alarm.priority is Priority.LOW
        assert alarm.condition is Condition.CLEARED
    assert (alarm.cleared_at is None) == (alarm.condition is Condition.ACTIVE)


@given(onsets, st.lists(st.tuples(events, st.integers(0, 300)), max_size=25))
def test_every_history_keeps_the_promises(onset: Onset, history: list[tuple[Event, int]]) -> None:
    now = START
    alarm, effects = open_alarm(alarm_of(onset), Reason.NEW_ALARM, now, POLICIES)
    assert any(isinstance(effect, Notify | DoNotNotify) for effect in effects), "told, or not told with a reason"
    holds(alarm)
    for event, seconds in history:
        now += timedelta(seconds=seconds)
        before, before_at = alarm, now
        if isinstance(event, ClockSet):
            now += timedelta(seconds=event.by_s)
        try:
            alarm, effects = step(alarm, event, now, POLICIES)
        except TransitionError as error:
            refused = error
        else:
            refused = None
        if refused is not None:
            assert refused.response is before.response
            assert (before.response, type(event)) not in TRANSITIONS or isinstance(event, GUARDED)
            continue
        if isinstance(event, ClockSet):
            assert waits(alarm, now) == waits(before, before_at)
            assert all(was.at >= taker.at for was, taker in zip(before.takers, alarm.takers, strict=True))
        assert alarm.version == before.version + 1
        assert alarm.alarm_id == before.alarm_id
        assert alarm.count >= before.count
        is_more_urgent = alarm.priority.rank < before.priority.rank and alarm.suppressed is None
        returned = alarm.response is Response.NEW and (
            before.response is not Response.NEW or isinstance(event, Unshelve | ShelfOver) or is_more_urgent
        )
        assert returned == (alarm.round == before.round + 1)
        if isinstance(event, Recovered):
            assert not any(isinstance(effect, Notify) for effect in effects)
        else:
            assert alarm.priority.rank <= before.priority.rank, "only a recovery lowers"
        if not isinstance(event, Recurred):
            assert alarm.count == before.count
        if is_more_urgent:
            assert (alarm.response is Response.NEW) == returned, "told anew, or somebody has answered"
        if returned:
            assert any(isinstance(effect, Notify | DoNotNotify) for effect in effects), "it came back and rang nowhere"
        holds(alarm)


@given(onsets)
def test_the_same_onset_is_the_same_alarm_and_another_record_another(onset: Onset) -> None:
    other = Onset(**{name: getattr(onset, name) for name in onset.__slots__} | {"record": onset.record + "x"})
    assert alarm_id(onset) == alarm_id(onset)
    assert alarm_id(onset) != alarm_id(other)


def is_urgent(onset: Onset) -> bool:
    return Flag.TEST not in onset.flags and onset.priority is Priority.EMERGENCY and onset.suppressed is None


@given(onsets.filter(is_urgent))
def test_an_emergency_that_nobody_answers_is_told_again_without_end(onset: Onset) -> None:
    alarm, _ = open_alarm(alarm_of(onset), Reason.NEW_ALARM, START)
    told = 0
    for _ in range(500):
        assert alarm.next_step_at is not None
        now = alarm.next_step_at
        alarm, effects = step(alarm, StepDue(), now)
        told += sum(isinstance(effect, Notify) for effect in effects)
        assert alarm.next_step_at is not None
        assert timedelta(0) < alarm.next_step_at - now <= timedelta(seconds=60)
    assert told == 500
