"""A smoke alarm in a kitchen shows at once and sounds when it is verified: stories about what ends the wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alarms.lifecycle.alarm import Alarm, Flag, Priority, Response
from ingest.registry.model import Registry
from tests.alarm_stories import DUTY
from tests.fire_home import NIGHT, NOON, FireDesk, fire_home, without_uses

VERIFIED = [(DUTY, "more_urgent")]


@pytest.fixture
def desk() -> FireDesk:
    return FireDesk()


def is_pre_alarm(alarm: Alarm) -> bool:
    return (alarm.priority, alarm.is_pre_alarm, alarm.evidence.get("stage")) == (Priority.HIGH, True, "pre_alarm")


def is_fire(alarm: Alarm, stage: str) -> bool:
    told = (alarm.priority, alarm.is_pre_alarm, alarm.verify_until, alarm.evidence["stage"])
    return told == (Priority.EMERGENCY, False, None, stage)


def test_toast_shows_at_once_and_wakes_nobody(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    toast = desk.only
    assert is_pre_alarm(toast)
    assert toast.verify_until == desk.now + timedelta(seconds=60)
    desk.forward(59)
    desk.record("kitchen-smoke", "smoke", False)
    assert desk.open == []
    assert (desk.heard, desk.sirens) == ([], [])
    over = desk.journal.alarm(toast.alarm_id)
    assert over is not None
    assert over.resolved is not None
    assert (over.resolved.by, over.is_pre_alarm, over.evidence["stage"]) == ("system", True, "cleared")
    desk.forward(3600)
    assert desk.heard == []


def test_a_detector_that_stands_by_it_sounds_when_its_time_is_over(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.forward(59)
    assert desk.heard == []
    desk.forward(1)
    assert is_fire(desk.only, "alarm")
    assert desk.heard == VERIFIED
    assert desk.sirens == [("kitchen-smoke", True)]
    desk.forward(30)
    assert len(desk.heard) == 2  # it escalates as any emergency does


@pytest.mark.parametrize(
    ("device", "signal", "stage"),
    [
        ("corridor-smoke", "smoke", "confirmed"),  # another detector of the floor, though it would wait too
        ("kitchen-heat", "heat_alarm", "confirmed"),
        ("kitchen-heat", "judge/heat_rise", "confirmed"),
        ("corridor-button", "call_point", "confirmed"),
        ("corridor-button", "water_flow", "confirmed"),
        ("corridor-button", "co", "confirmed"),
        ("kitchen-smoke", "judge/heat_high", "alarm"),  # the same device once more: no second trigger
        ("bedroom-smoke", "smoke", "confirmed"),
        ("nobody-knows", "smoke", "confirmed"),
        ("room:kitchen", "judge/heat_high", "alarm"),  # it looks at the detector that waits
        ("room:corridor", "judge/heat_high", "confirmed"),
    ],
)
def test_a_second_sign_ends_the_wait(desk: FireDesk, device: str, signal: str, stage: str) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.forward(5)
    desk.record(device, signal)
    (first,) = [one for one in desk.open if (one.identity.device_id, one.rule) == ("kitchen-smoke", "smoke")]
    assert is_fire(first, stage)
    assert len(desk.open) == 2
    assert not any(alarm.is_pre_alarm for alarm in desk.open)
    assert (DUTY, "more_urgent") in desk.heard
    (by,) = first.evidence["confirmed_by"]
    assert (by["what"], by["at_s"]) == ("device", desk.now.timestamp())


def test_what_is_no_sign_of_fire_leaves_it_waiting(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.record("corridor-button", "gas")
    desk.record("corridor-button", "leak")
    desk.record("corridor-button", "pump_running")
    assert is_pre_alarm(desk.of("kitchen-smoke"))


def test_another_floor_that_waits_too_is_no_second_sign(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.forward(5)
    desk.record("bathroom-smoke", "smoke")
    assert all(is_pre_alarm(alarm) for alarm in desk.open)
    desk.forward(55)
    assert all(is_fire(alarm, "alarm") for alarm in desk.open)  # one has been verified: the whole house wakes


def test_a_call_point_anywhere_wakes_the_house_and_confirms_only_its_own_floor(desk: FireDesk) -> None:
    desk.record("bathroom-smoke", "smoke")
    desk.record("corridor-button", "call_point")
    assert is_fire(desk.of("bathroom-smoke"), "alarm")


def test_while_a_fire_stands_nothing_waits(desk: FireDesk) -> None:
    desk.record("bedroom-smoke", "smoke")
    desk.record("bathroom-smoke", "smoke")
    assert desk.of("bathroom-smoke").priority is Priority.EMERGENCY


def test_a_fire_that_is_out_leaves_the_next_toast_its_wait(desk: FireDesk) -> None:
    desk.record("bedroom-smoke", "smoke")
    desk.record("bedroom-smoke", "smoke", False)
    desk.record("kitchen-smoke", "smoke")
    assert is_pre_alarm(desk.of("kitchen-smoke"))


def test_two_words_of_one_detector_have_one_wait(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.forward(40)
    desk.record("kitchen-smoke", "judge/smoke_dense")
    assert {alarm.verify_until for alarm in desk.open} == {NOON + timedelta(seconds=60)}
    desk.forward(20)
    assert all(is_fire(alarm, "alarm") for alarm in desk.open)


@pytest.mark.parametrize("device", ["bedroom-smoke", "store-smoke", "nobody-knows"])
def test_in_doubt_it_sounds(desk: FireDesk, device: str) -> None:
    desk.record(device, "smoke")
    assert desk.only.priority is Priority.EMERGENCY
    assert [reason for _, reason in desk.heard] == ["new_alarm"]


@pytest.mark.parametrize("registry", [without_uses(fire_home()), Registry(), fire_home(timezone="Nowhere/None")])
def test_without_a_use_a_registry_or_a_time_zone_it_sounds(registry: Registry) -> None:
    desk = FireDesk(registry)
    desk.record("kitchen-smoke", "smoke")
    assert desk.only.priority is Priority.EMERGENCY


def test_at_night_nothing_waits() -> None:
    desk = FireDesk(now=NIGHT)
    desk.record("kitchen-smoke", "smoke")
    assert desk.only.priority is Priority.EMERGENCY


def test_a_site_has_its_own_waits_and_its_own_night() -> None:
    own = {"fire_verification": {"kitchen_s": 90, "bathroom_s": 0, "night_from_h": 23.5}}
    desk = FireDesk(fire_home(thresholds=own), now=NIGHT)
    desk.record("kitchen-smoke", "smoke")
    desk.record("bathroom-smoke", "smoke")
    assert desk.of("bathroom-smoke").priority is Priority.EMERGENCY
    desk = FireDesk(fire_home(thresholds={"fire_verification": {"kitchen_s": 900}}))
    desk.record("kitchen-smoke", "smoke")
    assert desk.only.verify_until == NOON + timedelta(seconds=60)  # out of range: the profile's own


def test_a_late_record_and_one_with_an_impossible_clock_do_not_wait(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke", at=NOON - timedelta(seconds=20))
    assert desk.only.verify_until == NOON + timedelta(seconds=40)
    for at in (NOON - timedelta(seconds=61), NOON + timedelta(days=2)):
        desk = FireDesk()
        desk.record("kitchen-smoke", "smoke", at=at)
        assert desk.only.priority is Priority.EMERGENCY


def test_two_detectors_of_a_floor_confirm_each_other_and_one_device_does_not(desk: FireDesk) -> None:
    desk.record("bedroom-smoke", "smoke")
    assert "stage" not in desk.only.evidence
    desk.record("bedroom-smoke", "judge/heat_high")
    assert all(alarm.evidence.get("stage") is None for alarm in desk.open)
    rung = len(desk.heard)
    desk.record("store-smoke", "smoke")
    assert {alarm.evidence["stage"] for alarm in desk.open} == {"confirmed"}
    assert len(desk.heard) == rung + 1  # the new room is told; nobody hears of the first once more


def test_another_floor_and_a_device_that_nobody_knows_confirm_nothing(desk: FireDesk) -> None:
    desk.record("bedroom-smoke", "smoke")
    desk.record("bathroom-smoke", "smoke")
    desk.record("nobody-knows", "smoke")
    assert all(alarm.evidence.get("stage") is None for alarm in desk.open)


def test_a_call_point_confirms_its_floor_and_so_does_the_sprinkler(desk: FireDesk) -> None:
    for device, signal in (("corridor-button", "call_point"), ("store-smoke", "water_flow")):
        desk = FireDesk()
        desk.record("bedroom-smoke", "smoke")
        desk.record(device, signal)
        assert desk.of("bedroom-smoke").evidence["stage"] == "confirmed"


def test_a_person_confirms_the_fire(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    assert desk.command(desk.only, "confirm_fire", "kong")["ok"]
    assert is_fire(desk.only, "confirmed")
    assert desk.heard == VERIFIED
    assert desk.sirens == [("kitchen-smoke", True)]
    assert desk.only.evidence["confirmed_by"][0]["id"] == "kong"


def test_only_a_fire_is_confirmed_as_a_fire(desk: FireDesk) -> None:
    desk.record("corridor-button", "help_call")
    assert not desk.command(desk.only, "confirm_fire", "kong")["ok"]


def test_whoever_took_the_pre_alarm_hears_that_it_stands(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    assert desk.command(desk.only, "acknowledge", "kong")["ok"]
    assert desk.sirens == []
    assert is_pre_alarm(desk.only)
    desk.forward(60)
    assert is_fire(desk.only, "alarm")
    assert desk.only.response is Response.NEW
    assert desk.heard == VERIFIED


def test_a_person_may_end_it_as_a_false_alarm_and_may_not_put_it_aside(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    until = (desk.now + timedelta(hours=1)).isoformat()
    assert not desk.command(desk.only, "shelve", "kong", note="toast", until=until)["ok"]
    assert desk.command(desk.only, "resolve", "kong", disposition="false_alarm")["ok"]
    assert desk.sirens == [("kitchen-smoke", False)]
    desk.forward(600)
    assert desk.heard == []


def test_a_test_and_an_exercise_never_wait(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "test")
    desk.record("kitchen-smoke", "smoke")
    assert [alarm.flags for alarm in desk.open] == [(Flag.TEST,)] * 2
    desk.record("corridor-smoke", "smoke")
    assert is_pre_alarm(desk.of("corridor-smoke"))  # a device in test bears nothing out


def test_a_kill_in_the_middle_of_the_wait_loses_nothing(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.forward(30)
    desk.restart(fire_home())
    assert is_pre_alarm(desk.only)
    desk.forward(30)
    assert is_fire(desk.only, "alarm")
    assert desk.heard == VERIFIED


def test_a_program_that_was_away_when_the_wait_ended_sounds_at_once(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.now += timedelta(minutes=5)
    desk.restart(fire_home())
    desk.forward(0)
    assert is_fire(desk.only, "alarm")
    assert desk.heard == VERIFIED


@pytest.mark.parametrize("by_s", [-7200.0, 7200.0])
def test_a_clock_that_is_set_makes_the_wait_no_longer_and_no_shorter(desk: FireDesk, by_s: float) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.forward(20)
    desk.now += timedelta(seconds=by_s)
    desk.clock_set(by_s)
    desk.forward(39)
    assert is_pre_alarm(desk.only)
    desk.forward(1)
    assert is_fire(desk.only, "alarm")


def test_a_repeat_changes_nothing(desk: FireDesk) -> None:
    payload = desk.record("kitchen-smoke", "smoke")
    desk.forward(30)
    desk.payload(payload)
    desk.record("kitchen-smoke", "smoke")
    assert desk.only.verify_until == NOON + timedelta(seconds=60)
    desk.forward(30)
    desk.record("kitchen-smoke", "smoke")
    assert is_fire(desk.only, "alarm")
