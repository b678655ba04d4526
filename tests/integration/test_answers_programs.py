"""A message leaves ``alarms``, its link is answered at the console, the alarm is taken: with every real part."""

from __future__ import annotations

import json
import re
import stat
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from alarms.engine.answers import AnswerKey, SendTicket
from alarms.lifecycle.alarm import Response
from alarms.notify.message import Notice
from ingest.registry import edit_escalation
from ingest.registry.model import Policy, PolicyStep, Reach
from tests.answering_home import AnsweringHome, running_home
from tests.push_stub import Phone, PushService

pytestmark = [pytest.mark.broker, pytest.mark.database, pytest.mark.once]
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
def called(home: AnsweringHome, eventually: Eventually) -> AnsweringHome:
    """Ms Wang has pressed her button, and the message is at the provider."""
    home.press()
    eventually(lambda: home.answer_url("user:li") and home.answer_url("user:zhao"), "both nurses are told")
    return home


def response_of(home: AnsweringHome) -> Response | None:
    alarm = home.alarm()
    return alarm.response if alarm is not None else None


def page(url: str, language: str = "zh") -> httpx.Response:
    return httpx.get(url, headers={"Accept-Language": language, "User-Agent": "an old phone"})


def test_the_link_in_a_message_shows_the_alarm_and_takes_it(called: AnsweringHome, eventually: Eventually) -> None:
    url = called.answer_url("user:li")
    assert url.startswith(f"{called.url}/a/")
    shown = page(url)
    assert shown.status_code == 200
    for word in ("呼叫求助", "青松养老院", "201", "王**", "还没有人接警", "我来处理"):
        assert word in shown.text
    for secret in ("王秀英", "助行器", "<script"):
        assert secret not in shown.text
    assert response_of(called) is Response.NEW, "whoever only looks, or fetches a preview, takes nothing"
    answered = httpx.post(url, data={"answer": "acknowledge"}, follow_redirects=True)
    assert "您已于" in answered.text
    assert '<button type="submit" name="answer"' not in answered.text
    alarm = called.alarm()
    assert alarm is not None
    assert alarm.acknowledged is not None
    assert alarm.acknowledged.by == "li"
    eventually(lambda: "received" in called.log(), "who answers has got the message")


def test_in_english_for_who_reads_english(called: AnsweringHome) -> None:
    shown = page(called.answer_url("user:li"), "en-GB")
    assert "Help call" in shown.text
    assert "I take it and am on my way" in shown.text


def test_two_phones_race_and_the_second_sees_who_has_it(called: AnsweringHome) -> None:
    assert httpx.post(called.answer_url("user:zhao")).status_code == 303
    late = httpx.post(called.answer_url("user:li"), follow_redirects=True, headers={"Accept-Language": "zh"})
    assert "赵敏 已于" in late.text
    assert "接警" in late.text
    alarm = called.alarm()
    assert alarm is not None
    assert [act.by for act in alarm.takers] == ["zhao"]


def test_the_notifications_button_gets_a_sentence_instead_of_a_page(called: AnsweringHome) -> None:
    headers = {"Accept": "application/json", "Accept-Language": "en"}
    first = httpx.post(called.answer_url("user:zhao"), data={"answer": "on_my_way"}, headers=headers)
    assert (first.status_code, first.json()["standing"]) == (200, "mine")
    late = httpx.post(called.answer_url("user:li"), data={"answer": "acknowledge"}, headers=headers)
    assert (late.status_code, late.json()["standing"]) == (409, "taken")
    assert late.json()["text"].startswith("赵敏 has it since")
    alarm = called.alarm()
    assert alarm is not None
    assert "On my way" in alarm.note


def test_an_alarm_that_is_over_says_so_and_takes_no_answer(called: AnsweringHome, eventually: Eventually) -> None:
    url = called.answer_url("user:li")
    called.resolve(eventually)
    eventually(lambda: "此报警已结束" in page(url).text, "the page says that it is over")
    assert "此报警已结束" in httpx.post(url, follow_redirects=True).text


