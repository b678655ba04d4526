"""A floor plan in a real browser: a picture is uploaded, rooms are placed by keys, an alarm shows where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from alarms.lifecycle.alarm import Alarm, AlarmKind, Priority, Response
from alarms.lifecycle.events import Acknowledge
from tests.acceptance.conftest import photograph
from tests.console_desk import FakeEngine, an_alarm
from tests.plan_home import DRAWING, HOSTILE, furnish_floors, hostile
from tests.running_broker import RunningBroker
from tests.setup_home import SetupDesk, setup_desk

Eventually = Callable[..., None]
_SIZES = ((1440, 900), (820, 1180), (390, 844))


@pytest.fixture
def home(database: str, broker: RunningBroker, short_path: Path) -> Iterator[SetupDesk]:
    furnish_floors(database)
    with setup_desk(database, short_path, broker.account("console")) as running:
        yield running


@pytest.fixture
def page(browser: Browser, engine: FakeEngine, home: SetupDesk) -> Iterator[Page]:
    """The administrator's browser; a page that breaks its own policy, throws or asks elsewhere is not forgiven."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda m: faults.append(m.text) if m.type == "error" and "Content Sec" in m.text else None)
    opened.on("request", lambda asked: faults.append(asked.url) if home.desk.url not in asked.url else None)
    opened.goto(home.desk.login_link("administrator"))
    yield opened
    context.close()
    assert faults == []


def look(page: Page, name: str) -> None:
    """At every size: nothing is wider than the screen; a picture for whoever wants to see it."""
    for width, height in _SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        photograph(page, f"{name}-{width}")
    page.set_viewport_size({"width": 1440, "height": 900})


def at(room: str, alarm_id: str, **changes: object) -> Alarm:
    """A call from a room of the house."""
    alarm = an_alarm(alarm_id, **changes)
    number = room.removeprefix("house:")
    identity = replace(
        alarm.identity,
        site_id="house",
        site_name="槐荫安养院",
        zone_name="一层" if number.startswith("1") else "二层",
        room_id=room,
        room_name=f"{number} 房间",
        gateway_id="gw-house",
        device_id=f"house-{number}",
        device_name=f"{number} 床头呼叫",
    )
    return replace(alarm, identity=identity)


def upload(page: Page, content: bytes, name: str = "plan.svg") -> None:
    page.locator("#picture").set_input_files({"name": name, "mimeType": "image/svg+xml", "buffer": content})
    page.get_by_role("button", name="上传").click()


@pytest.mark.timeout(300)  # many pages, and the machine may be busy
def test_a_plan_is_drawn_by_keys_and_shows_where_somebody_calls(
    page: Page, home: SetupDesk, engine: FakeEngine, eventually: Eventually
) -> None:
    page.goto(f"{home.desk.url}/setup/sites/house/floors")
    look(page, "01-floors")
    page.get_by_role("link", name="平面图 一层").click()
    look(page, "02-proposed")
    upload(page, b"no picture at all")
    expect(page.locator("#picture-fault")).to_contain_text("不是可以显示的图片")
    upload(page, DRAWING)
    expect(page.get_by_role("status").filter(has_text="底图已上传")).to_be_visible()
    assert page.locator(".plan-image").evaluate("image => image.decode().then(() => image.naturalWidth)") == 2000
    left = page.locator("#plan-left button")
    expect(left).to_have_count(7)

    page.get_by_role("button", name="摆放 101 房间").press("Enter")
    box = page.get_by_role("button", name="101 房间", exact=True)
    expect(box).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#plan-at")).to_contain_text("101 房间：距左 5%，距上 1.9%，宽 12%，高 11%")
    for number in range(102, 108):
        page.get_by_role("button", name=f"摆放 {number} 房间").press("Enter")
    expect(page.locator("#plan-left-none")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="摆放 107 房间")).to_be_focused()
    page.get_by_role("button", name="设备", exact=True).click()
    page.get_by_role("button", name="把设备放进各自房间").click()
    look(page, "03-placing")
    page.get_by_role("button", name="保存平面图").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    plan = home.registry.plan["house:f1"]
    assert [room.room_id for room in plan.rooms] == [f"house:10{door}" for door in range(1, 7)]
    assert (plan.rooms[0].x, plan.rooms[0].y, plan.rooms[0].height) == (0.05, 0.019, 0.11)
    assert len(plan.devices) == 6, "the room of the seventh is not on the plan"

    page.get_by_role("link", name="查看实时画面").click()
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    room = page.locator('.plan-room[data-room="house:101"]')
    expect(room).not_to_have_class("alarmed")
    expect(page.locator("#plan-none")).to_be_visible()
    look(page, "04-quiet")
    engine.tell(at("house:101", "a-1"))
    expect(room).to_have_class("plan-room alarmed waiting emergency")
    expect(room).to_contain_text("紧急 · 呼叫求助")
    expect(room.locator("use")).to_have_attribute("href", "#shape-emergency")
    assert room.locator(".plan-in").evaluate("room => getComputedStyle(room).animationName") == "pulse"
    page.emulate_media(reduced_motion="reduce")
    assert room.locator(".plan-in").evaluate("room => getComputedStyle(room).animationName") == "none"
    page.emulate_media(reduced_motion="no-preference")
    engine.tell_presence("house", "house:102", ["user:operator"])
    expect(page.locator('.plan-room[data-room="house:102"]')).to_contain_text("Operator")
    engine.tell(at("house:107", "lost", kind=AlarmKind.BATTERY, priority=Priority.LOW))
    expect(page.locator("#plan-nowhere")).to_contain_text("107 房间")
    upstairs = page.locator('.floors a[data-floor="house:f2"]')
    engine.tell(at("house:203", "b-1", kind=AlarmKind.FALL, priority=Priority.HIGH))
    expect(upstairs.locator(".floor-count")).to_have_text("1")
    look(page, "05-calls")

    engine.happen("a-1", Acknowledge(by="user:operator"))
    expect(room).to_have_class("plan-room alarmed handled emergency")
    expect(room).to_contain_text("已接警 · Operator")
    page.get_by_role("button", name="自动切换到最紧急的楼层").click()
    expect(page.locator("#plan")).to_have_attribute("data-floor", "house:f2")
    expect(page).to_have_url(f"{home.desk.url}/plans/house%3Af2")
    expect(page.locator('.plan-room[data-room="house:203"]')).to_contain_text("高 · ")
    look(page, "06-followed")
    page.locator('.floors a[data-floor="house:f1"]').click()
    expect(page.locator("#plan")).to_have_attribute("data-floor", "house:f1")
    room.get_by_role("link").press("Enter")
    expect(page).to_have_url(f"{home.desk.url}/alarms/a-1")
    expect(page.locator(".plan-small .plan-here")).to_be_visible()
    look(page, "07-sheet")
    page.go_back()
    engine.tell(replace(engine.alarms["a-1"], version=9, response=Response.RESOLVED))
    expect(room).to_have_class("plan-room")
    page.context.set_offline(offline=True)
    expect(page.locator("body")).to_have_attribute("data-state", "disconnected")
    assert page.locator(".plan-frame").evaluate("frame => getComputedStyle(frame).opacity") != "1"
    look(page, "08-stale")


