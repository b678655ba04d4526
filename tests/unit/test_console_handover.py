"""What a hand-over is about: the shift that ends, its figures, and what stands out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alarms.lifecycle.alarm import Act, Alarm, AlarmKind, Disposition, Flag, Priority
from alarms.lifecycle.rota import Layer, Rota
from console.handover.shift import Span, period_of
from console.handover.summary import answered_after_s, summarise
from tests.console_desk import an_alarm

DAY = Layer(
    members=("user:li",), starts_on=date(2026, 1, 1), hand_over=time(8), turn_days=7, begin=time(8), end=time(20),
    weekdays=frozenset(range(7)),
)  # fmt: skip
NIGHT = replace(DAY, members=("user:zhao",), begin=time(20), end=time(8))
ROTA = Rota(rota_id="main", site_id="home", name="main", timezone="Asia/Shanghai", layers=(DAY, NIGHT), overrides=())


def at(hour: int, minute: int = 0) -> datetime:
    """On the home's clock."""
    return datetime(2026, 3, 5, hour, minute, tzinfo=ROTA.zone())


def test_before_the_change_it_is_the_running_shift_and_after_it_the_one_before() -> None:
    before = period_of([ROTA], at(19, 30), Span.SHIFT)
    assert (before.since, before.leaving, before.coming) == (at(8), ("user:li",), ("user:zhao",))
    assert before.changes_at == at(20)
    after = period_of([ROTA], at(20, 20), Span.SHIFT)
    assert (after.since, after.leaving, after.coming) == (at(8), ("user:li",), ("user:zhao",))
    assert after.changes_at == at(20)
    late = period_of([ROTA], at(23), Span.SHIFT)
    assert (late.since, late.leaving, late.coming) == (at(20), ("user:zhao",), ("user:li",))


def test_without_a_rota_it_is_half_a_day_and_a_day_is_a_day() -> None:
    assert period_of([], at(12), Span.SHIFT).since == at(12) - timedelta(hours=12)
    assert period_of([ROTA], at(12), Span.DAY).since == at(12) - timedelta(hours=24)


def test_somebody_who_is_always_on_duty_hands_over_half_a_day() -> None:
    always = replace(ROTA, layers=(replace(DAY, begin=time(0), end=time(0)),))
    period = period_of([always], at(12), Span.SHIFT)
    assert (period.since, period.leaving) == (at(12) - timedelta(hours=12), ("user:li",))


@given(st.integers(0, 365 * 24 * 60))
def test_a_hand_over_never_looks_ahead_and_never_more_than_a_day_back_with_two_shifts(minute: int) -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=minute)
    period = period_of([ROTA], now, Span.SHIFT)
    assert now - timedelta(hours=14) <= period.since <= now
    assert period.leaving != period.coming


def answered(seconds: float | None, **changes: object) -> Alarm:
    alarm = an_alarm(age_s=4000)
    act = None if seconds is None else Act(by="li", at=alarm.received_at + timedelta(seconds=seconds))
    return replace(alarm, acknowledged=act, **changes)  # type: ignore[arg-type]  # fields of the alarm


def test_figures_are_of_the_real_alarms_and_name_the_late_ones() -> None:
    quick, slow, slowest = answered(5), answered(90, note="摔倒后扶起"), answered(300)
    leak = answered(900, kind=AlarmKind.LEAK, priority=Priority.HIGH, disposition=Disposition.FALSE_ALARM)
    drill, test = answered(500, flags=(Flag.DRILL,)), answered(500, disposition=Disposition.TEST)
    found = summarise([quick, slow, slowest, leak, drill, test], at(23))
    assert (found.total, found.urgent, found.median_answer_s, found.false_alarms) == (4, 3, 90.0, 1)
    assert found.late == [slowest, slow]
    assert found.noted == [], "it is among the late ones already"
    assert summarise([answered(5, note="x")], at(23)).noted[0].note == "x"
    assert found.kinds == [(AlarmKind.HELP_CALL, 3), (AlarmKind.LEAK, 1)]


def test_who_still_waits_is_late_too() -> None:
    waiting, new = an_alarm(age_s=200), an_alarm("a-2", age_s=20)
    found = summarise([new, waiting, answered(90)], waiting.received_at + timedelta(seconds=200))
    assert [answered_after_s(alarm) for alarm in found.late] == [None, 90]
    assert found.median_answer_s == 90


def test_who_comes_without_a_word_has_answered() -> None:
    alarm = an_alarm(age_s=100)
    come = replace(alarm, attended=Act(by="li", at=alarm.received_at + timedelta(seconds=7)))
    assert answered_after_s(come) == 7
    assert answered_after_s(alarm) is None
    assert summarise([], at(23)).median_answer_s is None
