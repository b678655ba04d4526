"""A question whether all is well, through a browser: the desk with the drawn day, a son's phone, both languages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from alarms.detect.returns import Returns
from alarms.lifecycle.alarm import Alarm
from tests.acceptance.conftest import photograph
from tests.console_desk import FakeEngine, a_question
from tests.full_home import furnish_fully
from tests.life_evidence import life_evidence
from tests.running_broker import RunningBroker
from tests.setup_home import SetupDesk, setup_desk

pytestmark = [pytest.mark.browser, pytest.mark.database, pytest.mark.once]
Eventually = Callable[..., None]

# quiet since yesterday evening; quiet since ten past seven
_DAYS: dict[str, dict[str, Any]] = {
    "zh": {},
    "en": {
        "text": "by 14:30 there was a sign of life on 28 of the last 28 days, on 26 of them something that heats, as a "
        "kettle does; now nothing since 07:10",
        "day": life_evidence()["day"]
        | {"today": [False] * 12 + [True] * 3 + [False] * 5 + [None] * 2 + [False] * 8, "now_h": 14.5, "since_h": 7.17},
    },
}
_FINE = {"zh": "一切平安", "en": "All is well"}
_ASKED = {"zh": "王秀英还好吗？", "en": "Is 王秀英 fine?"}
_AWAY = {"zh": "不在家", "en": "Not at home"}
_BACK = {"zh": "已回家", "en": "Back at home"}
_SEEMS = {"zh": "似乎有人回家了", "en": "Somebody seems to be back"}


@pytest.fixture
def home(database: str, broker: RunningBroker, short_path: Path) -> Iterator[SetupDesk]:
    furnish_fully(database)
    with setup_desk(database, short_path, broker.account("console")) as running:
        yield running


@pytest.fixture
def asked(home: SetupDesk, engine: FakeEngine, eventually: Eventually, language: str) -> Alarm:
    evidence = life_evidence(at_s=time.time(), **_DAYS[language])
    question = engine.tell(a_question(age_s=900, evidence=evidence))
    eventually(lambda: question.alarm_id in home.desk.parts.live.alarms, "the console knows of it")
    return question


def screen(browser: Browser, home: SetupDesk, user_id: str, language: str, width: int) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": 844}, locale=language)
    url = home.desk.url
    cookies = [{"name": n, "value": v, "url": url} for n, v in home.person(user_id, language).client.cookies.items()]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    return context


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_desk_sees_the_usual_day_and_ends_the_question_with_one_press(
    browser: Browser, home: SetupDesk, engine: FakeEngine, asked: Alarm, language: str
) -> None:
    context = screen(browser, home, "carer", language, 1280)
    page = context.new_page()
    page.goto(f"{home.desk.url}/alarms/{asked.alarm_id}")
    picture = page.locator(".chart.day svg")
    expect(picture.locator(".usual")).to_have_count(44)
    expect(picture.locator(".silence")).to_have_count(1)
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        photograph(page, f"question-desk-{language}-{width}-{scheme}")
    other = context.new_page()
    other.goto(home.desk.url)
    expect(other.locator(".row", has_text="305")).to_have_count(1)
    page.get_by_role("button", name=_FINE[language]).click()
    expect(other.locator(".row", has_text="305")).to_have_count(0)
    assert (engine.commands[-1]["do"], engine.commands[-1]["disposition"]) == ("resolve", "no_need")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_son_says_on_his_phone_that_she_is_not_at_home(
    browser: Browser, home: SetupDesk, asked: Alarm, language: str
) -> None:
    page = screen(browser, home, "family", language, 390).new_page()
    page.goto(f"{home.desk.url}/family")
    expect(page.get_by_role("heading", name=_ASKED[language])).to_be_visible()
    expect(page.get_by_role("button", name=_FINE[language], exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    photograph(page, f"question-family-{language}")
    page.emulate_media(color_scheme="dark")
    photograph(page, f"question-family-{language}-dark")
    page.get_by_role("button", name=_AWAY[language], exact=True).click()
    expect(page.get_by_role("button", name=_BACK[language])).to_be_visible()
    photograph(page, f"question-family-{language}-away")
    registry = home.registry
    assert registry.resident["wang"].away
    assert [(said.contact_id, said.word) for said in registry.check_ins] == [("son", "fine")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_signs_of_life_show_on_his_phone_and_he_says_that_it_was_a_cleaner(
    browser: Browser, home: SetupDesk, language: str
) -> None:
    page = screen(browser, home, "family", language, 390).new_page()
    page.goto(f"{home.desk.url}/family")
    page.get_by_role("button", name=_AWAY[language]).first.click()
    expect(page.get_by_role("button", name=_BACK[language])).to_be_visible()
    returns = Returns(home.database, lambda: home.registry)
    returns.tell({"resident:wang": time.time() + 60})
    assert returns.round() == ["wang"]
    expect(page.get_by_role("heading", name=_SEEMS[language])).to_be_visible(timeout=30_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    photograph(page, f"question-family-{language}-back")
    photograph(screen_of_desk(browser, home, language), f"question-resident-{language}-back")
    page.get_by_role("button", name=_AWAY[language], exact=True).click()
    expect(page.get_by_role("heading", name=_SEEMS[language])).to_have_count(0)
    expect(page.get_by_role("heading", name=_AWAY[language], exact=True)).to_be_visible()
    assert home.registry.resident["wang"].away


def screen_of_desk(browser: Browser, home: SetupDesk, language: str) -> Page:
    """The resident's page as who answers alarms sees it."""
    page = screen(browser, home, "operator", language, 1000).new_page()
    page.goto(f"{home.desk.url}/residents/wang")
    return page
