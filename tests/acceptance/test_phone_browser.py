"""A real browser as somebody's phone: put on the list, rung by a push, answered from the notification and the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from alarms.lifecycle.alarm import Response
from tests.answering_home import AnsweringHome, running_home
from tests.phone_in_hand import FAKE_PUSH, REMEMBER, PhoneInHand

Eventually = Callable[..., None]


@pytest.fixture(scope="module")
def one_home(database_server: str) -> Iterator[AnsweringHome]:
    with running_home(database_server) as running:
        yield running


@pytest.fixture
def home(one_home: AnsweringHome, eventually: Eventually) -> Iterator[AnsweringHome]:
    yield one_home
    one_home.tidy(eventually)


@pytest.fixture
def context(browser: Browser, home: AnsweringHome) -> Iterator[BrowserContext]:
    """A telephone's screen, on which the console may show notifications."""
    opened = browser.new_context(viewport={"width": 390, "height": 800}, locale="zh-CN")
    opened.grant_permissions(["notifications"], origin=home.url)
    yield opened
    opened.close()


@pytest.fixture
def hand(context: BrowserContext, home: AnsweringHome, eventually: Eventually) -> PhoneInHand:
    """Chen's phone, put on the list on the page and proved by answering the test message."""
    phone = home.push.subscribe()
    context.add_init_script(FAKE_PUSH % phone.subscription)
    page = context.new_page()
    with home.client("chen") as chen:
        context.add_cookies([{"name": name, "value": value, "url": home.url} for name, value in chen.cookies.items()])
        page.goto(f"{home.url}/phone")
        in_hand = PhoneInHand(page, home.url, phone)
        page.get_by_role("button", name="在这里接收报警").click()
        expect(page.get_by_text("测试消息已发出")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("暂未生效")).to_be_visible()
        in_hand.worker.evaluate(REMEMBER)
        shown = in_hand.arrive()
        assert (shown["title"], shown["buttons"]) == ("测试消息", ["acknowledge: 收到"])
        in_hand.press("acknowledge")
        eventually(lambda: home.reaches("user:chen")["web_push"] is not None, "the channel counts")
        expect(page.get_by_text("暂未生效")).to_have_count(0, timeout=15_000)
    eventually(
        lambda: sum(r.counts for r in home.registry_of_alarms().reaches_of.get("user:chen", ())) == 1,
        "alarms know it",
    )
    return in_hand


def test_an_alarm_rings_on_the_phone_and_is_taken_from_the_notification(
    hand: PhoneInHand, home: AnsweringHome, eventually: Eventually
) -> None:
    home.press()
    eventually(lambda: len(hand.phone.got) > hand.taken, "the push service has it")
    shown = hand.arrive()
    assert shown["title"] == "呼叫求助"
    assert "201" in shown["body"]
    assert "王秀英" not in shown["body"]
    assert shown["stays"], "an emergency stays until somebody looks"
    assert shown["buttons"] == ["acknowledge: 我来", "on_my_way: 我来，已在路上"]
    eventually(lambda: "received" in home.log(), "the receipt has come back")
    alarm = home.alarm()
    assert alarm is not None
    assert alarm.response is Response.NEW
    told = hand.press("on_my_way")
    alarm = home.alarm()
    assert alarm is not None
    assert alarm.acknowledged is not None
    assert alarm.acknowledged.by == "chen"
    assert "在路上" in alarm.note
    assert told["body"].startswith("您已于")
    assert told["buttons"] == []


def test_the_second_phone_hears_who_was_faster(hand: PhoneInHand, home: AnsweringHome, eventually: Eventually) -> None:
    home.press()
    eventually(lambda: len(hand.phone.got) > hand.taken and home.answer_url("user:li"), "both are told")
    hand.arrive()
    assert httpx.post(home.answer_url("user:li")).status_code == 303
    told = hand.press("acknowledge")
    assert told["body"].startswith("李娜 已于")


def test_an_answer_that_does_not_get_through_is_told_and_can_be_given_again(
    hand: PhoneInHand, home: AnsweringHome, eventually: Eventually
) -> None:
    home.press()
    eventually(lambda: len(hand.phone.got) > hand.taken, "the push service has it")
    hand.arrive()
    eventually(lambda: "received" in home.log(), "its receipt is sent")
    home.console.kill()
    told = hand.press("acknowledge")
    assert "应答没有送达" in told["body"]
    assert len(told["buttons"]) == 2
    home.console.start()
    eventually(home.is_ready, "the console is back", within_s=30)
    hand.press("acknowledge")
    alarm = home.alarm()
    assert alarm is not None
    assert alarm.response is Response.ACKNOWLEDGED


def test_a_push_that_cannot_be_read_is_shown_all_the_same(hand: PhoneInHand) -> None:
    shown = hand.deliver("not JSON")
    assert "请立即打开" in shown["body"]
    assert shown["stays"]


_RENEWED = """async (subscription) => {
  PushManager.prototype.getSubscription = async () => subscription && { toJSON: () => subscription };
  PushManager.prototype.subscribe = async () => { throw new Error("no way to the push service"); };
  const event = new ExtendableEvent("pushsubscriptionchange");
  let work;
  Object.defineProperty(event, "waitUntil", { value: (promise) => (work = promise) });
  self.dispatchEvent(event);
  await work;
}"""


def test_a_browser_renews_its_subscription_with_no_session_and_goes_on_to_ring(
    hand: PhoneInHand, home: AnsweringHome, eventually: Eventually
) -> None:
    hand.page.goto("about:blank")
    hand.page.context.clear_cookies()
    renewed = home.push.subscribe()
    before = home.reaches("user:chen")["web_push"]
    hand.worker.evaluate(_RENEWED, json.loads(renewed.subscription))
    addresses = lambda: [r.address for r in home.registry_of_alarms().reaches_of.get("user:chen", ())]  # noqa: E731
    eventually(lambda: [renewed.endpoint in address for address in addresses()] == [True], "alarms know it")
    assert home.reaches("user:chen")["web_push"] == before, "the same browser: it counts as before"
    home.press()
    eventually(lambda: renewed.got, "the alarm goes to the renewed one")


def test_a_browser_that_cannot_renew_says_so_on_its_screen(hand: PhoneInHand) -> None:
    hand.worker.evaluate(_RENEWED, None)
    shown = hand.on_screen()
    assert "此浏览器收不到报警" in shown["title"]
    assert shown["stays"]


@pytest.mark.parametrize("javascript", [True, False])
def test_the_link_of_a_message_is_answered_on_an_old_phone(
    browser: Browser, home: AnsweringHome, eventually: Eventually, javascript: bool
) -> None:
    home.press()
    eventually(lambda: home.answer_url("user:li"), "she is told")
    context = browser.new_context(
        viewport={"width": 320, "height": 480}, locale="zh-CN", java_script_enabled=javascript
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(home.answer_url("user:li"))
    expect(page.get_by_role("heading", name="呼叫求助")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("还没有人接警。")
    for button in page.get_by_role("button", name="我来处理").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
    page.get_by_role("button", name="我来处理", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("您已于")
    expect(page.get_by_role("button", name="我来处理")).to_have_count(0)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("status")).to_contain_text("You have it since")
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("You have it since")
    alarm = home.alarm()
    assert alarm is not None
    assert [act.by for act in alarm.takers] == ["li"]
    assert faults == []
    context.close()
