"""One fall from the first suspicion to its end, told as stories on a moved clock."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from alarms.lifecycle.alarm import Alarm, Condition, Disposition, Flag, Priority, Reached, Response
from alarms.notify.message import notice
from ingest.registry.model import Device, Resident, Window
from ingest.wire.senml import Record
from ingest.wire.signals import Kind
from tests.alarm_stories import DAUGHTER, DUTY, REGISTRY, START, Desk

IMPACT_S = 1_772_334_000.5


def worn(device_id: str, number: int, resident_id: str) -> Device:
    return Device(
        device_id=device_id, number=number, site_id="pine", gateway_id="gw-pine", kind=Kind.WEARABLE, profile="pendant",
        resident_id=resident_id,
    )  # fmt: skip


RADAR = Device(
    device_id="radar-201", number=15, site_id="pine", gateway_id="gw-pine", kind=Kind.AMBIENT, profile="fall_radar",
    room_id="r201",
)  # fmt: skip
HOME = msgspec.structs.replace(
    REGISTRY,
    residents=(
        *REGISTRY.residents,
        Resident(resident_id="chen", site_id="pine", name="陈明", room_id="r201"),
        Resident(resident_id="zhou", site_id="pine", name="周文", room_id="r202"),
    ),
    devices=(
        *REGISTRY.devices,
        RADAR,
        worn("belt-wang", 17, "wang"),
        worn("belt-chen", 18, "chen"),
        worn("belt-zhou", 19, "zhou"),
    ),
)


@pytest.fixture
def desk() -> Desk:
    return Desk(HOME)


def judge(desk: Desk, stage: str, impact_s: float = IMPACT_S, device: str = "belt-wang", **more: Any) -> None:
    """What the core says of a wearer's fall."""
    evidence = {"signal": "accel_peak_g", "value": 3.4, "stage": stage, "impact_at_s": impact_s, **more}
    at = desk.now.timestamp()
    desk.records([Record(bn=f"{device}/", n="judge/fall_impact", t=at, vb=True, ev=evidence)])


def heard(desk: Desk) -> list[tuple[str, str]]:
    told, desk.heard = desk.heard, []
    return told


def ended(desk: Desk, alarm: Alarm) -> Alarm:
    found = desk.journal.alarm(alarm.alarm_id)
    assert found is not None
    assert not found.is_open
    return found


def title(alarm: Alarm, reason: str = "new_alarm") -> str:
    return notice(alarm, "k", 0, "user:li", "web_push", reason).title


def lamps(desk: Desk) -> list[str]:
    return [body["lamp"] for _, body in desk.messages if body.get("cmd") == "lamp"]


# one fall


def test_a_suspicion_rings_at_once_by_the_policy_of_high(desk: Desk) -> None:
    judge(desk, "suspected")
    assert (desk.only.priority, heard(desk)) == (Priority.HIGH, [(DUTY, "new_alarm")])
    assert title(desk.only) == "疑似跌倒 Suspected fall"
    desk.forward(61)
    assert heard(desk) == [(DUTY, "escalated")]


def test_its_confirmation_is_an_emergency_and_rings_from_the_first_step(desk: Desk) -> None:
    judge(desk, "suspected")
    desk.forward(10)
    heard(desk)
    judge(desk, "confirmed", turn_deg=78)
    alarm = desk.only
    assert (alarm.priority, alarm.count, alarm.step, alarm.evidence["turn_deg"]) == (Priority.EMERGENCY, 1, 0, 78)
    assert heard(desk) == [(DUTY, "more_urgent")]
    assert title(alarm, "more_urgent") == "跌倒(已确认) Fall, confirmed"
    desk.forward(31)
    assert heard(desk) == [(DUTY, "escalated"), (DAUGHTER, "escalated")]


@pytest.mark.parametrize("do", ["acknowledge", "attend"])
def test_who_has_answered_sees_the_confirmation_and_is_not_rung_again(desk: Desk, do: str) -> None:
    judge(desk, "suspected")
    desk.command(desk.only, do, "li")
    response = desk.only.response
    heard(desk)
    judge(desk, "confirmed")
    assert (desk.only.priority, desk.only.response, heard(desk)) == (Priority.EMERGENCY, response, [])
    desk.forward(181)
    assert heard(desk)[0] == (DUTY, "forgotten"), "it comes back as an emergency does"


