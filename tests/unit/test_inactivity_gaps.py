"""What is not known is no silence, and hides nobody."""

from __future__ import annotations

import numpy as np

from alarms.core.inactivity.clock import SLOT_S, SLOTS, LocalClock
from alarms.core.inactivity.silence import SETTLE_S
from alarms.core.inactivity.steps import Step, Told
from alarms.core.inactivity_evidence import of_silence
from tests.quiet_home import DAY_MIN, house_w
from tests.silent_home import LEARNED, MIDNIGHT_S, ZONE, again, home, live, three_weeks


def test_a_meter_that_is_not_heard_is_no_silence() -> None:
    assert live(again(three_weeks()), np.full(2 * DAY_MIN, np.nan), LEARNED * DAY_MIN) == []


def test_a_meter_that_drops_out_for_an_hour_again_and_again_hides_nobody() -> None:
    silence = again(three_weeks())
    watts = house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :]
    for begin in range(0, len(watts), 4 * 60):
        watts[begin : begin + 60] = np.nan
    told = live(silence, watts, LEARNED * DAY_MIN)
    assert [one.step for one in told] == [Step.ASK, Step.ALARM]
    alarmed = told[1]
    since_midnight = alarmed.at_s - MIDNIGHT_S - LEARNED * 86_400
    assert since_midnight < 16 * 3600
    assert alarmed.missed_s >= since_midnight // (4 * 3600) * 3600
    assert alarmed.since_s < MIDNIGHT_S + LEARNED * 86_400
    assert "h of it could not be judged" in of_silence(alarmed, LocalClock([ZONE]), silence)["text"]


def test_after_six_hours_of_which_nothing_is_known_silence_begins_anew() -> None:
    for hours, goes_on in ((5, True), (7, False)):
        silence = again(three_weeks())
        watts = house_w(LEARNED + 1, 3)[LEARNED * DAY_MIN :][: 12 * 60]
        watts[2 * 60 : (2 + hours) * 60] = np.nan
        live(silence, watts, LEARNED * DAY_MIN)
        lasted = (int(silence.any.silent[0]) + int(silence.any.missed[0])) * SLOT_S
        assert (lasted >= 12 * 3600) is goes_on


def test_a_long_gap_behind_a_question_is_part_of_its_silence() -> None:
    silence = again(three_weeks())
    watts = house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :]
    told: list[Told] = []
    for five in range(0, len(watts), 5):
        gone = told and (LEARNED * DAY_MIN + five) * 60 + MIDNIGHT_S < told[0].at_s + 7 * 3600
        told += live(silence, np.full(5, np.nan) if gone else watts[five : five + 5], LEARNED * DAY_MIN + five)
    asked, alarmed = told
    assert (asked.step, alarmed.step) == (Step.ASK, Step.ALARM)
    assert alarmed.since_s == asked.since_s
    assert alarmed.at_s - asked.at_s <= 8 * 3600


def test_a_question_that_nobody_answered_becomes_an_alarm_though_the_meter_is_not_heard_any_more() -> None:
    silence = again(three_weeks())
    watts = house_w(LEARNED + 2, 3)[LEARNED * DAY_MIN :]
    told: list[Told] = []
    for five in range(0, len(watts), 5):
        told += live(silence, np.full(5, np.nan) if told else watts[five : five + 5], LEARNED * DAY_MIN + five)
    asked, alarmed = told
    assert (asked.step, alarmed.step) == (Step.ASK, Step.ALARM)
    assert alarmed.at_s - asked.at_s == 12 * 3600
    assert alarmed.missed_s == 12 * 3600


def test_a_meter_that_is_heard_now_and_then_cannot_keep_a_question_from_its_alarm() -> None:
    silence = again(three_weeks())
    watts = house_w(LEARNED + 3, 3)[LEARNED * DAY_MIN :]
    told: list[Told] = []
    for five in range(0, len(watts), 5):
        heard = not told or five % (6 * 60) == 0
        told += live(silence, watts[five : five + 5] if heard else np.full(5, np.nan), LEARNED * DAY_MIN + five)
    asked, alarmed = told
    assert (asked.step, alarmed.step) == (Step.ASK, Step.ALARM)
    assert 12 * 3600 <= alarmed.at_s - asked.at_s <= 13 * 3600


def test_whoever_stirs_a_little_behind_a_question_is_not_alarmed_for_hours_that_were_not_heard() -> None:
    """A sensor tells something once an hour, too little to end the question, and is blind for four hours a night."""
    silence = home(0, sensed=True)
    told: list[Told] = []
    for slot in range(27 * SLOTS):
        day, hour, heard_of_it = slot // SLOTS, slot % SLOTS / 12, bool(told)
        if 7 <= hour <= 22 and hour % 1 == 0 and (day != 21 or hour < 10 or heard_of_it):
            silence.event(np.zeros(1, np.int64), np.ones(1, np.int64))
        told += silence.tick(MIDNIGHT_S + (slot + 1) * SLOT_S + SETTLE_S, np.array([day > 21 and 1 <= hour < 5]))
        if told and not heard_of_it:
            silence.event(np.zeros(1, np.int64), np.ones(1, np.int64))
    assert [one.step for one in told] == [Step.ASK]
