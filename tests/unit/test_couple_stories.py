"""Two who live behind one door: their silence is asked about with both families; on a moved clock."""

from __future__ import annotations

from datetime import time, timedelta

import msgspec
import pytest

from alarms.lifecycle.alarm import AlarmKind, Disposition, Flag, Priority
from ingest.registry.family_model import CheckIn, CheckInWord, Consent, FamilyWish, Share
from ingest.registry.model import Contact, Device, Reach, Registry, Resident, User
from ingest.wire.senml import Record
from ingest.wire.signals import Kind
from tests.alarm_stories import DUTY, REGISTRY, START, Desk

MEI, JUN, SHE = "contact:mei-of-wang", "contact:jun-of-chen", "contact:wang-herself"


def contact(name: str, resident_id: str, user_id: str, relation: str = "女儿") -> Contact:
    return Contact(
        contact_id=name, site_id="home1", resident_id=resident_id, name=name, relation=relation, user_id=user_id
    )


def couple(*contacts: Contact) -> Registry:
    """Ms Wang and Mr Chen in a flat of their own; each shares routine and check-ins with their contacts."""
    given = contacts or (
        contact("mei-of-wang", "wang", "mei"),
        contact("wang-herself", "wang", "wang", "本人"),
        contact("jun-of-chen", "chen", "jun", "儿子"),
    )
    words = (
        Consent(
            resident_id=one.resident_id or "", contact_id=one.contact_id, share=share, given=True, by="王秀英",
            recorded_by="li", at=START,
        )
        for one in given
        for share in (Share.ROUTINE, Share.CHECK_IN)
    )  # fmt: skip
    accounts = sorted({one.user_id or "" for one in given})
    button = Device(
        device_id="sos-wang", number=9, site_id="home1", gateway_id="gw-home1", kind=Kind.BUTTON, profile="sos_button",
        resident_id="wang",
    )  # fmt: skip
    return msgspec.structs.replace(
        REGISTRY,
        sites=tuple(
            msgspec.structs.replace(site, kind="private_home") if site.site_id == "home1" else site
            for site in REGISTRY.sites
        ),
        residents=(
            Resident(resident_id="wang", site_id="home1", name="王秀英", needs="助行器"),
            Resident(resident_id="chen", site_id="home1", name="陈建国"),
        ),
        contacts=given,
        consents=tuple(words),
        users=tuple(User(user_id=name, name=name, role="family", language="en") for name in accounts),
        reaches=tuple(
            Reach(person=f"user:{name}", rank=1, channel="web_push", address=name, answered_at=START)
            for name in accounts
        ),
        devices=(*REGISTRY.devices, button),
    )


@pytest.fixture
def desk() -> Desk:
    return Desk(couple())


def judge(desk: Desk, stage: str, about: str = "site:home1") -> None:
    """What the core says of the home's silence."""
    evidence = {"stage": stage, "text": "nothing since 22:41", "text_zh": "自22:41起没有活动迹象"}
    record = Record(bn=f"{about}/", n="judge/no_sign_of_life", t=desk.now.timestamp(), vb=True, ev=evidence)
    desk.records([record], gateway="detect")


def told(desk: Desk) -> list[str]:
    return [one.target for one in desk.told]


def fine(desk: Desk, resident_id: str, contact_id: str) -> None:
    said = CheckIn(resident_id=resident_id, contact_id=contact_id, word=CheckInWord.FINE, at=desk.now)
    desk.know(msgspec.structs.replace(desk.engine.registry, version=2, check_ins=(said,)))


def gone(desk: Desk, *names: str) -> None:
    """Who of them is away now."""
    registry = desk.engine.registry
    residents = tuple(msgspec.structs.replace(one, away=one.resident_id in names) for one in registry.residents)
    desk.know(msgspec.structs.replace(registry, version=registry.version + 1, residents=residents))


def answer_of(desk: Desk) -> tuple[str, Disposition | None]:
    (alarm,) = desk.journal.alarms_of("chen", "site:home1")
    assert alarm.resolved is not None
    return alarm.resolved.by, alarm.disposition


