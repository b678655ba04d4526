"""The keyboard alone: a call is found, taken and over within four keys, and no slip of a key does harm."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from alarms.lifecycle.alarm import AlarmKind, Priority
from tests.console_desk import Desk, FakeEngine, an_alarm

Eventually = Callable[..., None]


def _seat(browser: Browser, desk: Desk, user_id: str = "operator") -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    page.goto(desk.login_link(user_id))
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    return page


@pytest.mark.parametrize("user_id", ["operator", "carer"])
@pytest.mark.parametrize(
    ("keys", "steps", "told"),
    [
        (("a", "r", "s", "Enter"), ["acknowledge", "resolve"], ("helped", "spoken")),
        (("t", "r", "1", "Enter"), ["attend", "resolve"], ("helped", None)),
        (("Home", "r", "p", "Enter"), ["resolve"], ("helped", "in_person")),
    ],
    ids=["spoken with from the desk", "somebody was there", "among other alarms"],
)
def test_a_call_is_found_taken_and_over_within_four_keys(
    browser: Browser,
    desk: Desk,
    engine: FakeEngine,
    eventually: Eventually,
    user_id: str,
    keys: tuple[str, ...],
    steps: list[str],
    told: tuple[str, str | None],
) -> None:
    page = _seat(browser, desk, user_id)
    if keys[0] == "Home":
        engine.tell(an_alarm("low", kind=AlarmKind.BATTERY, priority=Priority.LOW, age_s=500))
        expect(page.locator("#row-low")).to_have_attribute("aria-current", "true")
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    for place, key in enumerate(keys):
        if key == "Enter":
            expect(page.locator("#resolve [name=disposition]:checked")).to_have_value("helped")
        page.keyboard.press(key)
        if key in "at":
            eventually(lambda: engine.commands, "it is taken")
            expect(page.locator("#rows-handled #row-a-1")).to_be_visible()
        assert place < 4
    expect(page.locator("#row-a-1")).to_have_count(0)
    assert [command["do"] for command in engine.commands] == steps
    assert (engine.commands[-1]["disposition"], engine.commands[-1].get("reached")) == told
    page.context.close()


def test_a_slip_of_a_key_ends_no_call(browser: Browser, desk: Desk, engine: FakeEngine) -> None:
    """Without an ending, or without how the person was reached, Enter does nothing; Escape leaves all as it was."""
    page = _seat(browser, desk)
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    for keys in (("r", "Enter"), ("r", "1", "Enter"), ("r", "p", "Escape"), ("r", "x", "Enter")):
        for key in keys:
            page.keyboard.press(key)
        if keys[-1] == "Enter":
            expect(page.locator("#resolve [data-error]")).to_be_visible()
            page.keyboard.press("Escape")
        expect(page.locator("#resolve")).to_be_hidden()
    assert engine.commands == []
    page.context.close()
