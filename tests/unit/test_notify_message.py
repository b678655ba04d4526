"""What a message says, and what it must not say."""

from __future__ import annotations

import dataclasses

import pytest

from alarms.lifecycle.alarm import AlarmKind, Flag, Identity
from alarms.notify.message import Language, notice
from tests.notices import a_notice, an_alarm


def test_it_names_the_place_and_the_family_name_only() -> None:
    told = a_notice()
    assert told.title_zh == "呼叫求助"
    assert told.title_en == "Help call"
    assert told.body_zh == "松园 二楼 201 王**"
    assert told.room == "201"


@pytest.mark.parametrize("kind", AlarmKind)
def test_no_text_holds_a_diagnosis_or_a_full_name(kind: AlarmKind) -> None:
    told = a_notice(kind=kind, flags=(Flag.LATE,), count=3)
    texts = " ".join(str(value) for value in dataclasses.astuple(told))
    for secret in ("秀英", "糖尿病", "diabetes", "dementia"):
        assert secret not in texts


def test_a_latin_name_becomes_its_initials() -> None:
    alarm = an_alarm(identity=Identity(site_id="pine", room_name="201", resident_name="Mary Wang"))
    assert notice(alarm, "k", 0, "t", "c", "raised").body_en == "201 M. W."


def test_without_any_name_the_site_is_named() -> None:
    alarm = an_alarm(identity=Identity(site_id="pine"))
    assert notice(alarm, "k", 0, "t", "c", "raised").body_zh == "pine"


def test_one_text_is_chinese_first_unless_the_address_asks_for_one_language() -> None:
    both, zh, en = (a_notice(count=2, language=language) for language in (Language.BOTH, "zh", "en"))
    assert both.title == "呼叫求助 Help call"
    assert both.body == "松园 二楼 201 王**,已2次\n松园 二楼 201 王**, 2 times"
    assert (zh.title, zh.body) == ("呼叫求助", "松园 二楼 201 王**,已2次")
    assert (en.title, en.body) == ("Help call", "松园 二楼 201 王**, 2 times")


def test_the_same_text_is_not_said_twice() -> None:
    assert a_notice().body == "松园 二楼 201 王**"


def test_an_exercise_and_a_test_are_marked_in_the_title() -> None:
    drill = a_notice(kind=AlarmKind.FIRE, flags=(Flag.DRILL,))
    assert (drill.title_zh, drill.title_en, drill.drill, drill.test) == (
        "【演习】火灾报警",
        "[Drill] Fire",
        True,
        False,
    )
    test = a_notice(flags=(Flag.TEST,))
    assert (test.title_zh, test.title_en, test.drill, test.test) == (
        "【测试】呼叫求助",
        "[Test] Help call",
        False,
        True,
    )


def test_a_test_alarm_says_test_once() -> None:
    told = a_notice(kind=AlarmKind.TEST, flags=(Flag.TEST,))
    assert (told.title_zh, told.title_en, told.test) == ("测试", "Test", True)


def test_a_late_alarm_says_so() -> None:
    assert a_notice(flags=(Flag.LATE,)).title == "呼叫求助(迟到,请立即查看) Help call (late, check now)"


def test_the_link_to_answer_stands_below_the_text() -> None:
    told = a_notice(answer_url="https://care.example/a/x1", language="en")
    assert told.body_with_link == "松园 二楼 201 王**\nTap to answer: https://care.example/a/x1"
    assert a_notice().body_with_link == a_notice().body


def test_all_rounds_of_a_step_share_one_place_on_the_phone() -> None:
    first, second = a_notice(1), a_notice(2)
    assert first.key != second.key
    assert first.collapse_key == second.collapse_key
