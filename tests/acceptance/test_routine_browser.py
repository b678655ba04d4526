"""Notes about the routine through a browser: a carer's screen and a daughter's phone, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ingest.registry.family_model import Share
from tests.acceptance.conftest import photograph
from tests.console_desk import Desk, running_desk
from tests.console_history import NOWHERE
from tests.routine_pages import furnish

pytestmark = [pytest.mark.browser, pytest.mark.database]

_WORDS = {"zh": "夜间活动 6 次", "en": "Up 6 times in the night"}


@pytest.fixture
def desk(database: str, short_path: Path) -> Iterator[Desk]:
    with running_desk(short_path, NOWHERE, database=database) as running:
        furnish(running, database, Share.ROUTINE, Share.CALLS)
        yield running


def opened(browser: Browser, desk: Desk, user_id: str, language: str, width: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 844}, locale=language)
    context.add_cookies([{"name": "anxin_language", "value": language, "url": desk.url}])
    page = context.new_page()
    page.goto(desk.login_link(user_id))
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_carer_reads_them_on_the_residents_page(browser: Browser, desk: Desk, language: str, width: int) -> None:
    page = opened(browser, desk, "lina", language, width)
    page.goto(f"{desk.url}/residents/wang")
    expect(page.get_by_text(_WORDS[language])).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    photograph(page, f"routine-resident-{language}-{width}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_daughter_reads_them_on_her_phone(browser: Browser, desk: Desk, language: str) -> None:
    page = opened(browser, desk, "mei", language, 390)
    page.goto(f"{desk.url}/family")
    expect(page.get_by_text(_WORDS[language])).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    photograph(page, f"routine-family-{language}")