def test_wrong_old_and_forged_links_get_a_plain_page(called: AnsweringHome) -> None:
    key = AnswerKey((called.data / "secrets" / "answer_key").read_bytes().strip())
    token = called.answer_url("user:li").rpartition("/")[2]
    ticket = key.read(token, datetime.now(UTC))
    assert isinstance(ticket, SendTicket)
    old = key.issue(SendTicket(site_id="pine", send_key=ticket.send_key, expires_s=int(time.time()) - 1))
    forged = AnswerKey(b"o" * 32).issue(ticket)
    for other, status, word in (
        (old, 410, "已过期"),
        (forged, 404, "无效"),
        (token[:-1], 404, "无效"),
        ("x", 404, "无效"),
    ):
        for answer in (page(f"{called.url}/a/{other}"), httpx.post(f"{called.url}/a/{other}")):
            assert (answer.status_code, word in answer.text) == (status, True)
    assert httpx.post(f"{called.url}/api/v1/receipts/{forged}").status_code == 404
    assert response_of(called) is Response.NEW


def test_who_guesses_waits_and_who_has_a_link_does_not(called: AnsweringHome, eventually: Eventually) -> None:
    with httpx.Client(base_url=called.url) as guesser:
        statuses = [guesser.get(f"/a/guess-{number}").status_code for number in range(40)]
    assert statuses[:15] == [404] * 15
    assert statuses[-10:] == [429] * 10
    assert page(called.answer_url("user:li")).status_code == 200
    assert httpx.post(called.answer_url("user:li")).status_code == 303
    called.console.kill()  # so that it forgets the guesses
    called.console.start()
    eventually(called.is_ready, "the console is back", within_s=30)


