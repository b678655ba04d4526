"""Somebody answers from a phone: who it was, whether it counts, who was first; on a moved clock."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from alarms.engine.answers import ON_MY_WAY, AnswerKey, ChannelTicket, Links, mark_of, ticket_of, use_id
from alarms.engine.channel_tests import ChannelTests
from alarms.engine.outbox import Outbox
from alarms.engine.phones import Phones
from alarms.engine.sends import language_of
from alarms.engine.telling import Sent
from alarms.lifecycle.alarm import Alarm, Response
from alarms.notify.dispatcher import Task
from alarms.notify.voice import CallEvent, CallReport
from ingest.registry.model import Policy, PolicyStep, Reach, Registry, User
from ingest.wire import topics
from tests.alarm_stories import REGISTRY, START, Desk

KEY = AnswerKey(b"k" * 32)
LINKS = Links(key=KEY, public_url="https://anxin.example")
REPLIES = "anxin/v1/console/c1/replies"


def reach(person: str, rank: int, channel: str, **more: Any) -> Reach:
    return Reach(person=person, rank=rank, channel=channel, address=f"{channel}:{person}", answered_at=START, **more)


REGISTRY_WITH_PHONES = msgspec.structs.replace(
    REGISTRY,
    users=(User(user_id="li", name="李娜", role="carer"), User(user_id="zhao", name="赵敏", role="carer")),
    reaches=(
        reach("user:li", 1, "web_push", language="en"),
        reach("user:li", 2, "voice"),
        reach("user:zhao", 1, "web_push"),
        reach("contact:c1", 1, "apprise"),
    ),
)


class PhoneDesk(Desk):
    """The small nursing home, and what its people tap on their phones."""

    def __init__(self, registry: Registry = REGISTRY_WITH_PHONES) -> None:
        super().__init__(registry)
        self.duty = []
        self.restart(registry)

    def token(self, target: str) -> str:
        """The token in the newest message to somebody."""
        sends = [send for send in self.journal.sends_of(self.only.alarm_id) if send.target == target]
        return KEY.issue(ticket_of(sends[-1], "pine"))

    def tap(self, token: str, alarm: Alarm | None = None, *, do: str = "answer", **more: Any) -> dict[str, Any]:
        """What the console hands on; the engine's reply comes back."""
        body = {"do": do, "token": token, "id": use_id(token), "reply_to": REPLIES, **more}
        alarm_id = (alarm or self.only).alarm_id
        phones = Phones(self.engine, KEY)
        self._turn(lambda out: phones.command(alarm_id, msgspec.json.encode(body), self.now, out))
        topic, reply = self.messages[-1]
        assert topic == REPLIES
        return reply


@pytest.fixture
def desk() -> PhoneDesk:
    home = PhoneDesk()
    home.record("sos-201", "help_call")
    return home


def test_the_nurse_takes_the_alarm_from_the_message(desk: PhoneDesk) -> None:
    reply = desk.tap(desk.token("user:li"))
    assert reply["ok"]
    assert desk.only.response is Response.ACKNOWLEDGED
    assert desk.only.acknowledged is not None
    assert (desk.only.acknowledged.by, desk.only.acknowledged.at) == ("li", START)
    desk.forward(120)
    assert {told.at_s for told in desk.told} == {0}, "nobody else is woken"


def test_the_daughter_takes_it_and_is_on_her_way(desk: PhoneDesk) -> None:
    desk.forward(30)
    reply = desk.tap(desk.token("contact:c1"), answer="on_my_way")
    assert reply["ok"]
    assert desk.only.acknowledged is not None
    assert desk.only.acknowledged.by == "contact:c1"
    assert desk.only.note == ON_MY_WAY
    assert desk.log(desk.only)[-2:] == ["Acknowledge", "Note"]


def test_who_answers_is_who_the_message_was_for_whatever_else_is_said(desk: PhoneDesk) -> None:
    desk.tap(desk.token("user:li"), by="director")
    assert desk.only.acknowledged is not None
    assert desk.only.acknowledged.by == "li"


