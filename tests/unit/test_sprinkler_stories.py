"""Sprinklers, fires, valves and engineers: each story names what the phone on duty got, and why."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from alarms.lifecycle import sprinkler
from alarms.lifecycle.alarm import Alarm, Condition, Disposition, Flag, Priority
from ingest.registry.model import Device, Registry, Room, Window, Zone
from ingest.wire.senml import Record
from ingest.wire.signals import Kind
from tests import incident_home
from tests.alarm_stories import START, Desk
from tests.incident_home import EAST, not_told, told

_PLACES = (
    ("smoke-e", "east", Kind.FIRE, "smoke_alarm"),
    ("flow-e", "east", Kind.WATER, "flow_switch"),
    ("plain-e", "east", Kind.WATER, "flow_switch_plain"),
    ("smoke-w", "west", Kind.FIRE, "smoke_alarm"),
    ("pump", "cellar", Kind.WATER, "fire_pump"),
)
HOME = msgspec.structs.replace(
    incident_home.REGISTRY,
    zones=tuple(Zone(zone_id=name, site_id="pine", name=name) for name in ("east", "west", "cellar")),
    rooms=tuple(Room(room_id=name, site_id="pine", name=name, zone_id=name) for name in ("east", "west", "cellar")),
    residents=(),
    contacts=(),
    devices=tuple(
        Device(
            device_id=name, number=number, site_id="pine", gateway_id=EAST, kind=kind, profile=profile, room_id=room
        )
        for number, (name, room, kind, profile) in enumerate(_PLACES, 1)
    ),
)  # fmt: skip


def home(*windows: Window) -> Desk:
    return incident_home.open_home(with_windows(*windows))


def with_windows(*windows: Window) -> Registry:
    return msgspec.structs.replace(HOME, windows=windows)


def announced(*kinds: str, minutes: float = 60, device: str | None = None) -> Window:
    return Window(
        window_id="w",
        site_id="pine",
        begins_at=START,
        ends_at=START + timedelta(minutes=minutes),
        reason="末端试水",
        by="user:li",
        kinds=kinds,
        device_id=device,
    )


def judge(desk: Desk, rule: str, device: str, raised: bool = True) -> None:
    """What the gateway's core has found."""
    desk.records([Record(bn=f"{device}/", n=f"judge/{rule}", vb=raised, t=desk.now.timestamp())])


def of(desk: Desk, rule: str) -> Alarm:
    (found,) = [alarm for alarm in desk.open if alarm.rule == rule]
    return found


def by(alarm: Alarm) -> list[str]:
    """The devices that bear it out."""
    return [one["id"] for one in alarm.evidence["confirmed_by"]]


def rules(desk: Desk) -> list[str]:
    return sorted(alarm.rule for alarm in desk.open)


def test_flow_alone_is_an_emergency_that_says_leak_or_fire() -> None:
    desk = home()
    desk.record("flow-e", "water_flow")
    assert desk.only.priority is Priority.EMERGENCY
    assert desk.only.evidence["text"] == "water flows in the sprinkler pipe: leak or fire, go and look"
    assert "漏水或火灾" in desk.only.evidence["text_zh"]
    desk.record("pump", "pump_running")
    assert "the fire pump runs" in of(desk, "water_flow").evidence["text"]
    assert by(of(desk, "water_flow")) == ["pump"]
    assert not sprinkler.is_confirmed(of(desk, "water_flow"))


@pytest.mark.parametrize("order", [("smoke-e", "flow-e"), ("flow-e", "smoke-e")])
def test_flow_and_smoke_of_one_zone_are_a_fire_confirmed_in_either_order(order: tuple[str, str]) -> None:
    desk = home()
    for device in order:
        desk.record(device, "smoke" if device == "smoke-e" else "water_flow")
        desk.forward(20)
        desk.restart(HOME)
    flow, smoke = of(desk, "water_flow"), of(desk, "smoke")
    assert sprinkler.is_confirmed(flow)
    assert smoke.evidence["stage"] == "confirmed"
    assert (by(flow), by(smoke)) == (["smoke-e"], ["flow-e"])
    assert flow.incident_id == smoke.incident_id is not None
    assert any(one.title_en.startswith("FIRE CONFIRMED") for one in desk.notices if one.alarm_id == flow.alarm_id)


def test_smoke_of_another_zone_or_long_before_confirms_nothing() -> None:
    desk = home()
    desk.record("smoke-w", "smoke")
    desk.record("flow-e", "water_flow")
    assert not any(sprinkler.is_confirmed(alarm) for alarm in desk.open)
    assert "stage" not in of(desk, "smoke").evidence
    desk = home()
    desk.record("smoke-e", "smoke")
    desk.forward(1801)
    desk.record("flow-e", "water_flow")
    assert not any(sprinkler.is_confirmed(alarm) for alarm in desk.open)


def test_a_surge_of_a_plain_switch_stands_in_the_list_and_wakes_nobody() -> None:
    desk = home()
    desk.record("plain-e", "water_flow")
    assert (desk.only.rule, desk.only.priority) == ("flow_begins", Priority.LOW)
    desk.record("smoke-e", "smoke")
    assert "stage" not in of(desk, "smoke").evidence, "it may be a surge"
    desk.forward(10)
    desk.record("plain-e", "water_flow", False)
    desk.forward(300)
    assert rules(desk) == ["smoke"]
    assert {about for _, _, about in told(desk)} == {"smoke-e"}


