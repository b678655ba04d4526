"""Heat detectors of class A1, A2 and B: when each responds, by the tables of EN 54-5 and GB 4716."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alarms.core import profiles
from alarms.core.engine import Core, CoreDevice
from alarms.core.errors import RuleFileError
from alarms.core.profiles import load_profiles
from alarms.core.standards import load_standards
from tests.detector_room import PROFILES, START, Detector

STANDARDS = load_standards()
SETTLED_S = 300
SHIPPED = Path(profiles.__file__).with_suffix("") / "heat_alarm.toml"


def standard(edition: str, name: str):
    return STANDARDS.value("test", "", "", f"{edition}/{name}")


def response(of_class: str, from_c: float, rate_k_min: float) -> tuple[float, float]:
    """Seconds from the begin of a rise to the alarm, and the temperature then."""
    detector = Detector("temp_c", "heat_alarm", heat_high={"class": of_class})
    detector.report([from_c] * SETTLED_S)
    for second in range(1, 3000):
        detector.report([from_c + rate_k_min / 60 * second])
        alarm = next((one for one in detector.judged if one.rule in ("heat_high", "heat_rise") and one.raised), None)
        if alarm is not None:
            after_s = alarm.at_s - START - SETTLED_S
            return after_s, from_c + rate_k_min / 60 * after_s
    raise AssertionError("it never responds")


@pytest.mark.parametrize("rate_k_min", [1, 3, 5, 10, 20, 30])
@pytest.mark.parametrize("of_class", ["a1", "a2", "b"])
def test_each_class_responds_within_the_times_of_its_table(of_class: str, rate_k_min: int) -> None:
    row = "a1" if of_class == "a1" else "others"
    after_s, _ = response(of_class, standard("EN 54-5-2017", f"class_{of_class}_typical").low, rate_k_min)
    for edition in ("EN 54-5-2017", "GB 4716-2005"):
        allowed = standard(edition, f"{row}_at_{rate_k_min}_k_min")
        assert allowed.low <= after_s <= allowed.high


@pytest.mark.parametrize("of_class", ["a1", "a2", "b"])
def test_each_class_responds_at_its_static_temperature_and_never_in_its_place(of_class: str) -> None:
    static = standard("EN 54-5-2017", f"class_{of_class}_static")
    highest = standard("EN 54-5-2017", f"class_{of_class}_highest").low
    _, at_c = response(of_class, static.low - 1, 0.2)
    assert static.low <= at_c <= static.high
    calm = Detector("temp_c", "heat_alarm", heat_high={"class": of_class})
    calm.report(np.full(600, highest))
    assert calm.first("heat_high") is None


def test_a_limit_of_its_own_is_more_than_a_class_and_a_class_that_there_is_not_is_refused() -> None:
    devices = [
        CoreDevice(
            device_id="own", number=1, profile="heat_alarm", thresholds={"heat_high": {"limit": 65, "class": "b"}}
        ),
        CoreDevice(device_id="wrong", number=2, profile="heat_alarm", thresholds={"heat_high": {"class": "z"}}),
    ]
    (problem,) = Core(PROFILES, devices, "gateway").problems
    assert (problem.source, problem.parameter) == ("wrong", "class")
    assert "'a1' or 'a2' or 'b'" in problem.text
    own = Detector("temp_c", "heat_alarm", heat_high={"class": "b", "limit": 65})
    own.report([60] * 10 + [66] * 3)
    assert own.told("heat_high") == [("heat_high", True)]


def test_a_profile_may_be_of_a_class(tmp_path: Path) -> None:
    (tmp_path / "loft_heat.toml").write_text(
        'kind = "fire"\nheartbeat_s = 600\nuses = ["heat_high"]\nen = "x"\nzh = "x"\n'
        '[parameters.heat_high]\nclass = "b"\n',
        "utf-8",
    )
    (rule,) = [one for one in load_profiles(tmp_path).profile("loft_heat").rules if one.rule == "heat_high"]
    assert (rule.parameters["class"], rule.parameters["limit"]) == ("b", 75)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ("b = { limit = 5000 }", "limit"),
        ("b = { colour = 1 }", "colour"),
        ("[rule.choices.limit]\nx = { on_s = 1 }", "choices"),
    ],
)
def test_a_wrong_choice_is_refused_by_name(tmp_path: Path, wrong: str, key: str) -> None:
    text = SHIPPED.read_text("utf-8").replace("b = { limit = 75 }", wrong)
    (tmp_path / "heat_alarm.toml").write_text(text, "utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_profiles(tmp_path)
    assert refused.value.key == key
