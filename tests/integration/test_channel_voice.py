"""A call rings, says what has happened, takes the key 1 for an answer; Asterisk may vanish, and so may we."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from alarms.errors import ChannelError
from alarms.lifecycle.alarm import Flag
from alarms.notify.asterisk import AsteriskLine, Exchange
from alarms.notify.voice import CallEvent, CallReport, Voice
from tests.ari_stub import BUSY, NO_ANSWER, AriStub, Line
from tests.notices import a_notice

pytestmark = pytest.mark.once

Eventually = Callable[..., None]


class Desk:
    """Our side of the line: what we were told of calls."""

    def __init__(self, exchange: Exchange) -> None:
        self.reports: list[CallReport] = []
        self.line = AsteriskLine(exchange, self.reports.append)
        self.voice = Voice(self.line)

    @property
    def events(self) -> list[CallEvent]:
        return [report.event for report in self.reports]


@pytest.fixture
def asterisk() -> Iterator[AriStub]:
    with AriStub() as running:
        yield running


@pytest.fixture
def exchange(asterisk: AriStub) -> Exchange:
    return Exchange(
        url=asterisk.url,
        username="anxin",
        password="secret",
        endpoint="PJSIP/{number}@trunk",
        caller_id="Anxin",
        ring_s=25,
        app="anxin",
        timeout_s=5,
    )


@pytest.fixture
def desk(exchange: Exchange, eventually: Eventually) -> Iterator[Desk]:
    made = Desk(exchange)
    made.line.start()
    eventually(lambda: made.line.is_listening, "events arrive")
    yield made
    made.line.stop()


def ring(desk: Desk, asterisk: AriStub, number: int = 1) -> Line:
    told = a_notice(number, language="zh", flags=(Flag.DRILL,))
    assert desk.voice.send("+8613800138000", told).startswith("ringing")
    return list(asterisk.lines.values())[-1]


def test_the_key_1_takes_the_alarm(desk: Desk, asterisk: AriStub, eventually: Eventually) -> None:
    phone = ring(desk, asterisk)
    assert (phone.endpoint, phone.caller_id, phone.ring_s) == ("PJSIP/+8613800138000@trunk", "Anxin", 25)
    asterisk.answer(phone)
    eventually(lambda: phone.queue, "it speaks")
    asterisk.press(phone, "5")
    asterisk.press(phone, "1")
    asterisk.press(phone, "1")
    eventually(lambda: [one[0] for one in phone.queue] == [f"{phone.channel_id}.thanks"], "it stops and says thanks")
    asterisk.listen(phone)
    eventually(lambda: desk.events == [CallEvent.ANSWERED, CallEvent.ACKNOWLEDGED, CallEvent.ENDED], "it is told once")
    assert {(report.send_key, report.alarm_id) for report in desk.reports} == {(a_notice(1).key, "a-1")}
    assert asterisk.lines == {}, "and hangs up"


def test_who_only_listens_hears_it_three_times(desk: Desk, asterisk: AriStub, eventually: Eventually) -> None:
    desk.voice.send("8001", a_notice())
    (phone,) = asterisk.lines.values()
    asterisk.answer(phone)
    for turn in range(6):
        eventually(lambda: phone.queue, f"it speaks, {turn}")
        asterisk.listen(phone)
    eventually(lambda: desk.events == [CallEvent.ANSWERED, CallEvent.ENDED], "it ends without an answer")
    said = "sound:anxin/help_call,sound:anxin/room,characters:201,sound:anxin/press_1"
    assert phone.heard == [f"zh: {said}", f"en: {said}"] * 3


@pytest.mark.parametrize("cause", [BUSY, NO_ANSWER])
def test_a_call_that_nobody_takes_is_told(
    desk: Desk, asterisk: AriStub, eventually: Eventually, cause: tuple[int, str]
) -> None:
    asterisk.hang_up(ring(desk, asterisk), cause)
    eventually(lambda: desk.reports, "it is told")
    assert [(report.event, report.detail) for report in desk.reports] == [(CallEvent.ENDED, cause[1])]


def test_the_same_send_twice_rings_once(desk: Desk, asterisk: AriStub) -> None:
    ring(desk, asterisk)
    ring(desk, asterisk)
    assert (asterisk.originated, len(asterisk.lines)) == (2, 1)


@pytest.mark.parametrize(("status", "permanent"), [(400, True), (500, False)])
def test_what_a_refusal_means(desk: Desk, asterisk: AriStub, status: int, permanent: bool) -> None:
    asterisk.refuse = status
    with pytest.raises(ChannelError, match=f"Asterisk: HTTP {status}") as failed:
        desk.voice.send("8001", a_notice())
    assert failed.value.permanent is permanent


def test_without_events_there_is_no_call(exchange: Exchange, asterisk: AriStub) -> None:
    desk = Desk(exchange)
    with pytest.raises(ChannelError, match="an answer would not be heard") as failed:
        desk.voice.send("8001", a_notice())
    assert not failed.value.permanent
    assert asterisk.originated == 0


def test_a_wrong_password_is_no_connection(exchange: Exchange, asterisk: AriStub, eventually: Eventually) -> None:
    desk = Desk(replace(exchange, password="wrong"))
    desk.line.start()
    eventually(lambda: asterisk.turned_away > 1, "it is not let in, and tries again")
    assert not desk.line.is_listening
    desk.line.stop()


def test_nonsense_ends_nothing(desk: Desk, asterisk: AriStub, eventually: Eventually) -> None:
    asterisk.say_nonsense()
    asterisk.answer(ring(desk, asterisk))
    eventually(lambda: desk.events == [CallEvent.ANSWERED], "the line lives")


def test_after_a_lost_connection_it_listens_again(desk: Desk, asterisk: AriStub, eventually: Eventually) -> None:
    phone = ring(desk, asterisk)
    asterisk.cut()
    eventually(lambda: asterisk.listeners == 1 and desk.line.is_listening, "it has come back")
    asterisk.answer(phone)
    asterisk.press(phone, "1")
    eventually(lambda: CallEvent.ACKNOWLEDGED in desk.events, "the answer is heard")


def test_a_key_pressed_after_our_restart_still_counts(
    desk: Desk, exchange: Exchange, asterisk: AriStub, eventually: Eventually
) -> None:
    phone = ring(desk, asterisk)
    asterisk.answer(phone)
    eventually(lambda: phone.queue, "it speaks")
    desk.line.stop()
    phone.queue.clear()
    later = Desk(exchange)
    later.line.start()
    try:
        eventually(lambda: phone.queue, "it speaks again to whoever waits")
        asterisk.press(phone, "1")
        eventually(lambda: later.events == [CallEvent.ACKNOWLEDGED], "the answer is heard")
        assert later.reports[0].send_key == a_notice(1).key
    finally:
        later.line.stop()


def test_a_prompt_that_is_missing_does_not_end_the_call(desk: Desk, asterisk: AriStub, eventually: Eventually) -> None:
    phone = ring(desk, asterisk)
    asterisk.answer(phone)
    eventually(lambda: phone.queue, "it speaks")
    asterisk.listen(phone, "failed")
    eventually(lambda: phone.queue, "it speaks again")
    asterisk.press(phone, "1")
    eventually(lambda: CallEvent.ACKNOWLEDGED in desk.events, "the answer is heard")
