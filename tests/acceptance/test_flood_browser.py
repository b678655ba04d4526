"""Five hundred open alarms at one desk: the list is whole, the newest emergency is on top, the keyboard still works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from alarms.lifecycle.alarm import AlarmKind, Priority, Response
from tests.console_desk import Desk, FakeEngine, an_alarm
from tests.full_home import flood

ALARMS = 500


@pytest.fixture
def page(browser: Browser, desk: Desk, engine: FakeEngine) -> Iterator[Page]:
    """A desk that is opened in the middle of the flood."""
    for alarm in flood(ALARMS):
        engine.tell(alarm)
    opened = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(desk.login_link())
    wait(opened, rows(ALARMS))
    yield opened
    assert faults == []
    opened.context.close()


def wait(page: Page, holds: str) -> None:
    """Until it holds. ``expect`` describes the whole page each time that it does not: seconds, with so many rows."""
    page.wait_for_function(f"() => {holds}")


def rows(count: int) -> str:
    return f"document.querySelectorAll('.rows .row').length === {count}"


def _first(page: Page) -> str:
    return str(page.locator("#rows-waiting .row").first.get_attribute("data-alarm"))


def test_every_alarm_has_its_line_in_the_order_of_urgency(page: Page) -> None:
    marks = page.locator("#rows-waiting .row").evaluate_all(
        "rows => rows.map(row => 'emergency high medium low'.split(' ').findIndex(one => row.classList.contains(one)))"
    )
    assert marks == sorted(marks)
    assert marks.count(0) == ALARMS / 4
    expect(page.locator("[data-priority=emergency] [data-waiting]")).to_have_text("125")
    page.keyboard.press("Home")
    last = page.locator("#rows-waiting .row").last
    last.scroll_into_view_if_needed()
    expect(last).to_contain_text("室")


def test_a_new_emergency_comes_to_the_top_and_the_hand_stays_where_it_is(page: Page, engine: FakeEngine) -> None:
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    held = page.locator("[aria-current=true].row").get_attribute("data-alarm")
    engine.tell(an_alarm("new", age_s=86_400))
    wait(page, "document.querySelector('#row-new')")
    assert _first(page) == "new"
    wait(page, f"document.querySelector('#row-{held}[aria-current=true]')")
    page.keyboard.press("Home")
    wait(page, "document.querySelector('#row-new[aria-current=true]')")
    expect(page.locator("#row-new")).to_be_in_viewport()
    page.keyboard.press("a")
    wait(page, "document.querySelector('#rows-handled #row-new')")


def test_many_in_one_moment_are_drawn_together(page: Page, engine: FakeEngine) -> None:
    """Each message would otherwise draw the whole list again."""
    page.evaluate("window.drawn = 0; window.anxin.alarms.addEventListener('change', () => { window.drawn += 1; })")
    for number in range(60):
        engine.tell(an_alarm(f"leak-{number:02}", kind=AlarmKind.LEAK, priority=Priority.HIGH))
    wait(page, rows(ALARMS + 60))
    assert page.evaluate("window.drawn") < 30


def test_what_is_over_leaves_the_list_and_nothing_behind(page: Page, engine: FakeEngine) -> None:
    count = "document.querySelectorAll('.desk-list *').length"
    before = page.evaluate(count)
    for number in range(60):
        alarm = engine.tell(an_alarm(f"brief-{number}"))
        engine.tell(replace(alarm, version=2, response=Response.RESOLVED))
    engine.tell(an_alarm("last"))
    wait(page, "document.querySelector('#row-last')")
    wait(page, rows(ALARMS + 1))
    one_line = page.evaluate("document.querySelector('#row-last').querySelectorAll('*').length + 1")
    assert page.evaluate(count) - before == one_line
    for alarm in list(engine.alarms.values()):
        engine.tell(replace(alarm, version=9, response=Response.RESOLVED))
    wait(page, rows(0))
    expect(page.locator("#quiet")).to_be_visible()
