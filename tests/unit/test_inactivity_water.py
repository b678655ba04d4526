"""A water meter's counter as a sign of life: what people draw, and what runs by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from alarms.core import saved
from alarms.core.engine import CoreDevice
from alarms.core.inactivity.water import Water
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
@pytest.mark.parametrize("leak_l_h", [0.5, 5.0, 60.0])
def test_what_leaks_is_nobody_from_the_second_day_on_and_people_are_still_told(every_s: float, leak_l_h: float) -> None:
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