def test_a_hostile_drawing_runs_nothing_wherever_it_is_opened(page: Page, home: SetupDesk) -> None:
    page.goto(f"{home.desk.url}/setup/sites/house/floors/plan?id=house:f1")
    upload(page, hostile("".join(HOSTILE[name] for name in HOSTILE if "instruction" not in name)))
    expect(page.get_by_text("为了安全，图中以下内容没有保留")).to_be_visible()
    assert page.locator(".plan-image").evaluate("image => image.decode().then(() => image.naturalWidth)") == 2000
    assert page.title() != "ran"
    source = page.locator(".plan-image").get_attribute("src")
    answer = page.request.get(f"{home.desk.url}{source}")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert b"evil.example" not in answer.body()
    assert b"postMessage" not in answer.body().split(b"<text>")[0]
    assert page.evaluate(f"fetch('{source}').then(answer => answer.status)") == 403, "it is a picture for <img> only"


def _place_of(page: Page, name: str) -> list[float]:
    """What stands in the form for a room: left, top, width, height."""
    row = page.locator(f'#plan-numbers tr[data-name="{name}"] input:not([type=hidden])')
    return [float(value) for value in row.evaluate_all("fields => fields.map(field => field.value)")]


def test_rooms_are_moved_by_mouse_and_by_finger(page: Page, home: SetupDesk) -> None:
    page.goto(f"{home.desk.url}/setup/sites/house/floors/plan?id=house:f1")
    box = page.get_by_role("button", name="101 房间", exact=True)
    before = _place_of(page, "101 房间")
    area = page.locator("#plan-paper").bounding_box()
    here = box.bounding_box()
    assert area is not None
    assert here is not None
    page.mouse.move(here["x"] + 20, here["y"] + 20)
    page.mouse.down()
    page.mouse.move(here["x"] + 20 + area["width"] / 10, here["y"] + 20 + area["height"] / 5, steps=4)
    page.mouse.up()
    left, top, width, height = _place_of(page, "101 房间")
    assert [left - before[0], top - before[1]] == pytest.approx([10, 20], abs=0.3)
    assert [width, height] == before[2:], "moved, not resized"
    corner = box.locator(".plan-grip").bounding_box()
    assert corner is not None
    page.mouse.move(corner["x"] + 15, corner["y"] + 15)
    page.mouse.down()
    page.mouse.move(corner["x"] + 15 + area["width"], corner["y"] + 15 - area["height"] / 10, steps=4)
    page.mouse.up()
    resized = _place_of(page, "101 房间")
    assert [resized[0] + resized[2], resized[3] - height] == pytest.approx([100, -10], abs=0.3), "the edge holds it"

    finger = page.context.new_cdp_session(page)
    start = page.get_by_role("button", name="105 房间", exact=True).bounding_box()
    assert start is not None
    x, y = start["x"] + 20, start["y"] + 30
    touched = _place_of(page, "105 房间")
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 5):
        point = {"x": x + part * area["width"] / 40, "y": y - part * area["height"] / 80}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    moved = _place_of(page, "105 房间")
    assert [moved[0] - touched[0], moved[1] - touched[1]] == pytest.approx([10, -5], abs=0.4)


def test_a_plan_is_made_without_scripts_too(browser: Browser, home: SetupDesk) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(home.desk.login_link("installer"))
    page.goto(f"{home.desk.url}/setup/sites/house/floors/plan?id=house:f1")
    upload(page, DRAWING)
    fields = page.get_by_role("row", name="101 房间").get_by_role("textbox")
    for place, value in enumerate(("5", "6", "20", "30")):
        fields.nth(place).fill(value)
    page.get_by_role("button", name="保存平面图").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    (room,) = home.registry.plan["house:f1"].rooms
    assert (room.room_id, room.x, room.y, room.width, room.height) == ("house:101", 0.05, 0.06, 0.2, 0.3)
    context.close()
