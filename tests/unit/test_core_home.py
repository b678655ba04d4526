"""Falls that no wearer tells of: a bed left at night, a bathroom that nobody comes out of."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from alarms.core.home import Home as Whose
from tests.unit.test_core_stories import Home, device

SHANGHAI = ZoneInfo("Asia/Shanghai")
LI = Whose(resident_id="li")
NIGHT, NOON = "2026-03-01T02:00", "2026-03-01T12:00"


def bed(**more):
    return device("bed", 1, "bed_sensor", room_id="bedroom", home=more.pop("home", LI), **more)


def bath(**more):
    return device("bath", 2, "motion_sensor", room_id="bath", room_use="bathroom", home=more.pop("home", LI), **more)


def hall(**more):
    return device("hall", 3, "motion_sensor", room_id="hall", home=more.pop("home", LI), **more)


def flat(*devices, at: str = NOON) -> Home:
    return Home(*devices, at=datetime.fromisoformat(at).replace(tzinfo=SHANGHAI).timestamp())


def go(home: Home, where: str, stay_s: float, *, signal: str = "motion") -> None:
    """Somebody is seen there, moves for five seconds and stays; the way to the bathroom is through the hall."""
    if where == "bath":
        home.say("hall", "motion", 1)
        home.say("hall", "motion", 0)
    home.say(where, signal, 1)
    home.forward(5, 5)
    home.say(where, signal, 0)
    home.forward(stay_s - 5, 5)


def falls(home: Home) -> list[tuple[str, bool]]:
    return [(rule, raised) for rule, _, raised in home.told() if rule in ("bed_left", "bathroom_long")]


# the bed


def test_a_bed_left_at_night_and_not_returned_to_is_a_possible_fall_until_somebody_is_back() -> None:
    home = flat(bed(), at=NIGHT)
    home.say("bed", "bed_occupied", 1)
    home.forward(600)
    home.say("bed", "bed_occupied", 0)
    home.forward(2699)
    assert falls(home) == []
    home.forward(1)
    assert falls(home) == [("bed_left", True)]
    assert home.last[0].evidence["text"] == "left the bed at 02:10, not back after 45 min"
    assert home.last[0].evidence["text_zh"] == "02:10 离床，45 分钟后仍未返回"
    home.forward(300)
    home.say("bed", "bed_occupied", 1)
    assert falls(home) == [("bed_left", False)]
    assert home.last[-1].evidence["text"] == "back in bed at 03:00"


@pytest.mark.parametrize(
    ("left_at", "told"),
    [
        ("2026-03-01T21:59", False),  # not yet night: nobody is in bed for good
        ("2026-03-01T22:00", True),
        ("2026-03-01T04:15", True),
        ("2026-03-01T04:16", False),  # the night is over before the wait is
        ("2026-03-01T13:00", False),
    ],
)
def test_only_the_night_counts_by_the_clock_of_the_site(left_at: str, told: bool) -> None:
    home = flat(bed(), at=left_at)
    home.say("bed", "bed_occupied", 1)
    home.say("bed", "bed_occupied", 0)
    home.forward(3600, 10)
    assert falls(home) == ([("bed_left", True)] if told else [])


def test_a_bed_that_was_never_occupied_or_whose_resident_is_away_is_not_left() -> None:
    home = flat(bed(), at=NIGHT)
    home.say("bed", "bed_occupied", 0)
    home.forward(3600, 10)
    away = flat(bed(home=Whose(resident_id="li", away=True)), at=NIGHT)
    away.say("bed", "bed_occupied", 1)
    away.say("bed", "bed_occupied", 0)
    away.forward(3600, 10)
    assert falls(home) == falls(away) == []


def test_whoever_is_said_to_be_away_after_all_ends_the_alarm_of_their_bed() -> None:
    home = flat(bed(), at=NIGHT)
    home.say("bed", "bed_occupied", 1)
    home.say("bed", "bed_occupied", 0)
    home.forward(2700, 10)
    home.told()
    home.restart(bed(home=Whose(resident_id="li", away=True)))
    assert falls(home) == [("bed_left", False)]


def test_a_night_may_have_other_hours_and_a_bed_another_wait() -> None:
    nap = {"bed_left": {"night_from_h": 13, "night_to_h": 15, "hold_s": 600}}
    home = flat(bed(thresholds=nap), at="2026-03-01T13:30")
    home.say("bed", "bed_occupied", 1)
    home.say("bed", "bed_occupied", 0)
    home.forward(600, 10)
    assert falls(home) == [("bed_left", True)]


def test_a_restart_and_a_clock_that_is_set_lose_no_minute_of_a_bed_left() -> None:
    home = flat(bed(), at=NIGHT)
    home.say("bed", "bed_occupied", 1)
    home.say("bed", "bed_occupied", 0)
    home.forward(1200, 10)
    home.restart(bed(), set_by_s=7200)
    home.forward(600, 10)
    home.set_clock(-3600)
    home.forward(890, 10)
    assert falls(home) == []
    home.forward(10)
    assert falls(home) == [("bed_left", True)]


# the bathroom


@pytest.mark.parametrize(("at", "limit_s"), [(NIGHT, 900), (NOON, 1800)])
def test_a_visit_to_the_bathroom_that_does_not_end_is_a_possible_fall(at: str, limit_s: int) -> None:
    home = flat(bath(), hall(), at=at)
    go(home, "hall", 60)
    go(home, "bath", limit_s - 1)
    assert falls(home) == []
    home.forward(1)
    assert falls(home) == [("bathroom_long", True)]
    assert home.last[0].subject == "bath"
    evidence = home.last[0].evidence
    assert evidence["text"].startswith(f"in the bathroom since {at[11:14]}01, for {limit_s // 60} min; ")
    assert evidence["text_zh"].endswith("尚未学到平时时长")
    home.forward(300)
    home.say("hall", "motion", 1)
    assert falls(home) == [("bathroom_long", False)]
    assert home.last[0].evidence["text"].endswith(f"after {limit_s // 60 + 5} min in the bathroom")


@pytest.mark.parametrize(
    ("who", "signal"), [("hall", "motion"), ("hall", "occupied"), ("bed", "bed_occupied"), ("door", "contact_open")]
)
def test_whoever_is_seen_elsewhere_has_left_the_bathroom(who: str, signal: str) -> None:
    door = device("door", 4, "door_contact", room_id="hall", home=LI)
    home = flat(bath(), hall(), bed(), door)
    go(home, "bath", 600)
    home.say(who, signal, 1)
    home.forward(7200, 10)
    assert falls(home) == []


def test_a_sensor_that_still_says_somebody_is_not_a_person_who_came_back_unless_it_says_so_for_long() -> None:
    home = flat(bath(), hall())
    home.say("hall", "motion", 1)
    home.forward(30)
    home.say("bath", "motion", 1)
    home.forward(60)
    home.say("hall", "motion", 0)  # it held for a minute and a half
    home.forward(1740, 10)
    assert falls(home) == [("bathroom_long", True)]
    home = flat(bath(), hall())
    home.say("hall", "motion", 1)
    home.forward(30)
    home.say("bath", "motion", 1)
    home.forward(1770, 10)
    assert falls(home) == []  # back in the hall within its hold: it never said false


@pytest.mark.parametrize(("later_s", "told"), [(120, [("bathroom_long", True)]), (121, [])])
def test_two_minutes_after_somebody_went_in_another_sensor_remembers_nobody(later_s: int, told: list) -> None:
    home = flat(bath(), hall())
    home.say("hall", "motion", 1)
    home.say("bath", "motion", 1)
    home.forward(later_s, 1)
    home.say("hall", "motion", 0)
    home.forward(1800, 5)
    assert falls(home) == told


def test_what_is_usual_by_day_is_learned_and_so_is_not_an_alarm() -> None:
    home = flat(bath(), hall(), at="2026-03-01T08:00")
    for _ in range(19):
        go(home, "bath", 1500)
        go(home, "hall", 60)
    go(home, "bath", 1900)
    assert falls(home) == [("bathroom_long", True)]  # nineteen are too few
    go(home, "hall", 60)
    go(home, "bath", 1500)
    go(home, "hall", 60)
    falls(home)
    go(home, "bath", 2000)
    assert falls(home) == []  # half as long again as 25 minutes are 37 and a half, to 9 in 100
    home.forward(470, 5)
    assert falls(home) == [("bathroom_long", True)]
    evidence = home.last[-1].evidence
    assert evidence["usual_s"] == pytest.approx(1500, rel=0.09)
    assert evidence["limit_s"] == pytest.approx(1.5 * evidence["usual_s"])
    assert "; usually at most 2" in evidence["text"]


def test_a_visit_that_alarmed_is_never_learned_and_by_night_the_day_teaches_nothing() -> None:
    home = flat(bath(), hall(), at="2026-03-01T08:00")
    for _ in range(20):
        go(home, "bath", 1200)
        go(home, "hall", 60)
    falls(home)
    home.forward(10 * 3600, 600)  # it is two o'clock in the night
    for _ in range(12):
        go(home, "bath", 1000)
        assert falls(home) == [("bathroom_long", True)]
        go(home, "hall", 60)
        assert falls(home) == [("bathroom_long", False)]


def test_no_visit_may_last_longer_than_the_longest() -> None:
    home = flat(bath(thresholds={"bathroom_long": {"factor": 10, "longest_s": 2400}}), hall())
    for _ in range(20):
        go(home, "bath", 1500)
        go(home, "hall", 60)
    go(home, "bath", 2390)
    assert falls(home) == []
    home.forward(10)
    assert falls(home) == [("bathroom_long", True)]


def test_while_nobody_could_have_seen_them_leave_it_is_not_known_where_they_are() -> None:
    home = flat(bath(), hall())
    go(home, "bath", 1000)
    home.core.set_gateway_online("g1", False, home.now)
    home.forward(610, 5)
    home.core.set_gateway_online("g1", True, home.now)
    home.forward(3600, 5)
    assert falls(home) == []


def test_after_a_short_gap_the_readings_of_the_gap_are_waited_for() -> None:
    home = flat(bath(), hall())
    go(home, "bath", 1500)
    home.core.set_gateway_online("g1", False, home.now)
    home.forward(400, 5)
    home.core.set_gateway_online("g1", True, home.now)
    home.forward(50, 5)
    assert falls(home) == []
    home.say("hall", "motion", 1, ago_s=200)
    home.say("hall", "motion", 0, ago_s=190)
    home.forward(3600, 5)
    assert falls(home) == []
    go(home, "bath", 1500)
    home.core.set_gateway_online("g1", False, home.now)
    home.forward(400, 5)
    home.core.set_gateway_online("g1", True, home.now)
    home.forward(65, 5)
    assert falls(home) == [("bathroom_long", True)]
    assert home.last[-1].evidence["lasted_s"] == 1800


def test_a_late_reading_ends_a_visit_only_if_it_is_of_the_time_after_its_beginning() -> None:
    home = flat(bath(), hall())
    home.say("hall", "motion", 1)
    home.say("hall", "motion", 0)
    home.forward(60, 5)
    home.say("bath", "motion", 1)
    home.say("hall", "motion", 1, ago_s=30)
    home.say("hall", "motion", 0, ago_s=20)
    home.forward(1800, 5)
    assert falls(home) == [("bathroom_long", True)]


def test_a_visit_survives_a_restart_with_what_was_learned() -> None:
    home = flat(bath(), hall())
    for _ in range(20):
        go(home, "bath", 1500)
        go(home, "hall", 60)
    go(home, "bath", 1000)
    home.restart(hall(), bath(), set_by_s=-3600)
    home.forward(1000, 5)
    assert falls(home) == []
    home.forward(470, 5)
    assert falls(home) == [("bathroom_long", True)]
    home.restart(hall())
    assert falls(home) == [("bathroom_long", False)]  # no bathroom is watched any more


@pytest.mark.parametrize(("silent_s", "told"), [(300, [("bathroom_long", True)]), (310, [])])
def test_a_sensor_that_stirs_where_nobody_has_gone_is_no_visit(silent_s: int, told: list) -> None:
    home = flat(bath(), hall())
    home.say("hall", "motion", 1)
    home.say("hall", "motion", 0)
    home.forward(silent_s, 10)
    home.say("bath", "motion", 1)
    home.forward(3600, 10)
    assert falls(home) == told


@pytest.mark.parametrize(
    "devices",
    [
        [bath(home=Whose()), hall(home=Whose())],  # of several people, or nobody's
        [bath(), hall(home=Whose(resident_id="wang"))],  # nobody would see Li leave
        [bath(home=Whose(resident_id="li", away=True)), hall(home=Whose(resident_id="li", away=True))],
        [bath(out_of_service=True), hall()],
        [bath(), device("climate", 3, "ambient", room_id="hall", home=LI)],
    ],
)
def test_where_it_is_not_known_who_is_in_the_bathroom_nothing_is_judged(devices) -> None:
    home = flat(*devices)
    home.say("bath", "motion", 1)
    home.forward(7200, 10)
    assert falls(home) == []


# the floor


def test_somebody_on_the_floor_mat_for_two_minutes_without_a_break_is_a_possible_fall() -> None:
    home = flat(device("mat", 5, "floor_mat", room_id="bath", home=LI))
    home.say("mat", "floor_occupied", 1)
    home.forward(90)
    home.say("mat", "floor_occupied", 0)  # stepped off
    home.say("mat", "floor_occupied", 1)
    home.forward(119)
    assert home.told() == []
    home.forward(1)
    assert home.told() == [("floor_long", "mat", True)]
    assert home.last[0].evidence["text"] == "Somebody on the floor mat: yes for 2 min"
    assert home.last[0].evidence["text_zh"] == "地面压力垫有人：是，持续 2 分钟"
