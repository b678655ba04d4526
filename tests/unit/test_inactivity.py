"""No sign of life: what a home's meter says, and when somebody is asked, then told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from alarms.core.inactivity.clock import SLOT_S, SLOTS, LocalClock
from alarms.core.inactivity.meters import Meters
from alarms.core.inactivity.silence import ASK_FIRST_S, SETTLE_S, Silence
from alarms.core.inactivity.steps import Step, Told
from alarms.core.inactivity_evidence import of_silence
from alarms.core.saved import pack, unpack
from tests.quiet_home import DAY_MIN, boiler_w, house_w, person_w, pump_w
from tests.silent_home import BUSY, LEARNED, MIDNIGHT_S, ZONE, again, home, live, move, three_weeks


def test_what_people_switch_weighs_more_than_what_the_house_does() -> None:
    meters = again(three_weeks()).signs.meters
    fridge, kettle, lamp = (
        float(meters.weight[0, place]) for place in (int(np.log(w / 8) / np.log(1.25)) for w in (85, 2000, 45))
    )
    assert fridge < 1 < lamp
    assert kettle > 1


def test_a_sample_a_second_says_what_a_sample_a_minute_says() -> None:
    minutes = np.random.default_rng(5).integers(50, 2000, 60).astype(np.float64)
    slow, fast = Meters(1), Meters(1)
    row = np.zeros(1, np.int64)
    for minute, watts in enumerate(minutes):
        slow.update(row, np.array([minute * 60.0]), np.array([watts]))
        for second in range(60):
            fast.update(row, np.array([minute * 60.0 + second]), np.array([watts]))
    slow.take(3600)
    fast.take(3600)
    assert np.array_equal(slow.now, fast.now)


def test_nobody_is_asked_while_somebody_lives_as_usual() -> None:
    days = 7
    usual = (house_w(LEARNED + days, 3) + person_w(LEARNED + days, 3))[LEARNED * DAY_MIN :]
    assert [one.step for one in live(again(three_weeks()), usual, LEARNED * DAY_MIN)] == []


def test_who_does_not_get_up_is_asked_and_half_an_hour_later_it_alarms() -> None:
    told = live(again(three_weeks()), house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :], LEARNED * DAY_MIN)
    assert [one.step for one in told] == [Step.ASK, Step.ALARM]
    asked, alarmed = told
    assert alarmed.at_s - asked.at_s >= ASK_FIRST_S
    assert 7 <= (asked.at_s - MIDNIGHT_S) / 3600 - LEARNED * 24 <= 13
    assert alarmed.days >= alarmed.of_days - 1


def test_a_week_away_is_one_question_and_one_alarm_and_life_ends_it() -> None:
    silence = again(three_weeks())
    told = live(silence, house_w(LEARNED + 7, 3)[LEARNED * DAY_MIN :], LEARNED * DAY_MIN)
    assert [one.step for one in told] == [Step.ASK, Step.ALARM]
    back = (house_w(LEARNED + 9, 3) + person_w(LEARNED + 9, 3))[(LEARNED + 7) * DAY_MIN :]
    assert [one.step for one in live(silence, back, (LEARNED + 7) * DAY_MIN)] == [Step.OVER]


def test_days_after_an_alarm_are_not_learned() -> None:
    silence = again(three_weeks())
    shares = silence.any.rhythm.shares(0)
    live(silence, house_w(LEARNED + 5, 3)[LEARNED * DAY_MIN :], LEARNED * DAY_MIN)
    later = silence.any.rhythm.shares(0)
    assert np.nanmean(later) > 0.9 * np.nanmean(shares)


def test_somebody_who_answers_ends_the_question_and_silence_counts_anew() -> None:
    silence = again(three_weeks())
    watts = house_w(LEARNED + 3, 3)[LEARNED * DAY_MIN :]
    told: list[Told] = []
    for five in range(0, len(watts), 5):
        told += live(silence, watts[five : five + 5], LEARNED * DAY_MIN + five)
        if [one.step for one in told] == [Step.ASK]:
            told += silence.answer(0, told[0].at_s)
    assert [one.step for one in told] == [Step.ASK, Step.OVER, Step.ASK, Step.ALARM]
    assert told[2].at_s - told[0].at_s >= 2 * 3600
    assert told[2].since_s >= told[0].at_s - 300


def test_a_home_that_is_away_is_not_asked_and_learns_nothing() -> None:
    silence = again(three_weeks())
    shares = silence.any.rhythm.shares(0)
    silence.away[0] = True
    assert live(silence, house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :], LEARNED * DAY_MIN) == []
    assert np.nanmean(silence.any.rhythm.shares(0)) >= np.nanmean(shares) - 0.02


def test_days_away_are_no_days_that_are_known() -> None:
    silence = home(0, sensed=True)
    silence.away[:] = True
    move(silence, 0, 9, ())
    silence.away[:] = False
    assert not np.isfinite(silence.any.bar.alarms_at()[0])
    assert move(silence, 9, 1, ()) == []


def test_nobody_is_asked_in_the_first_week() -> None:
    silence = home(0, sensed=True)
    told = move(silence, 0, 3, BUSY) + move(silence, 3, 4, ())
    assert told == []


def test_sensors_alone_tell_too_and_blind_ones_do_not() -> None:
    silence = home(0, sensed=True)
    assert move(silence, 0, 14, BUSY) == []
    state = pack(*silence.saved())
    assert [one.step for one in move(silence, 14, 1, ())] == [Step.ASK, Step.ALARM]
    blind = Silence(LocalClock([ZONE]), np.zeros(0, np.int64), np.array([True]))
    facts, arrays = unpack(state)
    one, none = np.arange(1), np.arange(0)
    blind.restore(facts, arrays, (one, one), (none, none))
    for slot in range(14 * SLOTS, 15 * SLOTS):
        assert blind.tick(MIDNIGHT_S + (slot + 1) * SLOT_S + SETTLE_S, np.array([True])) == []


def test_a_state_comes_back_exactly_and_goes_on_alike() -> None:
    watts = house_w(LEARNED + 1, 3)[LEARNED * DAY_MIN :]
    straight, stopped = again(three_weeks()), again(three_weeks())
    expected = live(straight, watts, LEARNED * DAY_MIN)
    half = len(watts) // 2 + 3
    told = live(stopped, watts[:half], LEARNED * DAY_MIN)
    stopped = again(pack(*stopped.saved()))
    told += live(stopped, watts[half:], LEARNED * DAY_MIN + half)
    assert told == expected
    assert pack(*straight.saved()) == pack(*stopped.saved())


@pytest.mark.parametrize("out", [False, True])
def test_a_state_without_what_is_newer_is_taken_over_as_far_as_it_goes(out: bool) -> None:
    facts, arrays = unpack(three_weeks())
    silence, one = home(), np.arange(1)
    known = {name: of for name, of in arrays.items() if ".sure_" not in name and ".out_" not in name}
    silence.restore(facts, known, (one, one), (one, one))
    silence.any.out[:] = silence.sure.out[:] = out
    told = live(silence, house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :], LEARNED * DAY_MIN)
    assert [one.step for one in told] == [Step.ASK, Step.ALARM]


def test_a_batch_of_many_is_many_batches_of_one() -> None:
    rng = np.random.default_rng(11)
    size, minutes = 4, 300
    watts = rng.integers(0, 3000, (minutes, size)).astype(np.float64)
    together, apart = Meters(size), Meters(size)
    every = np.arange(size)
    for minute in range(minutes):
        together.update(every, np.full(size, minute * 60.0), watts[minute])
        for row in rng.permutation(size):
            apart.update(np.array([row]), np.array([minute * 60.0]), watts[minute, row : row + 1])
        if minute % 120 == 119:
            together.end_part(every, np.full(size, minute // 120))
            for row in every:
                apart.end_part(np.array([row]), np.array([minute // 120]))
    for name in Meters.STATE:
        assert np.array_equal(getattr(together, name), getattr(apart, name), equal_nan=True), name


def test_a_clock_that_is_set_moves_what_is_due() -> None:
    silence = home(0, sensed=True)
    move(silence, 0, 14, BUSY)
    began_at = silence.began_at
    silence.clock_set(3600)
    assert silence.began_at == began_at + 3600
    assert silence.tick(began_at + 3600) == []


@pytest.mark.parametrize("machine_w", [pump_w, boiler_w])
def test_a_machine_that_runs_by_day_alone_is_nobody(machine_w: Callable[[int, int], NDArray[np.float64]]) -> None:
    days, rng = 30, np.random.default_rng(5)
    silence = home()
    alone = house_w(days + 3, 7) + machine_w(days + 3, 7)
    lived = days * DAY_MIN + 9 * 60
    people = person_w(days + 1, 7)[:lived]
    for day in np.flatnonzero(rng.random(days) < 0.5).tolist():  # they go out for some hours
        begin = day * DAY_MIN + int(rng.integers(480, 960))
        people[begin : begin + 210] = 0
    told = live(silence, alone[:lived] + people)
    assert len([one for one in told if one.step is Step.ALARM]) <= 1, "somebody lives there"
    told = live(silence, alone[lived:], lived)
    assert [one.step for one in told][:2] == [Step.ASK, Step.ALARM], "the machine goes on"
    alarm = told[1]
    assert alarm.at_s - MIDNIGHT_S - lived * 60 <= 32 * 3600
    assert alarm.sure == ("sign that only people cause" in of_silence(alarm, LocalClock([ZONE]), silence)["text"])
    assert not [one for one in told[:2] if one.step is Step.OVER]
    if machine_w is pump_w:
        assert alarm.sure, "the pump is a sign, though no sure one"


def test_the_state_of_a_home_with_a_meter_stays_under_eight_kilobytes() -> None:
    size = 100
    silence = Silence(LocalClock([ZONE] * size), np.arange(size), np.zeros(size, np.bool_))
    assert silence.nbytes() / size <= 8192
