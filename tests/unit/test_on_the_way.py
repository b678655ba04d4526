"""Somebody is on the way: the desk knows until when, nobody else is told less, and it ends by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alarms.lifecycle.alarm import Response
from tests.alarm_stories import DAUGHTER, DUTY, REGISTRY, Desk

DAUGHTERS_NAME = "contact:c1"


@pytest.fixture
def called() -> Desk:
    desk = Desk()
    desk.record("sos-201", "help_call")
    return desk


def set_out(desk: Desk, minutes: float, by: str = DAUGHTERS_NAME, **more: Any) -> dict[str, Any]:
    until = desk.now + timedelta(minutes=minutes)
    return desk.command(desk.only, "set_out", by, until=until, **more)


def test_who_is_on_the_way_stands_on_the_alarm_with_the_end(called: Desk) -> None:
    assert set_out(called, 20)["ok"]
    (one,) = called.only.coming
    assert (one.by, one.until - one.at, one.over) == (DAUGHTERS_NAME, timedelta(minutes=20), False)
    assert called.only.response is Response.NEW


def test_people_are_told_on_as_if_nobody_had_said_it(called: Desk) -> None:
    set_out(called, 20)
    called.forward(31)
    assert called.heard == [(DUTY, "new_alarm"), (DUTY, "escalated"), (DAUGHTER, "escalated")]


def test_the_time_runs_out_by_itself_and_that_is_said_once(called: Desk) -> None:
    set_out(called, 20)
    called.command(called.only, "acknowledge", "li")
    called.forward(20 * 60 - 1)
    assert not called.only.coming[0].over
    called.forward(1)
    assert called.only.coming[0].over
    called.forward(3600)
    assert called.log(called.only).count("NotArrived") == 1


def test_it_runs_out_after_a_restart_too(called: Desk) -> None:
    set_out(called, 20)
    called.restart(REGISTRY)
    called.forward(20 * 60)
    assert called.only.coming[0].over


def test_a_new_time_takes_the_place_of_the_old_one(called: Desk) -> None:
    set_out(called, 20)
    set_out(called, 40)
    called.forward(20 * 60)
    assert [one.over for one in called.only.coming] == [False]
    set_out(called, 5, by="contact:c2")
    called.forward(20 * 60)
    assert [(one.by, one.over) for one in called.only.coming] == [(DAUGHTERS_NAME, True), ("contact:c2", True)]


def test_it_can_be_taken_back(called: Desk) -> None:
    set_out(called, 20)
    assert called.command(called.only, "turn_back", DAUGHTERS_NAME)["ok"]
    assert called.only.coming == ()
    assert not called.command(called.only, "turn_back", DAUGHTERS_NAME)["ok"]
    called.forward(3600)
    assert "NotArrived" not in called.log(called.only)


@pytest.mark.parametrize("minutes", [-241, 241])
def test_a_time_that_is_none_is_refused(called: Desk, minutes: float) -> None:
    assert not set_out(called, minutes)["ok"]
    assert called.only.coming == ()


def test_a_word_that_reaches_us_late_still_says_who_was_to_be_there(called: Desk) -> None:
    assert set_out(called, -3)["ok"]
    called.forward(1)
    (one,) = called.only.coming
    assert one.over
    assert called.log(called.only).count("NotArrived") == 1


def test_the_end_of_the_alarm_ends_it(called: Desk) -> None:
    set_out(called, 20)
    alarm = called.only
    called.command(alarm, "resolve", "li", disposition="helped", reached="in_person")
    called.forward(3600)
    ended = called.journal.alarm(alarm.alarm_id)
    assert ended is not None
    assert ended.coming == ()
    assert "NotArrived" not in called.log(alarm)


def test_the_same_wish_twice_is_one(called: Desk) -> None:
    for _ in range(2):
        set_out(called, 20, command_id="way-1")
    assert called.log(called.only).count("SetOut") == 1
