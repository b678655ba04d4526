"""What happens to an alarm, told as stories on a moved clock."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from alarms.lifecycle.alarm import AlarmKind, Condition, Disposition, Flag, Priority, Response
from ingest.wire.senml import Record
from tests.alarm_stories import DAUGHTER, DUTY, REGISTRY, START, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def lamps(desk: Desk) -> list[str]:
    return [body["lamp"] for _, body in desk.messages if body.get("cmd") == "lamp"]


def test_a_press_becomes_one_alarm_with_everything_a_person_must_know(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    alarm = desk.only
    assert (alarm.kind, alarm.priority, alarm.response) == (AlarmKind.HELP_CALL, Priority.EMERGENCY, Response.NEW)
    assert (alarm.identity.room_name, alarm.identity.resident_name) == ("201", "王秀英")
    assert [contact.name for contact in alarm.identity.contacts] == ["王丽"]
    assert alarm.raised_at == START
    assert desk.heard == [(DUTY, "new_alarm")]
    assert lamps(desk) == ["received"]
    assert desk.acks == {"gw-pine/boot1": 0}


def test_the_same_pack_a_thousand_times_is_one_press(desk: Desk) -> None:
    payload = desk.record("sos-201", "help_call")
    for _ in range(999):
        desk.payload(payload)
    assert desk.only.count == 1
    assert len(desk.heard) == 1


def test_a_thousand_presses_are_one_alarm_with_a_count(desk: Desk) -> None:
    for _ in range(1000):
        desk.record("sos-201", "help_call")
    assert desk.only.count == 1000
    assert desk.heard == [(DUTY, "new_alarm")]


def test_nobody_answers_so_the_daughter_is_told_and_it_never_stops(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.forward(29.9)
    assert desk.heard == [(DUTY, "new_alarm")]
    desk.forward(0.2)
    assert desk.heard[1:] == [(DUTY, "escalated"), (DAUGHTER, "escalated")]
    desk.forward(14_400)
    assert desk.only.response is Response.NEW
    assert len(desk.heard) == 3 + 2 * (14_400 // 60)
    assert desk.heard[-1] == (DAUGHTER, "repeated")


def test_the_first_to_take_it_is_named_to_the_second(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    seen = desk.only
    assert desk.command(seen, "acknowledge", "li")["ok"]
    answer = desk.command(seen, "acknowledge", "zhao")
    assert (answer["ok"], answer["reason"], answer["by"]) == (False, "conflict", "li")
    assert lamps(desk) == ["received", "help_coming"]
    desk.forward(120)
    assert desk.heard == [(DUTY, "new_alarm")]


def test_a_command_that_comes_twice_is_answered_twice_and_done_once(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    seen = desk.only
    first = desk.command(seen, "acknowledge", "li", command_id="c-1")
    assert desk.command(seen, "acknowledge", "li", command_id="c-1") == first
    assert desk.only.version == 2


def test_counting_on_does_not_take_the_alarm_out_of_a_persons_hand(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    seen = desk.only
    desk.record("sos-201", "help_call")
    assert desk.only.version > seen.version
    assert desk.command(seen, "acknowledge", "li")["ok"]


def test_who_resolves_what_has_come_back_meanwhile_is_told_so(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.command(desk.only, "attend", "li")
    seen = desk.only
    desk.record("sos-201", "help_call")
    answer = desk.command(seen, "resolve", "li", disposition="helped")
    assert (answer["ok"], answer["reason"]) == (False, "conflict")
    assert desk.only.response is Response.NEW


def test_a_new_press_after_the_acknowledgement_rings_again(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.command(desk.only, "acknowledge", "li")
    desk.record("sos-201", "help_call")
    assert (desk.only.response, desk.only.round) == (Response.NEW, 1)
    assert desk.heard == [(DUTY, "new_alarm"), (DUTY, "raised_again")]


def test_an_acknowledged_and_forgotten_call_comes_back_after_three_minutes(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.command(desk.only, "acknowledge", "li")
    desk.forward(179)
    assert desk.only.response is Response.ACKNOWLEDGED
    desk.forward(1.1)
    assert desk.only.response is Response.NEW
    assert desk.heard[-1] == (DUTY, "forgotten")


def test_resolving_needs_a_disposition_and_ends_it(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    assert desk.command(desk.only, "resolve", "li")["reason"] == "bad_command"
    alarm = desk.only
    assert desk.command(alarm, "resolve", "li", disposition="helped", reached="in_person", note="扶起,无伤")["ok"]
    assert desk.open == []
    desk.forward(3600)
    assert desk.heard == [(DUTY, "new_alarm")]
    assert lamps(desk)[-1] == "off"
    desk.record("sos-201", "help_call")
    assert desk.only.alarm_id != alarm.alarm_id


@pytest.mark.parametrize("disposition", ["", "fixed", "HELPED", "helped ", None, 1, ["helped"]])
def test_a_disposition_that_is_not_in_the_list_ends_nothing(desk: Desk, disposition: Any) -> None:
    desk.record("sos-201", "help_call")
    before, lines = desk.only, desk.log(desk.only)
    reply = desk.command(before, "resolve", "li", disposition=disposition, reached="in_person")
    assert (reply["ok"], reply["reason"]) == (False, "bad_command")
    assert (desk.only, desk.log(desk.only)) == (before, lines)


@pytest.mark.parametrize("disposition", list(Disposition))
def test_every_disposition_of_the_list_ends_a_call_that_was_answered(desk: Desk, disposition: Disposition) -> None:
    desk.record("sos-201", "help_call")
    assert desk.command(desk.only, "resolve", "li", disposition=disposition, reached="in_person")["ok"]
    assert desk.open == []


def test_fire_is_not_resolved_while_the_smoke_stands(desk: Desk) -> None:
    desk.record("smoke-202", "smoke")
    assert desk.command(desk.only, "resolve", "li", disposition="helped")["reason"] == "refused"
    desk.record("smoke-202", "smoke", value=False)
    assert (desk.only.condition, desk.only.response) == (Condition.CLEARED, Response.NEW)
    assert desk.command(desk.only, "resolve", "li", disposition="helped")["ok"]


def test_smoke_that_is_said_again_while_it_stands_does_not_ring_again_but_new_smoke_does(desk: Desk) -> None:
    desk.record("smoke-202", "smoke")
    desk.command(desk.only, "acknowledge", "li")
    desk.record("smoke-202", "smoke")
    assert desk.only.response is Response.ACKNOWLEDGED
    desk.record("smoke-202", "smoke", value=False)
    desk.record("smoke-202", "smoke")
    assert desk.only.response is Response.NEW
    assert desk.heard[-1] == (DUTY, "raised_again")


def test_an_equipment_fault_resolves_itself(desk: Desk) -> None:
    desk.record("smoke-202", "tamper")
    assert desk.only.kind is AlarmKind.TAMPER
    desk.record("smoke-202", "tamper", value=False)
    assert desk.open == []


def test_an_unregistered_pendant_is_heard(desk: Desk) -> None:
    desk.record("pendant-from-nowhere", "help_call")
    assert desk.only.flags == (Flag.UNREGISTERED,)
    assert (desk.only.identity.site_id, desk.only.identity.device_id) == ("pine", "pendant-from-nowhere")
    assert desk.heard == [(DUTY, "new_alarm")]


@pytest.mark.parametrize(("device", "signal"), [("sos-201", "help_call"), ("smoke-202", "smoke")])
def test_a_device_out_of_service_that_calls_is_heard_all_the_same(device: str, signal: str) -> None:
    """Its telemetry and its silence are judged by nobody; whoever presses it, or stands in its smoke, is heard."""
    devices = tuple(msgspec.structs.replace(one, out_of_service=True) for one in REGISTRY.devices)
    desk = Desk(msgspec.structs.replace(REGISTRY, devices=devices))
    desk.record(device, signal)
    assert desk.only.identity.device_id == device
    assert desk.heard == [(DUTY, "new_alarm")]


def test_a_gateway_that_nobody_knows_is_heard(desk: Desk) -> None:
    desk.record("x", "help_call", gateway="gw-unknown")
    assert desk.only.identity.site_id == "unassigned"


def test_a_gateway_cannot_speak_for_another_site(desk: Desk) -> None:
    desk.record("sos-home1", "help_call", gateway="gw-pine")
    assert (desk.only.identity.site_id, desk.only.flags) == ("pine", (Flag.UNREGISTERED,))


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe", b"{", b'{"boot":"b","seq":', b"not a pack at all", b"\x00" * 50])
def test_a_pack_that_nobody_can_read_calls_a_person(desk: Desk, payload: bytes) -> None:
    desk.payload(payload)
    assert desk.only.kind is AlarmKind.UNREADABLE
    assert (desk.only.priority, desk.only.identity.site_id) == (Priority.EMERGENCY, "pine")
    assert "bytes" in desk.only.evidence


def test_an_unreadable_pack_with_a_readable_head_is_acknowledged_and_told_once(desk: Desk) -> None:
    payload = b'{"boot":"boot9","seq":0,"floor":0,"records":{"not":"a list"}}'
    desk.payload(payload)
    desk.payload(payload)
    assert desk.acks["gw-pine/boot9"] == 0
    assert desk.only.count == 1


def test_one_bad_record_does_not_hide_its_neighbour(desk: Desk) -> None:
    desk.records([Record(n="no-slash", v=1.0), Record(bn="sos-201/", n="help_call", vb=True)])
    assert {alarm.kind for alarm in desk.open} == {AlarmKind.UNREADABLE, AlarmKind.HELP_CALL}


def test_an_unknown_word_in_the_alarm_lane_calls_a_person(desk: Desk) -> None:
    desk.record("smoke-202", "ozone_leak")
    assert desk.only.evidence["signal"] == "ozone_leak"


@pytest.mark.parametrize(
    ("offset_s", "flags"),
    [(-600, ()), (-1200, (Flag.LATE,)), (-40 * 86_400, (Flag.BAD_CLOCK,)), (900, (Flag.BAD_CLOCK,)), (20, ())],
)
def test_a_press_with_an_odd_time_is_told_with_what_is_odd_about_it(
    desk: Desk, offset_s: float, flags: tuple[Flag, ...]
) -> None:
    desk.record("sos-201", "help_call", at=START + timedelta(seconds=offset_s))
    assert desk.only.flags == flags
    expected = START if flags == (Flag.BAD_CLOCK,) or offset_s > 0 else START + timedelta(seconds=offset_s)
    assert desk.only.raised_at == expected
    assert desk.heard == [(DUTY, "new_alarm")]


def test_smoke_of_a_detector_in_test_is_shown_and_calls_nobody(desk: Desk) -> None:
    desk.records([Record(bn="smoke-202/", n="smoke", vb=True), Record(n="test", vb=True)])
    smoke = next(alarm for alarm in desk.open if alarm.kind is AlarmKind.FIRE)
    assert (smoke.flags, smoke.priority) == ((Flag.TEST,), Priority.LOW)
    assert desk.heard == []


def test_real_smoke_during_a_test_is_real_once_the_test_is_over(desk: Desk) -> None:
    desk.records([Record(bn="smoke-202/", n="smoke", vb=True), Record(n="test", vb=True)])
    desk.records([Record(bn="smoke-202/", n="smoke", vb=False), Record(n="test", vb=False)])
    desk.record("smoke-202", "smoke")
    assert desk.heard == [(DUTY, "new_alarm")]


def test_a_detector_that_forgets_to_end_its_test_is_believed_after_five_minutes(desk: Desk) -> None:
    desk.records([Record(bn="smoke-202/", n="test", vb=True)])
    desk.forward(301)
    desk.record("smoke-202", "smoke")
    assert (DUTY, "new_alarm") in desk.heard


def test_a_gap_in_the_lane_is_not_acknowledged_but_the_press_after_it_is_heard(desk: Desk) -> None:
    desk.record("smoke-202", "tamper")
    desk.seq = 1
    desk.record("sos-201", "help_call")  # seq 2: the pack with seq 1 was lost on the way
    assert desk.acks["gw-pine/boot1"] == 0
    assert (DUTY, "new_alarm") in desk.heard
    desk.seq = 0
    desk.record("smoke-202", "battery_low")
    assert desk.acks["gw-pine/boot1"] == 2


def test_a_lost_gateway_is_one_fault_and_mends_itself(desk: Desk) -> None:
    desk.status("gw-pine", "online", at=100)
    desk.status("gw-pine", "offline", at=100)
    desk.forward(2.9)
    assert desk.open == []
    desk.forward(0.2)
    assert (desk.only.rule, desk.only.subject) == ("gateway_lost", "gateway:gw-pine")
    desk.status("gw-pine", "online", at=200)
    assert desk.open == []


def test_the_last_will_of_an_older_connection_is_ignored(desk: Desk) -> None:
    desk.status("gw-pine", "online", at=200)
    desk.status("gw-pine", "offline", at=100)
    desk.forward(60)
    assert desk.open == []


def test_a_judgement_of_the_platforms_detectors_keeps_its_evidence(desk: Desk) -> None:
    series = [{"signal": "power_w", "unit": "W", "times_s": [1.0, 2.0], "values": [10.0, 9000.0]}]
    desk.records(
        [Record(bn="smoke-202/", n="judge/device_silent", vb=True, ev={"text": "since 02:00", "series": series})],
        gateway="detect",
    )
    assert desk.only.evidence["series"] == series
    desk.records([Record(bn="smoke-202/", n="judge/device_silent", vb=False)], gateway="detect")
    assert desk.open == []


def test_an_alarm_keeps_who_it_was_about_when_the_pendant_changes_hands(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    before = asdict(desk.only.identity)
    registry = desk.engine.registry
    moved = msgspec.structs.replace(registry.devices[0], room_id="r202", resident_id=None, site_id="home1")
    desk.engine.registry = msgspec.structs.replace(registry, devices=(moved, *registry.devices[1:]))
    desk.command(desk.only, "acknowledge", "li")
    assert asdict(desk.only.identity) == before


def test_every_message_that_was_not_sent_has_its_reason(desk: Desk) -> None:
    desk.record("smoke-202", "battery_low")
    reasons = [entry.detail.get("reason") for entry in desk.journal.entries_of(desk.only.alarm_id)]
    assert "low_priority" in reasons


def test_the_platforms_own_detectors_are_missed_too(desk: Desk) -> None:
    desk.status("detect", "online", at=100)
    desk.status("detect", "offline", at=100)
    desk.forward(3.1)
    assert (desk.only.rule, desk.only.subject, desk.only.identity.site_id) == (
        "gateway_lost",
        "gateway:detect",
        "platform",
    )
    assert desk.heard == [(DUTY, "new_alarm")]
    desk.status("detect", "online", at=200)
    assert desk.open == []
