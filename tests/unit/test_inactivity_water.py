"""A water meter's counter as a sign of life: what people draw, and what runs by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from alarms.core import saved
from alarms.core.engine import CoreDevice
from alarms.core.inactivity.water import Water
from tests.unit.test_inactivity import home, move
from tests.unit.test_inactivity_watch import BREAKFAST, METER, WANG, Flat

ROW = np.zeros(1, np.int64)
TAP = CoreDevice(device_id="tap-1", number=4, profile="water_meter", gateway_id="g", home=WANG)
HOUR_S = 3600.0
Litres = Callable[[float], float]


def drawn(
    counter_l: Litres, *, every_s: float, hours: float, water: Water | None = None, step_l: float = 1
) -> list[float]:
    """The hours at which somebody is said to have drawn water; the counter shows whole steps."""
    water = water or Water(1)
    told = []
    for number in range(int(hours * HOUR_S / every_s) + 1):
        at_s = number * every_s
        total = counter_l(at_s / HOUR_S) // step_l * step_l
        if water.update(ROW, np.array([at_s]), np.array([total]))[0]:
            told.append(at_s / HOUR_S)
    return told


def lived_l(hour: float) -> float:
    """Six litres at 7, 12, 18 and 22 o'clock."""
    day, of_day = divmod(hour, 24)
    return 24 * day + 6 * sum(of_day >= at for at in (7, 12, 18, 22))


@pytest.mark.parametrize("every_s", [10.0, 60.0, 900.0, 3600.0])
def test_what_is_drawn_is_told_once_each_however_often_the_meter_reads(every_s: float) -> None:
    told = drawn(lived_l, every_s=every_s, hours=48)
    assert [round(hour) for hour in told] == [7, 12, 18, 22, 31, 36, 42, 46]


@pytest.mark.parametrize("every_s", [60.0, 900.0, 3600.0])
@pytest.mark.parametrize("leak_l_h", [0.5, 3.0])
def test_what_drips_is_nobody_from_the_second_day_on_and_people_are_still_told(every_s: float, leak_l_h: float) -> None:
    told = drawn(lambda hour: lived_l(hour) + leak_l_h * hour, every_s=every_s, hours=96)
    assert [round(hour) for hour in told if hour > 25] == [at + 24 * day for day in (1, 2, 3) for at in (7, 12, 18, 22)]


def test_a_leak_that_is_mended_hides_nobody_afterwards() -> None:
    water = Water(1)
    drawn(lambda hour: 60 * hour, every_s=900, hours=48, water=water)
    told = [
        number / 4
        for number in range(1, 40)
        if water.update(
            ROW, np.array([48 * HOUR_S + number * 900.0]), np.array([60 * 48 + (3.0 if number >= 20 else 0)])
        )[0]
    ]
    assert told == [5.0]


def test_one_step_of_a_coarse_counter_is_no_sign_of_life() -> None:
    assert drawn(lambda hour: 3 * hour, every_s=900, hours=96, step_l=10) == []
    assert drawn(lambda hour: 3 * hour + 50 * (hour > 50), every_s=900, hours=96, step_l=10) == [50.25]


@pytest.mark.parametrize("every_s", [60.0, 3600.0])
@pytest.mark.parametrize(("litres", "minutes"), [(3, 20), (3, 40), (3, 90), (9, 30), (60, 60)])
def test_what_runs_again_and_again_hides_nobody_from_the_second_day_on(
    every_s: float, litres: int, minutes: int
) -> None:
    lasted = 24 + 12

    def counter_l(hour: float) -> float:
        return lived_l(min(hour, lasted)) + litres * (hour * 60 // minutes)

    assert [hour for hour in drawn(counter_l, every_s=every_s, hours=96) if hour > lasted + 2] == []


@pytest.mark.parametrize(
    ("readings", "says"),
    [
        ([(0, 100.0), (1, 106.0)], True),
        ([(0, 100.0), (13, 106.0)], False),  # when, nobody knows
        ([(0, 123_456.0), (1, 0.0), (2, 123_456.0)], False),  # no pipe gives so much
        ([(0, 100.0), (0.5, 101.0), (0.5, 101.0), (1.5, 105.0)], True),
    ],
)
def test_only_water_of_just_now_is_a_sign_of_life_now(readings: list[tuple[float, float]], says: bool) -> None:
    water = Water(1)
    told = [water.update(ROW, np.array([at_h * HOUR_S]), np.array([total]))[0] for at_h, total in readings]
    assert told[-1] == says


def test_readings_of_hours_ago_that_come_at_once_are_no_life_now() -> None:
    flat = Flat(METER, TAP)
    flat.live(BREAKFAST / 60)
    flat.say((4, "water_used_l", 1000.0))
    for _ in range(2 * 24):
        flat.say(
            *[(4, "water_used_l", 1000.0 + 9 * step) for step in range(6)], at_s=flat.now_s - 7200 - 60 * np.arange(6)
        )
        flat.live(0.5, alone=True)
    assert flat.stages == ["asked", "missing"]


def test_an_hourly_reading_does_not_bring_home_who_has_just_gone_out() -> None:
    silence = home(0, sensed=True)
    move(silence, 0, 1, (), doors=(9.0,))
    for earlier, out in ((True, True), (False, False)):
        silence.event(ROW, np.ones(1, np.int64), earlier=earlier)
        silence.tick(silence.began_at + 330)
        assert bool(silence.any.out[0]) is out


def test_a_counter_that_runs_backwards_or_comes_a_day_late_begins_anew() -> None:
    water = Water(1)
    for at_h, total, says in ((0, 500, False), (1, 3, False), (2, 9, True), (30, 90, False), (31, 96, True)):
        assert water.update(ROW, np.array([at_h * HOUR_S]), np.array([float(total)])).tolist() == [says], at_h


def test_somebody_who_only_draws_water_is_alive_and_a_dripping_tap_is_nobody() -> None:
    for litres_an_hour, stages in ((8.0, []), (0.6, ["asked", "missing"])):
        flat = Flat(METER, TAP)
        flat.live(BREAKFAST / 60)
        for hour in range(24):
            flat.say((4, "water_used_l", 1000 + litres_an_hour * hour // 1))
            flat.live(1, alone=True)
        assert flat.stages == stages


def test_a_home_with_a_water_meter_alone_is_watched_and_not_while_it_is_not_heard() -> None:
    for heard, stages in ((True, ["asked", "missing"]), (False, [])):
        flat, total = Flat(replace(TAP, number=1)), 0.0
        for hour in range(15 * 24):
            total += 4.0 * (7 <= hour % 24 <= 22 and hour < 14 * 24)
            if heard or hour < 14 * 24:
                flat.say((1, "water_used_l", total))
            flat.live(1, heard=False)
        assert flat.stages == stages


def test_what_leaks_is_known_after_a_restart() -> None:
    flat = Flat(METER, TAP)
    for hour in range(40):
        flat.say((4, "water_used_l", 30.0 * hour))
        flat.live(1)
    flat.know([METER, TAP])
    _, arrays = saved.unpack(flat.core.state())
    assert arrays["silence.water.leak"][0] == pytest.approx(30 / 3600)
