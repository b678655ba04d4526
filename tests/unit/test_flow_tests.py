"""Which test flows of the sprinklers are still to be made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from console.handover.flow_tests import EVERY, MISSED, Flow, Why, flow_tasks
from ingest.registry.model import Device, Registry, Window
from ingest.wire.signals import Kind

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def switch(name: str, profile: str = "flow_switch", **more: object) -> Device:
    device = Device(
        device_id=name, number=1, site_id="home", gateway_id="g", kind=Kind.WATER, profile=profile, room_id=f"r-{name}"
    )
    return msgspec.structs.replace(device, **more)


def window(ended_ago: timedelta = HOUR, *, kinds: tuple[str, ...] = ("water_flow",), **more: str) -> Window:
    ends_at = NOW - ended_ago
    return Window(
        window_id="w", site_id="home", begins_at=ends_at - 2 * HOUR, ends_at=ends_at, reason="末端试水", by="li",
        kinds=kinds, **more,
    )  # fmt: skip


def flow(ago: timedelta, device: str = "east", *, is_test: bool = True) -> Flow:
    return Flow(device_id=device, at=NOW - ago, is_test=is_test)


def tasks(*flows: Flow, windows: tuple[Window, ...] = (), switches: tuple[Device, ...] = ()) -> list[tuple[str, str]]:
    registry = Registry(devices=switches or (switch("east"),), windows=windows)
    return [(one.why, one.name) for one in flow_tasks(registry, "home", flows, NOW)]


def test_a_planned_test_that_did_not_come_is_a_task_once_its_window_is_over() -> None:
    tested = flow(10 * DAY)
    assert tasks(tested, windows=(window(),)) == [(Why.MISSED, "末端试水")]
    assert tasks(tested, windows=(window(-HOUR),)) == [], "it may still come"
    assert tasks(tested, windows=(window(MISSED),)) == [], "the quarter says it then"


def test_water_in_the_window_or_a_test_after_it_does_it() -> None:
    tested = flow(10 * DAY)
    assert tasks(tested, flow(2 * HOUR, is_test=False), windows=(window(),)) == []
    assert tasks(tested, flow(HOUR / 2), windows=(window(),)) == []
    assert tasks(tested, flow(HOUR / 2, is_test=False), windows=(window(),)) == [(Why.MISSED, "末端试水")]
    assert tasks(tested, flow(2 * HOUR, "west"), windows=(window(device_id="east"),)) == [(Why.MISSED, "末端试水")]


def test_work_that_is_no_test_of_a_flow_switch_is_no_task() -> None:
    tested = flow(10 * DAY)
    for other in (window(kinds=()), window(kinds=("fire",)), window(room_id="kitchen")):
        assert tasks(tested, windows=(other,)) == []


def test_a_switch_is_due_a_quarter_after_its_last_test_and_when_none_is_known() -> None:
    assert tasks(flow(EVERY)) == []
    assert tasks(flow(EVERY + HOUR)) == [(Why.OVERDUE, "east")]
    assert tasks(flow(DAY, is_test=False)) == [(Why.NEVER, "east")], "a leak is no test"
    plain, broken = switch("west", "flow_switch_plain"), switch("old", out_of_service=True)
    other = switch("north", site_id="flat")
    assert tasks(flow(EVERY), switches=(switch("east"), plain, broken, other)) == [(Why.NEVER, "west")]
    assert tasks(switches=(switch("smoke", "smoke_alarm"),)) == []
