"""The days that a home is known by, against a slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.inactivity.clock import SLOTS, is_rest
from alarms.core.inactivity.rhythm import DAYS, Rhythm
from tests.naive_inactivity import NaiveRhythm


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
