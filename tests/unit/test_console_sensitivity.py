"""How easily a device calls a fall: the choice that holds, where it is kept, and what each one is said to cost."""

from __future__ import annotations

import re

import msgspec

from alarms.core.motion.cost import cost
from alarms.core.motion.sensitivity import Sensitivity
from alarms.core.profiles import load_profiles
from console.sensitivity import PLACES, SENSITIVITY, costs
from console.setup.changes import differences
from ingest.registry.model import Device, Registry, Room, Site
from ingest.wire.motion import Placement
from ingest.wire.signals import Kind

PROFILES = load_profiles()
REGISTRY = Registry(
    version=1,
    sites=(Site(site_id="home", name="", shard=0, thresholds={"fall_impact": {"sensitivity": "low"}}),),
    rooms=(Room(room_id="r1", site_id="home", name="", thresholds={"fall_impact": {"sensitivity": "high"}}),),
)


def worn(profile: str = "wearable", room_id: str | None = None, sensitivity: str = "") -> Device:
    thresholds = SENSITIVITY.choosing({}, sensitivity) if sensitivity else {}
    return Device(
        device_id="belt", number=1, site_id="home", gateway_id="gw", kind=Kind.WEARABLE, profile=profile,
        room_id=room_id, thresholds=thresholds,
    )  # fmt: skip


def say(text: str, **facts: object) -> str:
    return text % facts if facts else text


def test_the_devices_own_choice_wins_over_its_rooms_and_its_sites() -> None:
    assert SENSITIVITY.of(PROFILES, worn(), Registry()) == "normal"
    assert SENSITIVITY.of(PROFILES, worn(), REGISTRY) == "low"
    assert SENSITIVITY.of(PROFILES, worn(room_id="r1"), REGISTRY) == "high"
    assert SENSITIVITY.of(PROFILES, worn(room_id="r1", sensitivity="normal"), REGISTRY) == "normal"


def test_a_word_that_is_none_is_as_if_nothing_was_chosen() -> None:
    assert SENSITIVITY.of(PROFILES, worn(sensitivity="extreme"), Registry()) == "normal"


def test_only_what_is_worn_has_one() -> None:
    judged = {name for name in PROFILES.names if SENSITIVITY.rule_of(PROFILES, name) is not None}
    assert judged == {"pendant", "wearable"}
    assert SENSITIVITY.of(PROFILES, worn("sos_button"), REGISTRY) == ""
    assert SENSITIVITY.of(PROFILES, worn("of a later version"), REGISTRY) == ""


def test_a_choice_leaves_every_other_threshold_as_it_was() -> None:
    before = {"fall_impact": {"impact_g": 3.0}, "not_worn": {"hold_s": 60}}
    assert SENSITIVITY.choosing(before, "low") == {
        "fall_impact": {"impact_g": 3.0, "sensitivity": "low"},
        "not_worn": {"hold_s": 60},
    }
    assert before["fall_impact"] == {"impact_g": 3.0}


def test_each_choice_says_what_it_costs_at_the_best_and_the_worst_place() -> None:
    told = costs(say)
    assert list(told) == list(Sensitivity)
    for sensitivity, text in told.items():
        expected = [cost(place, Sensitivity(sensitivity)) for place in PLACES]
        least, most, fewest, found = map(
            float, re.findall(r"([\d.]+)–([\d.]+)", text)[0] + re.findall(r"(\d+)–(\d+) of", text)[0]
        )
        assert abs(least - min(one.false_per_week for one in expected)) <= 0.05 * least
        assert abs(most - max(one.false_per_week for one in expected)) <= 0.05 * most
        assert fewest <= 100 * min(one.detected for one in expected), "never more than is expected"
        assert found <= 100 * max(one.detected for one in expected)
    only = cost(Placement.WAIST, Sensitivity.NORMAL)
    assert f"About {only.false_per_week:.2g} false" in costs(say, [Placement.WAIST])["normal"]


def test_a_changed_threshold_is_told_by_itself() -> None:
    before, after = worn(), worn(sensitivity="high")
    changed = differences(msgspec.to_builtins(before), msgspec.to_builtins(after))
    assert changed == [("sensitivity@fall_impact", None, "high")]
    assert differences(msgspec.to_builtins(after), msgspec.to_builtins(before)) == [
        ("sensitivity@fall_impact", "high", None)
    ]