def test_tapped_twice_it_is_one_answer(desk: PhoneDesk) -> None:
    token = desk.token("user:li")
    first = desk.tap(token)
    version = desk.only.version
    desk.forward(60)
    assert desk.tap(token) == first
    assert desk.tap(token, answer="on_my_way") == first, "a used token does nothing else either"
    assert desk.only.version == version


def test_two_phones_race_and_the_second_learns_who_was_first(desk: PhoneDesk) -> None:
    li, zhao = desk.token("user:li"), desk.token("user:zhao")
    assert desk.tap(zhao)["ok"]
    desk.forward(2)
    late = desk.tap(li)
    assert (late["ok"], late["reason"], late["by"], late["response"]) == (False, "conflict", "zhao", "acknowledged")
    assert desk.tap(li) == late


def test_who_took_it_at_the_desk_is_the_same_person_on_the_phone() -> None:
    """A fire that asks for two people is not taken by one person with two devices."""
    two = Policy(
        policy_id="p", name="two", steps=(PolicyStep(after_s=0, who=("everyone",)),), repeat_s=60, return_s=180,
        acknowledgements=2,
    )  # fmt: skip
    desk = PhoneDesk(msgspec.structs.replace(REGISTRY_WITH_PHONES, policies=(two,)))
    desk.record("smoke-202", "smoke")
    desk.command(desk.only, "acknowledge", "li")
    assert desk.tap(desk.token("user:li"))["by"] == "li"
    assert not desk.only.answered
    assert desk.tap(desk.token("user:zhao"))["ok"]
    assert desk.only.answered


def test_when_a_forgotten_alarm_comes_back_the_old_link_is_used_up_and_the_new_one_works(desk: PhoneDesk) -> None:
    old = desk.token("user:li")
    desk.tap(old)
    desk.forward(181)
    assert desk.only.response is Response.NEW
    assert desk.tap(old)["version"] < desk.only.version
    assert desk.only.response is Response.NEW, "an answer that was given before is no answer to the new round"
    assert desk.tap(desk.token("user:li"))["ok"]
    assert desk.only.response is Response.ACKNOWLEDGED


def test_a_resolved_alarm_takes_no_answer(desk: PhoneDesk) -> None:
    alarm, token = desk.only, desk.token("user:li")
    desk.command(desk.only, "resolve", "zhao", disposition="helped", reached="in_person")
    late = desk.tap(token, alarm)
    assert (late["ok"], late["by"], late["response"]) == (False, "zhao", "resolved")


def test_after_a_day_the_link_is_too_old(desk: PhoneDesk) -> None:
    token = desk.token("user:li")
    desk.now = START.replace(day=2)
    assert desk.tap(token) == {"id": use_id(token), "ok": False, "reason": "expired_token"}
    assert desk.only.response is Response.NEW


def test_a_link_answers_its_own_alarm_only(desk: PhoneDesk) -> None:
    token, first = desk.token("user:li"), desk.only
    desk.record("smoke-202", "smoke")
    (fire,) = [alarm for alarm in desk.open if alarm.alarm_id != first.alarm_id]
    assert desk.tap(token, fire)["reason"] == "wrong_token"
    assert [alarm.response for alarm in desk.open] == ["new", "new"]


@pytest.mark.parametrize("do", ["answer", "receipt", "resolve", "nonsense"])
def test_a_forged_token_does_nothing(desk: PhoneDesk, do: str) -> None:
    forged = AnswerKey(b"o" * 32).issue(ticket_of(desk.journal.sends_of(desk.only.alarm_id)[0], "pine"))
    version = desk.only.version
    assert desk.tap(forged, do=do)["reason"] == "wrong_token"
    assert desk.only.version == version


def test_a_token_is_good_for_an_answer_and_a_receipt_and_nothing_else(desk: PhoneDesk) -> None:
    reply = desk.tap(desk.token("user:li"), do="resolve", disposition="helped")
    assert (reply["ok"], reply["reason"]) == (False, "bad_command")
    assert desk.only.response is Response.NEW


