"""The desk is opened without a network: what was last known stands there as something of the past, without names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from playwright.sync_api import Browser, Page, expect

from alarms.lifecycle.alarm import Response
from tests.console_desk import Desk, FakeEngine, an_alarm

Eventually = Callable[..., None]
_KEPT = "caches.match('/offline/last').then((kept) => kept?.text() ?? '')"


def _keeps(page: Page, eventually: Eventually, word: str) -> None:
    eventually(lambda: word in page.evaluate(_KEPT), f"{word} is kept for later", 30)


def test_without_a_network_the_last_list_is_shown_as_past_and_the_desk_comes_back_by_itself(
    browser: Browser, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    with browser.new_context(viewport={"width": 820, "height": 1180}, locale="zh-CN") as context:
        page = context.new_page()
        page.goto(desk.login_link())
        engine.tell(an_alarm())
        engine.tell(replace(an_alarm("taken"), response=Response.ACKNOWLEDGED))
        expect(page.locator("#row-a-1")).to_be_visible()
        page.evaluate("navigator.serviceWorker.ready")
        _keeps(page, eventually, "已接警")
        assert "王秀英" not in page.evaluate(_KEPT)
        page.reload()
        eventually(lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"), "the worker has the page")

        context.set_offline(True)
        for path in ("/", "/history"):
            page.goto(f"{desk.url}{path}")
            expect(page.get_by_role("alert")).to_contain_text("这里收不到报警")
        expect(page.locator("#known h2")).to_contain_text("不是现在")
        expect(page.locator("#lines li")).to_have_text([re.compile("305 室.*待接警"), re.compile("305 室.*已接警")])
        assert "王秀英" not in page.content()

        context.set_offline(False)
        expect(page.get_by_role("heading", level=1)).not_to_contain_text("没有连接")
        page.goto(desk.url)
        expect(page.locator("#strip")).to_have_attribute("data-state", "live")
        page.locator(".menu summary").click()
        page.locator(".menu").get_by_role("button", name="退出").click()
        page.wait_for_url("**/login*")
        eventually(lambda: page.evaluate(_KEPT) == "", "whoever logs out leaves nothing behind")
        context.set_offline(True)
        page.goto(desk.url)
        expect(page.locator("#unknown")).to_be_visible()
