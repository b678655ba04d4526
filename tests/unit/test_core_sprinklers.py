"""What the core says about a sprinkler system, told as stories."""

from __future__ import annotations

from pathlib import Path

import pytest

from alarms.core.engine import CoreDevice
from alarms.core.errors import RuleFileError
from alarms.core.profiles import load_profiles
from tests.unit.test_core_stories import Home

PROFILES = load_profiles()


def plain(**retard: float) -> CoreDevice:
    return CoreDevice(
        device_id="flow",
        number=1,
        profile="flow_switch_plain",
        thresholds={"flow_lasts": dict(retard)} if retard else {},
    )


PUMP = CoreDevice(device_id="pump", number=2, profile="fire_pump")


def at_gateway(*devices: CoreDevice) -> Home:
    return Home(*devices, where="gateway")


def test_flow_that_outlasts_the_retard_is_told_to_the_second_and_takes_a_restart() -> None:
    home = at_gateway(plain())
    home.say("flow", "water_flow", 1)
    home.forward(20)
    home.restart(plain())
    home.forward(9.5)
    assert home.told() == []
    home.forward(0.5)
    assert home.told() == [("flow_lasts", "flow", True)]
    home.say("flow", "water_flow", 0)
    assert home.told() == [("flow_lasts", "flow", False)]


def test_a_surge_is_held_back_and_often_is_a_fault() -> None:
    home = at_gateway(plain())
    for _ in range(5):
        home.say("flow", "water_flow", 1)
        home.forward(8)
        home.say("flow", "water_flow", 0)
        home.forward(300, 10)
    assert home.told() == [("flow_flutters", "flow", True)]


@pytest.mark.parametrize(("retard_s", "is_taken"), [(0.0, True), (90.0, True), (91.0, False)])
def test_the_retard_may_be_what_the_standard_allows(retard_s: float, is_taken: bool) -> None:
    home = at_gateway(plain(on_s=retard_s))
    assert bool(home.core.problems) is not is_taken
    home.say("flow", "water_flow", 1)
    home.forward(retard_s if is_taken else 30)
    assert home.told() == [("flow_lasts", "flow", True)]


def test_the_alarm_draws_the_pressure_beside_the_flow_wherever_it_is_measured() -> None:
    home = at_gateway(plain(on_s=0), PUMP)
    for kpa in (620, 610, 380):
        home.say("pump", "water_pressure_kpa", kpa)
        home.forward(1)
    home.say("flow", "water_flow", 1)
    rule = PROFILES.direct("flow_switch", "water_flow")
    assert rule is not None
    (series,) = home.core.beside(1, rule)
    assert (series["signal"], series["unit"], series["values"]) == ("water_pressure_kpa", "kPa", [620, 610, 380])


def test_a_pump_that_runs_while_no_water_flows_and_one_that_fails_to_start() -> None:
    home = at_gateway(plain(), PUMP)
    home.say("flow", "water_flow", 0)
    home.say("pump", "pump_running", 1)
    home.forward(60)
    assert home.told() == [("pump_without_flow", "pump", True)]
    home.say("flow", "water_flow", 1)
    assert home.told() == [("pump_without_flow", "pump", False)]
    home.say("pump", "pump_running", 0)
    home.say("pump", "water_pressure_kpa", 120)
    home.forward(30)
    assert set(home.told()) == {("flow_lasts", "flow", True), ("pump_fails", "pump", True)}
    home.say("pump", "pump_running", 1)
    assert home.told() == [("pump_fails", "pump", False)]


def test_a_system_without_a_pump_that_tells_is_not_asked_for_one() -> None:
    home = at_gateway(CoreDevice(device_id="flow", number=1, profile="flow_switch"))
    home.say("flow", "water_pressure_kpa", 120)
    home.forward(100)
    assert home.told() == []


def test_a_shut_valve_is_told_after_three_seconds_and_until_it_is_open_again() -> None:
    home = at_gateway(plain())
    home.say("flow", "valve_open", 0)
    home.forward(3)
    assert home.told() == [("valve_shut", "flow", True)]
    home.forward(3600, 60)
    home.say("flow", "valve_open", 1)
    assert home.told() == [("valve_shut", "flow", False)]


def test_a_tank_that_is_low_for_a_minute_is_told_until_it_is_filled_again() -> None:
    home = Home(PUMP, where="platform")
    home.say("pump", "tank_level_pct", 39)
    home.forward(59)
    assert home.told() == [], "a wave"
    home.forward(1)
    assert home.told() == [("tank_low", "pump", True)]
    home.say("pump", "tank_level_pct", 45)
    assert home.told() == []
    home.say("pump", "tank_level_pct", 96)
    assert home.told() == [("tank_low", "pump", False)]


def test_a_profile_judges_a_signal_against_one_other_only(tmp_path: Path) -> None:
    rule = """
[[rule]]
rule = "pump_and_valve"
type = "without"
where = "gateway"
signal = "pump_running"
kind = "fault"
priority = "high"
parameters = { other = "valve_open", hold_s = 5 }
en = "Pump runs against a shut valve"
zh = "水泵运行而阀门关闭"
"""
    text = 'kind = "water"\nuses = ["pump_without_flow"]\nen = "P"\nzh = "泵"\n' + rule
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_profiles(tmp_path)
    assert (refused.value.file, refused.value.key, refused.value.value) == ("mine.toml", "signal", "pump_running")
