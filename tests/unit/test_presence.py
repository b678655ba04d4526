"""Staff at the place, told as stories on a moved clock: who came, what ended, and what must never end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from alarms.engine.presence import ASSISTANCE_CALL
from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition, Disposition, Flag, Priority, Reached, Response
from alarms.notify.message import notice
from ingest.registry.model import (
    Badge,
    Device,
    Policy,
    PolicyStep,
    Reach,
    Registry,
    Room,
    Rota,
    RotaLayer,
    Site,
    User,
)
from ingest.wire import topics
from ingest.wire.senml import Record
from ingest.wire.signals import Kind
from tests.alarm_stories import DAUGHTER, DUTY, REGISTRY, START, Desk

NURSE, DOCTOR = "http://li.example/hook", "http://zhao.example/hook"


def device(device_id: str, number: int, kind: Kind, profile: str, room_id: str | None, **more: Any) -> Device:
    return Device(
        device_id=device_id, number=number, site_id="pine", gateway_id="gw-pine", kind=kind, profile=profile,
        room_id=room_id, **more,
    )  # fmt: skip


HOME = msgspec.structs.replace(
    REGISTRY,
    devices=(
        *REGISTRY.devices,
        device("cord-201", 11, Kind.BUTTON, "pull_cord", "r201"),
        device("here-201", 12, Kind.BUTTON, "presence_button", "r201"),
        device("bath-201", 13, Kind.BUTTON, "presence_button", "r201"),
        device("here-202", 14, Kind.BUTTON, "presence_button", "r202"),
        device("radar-201", 15, Kind.AMBIENT, "fall_radar", "r201"),
        device("sos-202", 16, Kind.BUTTON, "sos_button", "r202"),
        device("pendant-wang", 17, Kind.WEARABLE, "pendant", None, resident_id="wang"),
    ),
)


@pytest.fixture
def desk() -> Desk:
    return Desk(HOME)


def enter(desk: Desk, button: str = "here-201", value: bool | str = True, **more: Any) -> bytes:
    return desk.record(button, "staff_present", value, **more)


def leave(desk: Desk, button: str = "here-201", **more: Any) -> bytes:
    return desk.record(button, "staff_present", value=False, **more)


def lamps(desk: Desk) -> list[str]:
    return [body["lamp"] for _, body in desk.messages if body.get("cmd") == "lamp"]


def shown(desk: Desk, room_id: str = "r201") -> list[dict[str, Any]]:
    """What the retained topic of a room said, in order; {} takes it back."""
    return [body for topic, body in desk.messages if topic == topics.presence("pine", room_id)]


def ended(desk: Desk, alarm: Alarm) -> Alarm:
    found = desk.journal.alarm(alarm.alarm_id)
    assert found is not None
    return found


# a carer comes, helps, leaves


def test_a_carer_walks_in_helps_and_leaves_and_the_call_has_ended_where_it_began(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    call = desk.only
    desk.forward(40)
    enter(desk)
    assert (desk.only.response, desk.only.attended.by) == (Response.ATTENDED, "staff:r201")
    assert lamps(desk) == ["received", "help_coming"]
    heard = list(desk.heard)
    desk.forward(15 * 60)
    assert desk.heard == heard, "while somebody is there nobody is called again"
    leave(desk)
    assert desk.open == []
    done = ended(desk, call)
    assert (done.reached, done.disposition) == (Reached.AT_ORIGIN, Disposition.HELPED)
    assert done.resolved.by == "staff:r201"
    assert lamps(desk) == ["received", "help_coming", "off"]
    desk.forward(7200)
    assert desk.heard == heard


def test_a_button_that_knows_the_badge_says_who_came_and_who_ended_it(desk: Desk) -> None:
    desk.record("cord-201", "help_call")
    call = desk.only
    enter(desk, value="17")
    assert desk.only.attended.by == "badge:17"
    leave(desk)
    assert ended(desk, call).resolved.by == "badge:17"


def test_a_carer_with_a_badge_of_their_own_is_one_person_there_and_at_the_desk(desk: Desk) -> None:
    own = (Badge(badge_id="17", site_id="pine", user_id="li"),)
    desk.engine.registry = msgspec.structs.replace(desk.engine.registry, badges=own)
    desk.record("cord-201", "help_call")
    call = desk.only
    desk.command(call, "acknowledge", "li")
    enter(desk, value="17")
    assert desk.only.attended.by == "li"
    assert [taker.by for taker in desk.only.takers] == ["li"]
    assert shown(desk)[-1]["by"] == ["li"]
    leave(desk)
    assert ended(desk, call).resolved.by == "li"


@pytest.mark.parametrize("text", ["admin\0", "x" * 65, "two words", "../up"])
def test_a_badge_that_can_be_nobodys_is_just_staff(desk: Desk, text: str) -> None:
    desk.record("cord-201", "help_call")
    enter(desk, value=text)
    assert desk.only.attended.by == "staff:r201"


def test_presence_answers_every_call_and_fall_of_its_room_and_none_of_another(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.record("radar-201", "fall", "confirmed")
    desk.record("sos-202", "help_call")
    desk.record("smoke-202", "smoke")
    desk.forward(5)
    enter(desk)
    attended = {alarm.identity.device_id for alarm in desk.open if alarm.response is Response.ATTENDED}
    assert attended == {"sos-201", "radar-201"}
    leave(desk)
    assert {alarm.identity.device_id for alarm in desk.open} == {"sos-202", "smoke-202"}


def test_what_a_nurse_attends_from_the_console_ends_with_the_button_too(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    call = desk.only
    desk.command(call, "attend", "li")
    enter(desk)
    assert desk.only.attended.by == "li"
    desk.forward(20 * 60)
    assert desk.only.response is Response.ATTENDED, "seen to be there: it is not forgotten"
    leave(desk)
    assert ended(desk, call).reached is Reached.AT_ORIGIN


def test_two_carers_with_two_buttons_the_call_ends_when_the_last_one_leaves(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    enter(desk)
    enter(desk, "bath-201")
    leave(desk)
    assert desk.only.response is Response.ATTENDED
    leave(desk, "bath-201")
    assert desk.open == []


def test_a_panel_that_starts_and_says_nobody_ends_nothing(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.command(desk.only, "attend", "li")
    leave(desk)
    leave(desk, "bath-201")
    assert desk.only.response is Response.ATTENDED
    assert shown(desk) == []


def test_leaving_ends_only_what_somebody_attended(desk: Desk) -> None:
    enter(desk)
    desk.forward(30)
    desk.record("sos-201", "help_call")
    leave(desk)
    assert desk.only.response is Response.NEW, "the staff's own call for help goes on"


# a call of staff for help


def test_a_press_where_staff_are_is_their_call_for_help(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    first = desk.only
    enter(desk)
    desk.forward(60)
    desk.record("sos-201", "help_call")
    assert ended(desk, first).response is Response.ATTENDED
    call = desk.open[-1]
    assert (call.rule, call.kind, call.priority) == (ASSISTANCE_CALL, AlarmKind.HELP_CALL, Priority.EMERGENCY)
    assert (call.subject, call.latching, call.response) == ("room:r201", True, Response.NEW)
    assert (call.evidence["text_en"], call.evidence["text_zh"]) == ("Staff need help", "护理员需要支援")
    assert call.evidence["present"] == ["staff:r201"]
    text = notice(call, "key", 0, "duty:0", "webhook", "new_alarm")
    assert (text.title_zh, text.title_en) == ("护理员需要支援", "Staff need help")
    assert call.dedup_key != first.dedup_key
    assert desk.heard[-1] == (DUTY, "new_alarm")


def test_a_second_press_counts_on_the_call_for_help_and_rings_again_when_it_was_answered(desk: Desk) -> None:
    enter(desk)
    desk.record("sos-201", "help_call")
    desk.record("cord-201", "help_call")
    assert desk.only.count == 2
    desk.command(desk.only, "acknowledge", "li")
    desk.record("cord-201", "help_call")
    assert (desk.only.response, desk.heard[-1]) == (Response.NEW, (DUTY, "raised_again"))


def test_the_second_carer_answers_it_with_the_other_button_and_it_ends_when_both_have_left(desk: Desk) -> None:
    enter(desk, value="17")
    desk.record("sos-201", "help_call")
    desk.forward(20)
    enter(desk, "bath-201", "18")
    assert (desk.only.rule, desk.only.attended.by) == (ASSISTANCE_CALL, "badge:18")
    leave(desk)
    leave(desk, "bath-201")
    assert desk.open == []


def test_everyone_on_duty_is_told_of_it_at_once_whatever_the_policy_says() -> None:
    ward, doctors = (
        RotaLayer(members=(f"user:{user}",), starts_on=START.date() - timedelta(days=7)) for user in ("li", "zhao")
    )
    registry = msgspec.structs.replace(
        HOME,
        users=(User(user_id="li", name="李", role="carer"), User(user_id="zhao", name="赵", role="carer")),
        reaches=(
            Reach(person="user:li", rank=1, channel="webhook", address=NURSE, answered_at=START),
            Reach(person="user:zhao", rank=1, channel="webhook", address=DOCTOR, answered_at=START),
        ),
        rotas=(
            Rota(rota_id="ward", site_id="pine", name="ward", layers=(ward,)),
            Rota(rota_id="doctors", site_id="pine", name="doctors", layers=(doctors,)),
        ),
        policies=(
            Policy(
                policy_id="p", site_id="pine", name="contacts only", kinds=("help_call",),
                steps=(PolicyStep(after_s=0, who=("contacts",)),), repeat_s=60, return_s=180,
            ),
        ),
    )  # fmt: skip
    desk = Desk(registry)
    desk.record("sos-201", "help_call")
    assert desk.heard == [(DAUGHTER, "new_alarm")]
    enter(desk)
    desk.forward(10)
    desk.record("sos-201", "help_call")
    assert sorted(desk.heard[1:]) == sorted((who, "new_alarm") for who in (DUTY, NURSE, DOCTOR, DAUGHTER))


def test_a_press_older_than_the_presence_is_the_residents(desk: Desk) -> None:
    desk.forward(100)
    enter(desk)
    desk.record("sos-201", "help_call", at=desk.now - timedelta(seconds=1))
    assert (desk.only.rule, desk.only.response) == ("help_call", Response.NEW)
    assert desk.heard == [(DUTY, "new_alarm")]


def test_a_pendant_is_no_place_its_call_is_never_taken_for_the_staffs(desk: Desk) -> None:
    enter(desk)
    desk.forward(5)
    desk.record("pendant-wang", "help_call")
    assert (desk.only.rule, desk.only.subject, desk.only.response) == (
        "help_call",
        "device:pendant-wang",
        Response.NEW,
    )


def test_a_test_press_is_a_test_press_with_staff_there_too(desk: Desk) -> None:
    enter(desk)
    desk.record("sos-201", "test")
    desk.record("sos-201", "help_call")
    press = next(alarm for alarm in desk.open if alarm.kind is AlarmKind.HELP_CALL)
    assert (press.rule, press.flags, press.priority) == ("help_call", (Flag.TEST,), Priority.LOW)
    assert desk.heard == []


def test_a_bare_record_that_comes_again_after_the_staff_left_is_no_new_call(desk: Desk) -> None:
    enter(desk)
    desk.forward(5)
    bare = msgspec.json.encode(
        [Record(bn="sos-201/", n="help_call", vb=True, t=desk.now.timestamp())],
    )
    desk.payload(bare)
    assert desk.only.rule == ASSISTANCE_CALL
    desk.record("cord-201", "call_cancel")
    leave(desk)
    assert desk.open == []
    desk.payload(bare)
    assert desk.open == []


# cancelled where it began


@pytest.mark.parametrize("button", ["sos-201", "cord-201"])
def test_a_fixed_button_in_the_room_cancels_the_call_at_its_origin(desk: Desk, button: str) -> None:
    desk.record("sos-201", "help_call")
    call = desk.only
    desk.forward(25)
    desk.record(button, "call_cancel")
    assert desk.open == []
    done = ended(desk, call)
    assert (done.reached, done.disposition) == (Reached.AT_ORIGIN, Disposition.HELPED)
    assert done.resolved.by == f"device:{button}"
    desk.forward(600)
    assert desk.heard == [(DUTY, "new_alarm")]
    assert lamps(desk)[-1] == "off"


def test_the_staff_who_are_there_are_named_when_they_cancel(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    call = desk.only
    enter(desk, value="17")
    desk.record("sos-201", "call_cancel")
    assert ended(desk, call).resolved.by == "badge:17"
    assert shown(desk)[-1]["by"] == ["badge:17"], "they are still there"


@pytest.mark.parametrize("button", ["sos-202", "here-202", "pendant-wang", "smoke-202", "unknown-1", "room:r201"])
def test_a_cancel_from_elsewhere_ends_nothing(desk: Desk, button: str) -> None:
    desk.record("sos-201", "help_call")
    desk.forward(5)
    desk.record(button, "call_cancel")
    assert (desk.only.response, desk.only.condition) == (Response.NEW, Condition.ACTIVE)
    desk.forward(26)
    assert desk.heard[-1] == (DAUGHTER, "escalated")


def test_a_cancel_of_another_gateway_in_this_rooms_name_ends_nothing(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.forward(5)
    for button in ("sos-201", "cord-201", "room:r201"):
        desk.record(button, "call_cancel", gateway="gw-home1")
        enter(desk, button, gateway="gw-home1")
        leave(desk, button, gateway="gw-home1")
    assert (desk.only.response, desk.only.condition) == (Response.NEW, Condition.ACTIVE)


def test_a_cancel_from_before_the_call_or_before_its_last_press_ends_nothing(desk: Desk) -> None:
    desk.forward(100)
    desk.record("sos-201", "help_call")
    desk.record("sos-201", "call_cancel", at=START)
    desk.record("cord-201", "call_cancel", at=START)
    assert desk.only.condition is Condition.ACTIVE
    before = desk.now
    desk.forward(10)
    desk.record("sos-201", "help_call")
    desk.record("cord-201", "call_cancel", at=before)
    assert (desk.only.response, desk.only.count) == (Response.NEW, 2)


def test_a_button_with_an_impossible_clock_ends_nothing(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    for at in (START - timedelta(days=400), START + timedelta(days=1)):
        desk.record("sos-201", "call_cancel", at=at)
        enter(desk, at=at)
        leave(desk, at=at)
    assert (desk.only.response, desk.only.condition) == (Response.NEW, Condition.ACTIVE)


def test_a_wearer_who_takes_the_call_back_alone_does_not_end_it(desk: Desk) -> None:
    desk.record("pendant-wang", "help_call")
    desk.forward(5)
    desk.record("pendant-wang", "call_cancel")
    assert (desk.only.response, desk.only.condition) == (Response.NEW, Condition.CLEARED), "it says so and goes on"
    desk.forward(26)
    assert desk.heard[-1] == (DAUGHTER, "escalated")
    desk.command(desk.only, "acknowledge", "li")
    desk.record("pendant-wang", "call_cancel")
    assert desk.only.response is Response.ACKNOWLEDGED
    refused = desk.command(desk.only, "resolve", "li", disposition="no_need")
    assert not refused["ok"]
    assert desk.command(desk.only, "resolve", "li", disposition="no_need", reached="spoken")["ok"]


def test_with_somebody_at_the_wearers_side_the_pendant_ends_its_call(desk: Desk) -> None:
    desk.record("pendant-wang", "help_call")
    call = desk.only
    desk.command(call, "attend", "li")
    desk.record("pendant-wang", "call_cancel")
    assert ended(desk, call).reached is Reached.AT_ORIGIN


def test_an_empty_room_ends_no_pendants_call(desk: Desk) -> None:
    """The wearer lies in the garden: who looks into the room and leaves must not end it."""
    desk.record("pendant-wang", "help_call")
    desk.forward(5)
    enter(desk)
    assert (desk.only.response, lamps(desk)[-1]) == (Response.ATTENDED, "help_coming")
    leave(desk)
    desk.record("cord-201", "call_cancel")
    assert desk.only.response is Response.ATTENDED
    desk.forward(181)
    assert (desk.only.response, desk.heard[-1]) == (Response.NEW, (DUTY, "forgotten"))


def test_a_cancel_ends_calls_and_leaves_falls_and_fire(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.record("radar-201", "fall", "confirmed")
    desk.record("cord-201", "call_cancel")
    assert [alarm.kind for alarm in desk.open] == [AlarmKind.FALL]


def test_a_device_in_test_answers_and_ends_only_tests(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    for button in ("here-201", "cord-201"):
        desk.record(button, "test")
    desk.record("cord-201", "help_call")
    enter(desk)
    desk.record("cord-201", "call_cancel")
    calls = [alarm for alarm in desk.open if alarm.kind is AlarmKind.HELP_CALL]
    assert [(call.identity.device_id, call.response) for call in calls] == [("sos-201", Response.NEW)]
    assert shown(desk) == []


# a presence that nobody ends


def test_a_forgotten_presence_is_over_after_an_hour_and_swallows_no_call(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    call = desk.only
    enter(desk)
    desk.forward(59 * 60)
    desk.record("cord-201", "help_call")
    assert [alarm.rule for alarm in desk.open] == ["help_call", ASSISTANCE_CALL]
    desk.record("cord-201", "call_cancel")
    assert ended(desk, call).response is Response.RESOLVED
    desk.forward(61)
    assert shown(desk)[-1] == {}
    desk.record("cord-201", "help_call")
    assert (desk.only.rule, desk.only.response) == ("help_call", Response.NEW)


def test_a_call_whose_carer_went_away_without_a_word_comes_back_when_the_presence_is_over(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    enter(desk)
    desk.forward(3599)
    assert desk.only.response is Response.ATTENDED
    desk.forward(1.1)
    assert desk.only.response is Response.NEW
    assert desk.heard[-1] == (DUTY, "forgotten")
    leave(desk)
    assert desk.only.response is Response.NEW, "a presence that is over ends nothing"


def test_a_new_sign_of_the_staff_prolongs_their_presence(desk: Desk) -> None:
    desk.record("radar-201", "fall", "confirmed")
    enter(desk)
    desk.forward(50 * 60)
    enter(desk)
    desk.forward(50 * 60)
    assert desk.only.response is Response.ATTENDED
    desk.record("sos-201", "help_call")
    assert desk.open[-1].rule == ASSISTANCE_CALL


def test_a_presence_told_after_its_hour_answers_nothing(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.forward(2 * 3600)
    enter(desk, at=desk.now - timedelta(seconds=3601))
    assert desk.only.response is Response.NEW
    assert shown(desk) == []


def test_a_press_during_a_presence_that_is_told_late_goes_on_ringing(desk: Desk) -> None:
    desk.forward(100)
    desk.record("sos-201", "help_call")
    enter(desk, at=desk.now - timedelta(seconds=10))
    assert desk.only.response is Response.NEW, "they were there already when it was pressed"
    assert shown(desk)[-1]["since"].startswith("2026-03-01T03:01:30")


def test_an_old_word_that_staff_have_left_ends_nothing(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    desk.forward(60)
    enter(desk)
    leave(desk, at=START + timedelta(seconds=30))
    assert desk.only.response is Response.ATTENDED
    assert shown(desk)[-1] != {}


def test_presence_counts_from_the_first_sign(desk: Desk) -> None:
    enter(desk)
    desk.forward(60)
    enter(desk)
    desk.record("sos-201", "help_call", at=START + timedelta(seconds=30))
    assert desk.only.rule == ASSISTANCE_CALL


# what the console sees, and what survives


def test_the_room_says_who_is_there_and_since_when(desk: Desk) -> None:
    enter(desk)
    (state,) = shown(desk)
    assert (state["site_id"], state["room_id"], state["by"]) == ("pine", "r201", ["staff:r201"])
    assert state["since"].startswith("2026-03-01T03:00:00")
    assert state["until"].startswith("2026-03-01T04:00:00")
    desk.forward(60)
    enter(desk, "bath-201", "17")
    assert shown(desk)[-1]["by"] == ["staff:r201", "badge:17"]
    leave(desk)
    leave(desk, "bath-201")
    assert shown(desk)[-1] == {}


def test_a_restart_forgets_neither_who_is_there_nor_since_when(desk: Desk) -> None:
    desk.record("sos-201", "help_call")
    call = desk.only
    enter(desk, value="17")
    desk.forward(600)
    desk.restart(HOME)
    ((topic, payload),) = desk.engine.staff.messages(desk.now)
    assert (topic, msgspec.json.decode(payload)["by"]) == (topics.presence("pine", "r201"), ["badge:17"])
    desk.record("cord-201", "help_call")
    assert desk.open[-1].rule == ASSISTANCE_CALL
    desk.record("cord-201", "call_cancel")
    leave(desk)
    assert ended(desk, call).resolved.by == "badge:17"
    assert list(desk.engine.staff.messages(desk.now)) == []


def test_a_button_that_was_moved_takes_its_staff_out_of_the_old_room(desk: Desk) -> None:
    enter(desk)
    others = tuple(one for one in HOME.devices if one.device_id != "here-201")
    moved = device("here-201", 12, Kind.BUTTON, "presence_button", "r202")
    desk.engine.registry = msgspec.structs.replace(HOME, devices=(*others, moved))
    enter(desk)
    assert shown(desk)[-1] == {}
    assert shown(desk, "r202")[-1]["by"] == ["staff:r202"]


def test_a_button_that_hangs_nowhere_tells_nothing_and_calls_nobody() -> None:
    rooms = (Room(room_id="r201", site_id="pine", name="201"),)
    nowhere = device("here-x", 20, Kind.BUTTON, "presence_button", None)
    desk = Desk(Registry(version=1, sites=(Site(site_id="pine", name="P", shard=7),), rooms=rooms,
                         gateways=REGISTRY.gateways, devices=(nowhere,)))  # fmt: skip
    enter(desk, "here-x")
    enter(desk, "unknown-1")
    assert (desk.open, desk.heard, desk.messages) == ([], [], [])
