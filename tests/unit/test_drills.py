"""Exercises and test presses, told as stories on a moved clock: real for everybody, and never in a real one's way."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from alarms.core.profiles import load_profiles
from alarms.lifecycle.alarm import AlarmKind, Condition, Disposition, Flag, Priority, Response
from alarms.notify.message import notice
from alarms.projection.rows import alarm_row
from ingest.registry.model import Device
from ingest.wire.signals import Kind
from tests.alarm_stories import DAUGHTER, DUTY, REGISTRY, Desk

HOME = msgspec.structs.replace(
    REGISTRY,
    devices=(
        *REGISTRY.devices,
        Device(
            device_id="here-201", number=9, site_id="pine", gateway_id="gw-pine", kind=Kind.BUTTON,
            profile="presence_button", room_id="r201",
        ),
    ),
)  # fmt: skip


@pytest.fixture
def desk() -> Desk:
    return Desk(HOME)


def drill(desk: Desk, kind: str = "fire", *, site: str = "pine", **more: Any) -> dict[str, Any]:
    """A supervisor's command; the answer comes back."""
    desk.commands += 1
    body = {
        "do": "drill", "by": "kong", "id": f"drill-{desk.commands}", "kind": kind, "note": "每季度演练",
        "reply_to": "anxin/v1/console/c1/replies", **more,
    }  # fmt: skip
    desk._turn(lambda out: desk.engine.site_command(site, msgspec.json.encode(body), desk.now, out))
    return desk.messages[-1][1]


def sirens_and_lamps(desk: Desk) -> list[str]:
    return [body["cmd"] for _, body in desk.messages if "cmd" in body]


def test_a_drill_is_told_as_the_real_thing_would_be_and_says_that_it_is_one(desk: Desk) -> None:
    answer = drill(desk, "fire", device_id="smoke-202")
    alarm = desk.only
    assert (answer["ok"], answer["alarm_id"]) == (True, alarm.alarm_id)
    assert (alarm.rule, alarm.kind, alarm.priority) == ("smoke", AlarmKind.FIRE, Priority.EMERGENCY)
    assert (alarm.subject, alarm.identity.room_name) == ("device:smoke-202", "202")
    assert alarm.flags == (Flag.DRILL,)
    assert desk.heard == [(DUTY, "new_alarm")]
    desk.forward(31)
    assert desk.heard[1:] == [(DUTY, "escalated")], "nobody answered: the next step, as in earnest"
    text = notice(alarm, "key", 0, "duty:0", "webhook", "new_alarm")
    assert ("演习" in text.title_zh, "Drill" in text.title_en, text.drill) == (True, True, True)


def test_a_drill_of_a_call_in_a_room(desk: Desk) -> None:
    assert drill(desk, "help_call", room_id="r201")["ok"]
    alarm = desk.only
    assert (alarm.rule, alarm.subject, alarm.identity.room_name) == ("help_call", "room:r201", "201")
    assert alarm.identity.gateway_id == "", "no gateway speaks for it"
    desk.forward(31)
    assert desk.heard == [(DUTY, "new_alarm"), (DUTY, "escalated")]
    assert sirens_and_lamps(desk) == [], "an exercise switches nothing"
    desk.record("here-201", "staff_present")
    desk.record("here-201", "staff_present", value=False)
    done = desk.journal.alarm(alarm.alarm_id)
    assert done is not None
    assert (done.response, done.disposition) == (Response.RESOLVED, Disposition.TEST)


def test_a_drill_for_a_resident_tells_the_family_as_in_earnest_with_the_mark(desk: Desk) -> None:
    drill(desk, "fall", device_id="sos-201")
    assert (desk.only.rule, desk.only.identity.resident_name) == ("fall_confirmed", "王秀英")
    desk.forward(31)
    assert desk.heard[1:] == [(DUTY, "escalated"), (DAUGHTER, "escalated")]


@pytest.mark.parametrize("kind", [k for k in AlarmKind if k not in (AlarmKind.TEST, AlarmKind.UNREADABLE)])
def test_every_kind_that_a_rule_knows_can_be_practised(desk: Desk, kind: AlarmKind) -> None:
    known = {rule.kind for rule in load_profiles().rules}
    answer = drill(desk, kind, room_id="r202")
    assert answer["ok"] == (kind in known), answer
    assert [alarm.kind for alarm in desk.open] == ([kind] if kind in known else [])


def test_a_real_fire_in_the_middle_of_a_drill_is_another_alarm_and_rings_by_itself(desk: Desk) -> None:
    drill(desk, "fire", device_id="smoke-202")
    practice = desk.only
    desk.command(practice, "acknowledge", "li")
    desk.heard.clear()
    desk.forward(60)
    desk.record("smoke-202", "smoke")
    practice, real = sorted(desk.open, key=lambda alarm: Flag.DRILL not in alarm.flags)
    assert (real.alarm_id != practice.alarm_id, real.flags) == (True, ())
    assert (practice.response, real.response) == (Response.ACKNOWLEDGED, Response.NEW)
    assert desk.heard == [(DUTY, "new_alarm")]
    assert "drill" not in real.evidence
    desk.command(practice, "resolve", "kong", disposition="test")
    assert [alarm.alarm_id for alarm in desk.open] == [real.alarm_id]
    assert sirens_and_lamps(desk) == [], "the end of the drill silences no siren of the real fire"
    desk.forward(31)
    assert (desk.heard[-1], desk.only.response) == ((DUTY, "escalated"), Response.NEW)