def test_whoever_gets_up_again_wakes_nobody_and_stands_in_the_list(desk: Desk) -> None:
    judge(desk, "suspected")
    heard(desk)
    desk.forward(8)
    judge(desk, "recovered")
    alarm = desk.only
    assert (alarm.priority, alarm.condition, alarm.flags) == (Priority.LOW, Condition.CLEARED, (Flag.NEAR_FALL,))
    assert title(alarm) == "险些跌倒 Near fall"
    assert lamps(desk) == ["received", "off"]
    desk.forward(86_400)
    assert (heard(desk), desk.only.version) == ([], alarm.version)
    assert desk.command(alarm, "resolve", "li", disposition="no_need")["ok"]
    assert Flag.NEAR_FALL in ended(desk, alarm).flags


def test_a_message_that_no_provider_has_taken_is_not_sent_for_a_near_fall(desk: Desk) -> None:
    desk.broken.add("webhook")
    judge(desk, "suspected")
    judge(desk, "recovered")
    reasons = [e.detail["reason"] for e in desk.journal.entries_of(desk.only.alarm_id) if e.event == "not_sent"]
    assert reasons[-1] == "near_fall"
    assert desk.journal.next_deadline_s(desk.now) is None


def test_a_recovery_after_the_confirmation_changes_nothing(desk: Desk) -> None:
    judge(desk, "suspected")
    judge(desk, "confirmed")
    alarm = desk.only
    judge(desk, "recovered")
    assert desk.only == alarm


def test_a_recovery_of_nothing_raises_nothing(desk: Desk) -> None:
    judge(desk, "recovered")
    assert desk.open == []


def test_what_a_person_has_closed_is_not_opened_by_later_words_about_the_same_fall(desk: Desk) -> None:
    judge(desk, "suspected")
    desk.command(desk.only, "resolve", "li", disposition="helped", reached="in_person")
    for stage in ("recovered", "suspected", "confirmed"):
        judge(desk, stage)
    assert desk.open == []
    judge(desk, "suspected", IMPACT_S + 40)
    assert desk.only.priority is Priority.HIGH


def test_without_a_stage_the_rule_says_how_urgent_it_is(desk: Desk) -> None:
    desk.record("belt-wang", "judge/fall_impact")
    assert desk.only.priority is Priority.EMERGENCY


# order and repeats


@pytest.mark.parametrize("stages", sorted(set(permutations(["suspected", "confirmed"] * 2))))
def test_a_confirmed_fall_is_one_emergency_in_every_order(desk: Desk, stages: tuple[str, ...]) -> None:
    for stage in stages:
        judge(desk, stage)
    assert (desk.only.priority, desk.only.count) == (Priority.EMERGENCY, 1)


def test_a_suspicion_that_comes_after_its_recovery_rings(desk: Desk) -> None:
    judge(desk, "recovered")
    judge(desk, "suspected")
    assert desk.only.priority is Priority.HIGH, "in doubt people are told"


def test_a_near_fall_told_again_stays_one(desk: Desk) -> None:
    for stage in ("suspected", "recovered", "suspected", "recovered"):
        judge(desk, stage)
    assert (desk.only.is_near_fall, desk.only.count) == (True, 1)


def test_a_near_fall_that_is_confirmed_after_all_rings_even_where_somebody_had_taken_it(desk: Desk) -> None:
    judge(desk, "suspected")
    desk.command(desk.only, "acknowledge", "li")
    judge(desk, "recovered")
    heard(desk)
    judge(desk, "confirmed")
    assert (desk.only.priority, desk.only.response, desk.only.flags) == (Priority.EMERGENCY, Response.NEW, ())
    assert (desk.only.condition, heard(desk)) == (Condition.ACTIVE, [(DUTY, "more_urgent")])


def test_a_second_fall_is_a_new_onset(desk: Desk) -> None:
    judge(desk, "suspected")
    desk.command(desk.only, "acknowledge", "li")
    heard(desk)
    judge(desk, "suspected", IMPACT_S + 20)
    assert (desk.only.count, heard(desk)) == (2, [(DUTY, "raised_again")])