def test_flow_that_lasts_takes_the_place_of_the_one_that_was_held_back() -> None:
    desk = home()
    desk.record("plain-e", "water_flow")
    desk.forward(30)
    judge(desk, "flow_lasts", "plain-e")
    assert rules(desk) == ["flow_lasts"]
    desk.forward(300)
    assert told(desk)[0] == (30, "new_alarm", "plain-e")


def test_held_back_flow_that_no_gateway_judges_rings_after_two_minutes() -> None:
    desk = home()
    desk.record("plain-e", "water_flow")
    desk.restart(HOME)
    desk.forward(119)
    assert told(desk) == []
    desk.forward(1)
    assert told(desk) == [(120, "more_urgent", "plain-e")]
    assert desk.only.priority is Priority.EMERGENCY
    desk.record("smoke-e", "smoke")
    assert of(desk, "smoke").evidence["stage"] == "confirmed", "now it counts as flow"


@pytest.mark.parametrize("is_valve_first", [True, False])
def test_a_valve_that_is_shut_in_a_fire_is_shouted_in_either_order_and_over_a_restart(is_valve_first: bool) -> None:
    desk = home()
    words = [lambda: judge(desk, "valve_shut", "pump"), lambda: desk.record("smoke-w", "smoke")]
    for say in words if is_valve_first else reversed(words):
        say()
        desk.forward(5)
        desk.restart(HOME)
    shout = of(desk, sprinkler.VALVE_IN_FIRE)
    assert shout.priority is Priority.EMERGENCY
    assert shout.evidence["text"] == "the valve of the sprinkler is CLOSED during a fire: open it"
    assert any(one.title_en == "Sprinkler valve CLOSED during a fire: open it" for one in desk.notices)
    judge(desk, "valve_shut", "pump", False)
    assert rules(desk) == ["smoke"], "it is open again"


def test_a_valve_whose_alarm_was_answered_or_announced_long_ago_is_shouted_all_the_same() -> None:
    desk = home(announced("fault", device="pump"))
    judge(desk, "valve_shut", "pump")
    assert not_told(desk, of(desk, "valve_shut")) == ["planned"]
    desk.forward(600)
    desk.record("smoke-e", "smoke")
    assert {(at, about) for at, _, about in told(desk)} == {(600, "pump"), (600, "smoke-e")}
    shout = of(desk, sprinkler.VALVE_IN_FIRE)
    desk.record("smoke-e", "smoke", False)
    desk.command(of(desk, "smoke"), "resolve", "li", disposition="false_alarm")
    assert rules(desk) == ["valve_shut"], "no fire, no shout"
    assert desk.journal.entries_of(shout.alarm_id)[-1].detail["because"] == "fire_over", "the valve is still shut"


def test_a_shut_valve_is_not_resolved_away_while_it_is_shut() -> None:
    desk = home()
    judge(desk, "valve_shut", "pump")
    assert not desk.command(desk.only, "resolve", "li", disposition="other")["ok"]
    assert desk.command(desk.only, "resolve", "li", disposition="repaired")["ok"], "its switch is broken"


def test_a_drill_shouts_about_no_valve() -> None:
    desk = home()
    judge(desk, "valve_shut", "pump")
    desk.records([Record(bn="smoke-e/", n="test", vb=True, t=desk.now.timestamp())])
    desk.record("smoke-e", "smoke")
    assert sprinkler.VALVE_IN_FIRE not in rules(desk)


def test_a_test_flow_in_its_window_wakes_nobody_and_ends_by_itself() -> None:
    desk = home(announced("water_flow"))
    desk.record("flow-e", "water_flow")
    desk.record("pump", "pump_running")
    flow = of(desk, "water_flow")
    assert flow.evidence["text_zh"] == "试水：末端试水"
    desk.forward(120)
    desk.record("flow-e", "water_flow", False)
    desk.record("pump", "pump_running", False)
    assert desk.open == []
    over = desk.journal.alarm(flow.alarm_id)
    assert over is not None
    assert (over.disposition, over.condition, Flag.TEST in over.flags) == (Disposition.TEST, Condition.CLEARED, False)
    desk.forward(7200)
    assert told(desk) == []


def test_a_test_flow_of_a_plain_switch_wakes_nobody_either() -> None:
    desk = home(announced("water_flow"))
    desk.record("plain-e", "water_flow")
    desk.forward(30)
    judge(desk, "flow_lasts", "plain-e")
    desk.forward(300)
    desk.record("plain-e", "water_flow", False)
    judge(desk, "flow_lasts", "plain-e", False)
    desk.forward(7200)
    assert (desk.open, told(desk)) == ([], [])


def test_smoke_in_the_window_of_a_test_flow_is_a_fire_that_the_test_does_not_confirm() -> None:
    desk = home(announced("water_flow"))
    desk.record("flow-e", "water_flow")
    desk.forward(10)
    desk.record("smoke-e", "smoke")
    assert told(desk) == [(10, "new_alarm", "smoke-e")]
    assert "stage" not in of(desk, "smoke").evidence


def test_flow_that_still_stands_when_its_window_ends_is_told_and_is_no_test_any_more() -> None:
    desk = home(announced("water_flow", minutes=10))
    desk.record("flow-e", "water_flow")
    desk.forward(300)
    desk.record("smoke-e", "smoke")
    desk.forward(301)
    assert (600, "shelf_over", "flow-e") in told(desk)
    flow = of(desk, "water_flow")
    assert sprinkler.is_confirmed(flow), "the smoke of five minutes ago counts now"
    assert flow.evidence["text"].startswith("FIRE CONFIRMED")
