"""No sign of life: what a home's meter says, and when somebody is asked, then told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alarms.core.inactivity.bar import Bar
from alarms.core.inactivity.clock import SLOT_S, SLOTS, LocalClock, is_rest
from alarms.core.inactivity.longest import Longest
from alarms.core.inactivity.meters import Meters
from alarms.core.inactivity.rhythm import DAYS, Rhythm
from alarms.core.inactivity.silence import ASK_FIRST_S, SETTLE_S, Silence
from alarms.core.inactivity.steps import Step, Told
from alarms.core.inactivity_evidence import of_silence
from alarms.core.saved import pack, unpack
from tests.naive_inactivity import NaiveRhythm
from tests.quiet_home import DAY_MIN, boiler_w, house_w, person_w, pump_w

ZONE = "Asia/Shanghai"
MIDNIGHT_S = 1_764_000_000.0 // 86_400 * 86_400 - 8 * 3600
LEARNED = 21


def home(meters: int = 1, *, sensed: bool = False) -> Silence:
    silence = Silence(LocalClock([ZONE]), np.zeros(meters, np.int64), np.array([sensed]))
    silence.tick(MIDNIGHT_S)
    return silence


def live(silence: Silence, watts: NDArray[np.float64], first_min: int = 0) -> list[Told]:
    """A sample a minute; NaN: none."""
    told: list[Told] = []
    for minute, value in enumerate(watts, first_min):
        at_s = MIDNIGHT_S + minute * 60.0
        if np.isfinite(value):
            silence.power(np.zeros(1, np.int64), np.array([at_s]), np.array([value]))
        if (minute + 1) % 5 == 0:
            told += silence.tick(at_s + 60 + SETTLE_S)
    return told


def move(
    silence: Silence, first_day: int, days: int, hours: tuple[float, ...], *, doors: tuple[float, ...] = ()
) -> list[Told]:
    """A sensor notices somebody at these hours of each day, the front door at those."""
    told: list[Told] = []
    for slot in range(first_day * SLOTS, (first_day + days) * SLOTS):
        for noticed, door in ((hours, False), (doors, True)):
            if any(int(hour * 12) == slot % SLOTS for hour in noticed):
                silence.event(np.zeros(1, np.int64), np.full(1, 3), door=door)
        told += silence.tick(MIDNIGHT_S + (slot + 1) * SLOT_S + SETTLE_S)
    return told


BUSY = tuple(7 + 0.5 * number for number in range(31))


@pytest.fixture(scope="module")
def learned() -> bytes:
    """Three weeks of somebody who gets up at seven."""
    silence = home()
    live(silence, house_w(LEARNED, 3) + person_w(LEARNED, 3))
    return pack(*silence.saved())


def again(state: bytes) -> Silence:
    silence = home()
    facts, arrays = unpack(state)
    one = np.arange(1)
    silence.restore(facts, arrays, (one, one), (one, one))
    return silence


def test_what_people_switch_weighs_more_than_what_the_house_does(learned: bytes) -> None:
    meters = again(learned).signs.meters
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


def test_nobody_is_asked_while_somebody_lives_as_usual(learned: bytes) -> None:
    days = 7
    usual = (house_w(LEARNED + days, 3) + person_w(LEARNED + days, 3))[LEARNED * DAY_MIN :]
    assert [one.step for one in live(again(learned), usual, LEARNED * DAY_MIN)] == []


def test_who_does_not_get_up_is_asked_and_half_an_hour_later_it_alarms(learned: bytes) -> None:
    told = live(again(learned), house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :], LEARNED * DAY_MIN)
    assert [one.step for one in told] == [Step.ASK, Step.ALARM]
    asked, alarmed = told
    assert alarmed.at_s - asked.at_s >= ASK_FIRST_S
    assert 7 <= (asked.at_s - MIDNIGHT_S) / 3600 - LEARNED * 24 <= 13
    assert alarmed.days >= alarmed.of_days - 1


def test_a_week_away_is_one_question_and_one_alarm_and_life_ends_it(learned: bytes) -> None:
    silence = again(learned)
    told = live(silence, house_w(LEARNED + 7, 3)[LEARNED * DAY_MIN :], LEARNED * DAY_MIN)
    assert [one.step for one in told] == [Step.ASK, Step.ALARM]
    back = (house_w(LEARNED + 9, 3) + person_w(LEARNED + 9, 3))[(LEARNED + 7) * DAY_MIN :]
    assert [one.step for one in live(silence, back, (LEARNED + 7) * DAY_MIN)] == [Step.OVER]


def test_days_after_an_alarm_are_not_learned(learned: bytes) -> None:
    silence = again(learned)
    shares = silence.any.rhythm.shares(0)
    live(silence, house_w(LEARNED + 5, 3)[LEARNED * DAY_MIN :], LEARNED * DAY_MIN)
    later = silence.any.rhythm.shares(0)
    assert np.nanmean(later) > 0.9 * np.nanmean(shares)


def test_somebody_who_answers_ends_the_question_and_silence_counts_anew(learned: bytes) -> None:
    silence = again(learned)
    watts = house_w(LEARNED + 3, 3)[LEARNED * DAY_MIN :]
    told: list[Told] = []
    for five in range(0, len(watts), 5):
        told += live(silence, watts[five : five + 5], LEARNED * DAY_MIN + five)
        if [one.step for one in told] == [Step.ASK]:
            told += silence.answer(0, told[0].at_s)
    assert [one.step for one in told] == [Step.ASK, Step.OVER, Step.ASK, Step.ALARM]
    assert told[2].at_s - told[0].at_s >= 2 * 3600
    assert told[2].since_s >= told[0].at_s - 300


def test_a_home_that_is_away_is_not_asked_and_learns_nothing(learned: bytes) -> None:
    silence = again(learned)
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


def test_a_meter_that_is_not_heard_is_no_silence(learned: bytes) -> None:
    assert live(again(learned), np.full(2 * DAY_MIN, np.nan), LEARNED * DAY_MIN) == []


def test_a_meter_that_drops_out_for_an_hour_again_and_again_hides_nobody(learned: bytes) -> None:
    silence = again(learned)
    watts = house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :]
    for begin in range(0, len(watts), 4 * 60):
        watts[begin : begin + 60] = np.nan
    told = live(silence, watts, LEARNED * DAY_MIN)
    assert [one.step for one in told] == [Step.ASK, Step.ALARM]
    alarmed = told[1]
    since_midnight = alarmed.at_s - MIDNIGHT_S - LEARNED * 86_400
    assert since_midnight < 16 * 3600
    assert alarmed.missed_s >= since_midnight // (4 * 3600) * 3600
    assert alarmed.since_s < MIDNIGHT_S + LEARNED * 86_400
    assert "h of it could not be judged" in of_silence(alarmed, LocalClock([ZONE]), silence)["text"]


def test_after_six_hours_of_which_nothing_is_known_silence_begins_anew(learned: bytes) -> None:
    for hours, goes_on in ((5, True), (7, False)):
        silence = again(learned)
        watts = house_w(LEARNED + 1, 3)[LEARNED * DAY_MIN :][: 12 * 60]
        watts[2 * 60 : (2 + hours) * 60] = np.nan
        live(silence, watts, LEARNED * DAY_MIN)
        lasted = (int(silence.any.silent[0]) + int(silence.any.missed[0])) * SLOT_S
        assert (lasted >= 12 * 3600) is goes_on


def test_a_question_that_nobody_answered_becomes_an_alarm_though_the_meter_is_not_heard_any_more(
    learned: bytes,
) -> None:
    silence = again(learned)
    watts = house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :]
    told: list[Told] = []
    for five in range(0, len(watts), 5):
        told += live(silence, np.full(5, np.nan) if told else watts[five : five + 5], LEARNED * DAY_MIN + five)
    asked, alarmed = told
    assert (asked.step, alarmed.step) == (Step.ASK, Step.ALARM)
    assert alarmed.at_s - asked.at_s == 12 * 3600
    assert alarmed.missed_s == 12 * 3600


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


def test_who_went_through_the_door_has_longer() -> None:
    alarmed_at = []
    for door in (False, True):
        silence = home(0, sensed=True)
        move(silence, 0, 14, BUSY)
        told = move(silence, 14, 1, (7.0,), doors=(7.0,) if door else ()) + move(silence, 15, 1, ())
        alarm = next(one for one in told if one.step is Step.ALARM)
        alarmed_at.append(alarm.at_s)
        assert ("last heard at the front door" in of_silence(alarm, LocalClock([ZONE]), silence)["text"]) is door
    assert alarmed_at[1] > alarmed_at[0]


def test_a_door_sensor_tells_silence_at_home_from_hours_out() -> None:
    """They go out at nine on all days, for four or six hours, and one day stir for the last time at half past eight."""
    alarmed_at = []
    for has_door in (False, True):
        silence = home(0, sensed=True)
        for day in range(28):
            way = (9.0, 13.0 + 2 * (day % 2))
            indoors = tuple(hour for hour in BUSY if not way[0] <= hour <= way[1])
            assert move(silence, day, 1, indoors if has_door else indoors + way, doors=way if has_door else ()) == []
        told = move(silence, 28, 1, (7.0, 7.5, 8.0, 8.5))
        alarmed_at.append(next(one.at_s for one in told if one.step is Step.ALARM))
    without_h, with_h = ((at_s - MIDNIGHT_S) / 3600 - 28 * 24 - 8.5 for at_s in alarmed_at)
    assert without_h > 6
    assert with_h < 3


def test_a_state_comes_back_exactly_and_goes_on_alike(learned: bytes) -> None:
    watts = house_w(LEARNED + 1, 3)[LEARNED * DAY_MIN :]
    straight, stopped = again(learned), again(learned)
    expected = live(straight, watts, LEARNED * DAY_MIN)
    half = len(watts) // 2 + 3
    told = live(stopped, watts[:half], LEARNED * DAY_MIN)
    stopped = again(pack(*stopped.saved()))
    told += live(stopped, watts[half:], LEARNED * DAY_MIN + half)
    assert told == expected
    assert pack(*straight.saved()) == pack(*stopped.saved())


@pytest.mark.parametrize("out", [False, True])
def test_a_state_without_what_is_newer_is_taken_over_as_far_as_it_goes(learned: bytes, out: bool) -> None:
    facts, arrays = unpack(learned)
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


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_rhythm_is_that_of_its_slow_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rhythm, twin = Rhythm(1), NaiveRhythm()
    one = np.array([True])
    rhythm.begin(one)
    twin.begin()
    chance = rng.random(SLOTS) ** 2
    watched = set(rng.integers(0, SLOTS, 3).tolist())
    for day in range(20_000, 20_000 + DAYS + 3):
        rhythm.turn(np.zeros(1, np.int64), np.array([day]))
        twin.turn(day)
        for slot in range(0, SLOTS, 4):
            sign, known = bool(rng.random() < chance[slot]), bool(rng.random() < 0.95)
            here, today = np.array([slot]), np.array([day])
            if slot in watched or slot + 1 in watched:
                assert rhythm.surprise(here, today)[0] == pytest.approx(twin.surprise(slot, day), rel=1e-4)
            if known and not sign:
                rhythm.go_on(here, one)
                twin.go_on(slot)
            elif sign:
                rhythm.begin(one)
                twin.begin()
            rhythm.learn(here, today, np.array([sign]), np.array([known]))
            twin.learn(slot, day, sign=sign, known=known)


def test_homes_of_several_time_zones_are_judged_as_each_alone() -> None:
    rng, slots, day = np.random.default_rng(3), np.array([2, 140, 286]), np.full(3, 20_000)
    together = Rhythm(3)
    together.signs = rng.integers(0, 1 << DAYS, together.signs.shape, np.uint32)
    together.heard = rng.integers(0, 1 << DAYS, together.heard.shape, np.uint32)
    together.begin(np.ones(3, np.bool_))
    for _ in range(3):
        expected = []
        for home in range(3):
            alone = Rhythm(1)
            for name in Rhythm.STATE:
                setattr(alone, name, getattr(together, name)[home : home + 1])
            expected.append(float(alone.surprise(slots[home : home + 1], day[:1])[0]))
        assert together.surprise(slots, day).tolist() == pytest.approx(expected)
        together.go_on(slots, np.ones(3, np.bool_))
        slots = (slots + 1) % SLOTS


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


def test_what_begins_at_the_same_minute_every_day_is_a_timer_and_a_habit_is_not() -> None:
    rhythm, one = Rhythm(1), np.ones(1, np.bool_)
    rng = np.random.default_rng(1)
    for day in range(20_000, 20_028):
        rhythm.turn(np.zeros(1, np.int64), np.array([day]))
        rises = 84 + int(rng.integers(-2, 3))
        for slot in range(SLOTS):
            sign = slot in (72, 73, 74) or rises <= slot < 100
            rhythm.learn(np.array([slot]), np.array([day]), one & sign, one)
    today = np.array([20_028])
    timers = [slot for slot in range(SLOTS) if rhythm.by_clock(np.array([slot]), today)[0]]
    assert 72 in timers
    assert not [slot for slot in timers if slot >= 80]


def test_days_of_rest() -> None:
    thursday = 0
    assert is_rest(np.arange(thursday, thursday + 7)).tolist() == [False, False, True, True, False, False, False]


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


def test_the_state_of_a_home_with_a_meter_stays_under_eight_kilobytes() -> None:
    size = 100
    silence = Silence(LocalClock([ZONE] * size), np.arange(size), np.zeros(size, np.bool_))
    assert silence.nbytes() / size <= 8192
