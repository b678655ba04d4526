"""No sign of life: first a question, then an alarm, and what ends each; told as stories on a moved clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition, Disposition, Flag, Priority, Response
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import Shelve
from alarms.lifecycle.step import step
from ingest.registry.family_model import CheckIn, CheckInWord, Consent, Share
from ingest.registry.model import Contact, Reach, Registry, User
from ingest.wire.senml import Record
from tests.alarm_stories import DAUGHTER, DUTY, REGISTRY, START, Desk

SINCE = "22:41"
MEI, SHE = "contact:c1", "contact:c2"


def sharing(*given: Share, registry: Registry = REGISTRY) -> Registry:
    """What Ms Wang shares with her daughter."""
    words = (
        Consent(
            resident_id="wang", contact_id="c1", share=share, given=True, by="王秀英", recorded_by="li", at=START
        )
        for share in given
    )  # fmt: skip
    return msgspec.structs.replace(registry, consents=tuple(words))


def with_accounts(*given: Share) -> Registry:
    """Her daughter has an account, and so has she."""
    mei = Contact(contact_id="c1", site_id="pine", resident_id="wang", name="王丽", relation="女儿", user_id="mei")
    she = Contact(contact_id="c2", site_id="pine", resident_id="wang", name="王秀英", relation="本人", user_id="wang")
    users = tuple(User(user_id=name, name=name, role="family", language="en") for name in ("mei", "wang"))
    reaches = tuple(
        Reach(
            person=f"user:{user.user_id}",
            rank=1,
            channel="web_push",
            address=user.user_id,
            answered_at=START,
            language="en",
        )
        for user in users
    )
    home = msgspec.structs.replace(REGISTRY, contacts=(mei, she), users=users, reaches=reaches)
    return sharing(*given, registry=home)


@pytest.fixture
def desk() -> Desk:
    return Desk(sharing(Share.ROUTINE))


def judge(
    desk: Desk, stage: str, *, raised: bool = True, about: str = "resident:wang", at_s: float = 0, **more: Any
) -> None:
    """What the core says of Ms Wang's home."""
    evidence = {"stage": stage, "text": f"nothing since {SINCE}", "text_zh": f"自{SINCE}起没有活动迹象", **more}
    at = at_s or desk.now.timestamp()
    record = Record(bn=f"{about}/", n="judge/no_sign_of_life", t=at, vb=raised, ev=evidence)
    desk.records([record], gateway="detect")


def lamps(desk: Desk) -> list[tuple[str, str]]:
    return [(body["device_id"], body["lamp"]) for _, body in desk.messages if body.get("cmd") == "lamp"]


def ended_by(desk: Desk, alarm: Alarm) -> tuple[str, Disposition | None]:
    """Who ended an alarm, and how."""
    ended = desk.journal.alarm(alarm.alarm_id)
    assert ended is not None
    assert ended.resolved is not None
    return ended.resolved.by, ended.disposition


def fine(desk: Desk) -> None:
    """Her daughter says that all is well."""
    said = CheckIn(resident_id="wang", contact_id="c1", word=CheckInWord.FINE, at=desk.now, check_in_id=7)
    desk.know(msgspec.structs.replace(desk.engine.registry, version=2, check_ins=(said,)))


def test_first_the_resident_and_the_daughter_are_asked_and_nobody_at_the_desk(desk: Desk) -> None:
    judge(desk, "asked")
    alarm = desk.only
    assert (alarm.kind, alarm.priority, alarm.flags) == (AlarmKind.INACTIVITY, Priority.LOW, (Flag.QUESTION,))
    assert (alarm.identity.resident_name, alarm.identity.room_name, alarm.subject) == ("王秀英", "201", "resident:wang")
    assert [who for who, _ in desk.heard] == [DAUGHTER]
    assert lamps(desk) == [("sos-201", "asked")]
    assert desk.notices[0].title_en.startswith("Is all well?")
    desk.forward(7_200)
    assert {who for who, _ in desk.heard} == {DAUGHTER}


def test_unanswered_it_becomes_the_same_alarm_and_rings_at_the_desk(desk: Desk) -> None:
    judge(desk, "asked")
    asked = desk.only
    desk.forward(1_800)
    judge(desk, "missing", value=5.2)
    alarm = desk.only
    assert alarm.alarm_id == asked.alarm_id
    assert (alarm.priority, alarm.flags, alarm.count) == (Priority.HIGH, (), 1)
    assert alarm.evidence["value"] == 5.2
    assert (DUTY, "more_urgent") in desk.heard
    assert lamps(desk)[-1] == ("sos-201", "received")
    judge(desk, "missing")
    judge(desk, "asked")
    assert (desk.only.version, desk.only.priority) == (alarm.version, Priority.HIGH)


