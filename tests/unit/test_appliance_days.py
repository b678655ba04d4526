"""Days of ordinary appliances raise no alarm of electricity; a plug that carries too much does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alarms.core.profiles import load_profiles
from evaluation.electrics.appliance_days import judge
from firmware_sim.errors import RecordingError
from firmware_sim.recordings.tracebase import ApplianceDay, read_days

PROFILES = load_profiles()
STEPS = 2160
"""Six hours."""


def day(appliance: str, watts: np.ndarray) -> ApplianceDay:
    return ApplianceDay(appliance=appliance, device="d", day="2026-01-01", watts=watts)


def kettle() -> np.ndarray:
    watts = np.zeros(STEPS)
    for start in range(0, STEPS, 360):
        watts[start : start + 25] = 2700
    return watts


def fridge() -> np.ndarray:
    watts = np.where(np.arange(STEPS) % 180 < 60, 90.0, 1.0)
    watts[::180] = 1400  # the compressor starts
    return watts


def dryer() -> np.ndarray:
    watts = np.where(np.arange(STEPS) % 60 < 50, 3600.0, 250.0)
    watts[700:760] = np.nan  # not recorded
    return watts


def test_a_kettle_a_fridge_and_a_dryer_raise_nothing() -> None:
    days = judge([day("kettle", kettle()), day("fridge", fridge()), day("dryer", dryer())], PROFILES)
    assert [one.raised for one in days] == [(), (), ()]
    assert [one.hours for one in days] == pytest.approx([6, 6, 6 - 1 / 6])


def test_two_heaters_on_one_socket_are_an_overload() -> None:
    watts = np.zeros(STEPS)
    watts[100:] = 5000
    (found,) = judge([day("heaters", watts)], PROFILES)
    assert {one.rule for one in found.raised} == {"overload", "plug_overload", "heater_on_long"}


def test_recordings_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="tracebase_10s"):
        read_days(tmp_path)


def test_no_recorded_day_raises_an_alarm_of_electricity(recordings: Path) -> None:
    days = judge(read_days(recordings / "tracebase"), PROFILES)
    assert len(days) == 749
    assert [(one.day.appliance, one.day.day, told.rule) for one in days for told in one.raised] == []
