"""How much silence a home is used to."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from alarms.core.inactivity.bar import Bar
from alarms.core.inactivity.clock import SLOT_S, SLOTS, LocalClock
from alarms.core.inactivity.longest import Longest
from alarms.core.inactivity.silence import SETTLE_S, Silence
from alarms.core.inactivity.steps import Step, Told
from tests.silent_home import BUSY, MIDNIGHT_S, home, move


def end_day(of: Bar | Longest, day: int, reached: float) -> None:
    """A day that has seen so much; NaN: too little of it is known."""
    one, most = np.ones(1, np.bool_), np.nan_to_num(np.array([reached]))
    if isinstance(of, Longest):
        of.reach(most.astype(np.int32), one)
    else:
        of.reach(most.astype(np.float32), one)
    of.end_day(np.zeros(1, np.int64), np.array([day]), one & np.isfinite(reached))


def test_the_third_longest_silence_of_eight_weeks_is_a_bar_that_two_days_away_do_not_lift() -> None:
    longest = Longest(1, 1.3)
    assert longest.bar[0] == np.inf
    for day in range(56):
        end_day(longest, day, 90.0 + day % 28)
        assert np.isfinite(longest.bar[0]) == (day + 1 >= 7)
        assert day + 1 != 7 or longest.bar[0] > 1.7 * 94, "few days know little"
    assert longest.bar[0] == pytest.approx(1.3 * 116)
    end_day(longest, 56, np.nan)
    assert longest.bar[0] == pytest.approx(1.3 * 116, rel=0.01), "an unknown day is none"
    for day in (57, 58):
        end_day(longest, day, 288.0)
    assert longest.bar[0] < 1.3 * 118


def test_two_days_off_the_usual_do_not_lift_the_bar_and_an_alarm_does_for_a_while() -> None:
    bar = Bar(1, 4 / 3)
    for day in range(60):
        end_day(bar, day, 9.0 if day in (30, 40) else 5.0)
        assert np.isfinite(bar.alarms_at()[0]) == (day + 1 >= 7)
        assert day + 1 != 10 or bar.alarms_at()[0] > 4 / 3 * 5 + 1, "few days know little"
    assert bar.alarms_at()[0] == pytest.approx(4 / 3 * 5)
    bar.lifted[0] = 1
    assert bar.alarms_at()[0] == pytest.approx(1.75 * 4 / 3 * 5)
    for day in range(60, 90):
        end_day(bar, day, 5.0)
    assert bar.alarms_at()[0] == pytest.approx(4 / 3 * 5, rel=0.05)


def test_a_home_that_is_never_silent_is_not_asked_about_a_pause() -> None:
    bar, longest = Bar(1, 4 / 3), Longest(1, 1.3)
    for day in range(60):
        end_day(bar, day, 0.01)
        end_day(longest, day, 1.0)
    assert bar.alarms_at()[0] == 3
    assert longest.bar[0] == 12, "an hour"


def test_who_lives_without_any_rhythm_is_told_of_once_it_is_longer_than_ever() -> None:
    silence, random = home(0, sensed=True), np.random.default_rng(5)
    told: list[Told] = []
    for hour in range(40 * 24):
        stirs = 4 if hour >= 40 * 24 - 12 else int(random.random() < 0.2)
        silence.event(np.array([0]), np.array([stirs]))
        told += silence.tick(MIDNIGHT_S + hour * 3600.0)
    lived = len(told)
    longest_h = float(silence.any.longest.bar[0]) / 12
    for hour in range(40 * 24, 44 * 24):
        told += silence.tick(MIDNIGHT_S + hour * 3600.0)
    alarm = next(one for one in told[lived:] if one.step is Step.ALARM)
    assert (alarm.at_s - alarm.since_s) / 3600 <= longest_h + 1


@pytest.mark.parametrize("somebody_answers", [False, True])
def test_after_a_question_that_was_not_needed_it_takes_more_until_the_next(*, somebody_answers: bool) -> None:
    silence = home(0, sensed=True)
    move(silence, 0, 14, BUSY)
    for slot in range(14 * SLOTS, 15 * SLOTS):
        told = silence.tick(MIDNIGHT_S + (slot + 1) * SLOT_S + SETTLE_S)
        if told:
            break
    asked, usual = told[0], float(silence.any.bar.alarms_at()[0])
    assert asked.step is Step.ASK
    if somebody_answers:
        over = silence.answer(0, asked.at_s)
    else:
        silence.event(np.zeros(1, np.int64), np.full(1, 4))
        over = silence.tick(asked.at_s + SLOT_S + SETTLE_S)
    assert [one.step for one in over] == [Step.OVER]
    assert silence.any.bar.alarms_at()[0] == pytest.approx(1.25 * usual)
    move(silence, 15, 28, BUSY)
    assert silence.any.bar.lifted[0] < 0.05, "it is forgotten within weeks"


def test_the_hour_that_comes_twice_in_autumn_does_not_end_the_day_again() -> None:
    midnight_s = datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    silence = Silence(LocalClock(["Europe/Berlin"]), np.zeros(0, np.int64), np.array([True]))
    silence.tick(midnight_s - 9 * 86_400)
    for slot in range(-9 * SLOTS, SLOTS // 4):
        stir(silence, slot)
        silence.tick(midnight_s + (slot + 1) * SLOT_S + SETTLE_S)
        if slot == 0:
            lengths = silence.any.longest.lengths.copy()
    assert np.count_nonzero(lengths) == 9
    assert np.array_equal(silence.any.longest.lengths, lengths)


@pytest.mark.parametrize("by_s", [-1800, 1800])
def test_a_clock_that_is_set_over_midnight_ends_the_day_once(by_s: int) -> None:
    silence = home(0, sensed=True)
    for slot in range(9 * SLOTS + (3 if by_s < 0 else -3)):
        stir(silence, slot)
        silence.tick(MIDNIGHT_S + (slot + 1) * SLOT_S + SETTLE_S)
    lengths = silence.any.longest.lengths.copy()
    silence.clock_set(by_s)
    silence.tick(MIDNIGHT_S + 9 * 86_400 + 7200)
    assert np.count_nonzero(silence.any.longest.lengths) == 9
    if by_s < 0:
        assert np.array_equal(silence.any.longest.lengths, lengths), "yesterday stays as it was"


def stir(silence: Silence, slot: int) -> None:
    """At eight and at eleven in the evening."""
    if slot % SLOTS in (96, 276):
        silence.event(np.zeros(1, np.int64), np.full(1, 4))
