"""A screen in the corridor: large, loud, without names, and alive for as long as it hangs there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from alarms.lifecycle.alarm import AlarmKind, Flag, Priority, Response
from tests.acceptance.conftest import photograph
from tests.console_desk import Desk, FakeEngine, an_alarm, at_flat
from tests.page_memory import held

Eventually = Callable[..., None]


@pytest.fixture
def wall(browser: Browser, desk: Desk, engine: FakeEngine) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(desk.login_link())
    page.goto(f"{desk.url}/wall?site=home")
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    yield page
    assert [fault for fault in faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []
    context.close()


def test_the_corridor_sees_where_and_what_and_who_comes_and_never_a_residents_name(
    wall: Page,
    engine: FakeEngine,
    eventually: Eventually,
) -> None:
    expect(wall.locator("#wall-quiet")).to_be_visible()
    photograph(wall, "wall-quiet", full_page=False)
    engine.tell(an_alarm())
    engine.tell(at_flat(an_alarm("elsewhere")))
    tile = wall.locator(".tile")
    expect(tile).to_have_count(1)
    expect(tile).to_contain_text("305 室")
    expect(tile).to_contain_text("呼叫求助")
    assert "王秀英" not in wall.locator("#wall").inner_text()
    eventually(lambda: wall.evaluate("window.anxin.sound.playing") == "emergency", "it sounds")
    photograph(wall, "wall-one", full_page=False)
    engine.tell(replace(engine.alarms["a-1"], version=2, response=Response.ATTENDED))
    expect(wall.locator(".tile.handled")).to_have_count(1)
    eventually(lambda: wall.evaluate("window.anxin.sound.playing") is None, "silence: the other site is not heard here")
    engine.tell(replace(engine.alarms["a-1"], version=3, response=Response.RESOLVED))
    expect(wall.locator("#wall-quiet")).to_be_visible()


def test_in_a_flood_the_most_urgent_are_shown_and_the_others_counted(wall: Page, engine: FakeEngine) -> None:
    for number in range(12):
        leak = an_alarm(f"leak-{number:02}", kind=AlarmKind.LEAK, priority=Priority.HIGH, age_s=60 - number)
        engine.tell(leak)
    engine.tell(an_alarm("call", flags=(Flag.DRILL,)))
    expect(wall.locator(".tile")).to_have_count(8)
    expect(wall.locator(".tile").first).to_have_attribute("data-alarm", "call")
    expect(wall.locator(".tile").first).to_contain_text("演练")
    expect(wall.locator("#wall-more")).to_have_text("另有 5 条")
    photograph(wall, "wall-flood", full_page=False)
    box = wall.locator("#wall").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 721, "nothing is below the edge of the screen"


def _hang(browser: Browser, desk: Desk, path: str, locale: str) -> Page:
    """A wallboard whose clock the test moves."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}, locale=locale).new_page()
    page.clock.install()
    page.goto(desk.login_link())
    page.goto(desk.url + path)
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    return page


def test_it_hangs_there_for_hours_loses_the_network_and_comes_back(
    browser: Browser,
    desk: Desk,
    engine: FakeEngine,
) -> None:
    """Its clock runs ahead by hours; then the network is away, and an alarm of meanwhile is there after."""
    page = _hang(browser, desk, "/wall", "en-GB")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/api/v1/me") else None)
    for _ in range(5):
        page.clock.fast_forward(timedelta(hours=1).total_seconds() * 1000)
    assert len(asked) >= 4, "its session stays alive"
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    page.context.set_offline(offline=True)
    page.clock.fast_forward(2000)
    expect(page.locator("body")).to_have_attribute("data-state", "disconnected")
    engine.tell(an_alarm("meanwhile"))
    page.context.set_offline(offline=False)
    page.clock.fast_forward(5000)
    expect(page.locator(".tile")).to_contain_text("305 室")
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    page.context.close()


@pytest.mark.long
@pytest.mark.timeout(300)
def test_in_an_hour_nothing_piles_up_and_it_is_always_live(
    browser: Browser, desk: Desk, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    """Its clock runs a hundred times too fast, and so do the feed's beats; alarms come and go, the network too."""
    monkeypatch.setattr("console.feed.BEAT_S", 0.01)
    monkeypatch.setattr("console.feed.CHECK_S", 0.05)
    page = _hang(browser, desk, "/wall?site=home", "zh-CN")
    page.evaluate(
        "window.states = []; window.anxin.feed.addEventListener('state', ({ detail }) => window.states.push(detail))"
    )
    asked: list[int] = []
    page.on("response", lambda response: asked.append(response.status) if response.url.endswith("/me") else None)
    seen: list[dict[str, float]] = []
    for minute in range(61):
        alarm = engine.tell(an_alarm(f"minute-{minute}"))
        expect(page.locator(".tile")).to_have_count(1)
        for _ in range(10):
            page.clock.run_for(6000)
            page.evaluate("window.beaten = window.anxin.feed.heardAt")
            eventually(lambda: page.evaluate("window.anxin.feed.heardAt > window.beaten"), "a beat")
        engine.tell(replace(alarm, version=2, response=Response.RESOLVED))
        expect(page.locator("#wall-quiet")).to_be_visible()
        if minute == 30:
            assert "disconnected" not in page.evaluate("window.states")
            page.context.set_offline(offline=True)
            page.clock.run_for(2000)
            expect(page.locator("body")).to_have_attribute("data-state", "disconnected")
            page.context.set_offline(offline=False)
            page.clock.run_for(3000)
            expect(page.locator("#strip")).to_have_attribute("data-state", "live")
            page.evaluate("window.states.length = 0")
        if minute in (1, 60):
            seen.append(held(page))
    assert "disconnected" not in page.evaluate("window.states")
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    assert asked == [200], "its session is kept alive"
    assert seen[1]["JSEventListeners"] <= seen[0]["JSEventListeners"] + 5
    assert seen[1]["Nodes"] <= seen[0]["Nodes"] + 50
    page.context.close()
