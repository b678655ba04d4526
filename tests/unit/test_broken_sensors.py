"""A sensor that cannot be believed is a fault and no fire; a fire at it is told all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alarms.core.engine import Core
from alarms.core.jumps import STAYS_S
from evaluation.fire.rows import Outcome
from evaluation.fire.stream import judge
from firmware_sim.fires.scenes import draw, play
from firmware_sim.recordings import fsri
from tests.detector_room import PROFILES, Detector

HEAT = ("heat_high", "heat_rise")


def leaping(seconds: int, seed: int = 0, least: float = 8, most: float = 48) -> np.ndarray:
    """What a broken thermocouple of a house fire said: anything, second by second, before anything burnt."""
    return np.random.default_rng(seed).uniform(least, most, seconds)


def broken() -> Detector:
    """A detector whose sensor begins to jump, and is told."""
    detector = Detector("temp_c", "heat_alarm")
    detector.report([21.0] * 60)
    detector.report([21, 27, 21, 28, 20, 27, 21])
    assert detector.told() == [("temp_implausible", True)]
    return detector


def test_a_sensor_that_jumps_is_a_fault_and_no_fire_however_high_it_jumps() -> None:
    detector = broken()
    detector.report(leaping(600))
    detector.report([21, 90] * 300)
    assert detector.told() == []
    detector.report([21.0] * 121)
    assert detector.told() == [("temp_implausible", False)]


def test_it_says_why_and_what_is_believed_meanwhile() -> None:
    detector = Detector("temp_c", "heat_alarm")
    detector.report([21, 27, 21, 28, 20])
    evidence = detector.judged[0].evidence
    assert evidence["text"] == (
        "Temperature leaps by 4 K or more and back, 3 times within 2 min, or is out of the sensor's range; "
        "until that ends, only what stays for 20 s is believed"
    )
    assert "3 次骤变 4 K" in evidence["text_zh"]
    assert evidence["series"][0]["values"] == [21, 27, 21, 28, 20]


def test_a_fire_at_a_broken_sensor_is_told_once_it_stays_hot() -> None:
    for hot in ([80.0] * 40, 90 + leaping(40)):
        detector = broken()
        detector.report(hot)
        alarms = [one for one in detector.judged if one.rule in HEAT]
        assert alarms
        assert alarms[0].at_s - detector.now + 40 <= STAYS_S + 2


@pytest.mark.parametrize("rate_k_s", [0.2, 1, 5, 20, 100])
def test_no_heat_that_comes_and_stays_is_held_back(rate_k_s: float) -> None:
    rising = np.minimum(21 + rate_k_s * np.arange(400), 400)
    plain, noisy = (Detector("temp_c", "heat_alarm") for _ in range(2))
    plain.report(rising)
    noisy.report(rising + np.random.default_rng(1).normal(0, 0.5, len(rising)))
    for detector in (plain, noisy):
        assert detector.first("temp_implausible") is None
        first = min(one.at_s for one in detector.judged if one.rule in HEAT)
        assert first - detector.now + len(rising) <= 36 / rate_k_s + 3


def test_an_oven_that_is_opened_again_and_again_breaks_no_sensor() -> None:
    detector = Detector("temp_c", "heat_alarm")
    warms, cools = 14 * (1 - np.exp(-np.arange(30) / 15)), 14 * np.exp(-np.arange(60) / 25)
    detector.report(21 + np.concatenate([warms, cools] * 8))
    assert detector.first("temp_implausible") is None


def test_a_torn_element_says_nothing_about_the_room() -> None:
    detector = Detector("temp_c", "heat_alarm")
    detector.report([21.0] * 30 + [1372.0] * 60)
    assert detector.told() == [("temp_implausible", True)]
    detector.report([21.0] * 125)
    assert detector.told() == [("temp_implausible", False)]


def test_readings_minutes_apart_may_differ_by_anything() -> None:
    detector = Detector("temp_c", "heat_alarm")
    detector.report([20, 30, 20, 30, 20, 30], every_s=120)
    assert detector.told() == []


def test_a_restart_does_not_make_a_broken_sensor_whole() -> None:
    detector = broken()
    detector.restart()
    detector.report([21, 90] * 40)
    assert detector.told() == []


def test_a_carbon_monoxide_sensor_that_jumps_is_a_fault_too() -> None:
    detector = Detector("co_ppm", "co_alarm")
    detector.report([0, 400] * 50)
    assert detector.told("co_300ppm", "co_implausible") == [("co_implausible", True)]


def test_a_temperature_that_never_moves_is_a_frozen_sensor() -> None:
    detector = Detector("temp_c", "heat_alarm")
    detector.core = Core(PROFILES, [detector.device], "platform")
    detector.report([21.3] * 432, every_s=600)
    assert detector.told("temp_frozen") == []
    detector.report([21.3] * 2, every_s=600)
    assert detector.judged[-1].evidence["text"] == "Temperature has not moved for 72 h"
    detector.report([21.4], every_s=600)
    assert detector.told("temp_frozen") == [("temp_frozen", True), ("temp_frozen", False)]


def test_no_simulated_fire_however_fast_is_held_back() -> None:
    played = play(draw("ultra_fast", range(12), "room_20"), 300)
    scenes = [scene for scene in played.temp_c[:, 0].astype(np.float64) if scene.max() >= 57]
    assert scenes
    for scene in scenes:
        detector = Detector("temp_c", "heat_alarm")
        detector.report(scene)
        alarms = [one.at_s for one in detector.judged if one.rule in HEAT]
        broke = detector.first("temp_implausible")
        assert min(alarms) - detector.now + len(scene) <= np.argmax(scene >= 57) + 3
        assert broke is None or broke.at_s > min(alarms)


def test_a_recorded_house_fire_beside_a_broken_thermocouple_is_told_and_nothing_before_it(recordings: Path) -> None:
    (path,) = (recordings / "fsri_house").glob("Gas_Burner_4R2.npz")
    test = fsri.read_test(path)
    outcome = Outcome.of(test, judge([test], PROFILES)[0])
    assert outcome.noisy == ("Living Room",)
    assert outcome.false == ()
    assert outcome.heat_in_time