def test_the_families_of_both_are_asked_each_about_their_own(desk: Desk) -> None:
    judge(desk, "asked")
    assert desk.only.flags == (Flag.QUESTION,)
    assert sorted(told(desk)) == [JUN, MEI, SHE]
    asked = {one.target: notice for one, notice in zip(desk.told, desk.notices, strict=True)}
    assert (asked[MEI].title_en, asked[MEI].page) == ("Is all well in the home of 王**?", "/family/mei-of-wang")
    assert (asked[JUN].title_zh, asked[JUN].page) == ("陈**家里还好吗?", "/family/jun-of-chen")
    assert asked[SHE].title_en == "Are you fine?"
    assert "陈" not in asked[MEI].title_zh + asked[MEI].body_zh


def test_the_desk_reads_of_both_what_they_need_and_whom_to_call(desk: Desk) -> None:
    judge(desk, "missing")
    who = desk.only.identity
    assert (who.resident_id, who.people, who.resident_name) == (None, ("wang", "chen"), "王秀英、陈建国")
    assert who.resident_needs == "王秀英: 助行器"
    assert {one.contact_id for one in who.contacts} == {"mei-of-wang", "wang-herself", "jun-of-chen"}
    assert desk.only.kind is AlarmKind.INACTIVITY
    assert (DUTY, "new_alarm") in desk.heard
    assert "王**、陈**" in desk.notices[0].body_zh


def test_a_son_of_both_is_asked_once() -> None:
    desk = Desk(couple(contact("jun-of-wang", "wang", "jun"), contact("jun-of-chen", "chen", "jun")))
    judge(desk, "asked")
    assert told(desk) == ["contact:jun-of-wang"]


def test_whoever_of_them_says_that_all_is_well_has_answered_and_the_others_hear_it(desk: Desk) -> None:
    judge(desk, "asked")
    desk.forward(60)
    fine(desk, "chen", "jun-of-chen")
    assert desk.open == []
    assert answer_of(desk) == (JUN, Disposition.NO_NEED)
    news = {one.target: notice.title_en for one, notice in zip(desk.told, desk.notices, strict=True)}
    assert news[MEI] == "News of 王**"


def test_while_one_of_them_may_be_at_home_the_question_stays(desk: Desk) -> None:
    judge(desk, "asked")
    gone(desk, "wang")
    assert desk.only.is_question
    gone(desk, "wang", "chen")
    assert desk.open == []
    assert answer_of(desk) == ("system", Disposition.NO_NEED)


def test_she_takes_it_back_with_the_key_of_her_own_button(desk: Desk) -> None:
    judge(desk, "asked")
    desk.forward(30)
    desk.record("sos-wang", "call_cancel", gateway="gw-home1")
    assert answer_of(desk) == ("resident:wang", Disposition.NO_NEED)


def test_what_happened_in_the_home_is_among_the_news_of_the_day() -> None:
    wish = FamilyWish(user_id="jun", digest_at=time(20))
    desk = Desk(msgspec.structs.replace(couple(), family_wishes=(wish,)))
    desk.know(msgspec.structs.replace(desk.engine.registry, version=2))
    judge(desk, "missing")
    desk.forward(timedelta(hours=24).total_seconds())
    digest = next(n for one, n in zip(desk.told, desk.notices, strict=True) if one.reason == "digest")
    assert digest.title_en == "An alarm is still open"


def test_two_in_one_room_of_a_nursing_home_are_a_home_too() -> None:
    registry = couple()
    residents = tuple(msgspec.structs.replace(one, site_id="pine", room_id="r202") for one in registry.residents)
    desk = Desk(msgspec.structs.replace(registry, residents=residents))
    judge(desk, "asked", "room:r202")
    assert desk.only.identity.people == ("wang", "chen")
    assert (desk.only.priority, desk.only.identity.room_name) == (Priority.LOW, "202")
