"""Who is on duty when: turns, nights, weekends, stand-ins, holes, and the nights in which the clocks are changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alarms.lifecycle.errors import LifecycleError, RotaError
from alarms.lifecycle.rota import Layer, Override, Rota, Shift, gaps, next_change, on_duty, shifts, together

EVERY_DAY = frozenset(range(7))
MEI, LI, ZHAO = "user:mei", "user:li", "user:zhao"
DAUGHTER = "contact:north:daughter"
MIDNIGHT = time(0)
BERLIN, SHANGHAI = "Europe/Berlin", "Asia/Shanghai"


def layer(*members: str, **more: Any) -> Layer:
    given: dict[str, Any] = {
        "starts_on": date(2026, 1, 5),  # a Monday
        "hand_over": time(8),
        "turn_days": 7,
        "begin": MIDNIGHT,
        "end": MIDNIGHT,
        "weekdays": EVERY_DAY,
    }
    return Layer(members=members, **(given | more))


def rota(*layers: Layer, timezone: str = SHANGHAI, overrides: tuple[Override, ...] = ()) -> Rota:
    return Rota(rota_id="r", site_id="north", name="R", timezone=timezone, layers=layers, overrides=overrides)


def local(text: str, timezone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def stand_in(begin: str, end: str, person: str, instead_of: str | None = None) -> Override:
    return Override(begins_at=local(begin), ends_at=local(end), person=person, instead_of=instead_of)


def test_members_take_turns_and_hand_over_at_the_hour() -> None:
    weekly = rota(layer(MEI, LI))
    assert on_duty(weekly, local("2026-01-05 08:00")) == (MEI,)
    assert on_duty(weekly, local("2026-01-12 07:59:59")) == (MEI,)
    assert on_duty(weekly, local("2026-01-12 08:00")) == (LI,)
    assert on_duty(weekly, local("2026-01-19 08:00")) == (MEI,)
    assert next_change(weekly, local("2026-01-12 08:00")) == local("2026-01-19 08:00")


def test_before_its_first_hand_over_a_layer_has_nobody() -> None:
    assert on_duty(rota(layer(MEI)), local("2026-01-05 07:59")) == ()
    assert next_change(rota(layer(MEI)), local("2026-01-01 00:00")) == local("2026-01-05 08:00")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    weekend_night = rota(layer(MEI, begin=time(20), end=time(8), weekdays=frozenset({5})))
    assert on_duty(weekend_night, local("2026-01-10 19:59")) == ()
    assert on_duty(weekend_night, local("2026-01-10 20:00")) == (MEI,)
    assert on_duty(weekend_night, local("2026-01-11 07:59")) == (MEI,)
    assert on_duty(weekend_night, local("2026-01-11 08:00")) == ()
    assert on_duty(weekend_night, local("2026-01-11 20:00")) == ()


def test_a_whole_day_begins_when_it_says() -> None:
    saturday = rota(layer(MEI, begin=time(6), end=time(6), weekdays=frozenset({5})))
    assert shifts(saturday, local("2026-01-10 00:00"), local("2026-01-12 00:00")) == [
        Shift(begins_at=local("2026-01-10 00:00"), ends_at=local("2026-01-10 06:00"), people=()),
        Shift(begins_at=local("2026-01-10 06:00"), ends_at=local("2026-01-11 06:00"), people=(MEI,)),
        Shift(begins_at=local("2026-01-11 06:00"), ends_at=local("2026-01-12 00:00"), people=()),
    ]


def test_layers_are_on_duty_together_in_their_order_each_person_once() -> None:
    both = rota(layer(MEI, LI), layer(ZHAO), layer(LI, MEI))
    assert on_duty(both, local("2026-01-06 00:00")) == (MEI, ZHAO, LI)
    assert on_duty(rota(layer(MEI), layer(MEI)), local("2026-01-06 00:00")) == (MEI,)


def test_a_hole_in_the_rota_is_seen_before_it_comes() -> None:
    day = layer(MEI, begin=time(8), end=time(20))
    night = layer(LI, begin=time(20), end=time(8), weekdays=frozenset({0, 1, 2, 3, 4, 5}))
    holes = gaps(rota(day, night), local("2026-01-06 00:00"), local("2026-01-20 00:00"))
    assert [(hole.begins_at, hole.ends_at) for hole in holes] == [
        (local("2026-01-11 20:00"), local("2026-01-12 08:00")),
        (local("2026-01-18 20:00"), local("2026-01-19 08:00")),
    ]


def test_two_rotas_cover_for_each_other() -> None:
    day = rota(layer(MEI, begin=time(8), end=time(20)))
    night = rota(layer(LI, begin=time(20), end=time(8)))
    begin, end = local("2026-01-06 08:00"), local("2026-01-08 08:00")
    assert len(gaps(day, begin, end)) == 2
    assert [shift.people for shift in together((day, night), begin, end)] == [(MEI,), (LI,)] * 2
    assert [shift.people for shift in together((), begin, end)] == [()]


def test_somebody_stands_in_for_one_person_only_where_that_person_would_be() -> None:
    swapped = rota(layer(MEI, LI), overrides=(stand_in("2026-01-10 00:00", "2026-01-14 00:00", ZHAO, MEI),))
    assert [shift.people for shift in shifts(swapped, local("2026-01-09 00:00"), local("2026-01-15 00:00"))] == [
        (MEI,),
        (ZHAO,),
        (LI,),
    ]


def test_somebody_stands_in_for_everyone_and_fills_a_hole() -> None:
    night = layer(MEI, begin=time(20), end=time(8))
    filled = rota(night, layer(LI), overrides=(stand_in("2026-01-10 12:00", "2026-01-10 23:00", DAUGHTER),))
    assert on_duty(filled, local("2026-01-10 11:59")) == (LI,)
    assert on_duty(filled, local("2026-01-10 12:00")) == (DAUGHTER,)
    assert on_duty(filled, local("2026-01-10 22:59")) == (DAUGHTER,)
    assert on_duty(filled, local("2026-01-10 23:00")) == (MEI, LI)
    empty = rota(overrides=(stand_in("2026-01-10 12:00", "2026-01-10 23:00", DAUGHTER),))
    assert on_duty(empty, local("2026-01-10 12:00")) == (DAUGHTER,)


def test_who_stands_in_can_fall_ill_too() -> None:
    ill = stand_in("2026-01-10 00:00", "2026-01-11 00:00", LI, MEI)
    ill_too = stand_in("2026-01-10 12:00", "2026-01-11 00:00", ZHAO, LI)
    assert on_duty(rota(layer(MEI), overrides=(ill, ill_too)), local("2026-01-10 13:00")) == (ZHAO,)


def test_a_stand_in_of_a_local_time_with_fold_is_the_moment_it_means() -> None:
    zone = ZoneInfo(BERLIN)
    begins_at = datetime(2026, 10, 25, 2, 30, tzinfo=zone)
    override = Override(begins_at=begins_at, ends_at=begins_at.replace(fold=1), person=ZHAO, instead_of=None)
    with_it = rota(layer(MEI), timezone=BERLIN, overrides=(override,))
    assert on_duty(with_it, datetime(2026, 10, 25, 2, 45, tzinfo=zone)) == (ZHAO,)
    assert on_duty(with_it, datetime(2026, 10, 25, 2, 45, fold=1, tzinfo=zone)) == (MEI,)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [("2026-03-28", 11), ("2026-10-24", 13), ("2026-06-06", 12)],
    ids=["spring", "autumn", "plain"],
)
def test_a_night_shift_is_an_hour_shorter_or_longer_when_the_clocks_change(evening: str, hours: int) -> None:
    night = rota(layer(MEI, begin=time(20), end=time(8)), timezone=BERLIN)
    begin = local(f"{evening} 20:00", BERLIN)
    assert on_duty(night, begin) == (MEI,)
    assert next_change(night, begin) == begin + timedelta(hours=hours)


def test_a_time_that_does_not_exist_is_the_jump_and_one_that_exists_twice_the_first() -> None:
    early = layer(MEI, begin=time(20), end=time(2, 30))
    late = layer(LI, begin=time(2, 30), end=time(20))
    touching = rota(early, late, timezone=BERLIN)
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert on_duty(touching, jump - timedelta(seconds=1)) == (MEI,)
    assert next_change(touching, jump - timedelta(seconds=1)) == jump
    assert on_duty(touching, jump) == (LI,)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_change(touching, first - timedelta(hours=4)) == first
    assert on_duty(touching, first + timedelta(hours=1)) == (LI,)
    for month, day in ((3, 28), (10, 24)):
        begin = datetime(2026, month, day, tzinfo=UTC)
        assert gaps(touching, begin, begin + timedelta(days=3)) == []


def test_what_lies_wholly_in_the_missing_hour_does_not_happen() -> None:
    short = rota(layer(MEI, begin=time(2, 10), end=time(2, 50)), timezone=BERLIN)
    begin = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert len(shifts(short, begin, begin + timedelta(days=1))) == 1
    assert len(shifts(short, begin + timedelta(days=1), begin + timedelta(days=2))) == 3


def test_a_new_day_that_the_clock_has_shown_does_not_end_when_clocks_go_back_over_midnight() -> None:
    timezone = "America/St_Johns"  # on 7 November 2010 clocks went from 00:01 back to 23:01
    begun = layer(LI, starts_on=date(2010, 1, 1), hand_over=MIDNIGHT, turn_days=1, weekdays=frozenset({6}))
    midnight = local("2010-11-07 00:00", timezone)
    half = timedelta(minutes=30)
    sunday = rota(begun, timezone=timezone)
    assert on_duty(sunday, midnight + half) == (LI,)
    assert shifts(sunday, midnight - half, midnight + half) == [
        Shift(begins_at=midnight - half, ends_at=midnight, people=()),
        Shift(begins_at=midnight, ends_at=midnight + half, people=(LI,)),
    ]


def test_shanghai_has_no_such_nights() -> None:
    night = rota(layer(MEI, begin=time(20), end=time(8)))
    for shift in shifts(night, local("2026-01-06 20:00"), local("2027-01-06 20:00")):
        assert shift.ends_at - shift.begins_at == timedelta(hours=12)


def test_one_person_for_ever_never_changes() -> None:
    assert next_change(rota(layer(MEI)), local("2026-02-01 00:00")) is None
    assert next_change(rota(layer(MEI, MEI)), local("2026-02-01 00:00")) is None
    assert next_change(rota(), local("2026-02-01 00:00")) is None
    later = rota(layer(MEI), overrides=(stand_in("2026-11-22 00:00", "2026-11-23 00:00", LI),))
    assert next_change(later, local("2026-02-01 00:00")) == local("2026-11-22 00:00")


def test_no_time_at_all_has_no_shifts() -> None:
    now = local("2026-02-01 00:00")
    assert shifts(rota(layer(MEI)), now, now) == []
    with pytest.raises(RotaError, match="after the end"):
        shifts(rota(layer(MEI)), now, now - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"members": ()}, r"layer\.members: nobody is named"),
        ({"members": ("mei",)}, r"layer\.members: 'mei' is no person: write user:ID or contact:ID"),
        ({"turn_days": 0}, r"layer\.turn_days: 0 is not within 1 to 366 days"),
        ({"weekdays": frozenset()}, r"layer\.weekdays: \[\]: name days from 0 \(Monday\) to 6"),
        ({"weekdays": frozenset({7})}, r"layer\.weekdays: \[7\]"),
        ({"hand_over": time(8, tzinfo=UTC)}, r"layer\.hand_over: .* without a time zone"),
        ({"begin": time(8, 0, 0, 5)}, r"layer\.begin: .* in whole seconds"),
    ],
)
def test_a_wrong_layer_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RotaError, match=said):
        replace(layer(MEI), **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"begins_at": local("2026-01-11 00:00")}, "end it later"),
        ({"begins_at": datetime(2026, 1, 1)}, r"override\.begins_at: .* has no time zone"),  # noqa: DTZ001
        ({"person": "everyone"}, r"override\.person: 'everyone' is no person"),
        ({"instead_of": "nobody"}, r"override\.instead_of: 'nobody' is no person"),
        ({"instead_of": ZHAO}, "cannot stand in for themselves"),
    ],
)
def test_a_wrong_override_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RotaError, match=said):
        replace(stand_in("2026-01-10 00:00", "2026-01-11 00:00", ZHAO), **changes)


@pytest.mark.parametrize("name", ["", "Beijing", "../etc/passwd", "Europe"])
def test_an_unknown_time_zone_is_refused_in_words(name: str) -> None:
    with pytest.raises(RotaError, match="is no known time zone: use a name such as Asia/Shanghai") as refused:
        rota(timezone=name)
    assert refused.value.where == "timezone"
    assert isinstance(refused.value, LifecycleError)


def test_a_moment_needs_a_time_zone() -> None:
    with pytest.raises(RotaError, match=r"at: .* has no time zone"):
        on_duty(rota(layer(MEI)), datetime(2026, 1, 1))  # noqa: DTZ001
