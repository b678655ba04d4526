"""A smoke detector that gets dirty: told before it sounds, and gone once it is cleaned."""

from __future__ import annotations

import numpy as np

from tests.detector_room import Detector

HOUR_S, DAY_S = 3600.0, 86_400.0
SOILED, UNTRUSTED = "smoke_soiled", "smoke_untrusted"


def told(detector: Detector) -> list[tuple[str, bool]]:
    return detector.told(SOILED, UNTRUSTED)


def hours(detector: Detector, level: float, count: int) -> None:
    """The same level, four times an hour."""
    detector.report([level] * (4 * count), every_s=HOUR_S / 4)


def dirty(level: float = 0.08) -> Detector:
    """A detector into which dust has settled in a month, and which has said so."""
    detector = Detector("obscuration_db_m", "smoke_alarm")
    for part in np.linspace(0.0, level, 30):
        hours(detector, part, 24)
    hours(detector, level, 48)
    return detector


def test_dust_that_settles_in_a_month_is_told_before_it_sounds() -> None:
    detector = dirty(0.08)
    evidence = detector.judged[-1].evidence
    assert detector.told() == [(SOILED, True)], "and no smoke"
    assert evidence["text"] == "usually 0.0725 dB/m here: 73% of the 0.1 dB/m of dirt that are made up for"
    assert "已达可补偿污染 0.1 dB/m 的 73%" in evidence["text_zh"]
    assert evidence["series"][0]["limit"] == 0.07


def test_it_is_over_once_the_detector_was_cleaned() -> None:
    detector = dirty(0.08)
    told(detector)
    hours(detector, 0.0, 6)
    assert told(detector) == [(SOILED, False)]


def test_more_dirt_than_can_be_made_up_for_cannot_be_trusted() -> None:
    detector = dirty(0.15)
    assert told(detector) == [(SOILED, True), (UNTRUSTED, True)]
    assert detector.judged == []
    hours(detector, 0.0, 6)
    assert set(told(detector)) == {(SOILED, False), (UNTRUSTED, False)}


def test_a_detector_that_was_dirty_when_it_came_is_told_after_a_day() -> None:
    detector = Detector("obscuration_db_m", "smoke_alarm")
    hours(detector, 0.2, 23)
    assert told(detector) == []
    hours(detector, 0.2, 2)
    assert set(told(detector)) == {(SOILED, True), (UNTRUSTED, True)}


def test_a_long_evening_of_smoke_is_no_dirt() -> None:
    detector = Detector("obscuration_db_m", "smoke_alarm")
    for _ in range(10):
        hours(detector, 0.0, 18)
        hours(detector, 0.15, 6)
    assert told(detector) == []


def test_a_clean_detector_with_noise_is_never_told() -> None:
    detector = Detector("obscuration_db_m", "smoke_alarm")
    noise = np.abs(np.random.default_rng(3).normal(0, 0.01, 24 * 20))
    detector.report(noise, every_s=HOUR_S)
    assert told(detector) == []


def test_the_wait_goes_on_over_a_restart() -> None:
    detector = Detector("obscuration_db_m", "smoke_alarm")
    hours(detector, 0.2, 20)
    detector.restart()
    hours(detector, 0.2, 3)
    assert told(detector) == []
    hours(detector, 0.2, 2)
    assert (UNTRUSTED, True) in told(detector)


def test_how_much_is_too_much_is_the_devices_own_setting() -> None:
    detector = Detector("obscuration_db_m", "smoke_alarm", smoke_soiled={"share": 0.3, "hold_s": 3600})
    hours(detector, 0.04, 2)
    assert told(detector) == [(SOILED, True)]
