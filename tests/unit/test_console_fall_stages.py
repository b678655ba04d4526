"""A fall on the alarm's sheet: the stages in order, in both languages; nothing that a detector writes breaks it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.lifecycle.alarm import AlarmKind
from console.language import load_catalogues
from console.pages.chart import HEIGHT, LEFT, RIGHT, WIDTH, charts
from console.pages.fall_stages import FallTold, told_of
from console.pages.headings import heading_of
from console.scripts import FALL_STEPS, STEPS, steps_of
from console.view import alarm_view
from console.words import FALL_STAGES
from tests.console_desk import an_alarm
from tests.fall_evidence import BEFORE_S, fall_evidence

AT_S = 1.77e9


def said(told: FallTold, language: str) -> list[str]:
    """The list as it is read."""
    text = load_catalogues()[language].gettext
    steps = ((step, text(step.text) % step.facts, text(step.lasted) % step.lasted_facts) for step in told.steps)
    return [f"{step.letter} {what} {lasted if step.lasted else ''}".strip() for step, what, lasted in steps]


def test_a_confirmed_fall_is_told_from_the_walk_to_the_lying() -> None:
    told = told_of("fall_impact", fall_evidence("confirmed", at_s=AT_S))
    assert told.stage == "confirmed"
    assert said(told, "en") == [
        "A Before: walking for 8 s",
        "B Impact of 3.4 g",
        "C Body turned by 78°",
        "D Lay still for 12 s",
    ]
    assert said(told, "zh") == ["A 之前：行走 8 秒", "B 撞击 3.4 g", "C 体位转动 78°", "D 之后：静卧不动 12 秒"]
    assert [step.at for step in told.steps] == [
        datetime.fromtimestamp(AT_S - BEFORE_S, UTC),
        datetime.fromtimestamp(AT_S, UTC),
        None,
        datetime.fromtimestamp(AT_S + 2, UTC),
    ]
    assert (told.likeness, told.score, told.threshold) == ("clearly over the limit", "0.93", "0.5")
    assert (told.placement, told.sensitivity) == ("worn on the wrist", "normal")


def test_a_suspected_fall_has_no_afterwards_yet_and_a_near_fall_ends_on_ones_feet() -> None:
    assert [step.part for step in told_of("fall_impact", fall_evidence("suspected")).steps][-1] == "posture"
    assert said(told_of("fall_impact", fall_evidence("recovered")), "en")[-1] == "D Stood up and walked for 11 s"


def test_a_radar_says_only_how_certain_it_is() -> None:
    flag = {"signal": "fall", "value": "suspected"}
    assert told_of("fall_suspected", flag).stage == "suspected"
    assert told_of("fall_confirmed", flag).stage == "confirmed"
    assert told_of("fall_confirmed", flag).steps == ()
    assert told_of("fall_impact", {"drill": {"by": "lina"}}).stage == ""


@pytest.mark.parametrize(
    ("score", "words"),
    [(0.4, "under the limit"), (0.5, "just over the limit"), (0.75, "clearly over the limit")],
)
def test_the_score_is_told_in_words(score: float, words: str) -> None:
    assert told_of("fall_impact", fall_evidence(score=score)).likeness == words


def test_what_cannot_be_read_is_left_out_and_the_rest_is_told() -> None:
    stages = [
        {"stage": "before", "what": "flying", "from_s": 1, "to_s": 2},
        {"stage": "posture", "turn_deg": None},
        {"stage": "new in a later version"},
        {"stage": "slump", "peak_g": 1.6},
        {"stage": "after", "what": "still", "from_s": 9, "to_s": 3},
        {"stage": "after", "what": "moving", "from_s": 10, "to_s": 190},
    ]
    told = told_of("fall_impact", fall_evidence(stages=stages, score="high", placement=4, sensitivity=None))
    assert said(told, "en") == [
        "A Slumped down, at most 1.6 g",
        "B Lay still",
        "C Moved, did not get up for 3 min",
    ]
    assert (told.likeness, told.placement, told.sensitivity) == ("", "", "")
    assert [span.letter for span in told.spans] == ["C"]


def test_both_charts_mark_the_same_stages() -> None:
    evidence = fall_evidence("confirmed", at_s=AT_S)
    peak, tilt = charts(evidence, told_of("fall_impact", evidence).spans)
    assert [(band.span.letter, band.x, band.width) for band in peak.bands] == [
        (band.span.letter, band.x, band.width) for band in tilt.bands
    ]
    before, impact, after = peak.bands
    assert before.x == pytest.approx(LEFT)
    assert before.x + before.width < impact.x < after.x
    assert after.x + after.width == pytest.approx(WIDTH - RIGHT)
    assert before.holds("之前：行走")
    assert not before.holds("Moved, did not get up"), "it would run into the impact's letter"
    assert after.holds("Moved, did not get up")
    assert not impact.holds("")


def test_a_stage_outside_the_picture_is_not_drawn_and_a_longer_one_is_cut() -> None:
    series = [{"signal": "accel_peak_g", "unit": "g", "times_s": [AT_S - 1, AT_S + 1], "values": [1, 2]}]
    evidence = fall_evidence("confirmed", at_s=AT_S, series=series)
    (chart,) = charts(evidence, told_of("fall_impact", evidence).spans)
    assert [band.span.letter for band in chart.bands] == ["A", "B"], "the lying begins after the picture"
    assert chart.bands[0].x == pytest.approx(LEFT)


def test_lists_call_a_fall_by_how_certain_it_is() -> None:
    for stage, words in FALL_STAGES.items():
        fall = an_alarm(kind=AlarmKind.FALL, rule="fall_impact", evidence=fall_evidence(stage))
        assert (heading_of(fall), alarm_view(fall, str)["fall"]) == (words, stage)
    exercise = an_alarm(kind=AlarmKind.FALL, rule="fall_impact", evidence={"drill": {"by": "lina"}})
    assert (heading_of(exercise), alarm_view(exercise, str)["fall"]) == ("Fall", "")
    call = an_alarm(evidence={"stage": "suspected"})
    assert (heading_of(call), alarm_view(call, str)["fall"]) == ("Help call", "")


def test_what_to_do_follows_the_stage() -> None:
    for stage in FALL_STAGES:
        assert steps_of(AlarmKind.FALL, stage) == FALL_STEPS.get(stage, STEPS[AlarmKind.FALL])
    assert "at once" in steps_of(AlarmKind.FALL, "suspected")[0]
    assert "nobody need run" in steps_of(AlarmKind.FALL, "recovered")[0]


_NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), 0, 1.77e9, 253402300799])
_PLAIN = st.none() | st.booleans() | _NUMBERS | st.text(max_size=5)
_JSON = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
_STAGE = st.fixed_dictionaries(
    {},
    optional={
        "stage": st.sampled_from(["before", "impact", "slump", "posture", "after"]) | _JSON,
        "what": st.sampled_from(["walking", "moving", "still"]) | _JSON,
        **dict.fromkeys(("from_s", "to_s", "at_s", "peak_g", "turn_deg"), _NUMBERS | _JSON),
    },
)
_PARTS = ("times_s", "values", "limit", "signal", "unit")
_SERIES = st.fixed_dictionaries({}, optional={name: st.lists(_NUMBERS, max_size=6) | _JSON for name in _PARTS})
_EVIDENCE = st.fixed_dictionaries(
    {},
    optional={
        "stages": st.lists(_STAGE | _JSON, max_size=12) | _JSON,
        "series": st.lists(_SERIES | _JSON, max_size=3) | _JSON,
        **dict.fromkeys(("score", "threshold", "stage", "placement", "sensitivity"), _NUMBERS | _JSON),
    },
)


@settings(max_examples=25)
@given(_EVIDENCE)
def test_no_evidence_breaks_the_page(evidence: dict[str, Any]) -> None:
    told = told_of("fall_impact", evidence)
    for language in ("en", "zh"):
        assert len(said(told, language)) <= len("ABCDEFGH")
    for chart in charts(evidence, told.spans):
        for band in chart.bands:
            assert band.width >= 0
            assert LEFT - 1e-6 <= band.x <= band.x + band.width <= WIDTH - RIGHT + 1e-6
        assert chart.limit_y is None or -1e-6 <= chart.limit_y <= HEIGHT
        assert "nan" not in chart.path
        assert "inf" not in chart.path