def test_without_a_token_the_console_commands_as_before(desk: PhoneDesk) -> None:
    body = {"do": "acknowledge", "by": "li", "id": "c-1", "version": 1, "reply_to": REPLIES}
    phones = Phones(desk.engine, KEY)
    desk._turn(lambda out: phones.command(desk.only.alarm_id, msgspec.json.encode(body), desk.now, out))
    assert desk.messages[-1][1]["ok"]


def test_a_receipt_stops_the_hand_over_to_the_next_channel(desk: PhoneDesk) -> None:
    assert desk.tap(desk.token("user:li"), do="receipt")["ok"]
    desk.forward(29)
    assert [told.channel for told in desk.told if told.target == "user:li"] == ["web_push"]
    assert desk.log(desk.only).count("received") == 1
    assert desk.only.response is Response.NEW, "a phone that shows it has not answered"


def test_without_a_receipt_the_next_channel_takes_over(desk: PhoneDesk) -> None:
    desk.forward(29)
    assert [(t.at_s, t.channel) for t in desk.told if t.target == "user:li"] == [(0, "web_push"), (20, "voice")]


def test_the_same_receipt_twice_is_noted_once(desk: PhoneDesk) -> None:
    token = desk.token("user:li")
    assert desk.tap(token, do="receipt") == desk.tap(token, do="receipt")
    assert desk.log(desk.only).count("received") == 1


def test_an_answer_is_a_receipt_too(desk: PhoneDesk) -> None:
    desk.tap(desk.token("user:li"))
    assert "received" in desk.log(desk.only)


def test_a_message_speaks_the_language_of_its_address(desk: PhoneDesk) -> None:
    sends = desk.journal.sends_of(desk.only.alarm_id)
    spoken = {send.target: language_of(desk.engine.registry, send) for send in sends}
    assert spoken == {"user:li": "en", "user:zhao": "zh"}


class Supervisor:
    """Asks for test messages as the console does."""

    def __init__(self, desk: PhoneDesk, links: Links = LINKS) -> None:
        self.desk = desk
        self.tests = ChannelTests(desk.journal, links)
        self.tasks: list[Task] = []
        self.replies: list[dict[str, Any]] = []
        self.told: list[tuple[str, dict[str, Any]]] = []

    def ask(self, person: str = "user:li", channel: str = "web_push", **more: Any) -> None:
        body = {
            "do": "test_message", "by": "chen", "id": "wish-1", "channel": channel,
            "mark": mark_of(f"{channel}:{person}"), "reply_to": REPLIES, **more,
        }  # fmt: skip
        payload = msgspec.json.encode(body)
        self._turn(lambda out: self.tests.ask(person, payload, self.desk.engine.registry, self.desk.now, out))

    def provider_says(self, *, ok: bool, result: str) -> None:
        sent = Sent(
            send_key=self.tasks[-1].notice.key, alarm_id="", attempts=1, ok=ok, result=result, at=self.desk.now,
            retry_at=None,
        )  # fmt: skip
        self._turn(lambda out: self.tests.sent(sent, self.desk.now, out))

    def call(self, report: CallReport) -> None:
        self._turn(lambda out: self.tests.called(report, out))

    def _turn(self, act: Any) -> None:
        out = Outbox()
        with self.desk.journal.transaction():
            act(out)
        self.tasks += out.tasks
        for topic, payload, _ in out.messages:
            if topic == REPLIES:
                self.replies.append(msgspec.json.decode(payload))
            else:
                self.told.append((topic, msgspec.json.decode(payload)))


def test_a_test_message_goes_over_exactly_the_channel_that_is_tested(desk: PhoneDesk) -> None:
    supervisor = Supervisor(desk)
    supervisor.ask(channel="voice")
    (task,) = supervisor.tasks
    assert (task.channel, task.address, task.notice.test) == ("voice", "voice:user:li", True)
    token = task.notice.answer_url.removeprefix("https://anxin.example/a/")
    ticket = KEY.read(token, desk.now)
    assert isinstance(ticket, ChannelTicket)
    assert (ticket.person, ticket.channel, ticket.mark) == ("user:li", "voice", mark_of("voice:user:li"))