def test_a_sign_of_life_ends_the_question_by_itself(desk: Desk) -> None:
    judge(desk, "asked")
    question = desk.only
    desk.forward(600)
    judge(desk, "asked", raised=False)
    assert desk.open == []
    assert ended_by(desk, question) == ("system", None)
    assert lamps(desk)[-1] == ("sos-201", "off")


def test_a_sign_of_life_does_not_end_the_alarm_a_person_looks(desk: Desk) -> None:
    judge(desk, "missing")
    judge(desk, "missing", raised=False)
    assert (desk.only.condition, desk.only.response) == (Condition.CLEARED, Response.NEW)
    assert desk.command(desk.only, "resolve", "li", disposition="helped")["ok"]
    assert desk.open == []


def test_who_has_looked_may_close_it_though_nothing_has_stirred(desk: Desk) -> None:
    judge(desk, "missing")
    assert desk.only.condition is Condition.ACTIVE
    assert desk.command(desk.only, "resolve", "li", disposition="no_need", note="asleep, spoke with her")["ok"]
    judge(desk, "missing", raised=False)
    assert desk.open == []


def test_the_daughter_answers_that_all_is_well(desk: Desk) -> None:
    judge(desk, "asked")
    question = desk.only
    desk.forward(60)
    fine(desk)
    assert ended_by(desk, question) == ("contact:c1", Disposition.NO_NEED)
    assert lamps(desk)[-1] == ("sos-201", "off")


def test_what_was_said_before_the_question_answers_nothing_nor_does_it_end_an_alarm(desk: Desk) -> None:
    fine(desk)
    desk.forward(60)
    judge(desk, "asked")
    desk.know(msgspec.structs.replace(desk.engine.registry, version=3))
    assert desk.only.is_question
    judge(desk, "missing")
    fine(desk)
    assert (desk.only.priority, desk.only.response) == (Priority.HIGH, Response.NEW)


def test_a_daughter_with_whom_routine_is_not_shared_is_not_asked() -> None:
    desk = Desk(sharing(Share.CALLS))
    judge(desk, "asked")
    desk.forward(1_800)
    assert desk.heard == []
    judge(desk, "missing")
    assert (DUTY, "more_urgent") in desk.heard


def test_each_is_asked_in_plain_words_on_a_page_of_their_own() -> None:
    desk = Desk(with_accounts(Share.ROUTINE))
    judge(desk, "asked", since_s=desk.now.timestamp() - 44_340)
    asked = {one.target: notice for one, notice in zip(desk.told, desk.notices, strict=True)}
    assert (asked[MEI].title, asked[MEI].page) == ("Is 王** fine?", "/family/c1")
    assert asked[MEI].body.startswith(f"No sign of life since yesterday {SINCE}.")
    assert (asked[SHE].title, asked[SHE].page) == ("Are you fine?", "/family/c2")
    assert "press “I am fine”" in asked[SHE].body
    for notice in asked.values():
        assert notice.body_zh.startswith(f"自昨天{SINCE}起没有活动迹象。")
        assert (notice.answer_url, notice.room) == ("", "")
        assert "201" not in notice.body_zh


def test_what_is_known_of_a_silence_is_in_the_message_of_who_has_no_account(desk: Desk) -> None:
    judge(desk, "asked")
    assert desk.notices[0].body_en == f"青松养老院 201 王** nothing since {SINCE}"


def test_after_an_answer_who_was_asked_hears_that_there_is_news() -> None:
    desk = Desk(with_accounts(Share.ROUTINE))
    judge(desk, "asked")
    desk.forward(60)
    judge(desk, "asked", raised=False)
    assert desk.notices[-1].title_en == "News of 王**"
    assert "No alarm follows." in desk.notices[-1].body_en


def test_who_is_set_as_away_is_not_asked_about_any_more(desk: Desk) -> None:
    judge(desk, "asked")
    question = desk.only
    away(desk)
    assert desk.open == []
    assert ended_by(desk, question) == ("system", Disposition.NO_NEED)