def test_no_cookie_no_other_site_and_no_header_gives_a_link_more_or_less(called: AnsweringHome) -> None:
    url = called.answer_url("user:li")
    headers = page(url).headers
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "noindex" in headers["x-robots-tag"]
    assert "unsafe" not in headers["content-security-policy"]
    assert httpx.post(url, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    with called.client("zhao") as zhao:
        del zhao.headers["X-CSRF-Token"]
        assert zhao.post(url).status_code == 303
    alarm = called.alarm()
    assert alarm is not None
    assert [act.by for act in alarm.takers] == ["li"], "the token says who it is, whoever is logged in"


def test_a_token_is_in_no_log(called: AnsweringHome) -> None:
    url = called.answer_url("user:li")
    page(url)
    httpx.post(url)
    token = url.rpartition("/")[2]
    for program in (called.alarms, called.console):
        assert token not in program.log.read_text("utf-8")


def test_the_key_is_one_for_both_programs_and_their_owners_only(called: AnsweringHome) -> None:
    path = called.data / "secrets" / "answer_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_restart_of_both_programs_forgets_no_answer(called: AnsweringHome, eventually: Eventually) -> None:
    url = called.answer_url("user:li")
    assert httpx.post(url).status_code == 303
    for program in (called.alarms, called.console):
        program.kill()
        program.start()
    eventually(called.is_ready, "both are back", within_s=30)
    assert "您已于" in page(url).text
    assert httpx.post(url).status_code == 303
    assert called.log().count("Acknowledge") == 1


def test_an_answer_of_an_earlier_round_is_no_answer_to_the_alarm_that_came_back(
    home: AnsweringHome, eventually: Eventually
) -> None:
    soon = Policy(
        policy_id="soon", name="soon", site_id="pine", steps=(PolicyStep(after_s=0, who=("user:li",)),), repeat_s=600,
        return_s=5,
    )  # fmt: skip
    with home.connect() as connection:
        edit_escalation.add_policy(connection, soon)
    eventually(lambda: home.registry_of_alarms().policies, "alarms know the policy")
    home.press()
    eventually(lambda: home.answer_url("user:li"), "she is told")
    old = home.answer_url("user:li")
    assert "您已于" in httpx.post(old, follow_redirects=True).text
    eventually(lambda: response_of(home) is Response.NEW, "nobody came: it is back", within_s=15)
    eventually(lambda: home.answer_url("user:li") != old, "she is told again")
    used = httpx.post(old, follow_redirects=True)
    assert (used.status_code, "之后报警又响起" in used.text) == (410, True)
    assert response_of(home) is Response.NEW
    assert "您已于" in httpx.post(home.answer_url("user:li"), follow_redirects=True).text
    with home.connect() as connection:
        edit_escalation.remove_policy(connection, "soon")
    eventually(lambda: not home.registry_of_alarms().policies, "the policy is gone again")


def test_while_the_engine_is_away_the_page_says_so_and_the_answer_counts_when_it_is_back(
    called: AnsweringHome, eventually: Eventually
) -> None:
    url = called.answer_url("user:li")
    called.alarms.kill()
    answer = httpx.post(url, timeout=10)
    assert (answer.status_code, "请再按一次" in answer.text) == (504, True)
    called.alarms.start()
    eventually(lambda: httpx.post(url, timeout=10).status_code == 303, "the same button works", within_s=30)
    assert called.log().count("Acknowledge") == 1


def test_a_push_is_shown_and_its_receipt_keeps_the_next_channel_silent(
    home: AnsweringHome, eventually: Eventually
) -> None:
    phone = home.push.subscribe()
    reach = home.webhook("user:chen", 2)
    home.add_reach(reach)
    home.add_reach(Reach(person="user:chen", rank=1, channel="web_push", address=phone.subscription,
                         answered_at=reach.answered_at, language="en"))  # fmt: skip
    eventually(lambda: _knows(home, "user:chen", 2), "alarms know her channels")
    home.press()
    eventually(lambda: phone.got, "the push arrives")
    message = phone.got[0].message
    assert (message["title"], message["language"]) == ("Help call", "en")
    assert httpx.post(message["receipt_url"]).status_code == 204
    eventually(lambda: "received" in home.log(), "the receipt is noted")
    assert httpx.post(message["receipt_url"]).status_code == 204
    assert home.log().count("received") == 1
    assert home.alarm() is not None
    assert response_of(home) is Response.NEW


def test_the_alarm_is_taken_from_a_web_push(home: AnsweringHome, eventually: Eventually) -> None:
    """The push service opens what came encrypted, and does what the service worker does when the button is pressed."""
    phone = home.push.subscribe()
    _reach_chen(home, eventually, "web_push", phone.subscription)
    home.press()
    eventually(lambda: phone.got, "the push arrives")
    assert home.push.refusals == []
    assert b"/a/" not in home.push.bodies[-1], "only the phone can read where to answer"
    _check_answer(home, phone.got[0].message["answer_url"], "chen")


def test_the_alarm_is_taken_from_what_apprise_posts(home: AnsweringHome, eventually: Eventually) -> None:
    """A service without buttons: the link stands in the text."""
    _reach_chen(home, eventually, "apprise", f"json://{home.chat.host}/chen")
    home.press()
    eventually(lambda: home.chat.received, "Apprise posts it")
    text = home.chat.received[0]["message"]
    (url,) = re.findall(r"https?://\S+", text)
    assert text.endswith(f"点此应答: {url}")
    _check_answer(home, url, "chen")


def test_the_alarm_is_taken_from_a_display_at_the_broker(home: AnsweringHome, eventually: Eventually) -> None:
    with home.display() as display:
        assert display.may_subscribe("anxin/v1/notify/corridor-2")
        _reach_chen(home, eventually, "mqtt", "corridor-2")
        home.press()
        display.wait(lambda: display.heard, "the notice arrives")
        ((topic, payload, retained),) = display.heard
    assert (topic, retained) == ("anxin/v1/notify/corridor-2", False)
    _check_answer(home, msgspec.json.decode(payload, type=Notice).answer_url, "chen")


def test_the_alarm_is_taken_by_a_program_that_takes_our_webhooks(called: AnsweringHome) -> None:
    _check_answer(called, called.answer_url("user:zhao"), "zhao")


def test_a_supervisor_adds_a_channel_and_it_counts_once_its_test_is_answered(
    home: AnsweringHome, eventually: Eventually
) -> None:
    with home.client("chen") as chen:
        answer = chen.post(
            "/phone/add",
            data={
                "person": "contact:c1",
                "channel": "webhook",
                "address": f"{home.provider.url}/contact:c1",
                "rank": "1",
            },
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/phone?person=contact%3Ac1&told=sent")
        shown = chen.get(answer.headers["location"]).text
        assert "测试消息已发出" in shown
        assert "暂未生效" in shown
        assert "contact:c1</" not in shown
        assert home.reaches("contact:c1") == {"webhook": None}
        url = home.answer_url("contact:c1", "test")
        assert "您在这里收到了吗" in page(url).text
        assert home.reaches("contact:c1") == {"webhook": None}, "a preview does not count"
        assert "谢谢" in httpx.post(url).text
        assert home.reaches("contact:c1")["webhook"] is not None
        eventually(lambda: "暂未生效" not in chen.get("/phone?person=contact:c1").text, "the page shows it")
        assert "谢谢" in httpx.post(url).text, "answered twice is answered"


def test_a_channel_whose_provider_refuses_says_why(home: AnsweringHome) -> None:
    with home.client("chen") as chen:
        home.provider.answers = [404]
        form = {"person": "user:chen", "channel": "webhook", "address": f"{home.provider.url}/x", "rank": "1"}
        answer = chen.post("/phone/add", data=form)
        assert (answer.status_code, "HTTP 404" in answer.text) == (502, True)
        internal = chen.post("/phone/add", data={**form, "address": "http://127.0.0.1:1/x"})
        assert internal.status_code == 502
        assert "127.0.0.1" in internal.text
        assert home.reaches("user:chen") == {"webhook": None}


@pytest.mark.parametrize(
    ("channel", "address"),
    [("webhook", "ftp://x"), ("apprise", "wecom"), ("voice", "not a number"), ("mqtt", "a/b"), ("webhook", "")],
)
def test_an_address_that_cannot_be_one_is_refused_in_words(home: AnsweringHome, channel: str, address: str) -> None:
    with home.client("chen") as chen:
        answer = chen.post("/phone/add", data={"person": "user:chen", "channel": channel, "address": address})
        assert answer.status_code == 422
        assert home.reaches("user:chen") == {}


def test_a_browser_is_put_on_the_list_and_counts_when_it_has_answered(
    home: AnsweringHome, eventually: Eventually
) -> None:
    phone = home.push.subscribe()
    with home.client("zhao") as zhao:
        answer = zhao.post("/api/v1/phone/subscription", json=json.loads(phone.subscription))
        assert answer.json() == {"sent": True, "text": answer.json()["text"]}
        (pushed,) = phone.got
        assert (pushed.message["title"], pushed.message["test"]) == ("测试消息", True)
        assert home.reaches("user:zhao")["web_push"] is None
        done = httpx.post(pushed.message["answer_url"], headers={"Accept": "application/json"})
        assert done.json()["standing"] == "mine"
        assert home.reaches("user:zhao")["web_push"] is not None
        shown = zhao.get("/phone").text
        assert phone.subscription not in shown
        assert "127.0.0.1 ·" in shown
    _check_push_key(home.push, shown)
    eventually(lambda: _knows(home, "user:zhao", 2), "alarms know it too")


def test_a_browser_that_gave_its_subscription_up_is_shown_so_and_the_next_channel_takes_over(
    home: AnsweringHome, eventually: Eventually
) -> None:
    phone = home.push.subscribe()
    home.add_reach(home.webhook("user:chen", 2))
    at = home.webhook("user:chen").answered_at
    home.add_reach(Reach(person="user:chen", rank=1, channel="web_push", address=phone.subscription, answered_at=at))
    eventually(lambda: _knows(home, "user:chen", 2), "alarms know her channels")
    eventually(lambda: len(home.console_knows("user:chen")) == 2, "the console too")
    phone.gone = True
    home.press()
    eventually(lambda: home.answer_url("user:chen"), "the webhook has taken over")
    eventually(lambda: _knows(home, "user:chen", 1), "the registry says it too")
    with home.client("chen") as chen:
        eventually(lambda: "这里收不到报警了" in chen.get("/phone").text, "the page says so")
        shown = chen.get("/phone").text
        assert "HTTP 410" in shown
        assert "最近 3 条消息都没有发出去" not in shown
    assert set(home.reaches("user:chen")) == {"web_push", "webhook"}, "it stays on the list, with its reason"


def test_an_outage_of_the_push_service_empties_no_list(home: AnsweringHome, eventually: Eventually) -> None:
    phone = home.push.subscribe()
    at = home.webhook("user:chen").answered_at
    home.add_reach(Reach(person="user:chen", rank=1, channel="web_push", address=phone.subscription, answered_at=at))
    eventually(lambda: _addresses(home, "user:chen") == [phone.subscription], "alarms know her channel")
    home.push.answers = [(503, {}), (500, {}), (429, {"Retry-After": "1"})]
    home.press()
    eventually(lambda: phone.got, "it is tried until it arrives", within_s=30)
    assert _knows(home, "user:chen", 1)


def test_a_renewed_subscription_takes_the_place_of_the_old_one_without_a_session(
    home: AnsweringHome, eventually: Eventually
) -> None:
    old, new, other = home.push.subscribe(), home.push.subscribe(), home.push.subscribe()
    at = home.webhook("user:chen").answered_at
    home.add_reach(Reach(person="user:chen", rank=3, channel="web_push", address=_as_console(old), answered_at=at))
    eventually(lambda: _addresses(home, "user:chen") == [_as_console(old)], "alarms know it")
    url = f"{home.url}/api/v1/phone/subscription/renewal"
    wish = {"old": json.loads(old.subscription), "new": json.loads(new.subscription)}
    guessed = {**wish, "old": {**wish["old"], "keys": json.loads(other.subscription)["keys"]}}
    eventually(lambda: home.console_knows("user:chen") == [_as_console(old)], "the console knows it too")
    assert httpx.post(url, json=guessed).status_code == 404, "the endpoint alone proves nothing"
    assert httpx.post(url, json=wish, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert httpx.post(url, json=wish).status_code == 204
    eventually(lambda: home.console_knows("user:chen") == [_as_console(new)], "the console knows the new one")
    assert httpx.post(url, json=wish).status_code == 204, "the first answer may have been lost"
    assert home.reaches("user:chen")["web_push"] == at
    assert new.got == [], "it was answered before: no test message in the night"
    eventually(lambda: _addresses(home, "user:chen") == [_as_console(new)], "alarms know the new one")
    home.press()
    eventually(lambda: new.got, "the alarm arrives at the new one")
    assert old.got == []
    assert httpx.post(url, json={"old": wish["old"], "new": json.loads(other.subscription)}).status_code == 404


def test_a_renewed_subscription_that_was_never_answered_gets_a_test_message(
    home: AnsweringHome, eventually: Eventually
) -> None:
    old, new = home.push.subscribe(), home.push.subscribe()
    home.add_reach(Reach(person="user:chen", rank=1, channel="web_push", address=_as_console(old)))
    wish = {"old": json.loads(old.subscription), "new": json.loads(new.subscription)}
    url = f"{home.url}/api/v1/phone/subscription/renewal"
    eventually(lambda: home.console_knows("user:chen") == [_as_console(old)], "the console knows the old one")
    assert httpx.post(url, json=wish, timeout=20).status_code == 204
    eventually(lambda: new.got, "a test message")
    assert new.got[0].message["test"]
    assert home.reaches("user:chen") == {"web_push": None}


def test_a_telephone_counts_once_somebody_has_pressed_the_key(home: AnsweringHome, eventually: Eventually) -> None:
    with home.client("chen") as chen:
        form = {"person": "user:chen", "channel": "voice", "address": "+86 138 0013 8000", "rank": "1"}
        assert chen.post("/phone/add", data=form).status_code == 303
        eventually(lambda: home.exchange.lines, "it rings")
        (line,) = home.exchange.lines.values()
        assert line.endpoint == "PJSIP/+8613800138000@trunk"
        home.exchange.answer(line)
        eventually(lambda: line.queue, "it speaks")
        assert home.reaches("user:chen") == {"voice": None}, "an answering machine picks up too"
        home.exchange.press(line, "1")
        eventually(lambda: home.reaches("user:chen")["voice"] is not None, "the channel counts")
        shown = chen.get("/phone").text
        assert "+86…8000" in shown
        assert "13800138000" not in shown


def test_nobody_edits_the_channels_of_others_without_the_right(home: AnsweringHome) -> None:
    with home.client("li") as li:
        assert li.get("/phone").status_code == 200
        assert li.get("/phone?person=user:zhao").status_code == 403
        form = {"person": "user:zhao", "channel": "webhook", "mark": "x"}
        assert li.post("/phone/test", data=form).status_code == 403
        assert li.post("/phone/remove", data=form).status_code == 403
        assert li.post("/phone/add", data={**form, "address": "https://x.example"}).status_code == 403
    with home.client("chen") as chen:
        assert chen.get("/phone?person=user:nobody").status_code == 403


def test_a_removed_channel_is_gone_and_its_test_can_no_more_be_answered(home: AnsweringHome) -> None:
    with home.client("chen") as chen:
        form = {"person": "user:chen", "channel": "webhook", "address": f"{home.provider.url}/user:chen", "rank": "1"}
        assert chen.post("/phone/add", data=form).status_code == 303
        url = home.answer_url("user:chen", "test")
        mark = chen.get("/phone").text.partition('name="mark" value="')[2].partition('"')[0]
        gone = chen.post("/phone/remove", data={"person": "user:chen", "channel": "webhook", "mark": mark})
        assert gone.status_code == 303
        assert home.reaches("user:chen") == {}
        assert httpx.post(url).status_code == 410


def test_three_messages_that_no_provider_took_are_shown(home: AnsweringHome, eventually: Eventually) -> None:
    home.provider.answers = [404] * 50
    for _ in range(3):
        home.press()
        eventually(lambda: home.log().count("sent") == 2, "neither of the two carers' providers took it")
        home.resolve(eventually)
    with home.client("li") as li:
        eventually(lambda: "最近 3 条消息都没有发出去" in li.get("/phone").text, "the page says so", within_s=20)
        assert home.reaches("user:li")["webhook"] is not None, "it still counts: an outage must not empty the list"


def _reach_chen(home: AnsweringHome, eventually: Eventually, channel: str, address: str) -> None:
    """The supervisor is reached by one proved channel."""
    at = home.webhook("user:chen").answered_at
    home.add_reach(Reach(person="user:chen", rank=1, channel=channel, address=address, answered_at=at))
    eventually(lambda: _addresses(home, "user:chen") == [address], "alarms know her channel")


def _check_answer(home: AnsweringHome, url: str, by: str) -> None:
    """The link is the console's and a secret; pressed, it takes the alarm in the person's name, once."""
    assert url.startswith(f"{home.url}/a/")
    assert response_of(home) is Response.NEW
    for _ in range(2):
        answer = httpx.post(url, data={"answer": "acknowledge"}, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["standing"]) == (200, "mine")
    alarm = home.alarm()
    assert alarm is not None
    assert alarm.acknowledged is not None
    assert (alarm.response, alarm.acknowledged.by) == (Response.ACKNOWLEDGED, by)
    assert home.log().count("Acknowledge") == 1


def _knows(home: AnsweringHome, person: str, count: int) -> bool:
    return sum(reach.counts for reach in home.registry_of_alarms().reaches_of.get(person, ())) == count


def _addresses(home: AnsweringHome, person: str) -> list[str]:
    return [reach.address for reach in home.registry_of_alarms().reaches_of.get(person, ())]


def _as_console(phone: Phone) -> str:
    """The address of a browser as the console keeps it."""
    given = json.loads(phone.subscription)
    return msgspec.json.encode({"endpoint": given["endpoint"], "keys": given["keys"]}).decode()


def _check_push_key(service: PushService, shown: str) -> None:
    """The page gives browsers the very key that the messages are signed with."""
    key = shown.partition('data-key="')[2].partition('"')[0]
    assert service.senders == {key}
