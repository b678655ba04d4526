"""Electricity judged as a circuit lives: its breaker's curve, its own leakage, its arcs, its volts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alarms.core import profiles
from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.errors import RuleFileError
from alarms.core.home import Home
from alarms.core.profiles import load_profiles
from alarms.core.standards import load_standards
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

PROFILES = load_profiles()
STANDARDS = load_standards()
START = 1_700_000_000.0
DAY_S = 86_400.0
HOUR_S = 3600.0


def standard(name: str):
    return STANDARDS.value("test", "", "", name)


class Circuit:
    """A monitor on one circuit, and what the gateway judged of it."""

    def __init__(self, signal: str, where="gateway", *, profile="meter", away=False, **thresholds) -> None:
        self.signal = BY_NAME[signal].number
        self.device = CoreDevice(device_id="c", number=1, profile=profile, home=Home(away=away), thresholds=thresholds)
        self.where = where
        self.core = Core(PROFILES, [self.device], where)
        self.now = START
        self.judged: list[Judgement] = []

    def report(self, values, every_s: float = 1.0) -> None:
        """One value after the other, the first ``every_s`` from now."""
        values = np.asarray(values, np.float64)
        at_s = self.now + every_s * np.arange(1, len(values) + 1)
        self.now = float(at_s[-1])
        one = np.ones(len(values))
        batch = ReadingBatch(
            device=one.astype(np.int32),
            signal=(one * self.signal).astype(np.int16),
            element=np.zeros(len(values), np.int8),
            observed_s=at_s,
            received_s=at_s,
            value=values,
        )
        self.judged += self.core.update(batch, self.now)

    def restart(self) -> None:
        saved = self.core.state()
        self.core = Core(PROFILES, [self.device], self.where)
        assert self.core.restore(saved, self.now) == []

    def told(self) -> list[tuple[str, bool]]:
        told, self.judged = [(one.rule, one.raised) for one in self.judged], []
        return told


def overloaded_after_s(factor: float, *, for_s: float = HOUR_S) -> float | None:
    """When a cold circuit of 16 A that carries so many times its rating alarms."""
    circuit = Circuit("current_a", overload={"rated": 16})
    circuit.report(np.full(int(for_s) + 1, 16 * factor))
    return circuit.judged[0].at_s - START - 1 if circuit.judged else None


def test_the_curve_lies_within_that_of_a_breaker() -> None:
    may_trip, at_2_55 = standard("IEC 60898-1-2015/may_trip"), standard("IEC 60898-1-2015/trips_at_2_55")
    within_s = standard("IEC 60898-1-2015/conventional_time").low
    assert overloaded_after_s(may_trip.low, for_s=within_s) is None
    slow, quick = overloaded_after_s(may_trip.high), overloaded_after_s(2.55)
    assert slow is not None
    assert slow == pytest.approx(180 * np.log(1.45**2 / (1.45**2 - 1.44)), abs=1)
    assert quick is not None
    assert at_2_55.low <= quick <= at_2_55.high


def test_a_motor_that_starts_at_eight_times_the_rating_overloads_nothing() -> None:
    circuit = Circuit("current_a", overload={"rated": 10})
    for _ in range(60):
        circuit.report([0.1] * 20 + [80] + [8] * 39)
    assert circuit.told() == []


def test_a_warm_circuit_alarms_sooner_and_a_restart_keeps_it_warm() -> None:
    circuit = Circuit("current_a", overload={"rated": 10})
    circuit.report([9.5] * 900)
    circuit.restart()
    begun = circuit.now + 1
    circuit.report([18] * 60)
    warm_s, cold_s = (180 * np.log((1.8**2 - before**2) / (1.8**2 - 1.44)) for before in (0.95, 0))
    assert circuit.judged[0].at_s - begun == pytest.approx(warm_s, abs=1.5)
    assert overloaded_after_s(1.8) == pytest.approx(cold_s, abs=1.5)
    assert warm_s < cold_s / 1.5


def test_power_fed_back_heats_like_power_drawn_and_a_gap_cools() -> None:
    circuit = Circuit("current_a", overload={"rated": 10})
    circuit.report([-30] * 60)
    assert circuit.told() == [("overload", True)]
    circuit.now += 901
    circuit.report([11])
    assert circuit.told() == [("overload", False)]


def test_an_overload_says_what_is_rated_and_how_warm_it_is() -> None:
    circuit = Circuit("current_a", overload={"rated": 10})
    while not circuit.judged:
        circuit.report([20])
    evidence = circuit.judged[0].evidence
    assert evidence["text"] == "20 A where 10 A are rated: 101 % of the heat that alarms"
    assert "额定 10 A" in evidence["text_zh"]
    assert evidence["series"][0]["limit"] == 10


def leaking(natural_ma: float = 60, days: float = 1.1, **more) -> Circuit:
    circuit = Circuit("residual_current_ma", residual_current={"limit": 300, "rise": 100} | more)
    circuit.report(np.full(int(days * DAY_S / 60), natural_ma), every_s=60)
    return circuit


def test_a_new_circuit_is_judged_by_its_setting_alone() -> None:
    circuit = leaking(60, days=0.5)
    circuit.report([250] * 10)
    assert circuit.told() == []
    circuit.report([300, 300])
    assert circuit.told() == [("residual_current", True)]
    assert "not known yet" in _last_text(circuit, 300)


def _last_text(circuit: Circuit, value: float) -> str:
    circuit.report([10] * 3)
    circuit.report([value] * 2)
    return circuit.judged[-1].evidence["text"]


def test_a_known_circuit_alarms_beyond_its_own_natural_leakage_and_says_so() -> None:
    circuit = leaking(60)
    circuit.report([159] * 10)
    assert circuit.told() == []
    circuit.report([161, 161])
    evidence = circuit.judged[-1].evidence
    assert circuit.told() == [("residual_current", True)]
    assert evidence["natural_ma"] == pytest.approx(60, abs=0.5)
    assert "161 mA" in evidence["text"]
    assert "固有漏电 60 mA" in evidence["text_zh"]
    assert evidence["series"][0]["limit"] == pytest.approx(160, abs=0.5)
    circuit.report([100] * 2)
    assert circuit.told() == [("residual_current", False)]


def test_a_great_natural_leakage_does_not_lift_the_setting() -> None:
    circuit = leaking(290)
    circuit.report([301, 301])
    assert circuit.told() == [("residual_current", True)]


@pytest.mark.parametrize("fault_ma", [50, 99, 150, 230])
def test_a_fault_that_stays_for_a_day_is_not_learned_away(fault_ma: float) -> None:
    circuit = leaking(60)
    circuit.report(np.full(int(DAY_S / 60), 60 + fault_ma), every_s=60)
    raised = [("residual_current", True)] if fault_ma >= 100 else []
    assert circuit.told() == raised
    circuit.report([60] * 5)
    circuit.told()
    circuit.report([60 + 121] * 2)
    assert circuit.told() == [("residual_current", True)]


def test_what_is_usual_by_day_does_not_alarm_after_a_restart() -> None:
    circuit = leaking(60)
    swing = 60 + 30 * np.sin(np.arange(5 * DAY_S / 300) * 300 / DAY_S * 2 * np.pi)
    circuit.report(swing, every_s=300)
    circuit.restart()
    circuit.report(swing, every_s=300)
    assert circuit.told() == []
    circuit.report([195] * 2)
    assert circuit.told() == [("residual_current", True)]


@pytest.mark.parametrize("count", range(10))
def test_nine_arcs_in_a_second_never_alarm_however_long(count: int) -> None:
    assert count <= standard("GB 31252-2014/arc_must_not_alarm").low
    circuit = Circuit("arc_half_cycles")
    circuit.report([count] * 600)
    assert circuit.told() == []


@pytest.mark.parametrize("count", [14, 15, 40, 100])
def test_fourteen_arcs_in_a_second_alarm_at_once(count: int) -> None:
    assert count >= standard("GB 14287.4-2014/arc_must_alarm").low
    circuit = Circuit("arc_half_cycles")
    circuit.report([0, 9, count])
    assert circuit.told() == [("arc_fault", True)]
    assert circuit.now - START <= 3


@pytest.mark.parametrize("count", [10, 13])
def test_arcs_between_are_unusual_when_they_last(count: int) -> None:
    circuit = Circuit("arc_half_cycles")
    circuit.report([count, count, 0] * 20)
    assert circuit.told() == []
    circuit.report([count] * 4)
    assert circuit.told() == [("arc_unusual", True)]


def test_a_supply_outside_of_the_norm_for_ten_minutes_is_told_and_a_moment_is_not() -> None:
    circuit = Circuit("voltage_v", where="platform")
    circuit.report([237] * 500 + [230] * 10 + [237] * 500)
    assert circuit.told() == []
    circuit.report([237] * 200)
    evidence = circuit.judged[-1].evidence
    assert circuit.told() == [("voltage_off", True)]
    assert evidence["standard"] == "GB/T 12325-2008, 4.3"
    circuit.report([230] * 61)
    circuit.report([190] * 601)
    assert circuit.told() == [("voltage_off", False), ("voltage_off", True)]


@pytest.mark.parametrize(("volts", "rule"), [(275, "voltage_high"), (380, "voltage_high"), (160, "voltage_low")])
def test_a_lost_neutral_is_told_within_three_seconds(volts: float, rule: str) -> None:
    circuit = Circuit("voltage_v")
    circuit.report([220] * 10)
    begun = circuit.now
    circuit.report([volts] * 4)
    assert circuit.judged[0].at_s - begun <= 3
    assert circuit.told() == [(rule, True)]


def test_a_setting_outside_of_what_the_standard_allows_is_refused() -> None:
    device = CoreDevice(
        device_id="c",
        number=1,
        profile="meter",
        thresholds={"residual_current": {"rise": 10}, "cable_hot": {"limit": 150}, "overload": {"ratio": 2}},
    )
    assert {(one.rule, one.parameter) for one in Core(PROFILES, [device], "gateway").problems} == {
        ("residual_current", "rise"),
        ("cable_hot", "limit"),
        ("overload", "ratio"),
    }


def test_every_electrical_alarm_of_a_gateway_is_latched() -> None:
    profile = PROFILES.profile("meter")
    assert profile is not None
    assert all(rule.latching for rule in profile.rules if rule.kind == "electrical" and rule.where == "gateway")


def test_a_cooker_that_is_on_while_everybody_is_away_is_told_after_five_minutes() -> None:
    for away, told in ((True, [("cooker_unattended", True)]), (False, [])):
        circuit = Circuit("power_w", where="platform", profile="cooker", away=away)
        circuit.report([1500] * 300)
        assert circuit.told() == []
        circuit.report([1500] * 2)
        assert circuit.told() == told


def test_a_cooker_left_on_is_told_once_all_have_gone() -> None:
    circuit = Circuit("power_w", where="platform", profile="cooker")
    circuit.report([1500] * 1000)
    circuit.device = replace(circuit.device, home=Home(away=True))
    circuit.restart()
    circuit.report([1500] * 301)
    assert circuit.told() == [("cooker_unattended", True)]
    circuit.device = replace(circuit.device, home=Home(away=False))
    saved = circuit.core.state()
    back = Core(PROFILES, [circuit.device], "platform")
    assert [(one.rule, one.raised) for one in back.restore(saved, circuit.now)] == [("cooker_unattended", False)]


def test_a_gateway_does_not_know_who_is_away(tmp_path: Path) -> None:
    cooker = (Path(profiles.__file__).with_suffix("") / "cooker.toml").read_text("utf-8")
    (tmp_path / "cooker.toml").write_text(cooker.replace('"platform"', '"gateway"'), "utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_profiles(tmp_path)
    assert refused.value.key == "only_away"