def test_a_drill_in_the_middle_of_a_real_fire_does_not_touch_it(desk: Desk) -> None:
    desk.record("smoke-202", "smoke")
    real = desk.only
    drill(desk, "fire", device_id="smoke-202")
    assert len(desk.open) == 2
    assert desk.journal.alarm(real.alarm_id) == real
    desk.record("smoke-202", "smoke", value=False)
    conditions = {Flag.DRILL in alarm.flags: alarm.condition for alarm in desk.open}
    assert conditions == {False: Condition.CLEARED, True: Condition.ACTIVE}, "a detector's word is not about the drill"


def test_a_drill_ends_as_a_test_by_a_person(desk: Desk) -> None:
    drill(desk, "fire", device_id="smoke-202")
    assert desk.command(desk.only, "resolve", "kong", disposition="test")["ok"]
    assert desk.open == []
    heard = list(desk.heard)
    desk.forward(7200)
    assert desk.heard == heard


def test_a_drill_that_nobody_ends_ends_by_itself_after_half_an_hour_with_a_restart_in_between(desk: Desk) -> None:
    drill(desk, "help_call", device_id="sos-201")
    alarm = desk.only
    desk.forward(29 * 60)
    desk.restart(HOME)
    desk.forward(59.9)
    assert desk.only.response is Response.NEW
    desk.forward(0.2)
    done = desk.journal.alarm(alarm.alarm_id)
    assert done is not None
    assert (done.response, done.disposition, done.resolved.by) == (Response.RESOLVED, Disposition.TEST, "system")
    assert desk.journal.next_deadline_s(desk.now) is None


def test_the_same_drill_again_is_the_same_alarm_and_a_command_that_comes_twice_is_one(desk: Desk) -> None:
    first = drill(desk, "fire", device_id="smoke-202", id="d-1")
    assert drill(desk, "fire", device_id="smoke-202", id="d-1") == first
    assert desk.only.count == 1
    assert drill(desk, "fire", device_id="smoke-202")["alarm_id"] == first["alarm_id"]
    assert desk.only.count == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"device_id": "smoke-202", "kind": "earthquake"}, "earthquake"),
        ({"device_id": "smoke-202", "kind": "test"}, "there are"),
        ({"device_id": "smoke-202", "kind": "help_me"}, "help_call"),
        ({}, "device_id or room_id"),
        ({"device_id": "smoke-202", "room_id": "r202"}, "device_id or room_id"),
        ({"device_id": "no-such"}, "no-such"),
        ({"room_id": "r999"}, "r999"),
        ({"device_id": "sos-home1"}, "pine"),
        ({"device_id": "smoke-202", "do": "burn"}, "bad_command"),
    ],
)
def test_a_drill_that_cannot_be_says_why_and_raises_nothing(desk: Desk, wrong: dict[str, str], told: str) -> None:
    answer = drill(desk, **({"kind": "fire"} | wrong))
    assert (answer["ok"], answer["reason"]) == (False, "bad_command")
    assert told in answer["detail"]
    assert desk.open == []


def test_a_drill_at_a_device_in_test_is_a_test_as_a_real_press_would_be(desk: Desk) -> None:
    desk.record("sos-201", "test")
    drill(desk, "help_call", device_id="sos-201")
    practice = next(alarm for alarm in desk.open if alarm.kind is AlarmKind.HELP_CALL)
    assert set(practice.flags) == {Flag.DRILL, Flag.TEST}
    assert desk.heard == []


def test_who_began_the_drill_and_why_is_in_the_journal(desk: Desk) -> None:
    drill(desk, "fire", device_id="smoke-202")
    alarm = desk.only
    assert alarm.evidence["drill"] == {"by": "kong"}
    assert alarm.evidence["text"] == "每季度演练"
    raised = desk.journal.entries_of(alarm.alarm_id)[0]
    assert (raised.event, raised.by) == ("Raised", "kong")


# what counts


def test_drills_and_tests_are_marked_in_history_so_that_they_count_nowhere(desk: Desk) -> None:
    drill(desk, "fire", device_id="smoke-202")
    desk.record("sos-201", "call_test")
    desk.record("sos-201", "test")
    desk.record("sos-201", "help_call")
    desk.record("smoke-202", "smoke")
    marks = {(alarm.rule, row["test"], row["drill"]) for alarm in desk.open for row in [alarm_row(alarm)]}
    assert marks == {
        ("smoke", False, True),
        ("call_test", True, False),
        ("device_test", True, False),
        ("help_call", True, False),
        ("smoke", False, False),
    }


def test_a_test_press_is_seen_and_calls_nobody(desk: Desk) -> None:
    desk.record("sos-201", "call_test")
    press = desk.only
    assert (press.kind, press.flags, press.identity.room_name) == (AlarmKind.TEST, (Flag.TEST,), "201")
    desk.forward(3600)
    assert (desk.heard, desk.only.response) == ([], Response.NEW)
    assert "not_sent" in desk.log(press)
