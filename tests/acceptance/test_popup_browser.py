"""Somebody writes a hand-over note when a resident calls: the alarm pops up there, and can be taken at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from alarms.lifecycle.alarm import AlarmKind, Priority
from tests.console_desk import Desk, FakeEngine, an_alarm

Eventually = Callable[..., None]


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_most_urgent_alarm_pops_up_on_any_page_until_somebody_has_it(
    browser: Browser, desk: Desk, engine: FakeEngine, eventually: Eventually, locale: str
) -> None:
    with browser.new_context(viewport={"width": 820, "height": 1180}, locale=locale) as context:
        language = {"name": "anxin_language", "value": locale[:2], "url": desk.url}
        context.add_cookies([language])  # type: ignore[list-item]  # its own kind of mapping
        page = context.new_page()
        page.goto(desk.login_link())
        page.goto(f"{desk.url}/handover")
        expect(page.locator("#strip")).to_have_attribute("data-state", "live")
        expect(page.locator("#popup")).to_be_hidden()
        engine.tell(an_alarm("low", kind=AlarmKind.BATTERY, priority=Priority.LOW))
        engine.tell(an_alarm("call"))
        expect(page.locator("#popup")).to_contain_text("305 室 王秀英")
        expect(page.locator("#popup .popup-open")).to_have_attribute("href", "/alarms/call")
        page.locator("#popup").get_by_role("button").click()
        eventually(lambda: [one["do"] for one in engine.commands] == ["acknowledge"], "it is taken from there")
        assert page.url == f"{desk.url}/handover"
        expect(page.locator("#popup .popup-open")).to_have_attribute("href", "/alarms/low")
        page.goto(f"{desk.url}/alarms/low")
        expect(page.locator("#strip")).to_have_attribute("data-state", "live")
        expect(page.locator("#popup")).to_be_hidden()
        page.goto(desk.url)
        expect(page.locator("#rows-waiting > li")).to_have_count(1)
        expect(page.locator("#popup")).to_be_hidden()