def test_the_console_hears_what_the_provider_said_and_hears_it_again_when_it_asks_again(desk: PhoneDesk) -> None:
    supervisor = Supervisor(desk)
    supervisor.ask()
    assert supervisor.replies == []
    supervisor.provider_says(ok=True, result="HTTP 201")
    said = {"id": "wish-1", "ok": True, "reason": "", "detail": "HTTP 201"}
    assert supervisor.replies == [said]
    supervisor.ask()
    assert supervisor.replies == [said, said]
    assert len(supervisor.tasks) == 1


def test_a_provider_that_refuses_is_told_and_not_tried_again(desk: PhoneDesk) -> None:
    supervisor = Supervisor(desk)
    supervisor.ask()
    supervisor.provider_says(ok=False, result="HTTP 410: the subscription has ended")
    assert [(reply["ok"], reply["reason"]) for reply in supervisor.replies] == [(False, "not_sent")]


def test_a_channel_that_the_registry_does_not_hold_is_not_tested(desk: PhoneDesk) -> None:
    """It may be new: as soon as it is known, the same wish is good."""
    supervisor = Supervisor(desk)
    supervisor.ask(mark=mark_of("another address"))
    assert (supervisor.tasks, supervisor.replies[-1]["reason"]) == ([], "unknown_channel")
    supervisor.ask()
    assert len(supervisor.tasks) == 1


def test_a_test_that_could_not_be_answered_is_not_sent(desk: PhoneDesk) -> None:
    supervisor = Supervisor(desk, Links(key=KEY))
    supervisor.ask()
    assert (supervisor.tasks, supervisor.replies[-1]["reason"]) == ([], "no_public_url")


def test_a_test_call_is_answered_by_a_key_on_the_telephone(desk: PhoneDesk) -> None:
    supervisor = Supervisor(desk)
    supervisor.ask(channel="voice")
    supervisor.provider_says(ok=True, result="called")
    key = supervisor.tasks[-1].notice.key
    for event in (CallEvent.ANSWERED, CallEvent.ACKNOWLEDGED, CallEvent.ENDED):
        supervisor.call(CallReport(send_key=key, alarm_id="", event=event))
    ((topic, told),) = supervisor.told
    assert topic == topics.CHANNEL_ANSWERED
    ticket = KEY.read(told["token"], desk.now)
    assert isinstance(ticket, ChannelTicket)
    assert (ticket.person, ticket.channel) == ("user:li", "voice")


def test_a_test_call_that_nobody_answers_proves_nothing(desk: PhoneDesk) -> None:
    supervisor = Supervisor(desk)
    supervisor.ask(channel="voice")
    key = supervisor.tasks[-1].notice.key
    for event in (CallEvent.ENDED, CallEvent.ACKNOWLEDGED):
        supervisor.call(CallReport(send_key=key, alarm_id="", event=event))
    assert supervisor.told == []


def test_the_key_on_the_telephone_and_the_desk_are_one_person(desk: PhoneDesk) -> None:
    desk.forward(20)
    (call,) = [send for send in desk.journal.sends_of(desk.only.alarm_id) if send.channel == "voice"]
    report = CallReport(send_key=call.send_key, alarm_id=call.alarm_id, event=CallEvent.ACKNOWLEDGED)
    desk._turn(lambda out: desk.engine.called(report, desk.now, out))
    assert [act.by for act in desk.only.takers] == ["li"]


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"\xff", b'{"do":"test_message"}'])
def test_a_wish_that_is_none_is_ignored(desk: PhoneDesk, payload: bytes) -> None:
    out = Outbox()
    ChannelTests(desk.journal, LINKS).ask("user:li", payload, desk.engine.registry, desk.now, out)
    assert out == Outbox()
