"""A real browser at the desk: log in, hear and see an alarm, answer by keyboard, lose the network, come back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from alarms.lifecycle.alarm import AlarmKind, Priority, Response
from tests.acceptance.conftest import QUIET
from tests.console_desk import PASSWORD, Desk, FakeEngine, an_alarm, running_desk
from tests.running_broker import RunningBroker

Eventually = Callable[..., None]

# what a browser writes when the network is away, or when an answer is 401 or 409
_EXPECTED = re.compile(r"ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|status of (401|409)|htmx:(afterRequest|sendError)")
"""What a browser says of a network that a test takes away, also in the middle of a request."""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, desk: Desk, engine: FakeEngine) -> Iterator[Page]:
    """The desk, just logged in; no console error and no request to another host is forgiven."""
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: faults.append(request.url) if desk.url not in request.url else None)
    opened.goto(desk.login_link())
    expect(opened.locator("#strip")).to_have_attribute("data-state", "live")
    yield opened
    assert [fault for fault in faults if not _EXPECTED.search(fault)] == []


def _sound(page: Page, field: str) -> object:
    return page.evaluate(f"window.anxin.sound.{field}")


def test_an_alarm_is_seen_and_heard_until_it_is_acknowledged_by_keyboard(
    page: Page, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    expect(page.locator("#quiet")).to_be_visible()
    engine.tell(an_alarm())
    row = page.locator("#row-a-1")
    expect(row).to_contain_text("305 室")
    expect(row).to_contain_text("王秀英")
    expect(row).to_contain_text("呼叫求助")
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    eventually(lambda: _sound(page, "playing") == "emergency", "the sound plays")
    eventually(lambda: int(str(_sound(page, "bursts"))) >= 6, "tones come out, again and again", 8)
    expect(page.locator("#no-sound")).to_be_hidden()
    expect(page.locator("#panel")).to_contain_text("处理步骤")
    expect(page.locator("#panel .call")).to_have_attribute("href", "tel:13800000001")

    page.keyboard.press("a")
    expect(page.locator("#rows-handled #row-a-1")).to_contain_text("已接警 · Operator")
    eventually(lambda: _sound(page, "playing") is None, "silence")

    page.keyboard.press("t")
    expect(page.locator("#row-a-1")).to_contain_text("已到场 · Operator")
    page.keyboard.press("r")
    page.keyboard.press("1")
    expect(page.locator("#resolve [data-reached]")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#quiet")).to_be_visible()
    assert [command["do"] for command in engine.commands] == ["acknowledge", "attend", "resolve"]
    assert engine.commands[-1]["disposition"] == "helped"


def test_the_network_goes_and_comes_back_without_a_gap(
    page: Page, context: BrowserContext, engine: FakeEngine, desk: Desk
) -> None:
    engine.tell(an_alarm("before"))
    expect(page.locator("#row-before")).to_be_visible()
    context.set_offline(True)
    expect(page.locator("#strip")).to_have_attribute("data-state", "disconnected")
    expect(page.locator("#strip")).to_contain_text("连接中断")
    engine.tell(an_alarm("while-away"))
    engine.tell(replace(engine.alarms["before"], version=2, response=Response.RESOLVED))
    expect(page.locator("#row-while-away")).to_have_count(0)
    context.set_offline(False)
    expect(page.locator("#row-while-away")).to_be_visible()
    expect(page.locator("#row-before")).to_have_count(0)
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    assert page.evaluate("window.anxin.feed.counts.snapshot") == 1, "it resumed, it did not start anew"


def test_the_console_restarts_and_the_desk_heals_by_itself(
    context: BrowserContext, broker: RunningBroker, short_path: Path, engine: FakeEngine, free_port: int
) -> None:
    page = context.new_page()
    with running_desk(short_path, broker.account("console"), port=free_port) as first:
        page.goto(first.login_link())
        engine.tell(an_alarm("before"))
        expect(page.locator("#row-before")).to_be_visible()
    expect(page.locator("#strip")).not_to_have_attribute("data-state", "live")
    engine.tell(an_alarm("while-away"))
    with running_desk(short_path, broker.account("console"), port=free_port):
        expect(page.locator("#strip")).to_have_attribute("data-state", "live", timeout=15000)
        expect(page.locator("#row-while-away")).to_be_visible()
        expect(page.locator("#row-before")).to_be_visible()
        page.close()


def test_the_broker_is_lost_and_the_list_looks_stale(page: Page, broker: RunningBroker, engine: FakeEngine) -> None:
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    broker.kill()
    expect(page.locator("#strip")).to_have_attribute("data-state", "stale", timeout=10000)
    expect(page.locator("#strip")).to_contain_text("请勿依赖本页")
    broker.start()
    expect(page.locator("#strip")).to_have_attribute("data-state", "live", timeout=15000)


def test_a_browser_that_blocks_sound_says_so_loudly(
    playwright: Playwright, chromium: Path, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    launched = playwright.chromium.launch(executable_path=chromium, args=QUIET)
    page = launched.new_context(locale="zh-CN").new_page()
    page.goto(desk.login_link())
    expect(page.locator("#no-sound")).to_be_visible()
    expect(page.locator("#no-sound")).to_contain_text("浏览器没有声音")
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    page.locator("#sound-on").click()
    expect(page.locator("#no-sound")).to_be_hidden()
    eventually(lambda: page.evaluate("window.anxin.sound.bursts") > 3, "tones come out")
    launched.close()


def test_two_operators_race_and_the_second_learns_who_was_first(
    page: Page, browser: Browser, desk: Desk, engine: FakeEngine
) -> None:
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    page.evaluate("window.anxin.feed.drop()")
    with desk.client("lina") as lina:
        assert lina.post("/api/v1/alarms/a-1/acknowledge", json={"version": 1}).status_code == 200
    page.keyboard.press("a")
    expect(page.locator("#toasts")).to_contain_text("李娜")


def test_urgent_first_then_the_longest_waiting_and_the_selection_stays(page: Page, engine: FakeEngine) -> None:
    engine.tell(an_alarm("low", priority=Priority.LOW, kind=AlarmKind.BATTERY, age_s=500))
    expect(page.locator("#row-low")).to_have_attribute("aria-current", "true")
    engine.tell(an_alarm("second", age_s=10))
    engine.tell(an_alarm("first", age_s=20))
    expect(page.locator("#rows-waiting .row")).to_have_count(3)
    ids = page.locator("#rows-waiting .row").evaluate_all("rows => rows.map(row => row.dataset.alarm)")
    assert ids == ["first", "second", "low"]
    expect(page.locator("#row-low")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Home")
    expect(page.locator("#row-first")).to_have_attribute("aria-current", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#row-second")).to_have_attribute("aria-current", "true")


def test_the_timer_turns_amber_at_45_s_and_red_at_60_s_with_words(page: Page, engine: FakeEngine) -> None:
    engine.tell(an_alarm("green", age_s=5))
    engine.tell(an_alarm("amber", age_s=46))
    engine.tell(an_alarm("red", age_s=61))
    expect(page.locator("#row-green .timer")).to_have_attribute("data-age", "")
    expect(page.locator("#row-amber .timer")).to_have_attribute("data-age", "soon")
    expect(page.locator("#row-amber .timer-word")).to_have_text("超过 0:45")
    expect(page.locator("#row-red .timer")).to_have_attribute("data-age", "late")
    expect(page.locator("#row-red .timer-word")).to_have_text("超过 1:00")


def test_a_hostile_name_stays_text_in_the_list(page: Page, engine: FakeEngine) -> None:
    evil = "<img src=x onerror='window.evil=1'>"
    alarm = an_alarm("evil", evidence={"text": evil})
    engine.tell(replace(alarm, identity=replace(alarm.identity, resident_name=evil, room_name=evil, site_name=evil)))
    expect(page.locator("#row-evil .row-name")).to_have_text(evil)
    expect(page.locator("#panel .big").first).to_have_text(evil)
    assert page.evaluate("window.evil") is None


def test_an_account_that_is_ended_sees_it_at_once(page: Page, desk: Desk) -> None:
    desk.change_registry(type(desk.registry)(version=8, sites=desk.registry.sites))
    expect(page.locator("#strip")).to_have_attribute("data-state", "signedOut")
    expect(page.locator("#strip")).to_contain_text("已退出登录")


def test_log_in_by_password_in_english_and_write_a_note(
    browser: Browser, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(desk.url)
    expect(page.get_by_role("heading", name="Anxin")).to_be_visible()
    page.get_by_label("Account").fill("lina")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="English").click()
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_contain_text("Help call")
    page.keyboard.press("n")
    page.locator("#note textarea").fill("asked for water")
    page.keyboard.press("Control+Enter")
    eventually(lambda: engine.alarms["a-1"].note == "asked for water", "the note is saved")
    page.locator("#row-a-1 .row-kind").click()
    expect(page).to_have_url(f"{desk.url}/alarms/a-1")
    expect(page.locator(".note-text")).to_contain_text("asked for water")
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    page.keyboard.press("a")
    expect(page.locator(".sheet-kind")).to_contain_text("Acknowledged")
    context.close()
