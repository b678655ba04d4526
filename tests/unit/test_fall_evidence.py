"""The evidence of a fall: at each stage what is known then, in words and numbers that the console can draw."""

from __future__ import annotations

import json
from typing import Any

import pytest

from alarms.core.fall_evidence import of_fall
from alarms.core.falls import Did, Drawn, Fall
from alarms.core.motion.doing import Doing
from alarms.core.motion.impacts import IMPACT_G
from alarms.core.motion.sensitivity import Sensitivity
from ingest.wire.fall_stage import Stage
from ingest.wire.motion import Placement
from tests.fall_evidence import fall_evidence
from tests.fall_recordings import fallen
from tests.worn import START, falls_of, window

BEFORE = Did(doing=Doing.WALKING, from_s=97.0, to_s=100.0)
MOVED, LAY, WALKED = (
    Did(doing=doing, from_s=from_s, to_s=to_s)
    for doing, from_s, to_s in [
        (Doing.MOVING, 101.0, 103.0),
        (Doing.STILL, 103.0, 106.0),
        (Doing.WALKING, 103.0, 110.0),
    ]
)
DRAWN = Drawn(times_s=[99.0, 100.0, 101.0], peaks_g=[1.0, 4.66, 1.1], tilts_deg=[0.0, 12.5, 87.4])


def fall(stage: Stage = Stage.SUSPECTED, **changes: Any) -> Fall:
    known: dict[str, Any] = {
        "wearer": 0, "stage": stage, "placement": Placement.WRIST, "impact_at": 100.0, "judged_at": 102.0,
        "logit": 2.0, "limit": 0.5, "peak_g": 4.659, "turn_deg": 87.4, "before": BEFORE,
    }  # fmt: skip
    return Fall(**(known | changes))


def test_a_suspicion_says_what_was_before_how_hard_it_was_and_draws_it() -> None:
    assert of_fall(fall(drawn=DRAWN), Sensitivity.HIGH) == {
        "signal": "accel_peak_g",
        "value": 4.66,
        "stage": "suspected",
        "score": 0.881,
        "threshold": 0.622,
        "placement": "wrist",
        "sensitivity": "high",
        "turn_deg": 87,
        "impact_at_s": 100.0,
        "judged_at_s": 102.0,
        "stages": [
            {"stage": "before", "what": "walking", "from_s": 97.0, "to_s": 100.0},
            {"stage": "impact", "at_s": 100.0, "peak_g": 4.66},
            {"stage": "posture", "turn_deg": 87},
        ],
        "text": "impact of 4.7 g, body turned by 87 degrees",
        "text_zh": "冲击 4.7 g，体位转动 87°",
        "series": [
            {
                "signal": "accel_peak_g", "unit": "g", "times_s": [99.0, 100.0, 101.0], "values": [1.0, 4.66, 1.1],
                "limit": IMPACT_G,
            },
            {"signal": "tilt_deg", "unit": "°", "times_s": [99.0, 100.0, 101.0], "values": [0.0, 12.5, 87.4]},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "after", "judged_at", "text", "text_zh"),
    [
        (Stage.CONFIRMED, (MOVED, LAY), 106.0, "lying still 6 s later", "6 秒后仍静卧不动"),
        (Stage.RECOVERED, (MOVED, WALKED), 110.0, "walking again 10 s later", "10 秒后已起身行走"),
    ],
)
def test_a_later_stage_says_what_came_after_and_leaves_the_drawing_as_it_was(
    stage: Stage, after: tuple[Did, ...], judged_at: float, text: str, text_zh: str
) -> None:
    found = of_fall(fall(stage, after=after, judged_at=judged_at), Sensitivity.NORMAL)
    assert found["stage"] == stage
    assert [each["stage"] for each in found["stages"]] == ["before", "impact", "posture", "after", "after"]
    assert [each["what"] for each in found["stages"][3:]] == [str(did.doing) for did in after]
    assert (found["stages"][-1]["from_s"], found["stages"][-1]["to_s"]) == (103.0, judged_at)
    assert found["text"] == f"impact of 4.7 g, body turned by 87 degrees; {text}"
    assert found["text_zh"] == f"冲击 4.7 g，体位转动 87°；{text_zh}"
    assert "series" not in found  # what was known before is kept


@pytest.mark.parametrize(
    ("peak_g", "stage", "english", "chinese"),
    [(1.39, "slump", "slump of", "瘫倒"), (1.4, "impact", "impact of", "冲击")],
)
def test_a_soft_fall_is_called_a_slump(peak_g: float, stage: str, english: str, chinese: str) -> None:
    found = of_fall(fall(peak_g=peak_g, before=None), Sensitivity.LOW)
    assert [each["stage"] for each in found["stages"]] == [stage, "posture"]
    assert found["text"].startswith(english)
    assert found["text_zh"].startswith(chinese)


@pytest.mark.parametrize(("logit", "score"), [(0.0, 0.5), (40.0, 1.0), (1e4, 1.0), (-40.0, 0.0), (-1e4, 0.0)])
def test_a_score_is_a_chance(logit: float, score: float) -> None:
    found = of_fall(fall(logit=logit, limit=logit), Sensitivity.NORMAL)
    assert found["score"] == found["threshold"] == score


def test_what_the_detector_finds_can_be_sent_and_has_the_form_that_the_console_draws() -> None:
    accel_g = fallen(50.0, 1)
    told = falls_of().update([(0, window(accel_g, START))], START + len(accel_g) / 50)
    sent = [json.loads(json.dumps(of_fall(each, Sensitivity.NORMAL), allow_nan=False)) for each in told]
    assert [each["stage"] for each in sent] == ["suspected", "confirmed"]
    known: dict[str, Any] = {}
    for each in sent:
        known |= each
    pattern = fall_evidence("confirmed")
    assert known.keys() == pattern.keys()
    assert {key: type(value) for key, value in known.items() if key != "value"} == {
        key: type(value) for key, value in pattern.items() if key != "value"
    }
    for one, other in zip(known["series"], pattern["series"], strict=True):
        assert one.keys() == other.keys()
        assert len(one["times_s"]) == len(one["values"])
        assert one["times_s"] == sorted(one["times_s"])
        assert one["times_s"][0] < known["impact_at_s"] < one["times_s"][-1]
    stages = {each["stage"]: set(each) for each in known["stages"]}
    assert stages == {each["stage"]: set(each) for each in pattern["stages"]}
