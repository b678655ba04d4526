"""A daughter with her phone, in both languages: from her mother's call to its end; and another family beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ingest.registry import edit_family
from ingest.registry.family_model import CheckInWord
from tests.answering_home import AnsweringHome
from tests.family_home import family_home, screen
from tests.phone_in_hand import FAKE_PUSH, REMEMBER, PhoneInHand

Eventually = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the pages say."""

    locale: str
    quiet: str
    receive: str
    under_way: str
    call: str
    minutes: str
    on_the_way: str
    is_on_the_way: str
    helped: str
    over: str
    pushed_over: str
    fine: str
    said_fine: str


_ZH = Words(
    locale="zh-CN",
    quiet="目前没有事情",
    receive="在这里接收消息",
    under_way="正在报警",
    call="呼叫求助",
    minutes="20 分钟",
    on_the_way="您在路上。",
    is_on_the_way="在路上，预计",
    helped="已有人处理",
    over="已经结束",
    pushed_over="已结束:呼叫求助",
    fine="一切都好",
    said_fine="说一切都好",
)
_EN = Words(
    locale="en-GB",
    quiet="Nothing is under way",
    receive="Let messages arrive here",
    under_way="An alarm is under way",
    call="Help call",
    minutes="20 min",
    on_the_way="You are on the way.",
    is_on_the_way="On the way:",
    helped="Somebody is on it",
    over="It is over",
    pushed_over="Over: Help call",
    fine="All is fine",
    said_fine="that all is fine",
)


@pytest.fixture
def home(database_server: str, eventually: Eventually) -> Iterator[AnsweringHome]:
    with family_home(database_server, eventually) as running:
        yield running


def put_on_the_list(page: Page, home: AnsweringHome, words: Words, user: str, eventually: Eventually) -> PhoneInHand:
    """She lets messages arrive here, and answers the test message."""
    phone = home.push.subscribe()
    page.add_init_script(FAKE_PUSH % phone.subscription)
    page.goto(f"{home.url}/family")
    hand = PhoneInHand(page, home.url, phone)
    page.get_by_role("button", name=words.receive).click()
    eventually(lambda: phone.got, "the test message arrives")
    page.wait_for_url("**/family?told=sent")
    hand.worker.evaluate(REMEMBER)
    hand.arrive()
    hand.press("acknowledge")
    eventually(lambda: home.reaches(f"user:{user}").get("web_push"), "the channel counts")
    known = lambda: any(r.counts for r in home.registry_of_alarms().reaches_of.get("contact:c1", ()))  # noqa: E731
    eventually(known, "alarms know it")
    return hand


@pytest.mark.parametrize("words", [_ZH, _EN], ids=["zh", "en"])
def test_from_the_mothers_call_to_the_all_clear(
    browser: Browser, home: AnsweringHome, words: Words, eventually: Eventually, tmp_path: Path
) -> None:
    mei = f"mei-{words.locale[:2]}"
    with home.connect() as connection:
        edit_family.link_account(connection, "c1", mei)
    linked = lambda: home.all_know(lambda registry: registry.contact["c1"].user_id == mei)  # noqa: E731
    eventually(linked, "both programs know whose account it is")
    context = screen(browser, home, mei, words.locale)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    hand = put_on_the_list(page, home, words, mei, eventually)
    expect(page.get_by_role("heading", name="王秀英")).to_be_visible()
    expect(page.get_by_text("陈建国")).to_have_count(0)
    expect(page.locator(".standing")).to_contain_text(words.quiet)
    page.screenshot(path=tmp_path / "1-quiet.png", full_page=True)

    home.press()
    eventually(lambda: len(hand.phone.got) > hand.taken, "the push service has the alarm")
    assert words.call in hand.arrive()["title"]
    expect(page.locator(".standing")).to_contain_text(words.under_way)
    expect(page.get_by_text(f"{words.call} · 201").first).to_be_visible()
    page.screenshot(path=tmp_path / "2-under-way.png", full_page=True)
    with screen(browser, home, "zhao", words.locale, width=1280) as desk:
        seen = desk.new_page()
        seen.goto(home.url)
        page.get_by_role("button", name=words.minutes).click()
        expect(page.get_by_text(words.on_the_way, exact=True)).to_be_visible()
        expect(page.locator(".standing")).to_contain_text(words.helped)
        page.screenshot(path=tmp_path / "3-on-the-way.png", full_page=True)
        badge = seen.locator(".row-flags .flag", has_text=words.is_on_the_way)
        expect(badge).to_contain_text("王丽")
        seen.screenshot(path=tmp_path / "4-desk.png")

    home.resolve(eventually)
    eventually(lambda: len(hand.phone.got) > hand.taken, "the push service has the all-clear")
    shown = hand.arrive()
    assert (shown["title"], shown["buttons"], shown["stays"]) == (words.pushed_over, [], False)
    expect(page.locator(".standing")).to_contain_text(words.over)
    page.get_by_role("button", name=words.fine, exact=True).click()
    expect(page.get_by_text(words.said_fine)).to_be_visible()
    page.screenshot(path=tmp_path / "5-over.png", full_page=True)
    assert {one.word for one in home.registry_of_alarms().check_ins} <= {CheckInWord.FINE}

    page.wait_for_function("navigator.serviceWorker.controller?.scriptURL.endsWith('/family/sw.js')")
    page.reload()
    assert faults == []
    context.set_offline(True)
    page.reload()
    expect(page.get_by_text("没有网络")).to_be_visible()
    expect(page.locator("#last strong")).not_to_be_empty()
    expect(page.get_by_text("王秀英")).to_have_count(0)
    page.screenshot(path=tmp_path / "6-offline.png", full_page=True)
    context.close()


def test_the_other_daughter_sees_her_own_father_only(browser: Browser, home: AnsweringHome) -> None:
    with screen(browser, home, "lan-zh", "zh-CN") as context:
        page = context.new_page()
        page.goto(f"{home.url}/family")
        expect(page.get_by_role("heading", name="陈建国")).to_be_visible()
        for path in ("/family/c1", "/", "/history", "/sites", "/devices", "/api/v1/alarms"):
            answer = page.goto(f"{home.url}{path}")
            assert answer is not None
            assert answer.status in (403, 404), path
            assert "王秀英" not in page.content()
