"""What a day was like, out of the stored readings of a real PostgreSQL."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.naive_routine import naive_day
from tests.routine_home import RoutineHome, routine_home

pytestmark = pytest.mark.database

_DAY = date(2025, 11, 26)


@pytest.fixture
def home(database: str) -> Iterator[RoutineHome]:
    with routine_home(database) as flat:
        yield flat


def test_an_ordinary_day_has_its_numbers(home: RoutineHome) -> None:
    home.ordinary_day(_DAY, nights=("23:30", "02:10"))
    home.ordinary_day(_DAY + timedelta(days=1))
    facts = home.facts(_DAY)
    assert (facts.night_up, facts.visits_day, facts.visits_night) == (2, 4, 2)
    assert facts.heard_h == 24
    assert (facts.morning_h, facts.afternoon_h, facts.evening_h) == (1.5, 1.5, 1.75)
    assert (facts.temp_low_c, facts.temp_median_c, facts.temp_h, facts.cold_h) == (20, 20, 24, 0)
    assert math.isnan(facts.cooker_left_min), "no cooker was heard"


def test_a_silent_sensor_makes_the_day_unknown_and_never_less(home: RoutineHome) -> None:
    home.ordinary_day(_DAY)
    home.connection.execute(
        "DELETE FROM reading_ambient WHERE device_number = %s AND time BETWEEN %s AND %s",
        (home.registry_numbers["pir-living"], home.at(_DAY, "09:30"), home.at(_DAY, "05:00", next_day=True)),
    )
    facts = home.facts(_DAY)
    assert facts.heard_h == pytest.approx(10, abs=0.5), "of a sensor with a heartbeat of four hours six are missing"
    assert math.isnan(facts.active_h)
    assert math.isnan(facts.night_up)
    assert facts.visits == 5, "the bathroom's own sensor was heard"
    assert facts.cold_h == 0


def test_nobody_at_home_is_unknown_too(home: RoutineHome) -> None:
    home.beats(_DAY)
    facts = home.facts(_DAY)
    assert facts.heard_h == 24
    assert math.isnan(facts.night_up)
    assert math.isnan(facts.active_h)


@pytest.mark.parametrize(("left", "came"), [(-3, -1), (-1, 1), (0, 0), (0, 3)])
def test_away_is_known_from_the_log_of_changes_also_long_after(home: RoutineHome, left: int, came: int) -> None:
    home.ordinary_day(_DAY, temp_c=8)
    for away, days, shown in ((True, left, "09:00"), (False, came, "21:00")):
        home.connection.execute("UPDATE resident SET away = %s", (away,))
        home.connection.execute(
            "UPDATE registry_change SET at = %s WHERE change_id ="
            " (SELECT max(change_id) FROM registry_change WHERE what = 'resident')",
            (home.at(_DAY + timedelta(days=days), shown),),
        )
    facts = home.facts(_DAY)
    was_away = came >= 0
    assert math.isnan(facts.night_up) == was_away
    assert math.isnan(facts.cold_h) == was_away
    assert facts.temp_low_c == 8


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 29), 23), (date(2025, 10, 25), 25)])
def test_a_day_on_which_the_clocks_change_is_shorter_or_longer(database: str, day: date, hours: int) -> None:
    with routine_home(database, "Europe/Berlin") as home:
        home.ordinary_day(day)
        home.moves("bathroom", day, "04:30", next_day=True)
        home.moves("bathroom", day, "05:30", next_day=True)
        facts = home.facts(day)
        assert facts.heard_h == hours
        assert facts.night_up == 2, "half past four is night, half past five is not, whatever the clocks did"
        assert facts.temp_h == hours


def test_a_cooker_left_on_counts_only_while_nobody_is_in_the_kitchen(home: RoutineHome) -> None:
    home.ordinary_day(_DAY)
    begin = home.at(_DAY, "17:59")
    for minute in range(41):
        home.says("hob", begin + timedelta(minutes=minute), power_w=1500.0)
    home.says("hob", begin + timedelta(minutes=41), power_w=2.0)
    assert home.facts(_DAY).cooker_left_min == pytest.approx(30, abs=1), "the last move was at 18:00 and holds 10 min"


def test_coming_back_to_bed_is_no_second_time_up(home: RoutineHome) -> None:
    home.ordinary_day(_DAY, nights=())
    home.moves("living", _DAY, "02:00", "02:08", "02:15", next_day=True)
    home.moves("bedroom", _DAY, "02:40", "03:20", next_day=True)
    assert home.facts(_DAY).night_up == 1


def test_readings_of_another_home_are_no_matter(home: RoutineHome) -> None:
    home.ordinary_day(_DAY)
    before = home.facts(_DAY)
    home.connection.execute(
        "INSERT INTO reading_ambient (time, device_number, received_at, motion)"
        " SELECT DISTINCT time + interval '11 minutes', 999, now(), 1 FROM reading_ambient"
    )
    assert home.facts(_DAY) == before


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_day_is_as_its_slow_twin_has_it(home: RoutineHome, data: st.DataObject) -> None:
    home.connection.execute("TRUNCATE reading_ambient")
    home.rows.clear()
    home.beats(_DAY)
    begin = home.at(_DAY, "06:00")
    moments = st.tuples(
        st.integers(0, 23 * 3600 + 3599),
        st.sampled_from(["bedroom", "bathroom", "bathroom", "kitchen", "living", "door"]),
    )
    busy = data.draw(st.lists(moments, min_size=1, max_size=60, unique_by=lambda one: one[0]))
    night = data.draw(st.lists(st.tuples(st.integers(17 * 3600, 23 * 3600), st.just("bathroom")), max_size=20))
    for second, place in sorted(busy + night):
        at = begin + timedelta(seconds=second, milliseconds=500)
        if place == "door":
            home.says("door", at, contact_open=1)
            home.says("door", at + timedelta(seconds=7), contact_open=0)
        else:
            home.says(f"pir-{place}", at, motion=1)
    twin = naive_day(home.rows, _DAY, home.zone, "pir-bathroom")
    facts = home.facts(_DAY)
    assert {name: getattr(facts, name) for name in twin} == twin
