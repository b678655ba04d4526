"""Whoever is asked hears what is missing: the kettle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.inactivity.clock import SLOTS, LocalClock
from alarms.core.inactivity.kettle import Kettle
from alarms.core.inactivity.rhythm import DAYS
from alarms.core.inactivity.steps import Step
from alarms.core.inactivity_evidence import of_silence
from tests.quiet_home import DAY_MIN, boiler_w, house_w
from tests.silent_home import LEARNED, ZONE, home, live

ROW = np.zeros(1, np.int64)
ALL = np.uint32((1 << DAYS) - 1)


@pytest.mark.parametrize(("load_w", "named"), [(2000.0, True), (45.0, False)])
def test_the_question_names_the_kettle_of_nearly_every_morning_and_no_lamp(load_w: float, *, named: bool) -> None:
    silence, rng = home(), np.random.default_rng(4)
    watts = house_w(LEARNED + 1, 3)
    for day in range(LEARNED):
        at = day * DAY_MIN + 420 + int(rng.integers(0, 15))
        watts[at : at + 4] += load_w
        for later in rng.choice(np.arange(520, 1320, 20), 20) + rng.integers(9):
            watts[day * DAY_MIN + later : day * DAY_MIN + later + 4] += rng.choice(
                [45, 120, 2000 if later > 750 else 45]
            )
    asked = live(silence, watts)[0]
    assert asked.step is Step.ASK
    assert (asked.heated >= 15) is named, "not from the first day on: what heats must be told from the house first"
    evidence = of_silence(asked, LocalClock([ZONE]), silence)
    assert (f", on {asked.heated} of them something that heats, as a kettle does; now" in evidence["text"]) is named
    assert (f"(其中{asked.heated}天用过电水壶一类的电热器具);现在" in evidence["text_zh"]) is named


def test_a_boiler_is_no_kettle_once_its_timer_is_known() -> None:
    silence = home()
    live(silence, house_w(LEARNED, 3) + boiler_w(LEARNED, 3))
    _, today = LocalClock([ZONE]).slots(silence.began_at - 1)
    this_week = sum(1 << (int(today[0]) - ago) % DAYS for ago in range(6))
    assert silence.kettle.days(0, SLOTS - 1, SLOTS, np.uint32(this_week)) == 0
    assert silence.kettle.days(0, SLOTS - 1, SLOTS, ALL) > 0, "at first it was taken for one"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(30, 60), st.integers(60, 120)), max_size=120), st.data())
def test_the_days_are_those_of_a_slow_twin(uses: list[tuple[int, int]], data: st.DataObject) -> None:
    kettle, used = Kettle(1), sorted(uses)
    for day in range(61):
        kettle.turn(ROW, np.array([day]))
        for slot in (slot for of_day, slot in used if of_day == day):
            kettle.learn(np.array([slot]), np.array([day]), np.ones(1, np.bool_))
    slot, slots = data.draw(st.integers(60, 130)), data.draw(st.integers(0, 140))
    among = np.uint32(data.draw(st.integers(0, int(ALL))))
    within = {
        at for at in range(SLOTS) if all(slot - slots < near <= slot for near in range(at // 6 * 6, at // 6 * 6 + 6))
    }
    days = {day for day, at in used if day > 60 - DAYS and at in within}
    assert kettle.days(0, slot, slots, among) == sum(bool(int(among) >> day % DAYS & 1) for day in days)
