"""Two desks and a daughter's phone at one alarm: a race, a desk without a network, and the end that all of them see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.answering_home import AnsweringHome
from tests.family_home import family_home, screen

Eventually = Callable[..., None]


@pytest.fixture
def home(database_server: str, eventually: Eventually) -> Iterator[AnsweringHome]:
    with family_home(database_server, eventually) as running:
        yield running


def desk_of(browser: Browser, home: AnsweringHome, user_id: str) -> Page:
    page = screen(browser, home, user_id, "zh-CN", width=1280).new_page()
    page.goto(home.url)
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    return page


def press_at_one_moment(pages: list[Page], code: str) -> None:
    """Both hands come down in the same millisecond."""
    at = pages[0].evaluate("Date.now() + 1000")
    for page in pages:
        page.evaluate(
            """([code, at]) => {
                 const press = () =>
                   document.body.dispatchEvent(new KeyboardEvent("keydown", { code, key: "", bubbles: true }));
                 setTimeout(press, at - Date.now());
               }""",
            [code, at],
        )


def test_two_operators_and_a_daughter_at_one_call(
    browser: Browser, home: AnsweringHome, eventually: Eventually
) -> None:
    names = {"li": "李娜", "zhao": "赵敏"}
    desks = {user: desk_of(browser, home, user) for user in names}
    mei = screen(browser, home, "mei-zh", "zh-CN").new_page()
    mei.goto(f"{home.url}/family")
    home.press()
    for desk in desks.values():
        expect(desk.locator("#rows-waiting > li")).to_contain_text("201")
    expect(mei.locator(".standing")).to_contain_text("正在报警")

    press_at_one_moment(list(desks.values()), "KeyA")
    eventually(lambda: home.log().count("Acknowledge") > 0, "one of them has it")
    alarm = home.alarm()
    assert alarm is not None
    assert alarm.acknowledged is not None
    first = alarm.acknowledged.by
    (second,) = set(names) - {first}
    for desk in desks.values():
        expect(desk.locator("#rows-handled > li")).to_contain_text(f"已接警 · {names[first]}")
    expect(desks[second].locator("#toasts")).to_contain_text(names[first])
    expect(mei.locator(".standing")).to_contain_text("已有人处理")
    assert home.log().count("Acknowledge") == 1

    mei.get_by_role("button", name="20 分钟").click()
    for desk in desks.values():
        expect(desk.locator("#rows-handled .flag", has_text="在路上")).to_contain_text("王丽")

    desks[second].context.set_offline(True)
    expect(desks[second].locator("#strip")).to_have_attribute("data-state", "disconnected")
    desks[first].keyboard.press("t")
    expect(desks[first].locator("#rows-handled > li")).to_contain_text(f"已到场 · {names[first]}")
    desks[first].keyboard.press("r")
    desks[first].keyboard.press("1")
    desks[first].keyboard.press("Enter")
    expect(desks[first].locator("#quiet")).to_be_visible()
    expect(mei.locator(".standing")).to_contain_text("已经结束")
    expect(desks[second].locator("#rows-handled > li")).to_have_count(1)

    desks[second].context.set_offline(False)
    expect(desks[second].locator("#quiet")).to_be_visible()
    expect(desks[second].locator("#strip")).to_have_attribute("data-state", "live")
    home.press()
    for desk in desks.values():
        expect(desk.locator("#rows-waiting > li")).to_have_text(re.compile("201"))
