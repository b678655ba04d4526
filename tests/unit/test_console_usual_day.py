"""The usual day on the alarm's sheet: bars, today's signs, the silence; nothing that a detector writes breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.pages.chart import number_of
from console.pages.usual_day import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, UsualDay, usual_day
from tests.life_evidence import NOW_H, SINCE_H, life_evidence

AT_S = 1.77e9


def drawn(**changes: Any) -> UsualDay:
    day = usual_day(life_evidence(at_s=AT_S, day=life_evidence()["day"] | changes))
    assert day is not None
    return day


def hour_at(x: float | None) -> float:
    assert x is not None
    return (x - LEFT) / (WIDTH - LEFT - RIGHT) * 24


def test_each_half_hour_has_its_bar_and_today_its_signs() -> None:
    day = drawn(usual=[0.5, 0.0, None, 1.0], today=[True, False, None])
    assert [(half.at, half.percent, half.today) for half in day.halves[:4]] == [
        ("00:00", 50, True),
        ("00:30", 0, False),
        ("01:00", None, None),
        ("01:30", 100, None),
    ]
    assert len(day.halves) == 48
    assert day.halves[3].height == 2 * day.halves[0].height == HEIGHT - TOP - BOTTOM
    assert [round(hour_at(half.x), 6) for half in day.halves[:3]] == [0, 0.5, 1]


def test_the_silence_since_yesterday_is_shaded_from_midnight_to_now() -> None:
    day = drawn()
    assert (hour_at(day.quiet_x), hour_at(day.now_x)) == (pytest.approx(0), pytest.approx(NOW_H))
    assert day.since is not None
    assert day.since.timestamp() == pytest.approx(AT_S - (NOW_H - SINCE_H) * 3600)


def test_the_silence_of_a_morning_is_shaded_from_the_last_sign() -> None:
    assert hour_at(drawn(since_h=6.5).quiet_x) == pytest.approx(6.5)


def test_what_cannot_be_is_not_drawn() -> None:
    day = drawn(usual=[2.0, -1, True, "often", 0.25], today=["yes", 1, None], since_h=9.0)
    assert [half.percent for half in day.halves[:5]] == [None, None, None, None, 25]
    assert {half.today for half in day.halves} == {None}
    assert day.quiet_x is None, "a silence that begins after now"
    assert drawn(now_h=25).now_x is None


@pytest.mark.parametrize("day", [None, [], "day", {}, {"usual": None, "today": [None]}])
def test_without_a_day_there_is_no_picture(day: Any) -> None:
    assert usual_day(life_evidence(day=day)) is None
    assert usual_day({}) is None


_NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 0, 1.77e9])
_PLAIN = st.none() | st.booleans() | _NUMBERS | st.text(max_size=5)
_JSON = st.recursive(_PLAIN, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
_SHARES = st.lists(st.floats(0, 1) | _PLAIN, max_size=60)
_HOURS = st.floats(-30, 30)
_DAY = st.fixed_dictionaries(
    {},
    optional={
        "usual": _SHARES | _JSON,
        "today": st.lists(st.none() | st.booleans() | _PLAIN, max_size=60) | _JSON,
        **dict.fromkeys(("now_h", "since_h"), _HOURS | _JSON),
    },
)


@settings(max_examples=40)
@given(st.fixed_dictionaries({}, optional={"day": _DAY | _JSON, "since_s": _NUMBERS | _JSON}))
def test_no_evidence_breaks_the_page(evidence: dict[str, Any]) -> None:
    day = usual_day(evidence)
    if day is None:
        return
    for half in day.halves:
        assert LEFT <= half.x < WIDTH - RIGHT
        assert 0 <= half.height <= HEIGHT - TOP - BOTTOM
        assert half.percent is None or 0 <= half.percent <= 100
    for x in (day.now_x, day.quiet_x):
        assert x is None or LEFT - 1e-6 <= x <= WIDTH - RIGHT + 1e-6
    if day.quiet_x is not None:
        assert day.now_x is not None
        assert day.quiet_x <= day.now_x
        assert number_of(evidence["day"]["since_h"]) is not None
