"""What a call says, and to whom."""

from __future__ import annotations

import pytest

from alarms.errors import ChannelError
from alarms.lifecycle.alarm import AlarmKind, Flag, Identity
from alarms.notify.message import notice
from alarms.notify.voice import Announcement, Call, Voice
from tests.notices import a_notice, an_alarm


class Line:
    def __init__(self) -> None:
        self.calls: list[Call] = []

    def call(self, call: Call) -> str:
        self.calls.append(call)
        return "ringing"


def test_it_says_what_and_where_in_both_languages() -> None:
    line = Line()
    assert Voice(line).send("+86 138-0013-8000", a_notice()) == "ringing"
    (call,) = line.calls
    prompts = ("help_call", "room", "spell:201", "press_1")
    assert call.number == "+8613800138000"
    assert call.announcements == (
        Announcement(language="zh", prompts=prompts),
        Announcement(language="en", prompts=prompts),
    )
    assert (call.send_key, call.alarm_id) == (a_notice().key, "a-1")


def test_a_drill_says_so_first_and_a_language_is_kept_to() -> None:
    line = Line()
    Voice(line).send("8001", a_notice(kind=AlarmKind.FIRE, flags=(Flag.DRILL,), language="en"))
    (said,) = line.calls[0].announcements
    assert (said.language, said.prompts[:2]) == ("en", ("drill", "fire"))


def test_a_test_says_test_once() -> None:
    line = Line()
    Voice(line).send("8001", a_notice(kind=AlarmKind.TEST, flags=(Flag.TEST,), language="zh"))
    assert line.calls[0].announcements[0].prompts == ("test", "room", "spell:201", "press_1")


def test_a_room_that_cannot_be_spelled_is_left_out() -> None:
    line = Line()
    alarm = an_alarm(identity=Identity(site_id="pine", room_name="玉兰厅"))
    Voice(line).send("8001", notice(alarm, "k", 0, "t", "voice", "raised", language="zh"))
    assert line.calls[0].announcements[0].prompts == ("help_call", "press_1")


@pytest.mark.parametrize("address", ["", "1", "8001@evil.example", "8001,9999", "PJSIP/8001", "8001\r\nX: y", "{0}"])
def test_what_is_no_telephone_number_is_refused(address: str) -> None:
    line = Line()
    with pytest.raises(ChannelError, match="no telephone number") as failed:
        Voice(line).send(address, a_notice())
    assert failed.value.permanent
    assert line.calls == []