def away(desk: Desk, at: datetime | None = None) -> None:
    """Somebody sets Ms Wang as away."""
    (wang,) = REGISTRY.residents
    gone = msgspec.structs.replace(wang, away=True, away_at=at)
    desk.know(msgspec.structs.replace(desk.engine.registry, version=2, residents=(gone,)))


def test_a_question_that_comes_when_she_is_away_already_is_asked_of_nobody(desk: Desk) -> None:
    away(desk)
    judge(desk, "asked")
    assert desk.open == []
    (question,) = desk.journal.alarms_of("wang")
    assert ended_by(desk, question) == ("system", Disposition.NO_NEED)
    assert desk.heard == []
    assert lamps(desk)[-1] == ("sos-201", "off")


def test_a_question_that_comes_late_is_answered_by_what_was_said_meanwhile(desk: Desk) -> None:
    asked_s = desk.now.timestamp()
    desk.forward(60)
    fine(desk)
    desk.forward(60)
    judge(desk, "asked", at_s=asked_s)
    assert desk.open == []
    assert desk.heard == []


def test_signs_of_life_after_she_was_set_as_away_count_more_than_the_mark(desk: Desk) -> None:
    away(desk, at=desk.now)
    desk.forward(86_400)
    judge(desk, "asked", back_s=desk.now.timestamp() - 3_600)
    assert desk.only.is_question
    assert [who for who, _ in desk.heard] == [DAUGHTER]
    away(desk, at=desk.now)
    assert desk.open == []


def test_an_alarm_that_comes_when_she_is_away_rings(desk: Desk) -> None:
    away(desk)
    judge(desk, "missing")
    assert (desk.only.priority, desk.only.response) == (Priority.HIGH, Response.NEW)
    assert (DUTY, "new_alarm") in desk.heard


def test_being_set_as_away_ends_no_alarm(desk: Desk) -> None:
    judge(desk, "missing")
    away(desk)
    assert desk.only.response is Response.NEW


def test_she_takes_it_back_with_the_key_of_her_own_button(desk: Desk) -> None:
    judge(desk, "asked")
    question = desk.only
    desk.forward(30)
    desk.record("sos-201", "call_cancel")
    assert desk.open == []
    assert ended_by(desk, question) == ("resident:wang", Disposition.NO_NEED)


def test_her_call_for_help_is_a_call_whatever_was_asked(desk: Desk) -> None:
    judge(desk, "asked")
    desk.record("sos-201", "help_call")
    assert {alarm.kind for alarm in desk.open} == {AlarmKind.INACTIVITY, AlarmKind.HELP_CALL}
    assert (DUTY, "new_alarm") in desk.heard


def test_a_carer_who_had_taken_the_question_is_rung_again_when_it_becomes_an_alarm(desk: Desk) -> None:
    judge(desk, "asked")
    assert desk.command(desk.only, "acknowledge", "li")["ok"]
    judge(desk, "missing")
    assert (desk.only.response, desk.heard[-1]) == (Response.NEW, (DUTY, "more_urgent"))


def test_silence_that_begins_anew_after_a_sign_rings_again_for_who_had_not_closed_it(desk: Desk) -> None:
    judge(desk, "missing")
    assert desk.command(desk.only, "acknowledge", "li")["ok"]
    judge(desk, "missing", raised=False)
    desk.forward(3_600)
    judge(desk, "missing")
    assert (desk.only.count, desk.only.response, desk.only.condition) == (2, Response.NEW, Condition.ACTIVE)


def test_a_home_of_two_is_about_the_home_and_has_no_lamp_of_one_of_them(desk: Desk) -> None:
    judge(desk, "asked", about="site:home1")
    assert (desk.only.subject, desk.only.identity.resident_id) == ("site:home1", None)
    assert lamps(desk) == []


def test_a_gateway_cannot_speak_of_a_resident(desk: Desk) -> None:
    """Only the platform's own detectors know whose signs they watch."""
    record = Record(bn="resident:wang/", n="judge/no_sign_of_life", t=desk.now.timestamp(), vb=True, ev={})
    desk.records([record], gateway="gw-home1")
    assert desk.only.identity.resident_id is None


def test_a_question_may_be_put_aside_like_any_other(desk: Desk) -> None:
    judge(desk, "asked")
    shelve = Shelve(by="li", reason="she is at her daughter's", until=desk.now + timedelta(hours=2))
    aside, _ = step(desk.only, shelve, desk.now)
    assert aside.suppressed is not None
    with pytest.raises(TransitionError):
        step(aside, shelve, desk.now)