def test_a_near_fall_that_is_followed_by_a_fall_is_as_urgent_as_any(desk: Desk) -> None:
    judge(desk, "suspected")
    judge(desk, "recovered")
    heard(desk)
    judge(desk, "suspected", IMPACT_S + 20)
    assert (desk.only.priority, desk.only.flags, desk.only.count) == (Priority.HIGH, (), 2)
    assert heard(desk) == [(DUTY, "raised_again")]


def test_the_recovery_of_an_overtaken_fall_lowers_nothing_and_its_confirmation_counts(desk: Desk) -> None:
    judge(desk, "suspected")
    judge(desk, "suspected", IMPACT_S + 5)
    judge(desk, "recovered")
    assert desk.only.priority is Priority.HIGH
    judge(desk, "confirmed")
    assert (desk.only.priority, desk.only.count) == (Priority.EMERGENCY, 2)
    assert desk.only.evidence["impact_at_s"] == IMPACT_S + 5


def test_what_was_put_aside_as_suspected_rings_when_it_is_confirmed(desk: Desk) -> None:
    judge(desk, "suspected")
    until = desk.now + timedelta(hours=2)
    assert desk.command(desk.only, "shelve", "li", note="she rests", until=until.isoformat())["ok"]
    heard(desk)
    judge(desk, "confirmed")
    assert (desk.only.suppressed, heard(desk)) == (None, [(DUTY, "more_urgent")])


def test_a_fall_of_a_device_in_test_stays_a_test(desk: Desk) -> None:
    desk.record("belt-wang", "test")
    for stage in ("suspected", "confirmed"):
        judge(desk, stage)
    falls = [alarm for alarm in desk.open if alarm.rule == "fall_impact"]
    assert [(alarm.priority, alarm.flags) for alarm in falls] == [(Priority.LOW, (Flag.TEST,))]
    assert heard(desk) == []


# the wearer's own cancel


@pytest.mark.parametrize("button", ["belt-wang", "sos-201"])
def test_the_wearers_own_button_within_a_minute_says_that_there_is_no_need(desk: Desk, button: str) -> None:
    judge(desk, "suspected")
    alarm = desk.only
    desk.forward(59)
    desk.record(button, "call_cancel")
    over = ended(desk, alarm)
    assert (over.disposition, over.reached) == (Disposition.NO_NEED, Reached.AT_ORIGIN)
    assert over.resolved is not None
    assert over.resolved.by == "resident:wang"
    judge(desk, "confirmed")
    assert desk.open == []


def test_a_cancel_that_comes_later_or_from_somebody_else_changes_nothing(desk: Desk) -> None:
    judge(desk, "suspected")
    desk.record("belt-chen", "call_cancel")
    desk.forward(60.5)
    before = desk.only
    desk.record("belt-wang", "call_cancel")
    assert desk.only == before


def test_a_button_in_test_or_with_an_impossible_clock_cancels_no_fall(desk: Desk) -> None:
    judge(desk, "suspected")
    desk.record("belt-wang", "call_cancel", at=desk.now + timedelta(days=40))
    desk.record("belt-wang", "test")
    desk.record("belt-wang", "call_cancel")
    assert "fall_impact" in {alarm.rule for alarm in desk.open}


# a radar, a device's own flag, two sources


def test_a_radars_suspicion_and_confirmation_are_one_alarm(desk: Desk) -> None:
    desk.record("radar-201", "fall", "suspected")
    assert desk.only.priority is Priority.HIGH
    desk.forward(30)
    heard(desk)
    desk.record("radar-201", "fall", "confirmed")
    assert (desk.only.priority, desk.only.count, heard(desk)) == (Priority.EMERGENCY, 1, [(DUTY, "more_urgent")])
    desk.record("radar-201", "fall", "suspected")
    assert desk.only.count == 1


