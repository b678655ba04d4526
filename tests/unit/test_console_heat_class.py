"""Which class of heat detector a device is of: what each is said to be, and the limit that holds in a class's place."""

from __future__ import annotations

from typing import Any

import pytest

from alarms.core.profiles import load_profiles
from alarms.core.standards import load_standards
from console.heat_class import HEAT_CLASS, classes, own_limit
from console.words import HEAT_CLASSES
from ingest.registry.model import Device, Registry, Room
from ingest.wire.signals import Kind

PROFILES = load_profiles()


def detector(profile: str = "heat_alarm", **heat_high: Any) -> Device:  # Any: as Device.thresholds
    return Device(
        device_id="loft", number=1, site_id="home", gateway_id="gw", kind=Kind.FIRE, profile=profile, room_id="r1",
        thresholds={"heat_high": heat_high} if heat_high else {},
    )  # fmt: skip


def room(**heat_high: Any) -> Registry:  # Any: as Room.thresholds
    where = Room(room_id="r1", site_id="home", name="", thresholds={"heat_high": heat_high})
    return Registry(version=1, rooms=(where,))


def say(text: str, **facts: object) -> str:
    return text % facts if facts else text


def test_only_what_feels_heat_has_one() -> None:
    judged = {name for name in PROFILES.names if HEAT_CLASS.rule_of(PROFILES, name) is not None}
    assert judged == {"heat_alarm", "smoke_alarm", "ambient"}
    assert HEAT_CLASS.of(PROFILES, detector("sos_button"), Registry()) == ""
    assert own_limit(PROFILES, detector("sos_button"), Registry()) is None


def test_each_class_says_where_it_may_hang_and_when_it_alarms() -> None:
    rule = HEAT_CLASS.rule_of(PROFILES, "heat_alarm")
    assert rule is not None
    told = classes(say, rule)
    assert list(told) == list(HEAT_CLASSES) == list(rule.choices["class"])
    for one, text in told.items():
        assert text.endswith(f"Alarms at {rule.choices['class'][one]['limit']:g} °C.")
    highest = load_standards().value("test", "", "", "EN 54-5-2017/class_b_highest")
    assert f"may have {highest.low:g} °C" in told["b"]


def test_a_rooms_class_holds_for_what_hangs_there_until_the_device_has_its_own() -> None:
    assert HEAT_CLASS.of(PROFILES, detector(), Registry()) == "a1"
    assert HEAT_CLASS.of(PROFILES, detector(), room(**{"class": "b"})) == "b"
    assert HEAT_CLASS.of(PROFILES, detector(**{"class": "a2"}), room(**{"class": "b"})) == "a2"
    assert HEAT_CLASS.of(PROFILES, detector(**{"class": "z"}), Registry()) == "a1", "as if nothing was chosen"


@pytest.mark.parametrize("registry", [Registry(), room(**{"class": "b"})])
def test_a_class_has_no_limit_of_its_own(registry: Registry) -> None:
    assert own_limit(PROFILES, detector(), registry) is None
    assert own_limit(PROFILES, detector(**{"class": "a2"}), registry) is None


def test_a_limit_of_its_own_is_told_whatever_the_class_and_wherever_it_is_set() -> None:
    assert own_limit(PROFILES, detector(**{"limit": 65, "class": "b"}), Registry()) == 65
    assert own_limit(PROFILES, detector(**{"class": "b"}), room(limit=65)) == 65
    assert own_limit(PROFILES, detector(**{"limit": 75, "class": "b"}), Registry()) is None, "the class says the same"