def test_a_radars_confirmation_long_after_is_a_new_onset_of_the_same_alarm(desk: Desk) -> None:
    desk.record("radar-201", "fall", "suspected")
    desk.command(desk.only, "acknowledge", "li")
    desk.forward(300)
    heard(desk)
    desk.record("radar-201", "fall", "confirmed")
    assert (desk.only.priority, desk.only.count, heard(desk)) == (Priority.EMERGENCY, 2, [(DUTY, "raised_again")])


def test_a_radar_takes_its_suspicion_back_within_the_window_only(desk: Desk) -> None:
    desk.record("radar-201", "fall", "suspected")
    desk.forward(61)
    desk.record("radar-201", "fall", "none")
    assert desk.only.priority is Priority.HIGH
    desk.command(desk.only, "resolve", "li", disposition="no_need", reached="in_person")
    desk.record("radar-201", "fall", "suspected")
    desk.forward(20)
    desk.record("radar-201", "fall", "none")
    assert desk.only.is_near_fall
    desk.record("radar-201", "fall", "suspected")
    assert (desk.only.priority, desk.only.is_near_fall) == (Priority.HIGH, False)


def test_a_radar_that_no_longer_sees_a_confirmed_fall_changes_nothing(desk: Desk) -> None:
    desk.record("radar-201", "fall", "confirmed")
    before = desk.only
    desk.record("radar-201", "fall", "none")
    assert desk.only == before


@pytest.mark.parametrize("radar_first", [False, True])
def test_a_second_source_confirms_the_first(desk: Desk, radar_first: bool) -> None:
    says = [lambda: judge(desk, "suspected", turn_deg=78), lambda: desk.record("radar-201", "fall", "suspected")]
    for say in reversed(says) if radar_first else says:
        say()
        desk.forward(5)
    alarm = desk.only
    assert (alarm.priority, alarm.count, alarm.evidence["turn_deg"]) == (Priority.EMERGENCY, 1, 78)
    assert alarm.evidence["confirmed_by"] == ["belt-wang" if radar_first else "radar-201"]
    assert heard(desk) == [(DUTY, "new_alarm"), (DUTY, "more_urgent")]
    judge(desk, "confirmed")
    desk.record("radar-201", "fall", "confirmed")
    judge(desk, "recovered")
    assert (desk.only.version, heard(desk)) == (alarm.version, [])


def test_two_residents_of_one_room_who_fall_at_once_are_two_alarms(desk: Desk) -> None:
    judge(desk, "suspected")
    judge(desk, "suspected", IMPACT_S + 1, device="belt-chen")
    assert {alarm.identity.resident_id for alarm in desk.open} == {"wang", "chen"}


def test_another_source_minutes_later_or_in_another_room_is_another_alarm(desk: Desk) -> None:
    judge(desk, "suspected")
    judge(desk, "suspected", device="belt-zhou")
    desk.forward(61)
    desk.record("radar-201", "fall", "suspected")
    assert [alarm.priority for alarm in desk.open] == [Priority.HIGH] * 3


def test_work_that_was_announced_at_a_radar_neither_confirms_a_fall_nor_swallows_one() -> None:
    work = Window(
        window_id="w", site_id="pine", begins_at=START, ends_at=START + timedelta(hours=1), reason="calibration",
        by="wu", kinds=("fall",), device_id="radar-201",
    )  # fmt: skip
    desk = Desk(msgspec.structs.replace(HOME, windows=(work,)))
    desk.record("radar-201", "fall", "confirmed")
    judge(desk, "suspected")
    desk.record("radar-201", "fall", "confirmed")
    silent = {alarm.rule: alarm.suppressed is not None for alarm in desk.open}
    assert silent == {"fall_confirmed": True, "fall_impact": False}
    assert (desk.open[-1].count, heard(desk)) == (1, [(DUTY, "new_alarm")])


def test_the_flag_of_the_very_device_is_the_same_fall_and_confirms_nothing(desk: Desk) -> None:
    desk.record("belt-wang", "fall", "suspected")
    desk.forward(3)
    judge(desk, "suspected", turn_deg=78)
    assert (desk.only.priority, desk.only.count, desk.only.evidence["turn_deg"]) == (Priority.HIGH, 1, 78)
    desk.record("belt-wang", "fall", "suspected")
    assert desk.only.count == 1
    judge(desk, "recovered")
    assert desk.only.is_near_fall
