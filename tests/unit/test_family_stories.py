"""What relatives hear beside alarms: the all-clear, quiet hours, the news of the day, check-ins; on a moved clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from alarms.core.routine.note import Note, NoteKind, Sureness
from alarms.lifecycle.alarm import Alarm
from ingest.registry.family_model import CheckIn, CheckInWord, Consent, FamilyWish, Share
from ingest.registry.model import Contact, Device, Policy, PolicyStep, Reach, Registry, Site, User
from ingest.wire.signals import Kind
from tests.alarm_stories import REGISTRY, START, Desk

PROVED = START - timedelta(days=3)
MEI, HERSELF = "contact:c1", "contact:c2"
KINDS = (Share.CALLS, Share.SAFETY, Share.ROUTINE)


def consent(share: Share, *, given: bool = True) -> Consent:
    words = {"by": "王秀英", "recorded_by": "chen", "at": PROVED}
    return Consent(resident_id="wang", contact_id="c1", share=share, given=given, **words)  # type: ignore[arg-type]


def home(*consents: Consent, wish: FamilyWish | None = None, zone: str = "Asia/Shanghai", **more: Any) -> Registry:
    """Ms Wang's daughter Mei has a phone, Ms Wang a tablet; calls go to both sides at once."""
    contact = Contact(contact_id="c1", site_id="pine", resident_id="wang", name="王丽", relation="女儿", user_id="mei")
    own = Contact(contact_id="c2", site_id="pine", resident_id="wang", name="王秀英", relation="本人", user_id="wang")
    calls = Policy(
        policy_id="all", name="all", repeat_s=60, return_s=None, hand_over_s=20, priorities=("high", "medium"),
        steps=(PolicyStep(after_s=0, who=("contact:c1",)),),
    )  # fmt: skip
    emergencies = msgspec.structs.replace(calls, policy_id="soon", priorities=("emergency",), return_s=180)
    given = {
        "version": 2,
        "sites": tuple(msgspec.structs.replace(site, timezone=zone) for site in REGISTRY.sites),
        "contacts": (contact, own),
        "users": (
            User(user_id="mei", name="王丽", role="family", language="en"),
            User(user_id="wang", name="王秀英", role="family"),
        ),
        "reaches": (phone("user:mei", 1, "web_push", "push:mei"), phone("user:wang", 1, "web_push", "push:wang")),
        "policies": (calls, emergencies),
        "consents": consents,
        "family_wishes": (wish,) if wish is not None else (),
        "devices": (
            *REGISTRY.devices,
            Device(
                device_id="bed-201", number=9, site_id="pine", gateway_id="gw-pine", kind=Kind.BUTTON,
                profile="bed_mat", room_id="r201", resident_id="wang",
            ),
        ),
    }  # fmt: skip
    return msgspec.structs.replace(REGISTRY, **{**given, **more})


def phone(person: str, rank: int, channel: str, address: str) -> Reach:
    return Reach(person=person, rank=rank, channel=channel, address=address, answered_at=PROVED, language="en")


def told(desk: Desk, target: str = MEI) -> list[str]:
    return [one.reason for one in desk.told if one.target == target]


def called(registry: Registry) -> Desk:
    """Ms Wang has called, and Mei's phone has it."""
    desk = Desk(registry)
    desk.record("sos-201", "help_call")
    assert told(desk) == ["new_alarm"]
    return desk


def helped(desk: Desk, disposition: str = "helped") -> Alarm:
    alarm = desk.only
    assert desk.command(alarm, "resolve", "li", disposition=disposition, reached="in_person")["ok"]
    return alarm


# the all-clear


def test_who_was_told_hears_that_it_is_over_once() -> None:
    desk = called(home(consent(Share.CALLS), consent(Share.PLACE)))
    alarm = helped(desk)
    desk.forward(7200)
    assert told(desk) == ["new_alarm", "all_clear"]
    said = desk.notices[-1]
    assert (said.title, said.priority, said.page) == ("Over: Help call", "medium", "/family")
    assert "201" in said.body
    assert said.answer_url == ""
    (send,) = [one for one in desk.journal.sends_of(alarm.alarm_id) if one.reason == "all_clear"]
    assert send.send_key == f"{alarm.alarm_id}/0@over/0/{MEI}/web_push"
    assert not send.urgent


def test_without_more_consent_it_says_no_more_than_that() -> None:
    desk = called(home())
    helped(desk)
    said = desk.notices[-1]
    assert said.title == "It is over"
    words = said.title_zh + said.title_en + said.body_zh + said.body_en + said.kind + said.room
    for secret in ("呼叫", "Help", "help_call", "201", "王秀英"):
        assert secret not in words


def test_who_may_not_even_know_that_hears_nothing_and_the_log_says_why() -> None:
    desk = called(home(consent(Share.ENDINGS, given=False)))
    alarm = helped(desk)
    assert told(desk) == ["new_alarm"]
    reasons = [line.detail.get("reason") for line in desk.journal.entries_of(alarm.alarm_id)]
    assert reasons[-1] == "not_shared"


def test_who_has_only_a_telephone_is_not_called_for_news_and_the_log_says_why() -> None:
    desk = Desk(home(consent(Share.CALLS), reaches=(phone("user:mei", 1, "voice", "+861"),)))
    desk.record("sos-201", "help_call")
    alarm = helped(desk)
    assert told(desk) == ["new_alarm"]
    reasons = [line.detail.get("reason") for line in desk.journal.entries_of(alarm.alarm_id)]
    assert reasons[-1] == "no_target"


def test_who_was_not_told_hears_nothing() -> None:
    policy = Policy(
        policy_id="all", name="all", repeat_s=60, return_s=180, steps=(PolicyStep(after_s=0, who=("duty",)),)
    )
    desk = Desk(home(consent(Share.CALLS), policies=(policy,)))
    desk.record("sos-201", "help_call")
    helped(desk)
    assert told(desk) == []


def test_a_message_that_no_provider_took_needs_no_all_clear() -> None:
    desk = Desk(home(consent(Share.CALLS)))
    desk.broken = {"web_push"}
    desk.record("sos-201", "help_call")
    helped(desk)
    assert told(desk) == ["new_alarm"]


def test_what_was_a_test_is_no_news() -> None:
    desk = called(home(consent(Share.CALLS)))
    helped(desk, "test")
    assert told(desk) == ["new_alarm"]


def test_a_contact_without_an_account_hears_of_alarms_only() -> None:
    desk = Desk()
    desk.record("sos-201", "help_call")
    desk.forward(31)
    helped(desk)
    assert "all_clear" not in [one.reason for one in desk.told]


def test_contacts_stand_on_the_alarm_in_the_order_that_the_home_gave_them() -> None:
    people = [("c3", "邻居", 3), ("c1", "女儿", 1), ("c2", "儿子", 2)]
    contacts = tuple(
        Contact(contact_id=one, site_id="pine", resident_id="wang", name=one, relation=relation, rank=rank)
        for one, relation, rank in people
    )
    desk = Desk(msgspec.structs.replace(REGISTRY, version=2, contacts=contacts))
    desk.record("sos-201", "help_call")
    assert [one.contact_id for one in desk.only.identity.contacts] == ["c1", "c2", "c3"]


def test_the_next_channel_takes_over_and_nobody_is_telephoned_for_news() -> None:
    reaches = (
        phone("user:mei", 1, "voice", "+861"),
        phone("user:mei", 2, "web_push", "push:mei"),
        phone("user:mei", 3, "apprise", "x://mei"),
    )
    desk = Desk(home(consent(Share.CALLS), reaches=reaches))
    desk.record("sos-201", "help_call")
    desk.broken = {"web_push"}
    helped(desk)
    assert [(one.channel, one.reason) for one in desk.told if one.target == MEI] == [
        ("voice", "new_alarm"),
        ("web_push", "all_clear"),
        ("apprise", "handed_over"),
    ]
    assert desk.notices[-1].title == "Over: Help call", "over the next channel it is the same message"


def test_a_restart_says_it_no_second_time() -> None:
    registry = home(consent(Share.CALLS))
    desk = called(registry)
    alarm = helped(desk)
    desk.restart(registry)
    desk.forward(60)
    assert told(desk) == ["new_alarm", "all_clear"]
    assert desk.log(alarm).count("due") == 2


# quiet hours: START is 11:00 in Shanghai

QUIET = FamilyWish(user_id="mei", quiet_from=time(10), quiet_to=time(12))


def test_in_quiet_hours_what_is_urgent_comes_through_and_so_does_its_end() -> None:
    desk = called(home(consent(Share.CALLS), wish=QUIET))
    helped(desk)
    assert told(desk) == ["new_alarm", "all_clear"]


def test_in_quiet_hours_what_can_wait_waits() -> None:
    desk = Desk(home(wish=QUIET))
    desk.record("bed-201", "bed_exit")
    alarm = desk.only
    assert told(desk) == []
    reasons = [line.detail.get("reason") for line in desk.journal.entries_of(alarm.alarm_id)]
    assert "quiet_hours" in reasons
    desk.forward(3700)
    assert "repeated" in told(desk), "it is still open when the quiet hours are over"


# the news of the day: START is 11:00 in Shanghai

EVENING = FamilyWish(user_id="mei", digest_at=time(20, 30))


def digests(desk: Desk) -> list[tuple[float, str, str]]:
    return [
        (one.raised_at.timestamp() - START.timestamp(), one.title, one.body)
        for one in desk.notices
        if one.kind == "digest"
    ]


def test_all_is_well_is_said_once_a_day_at_the_hour_that_she_wishes() -> None:
    desk = Desk(home(*map(consent, KINDS), wish=EVENING))
    desk.know(desk.engine.registry)
    desk.forward(3 * 86_400)
    assert [at for at, *_ in digests(desk)] == [9.5 * 3600 + day * 86_400 for day in range(3)]
    assert {title for _, title, _ in digests(desk)} == {"All is well today"}
    assert digests(desk)[0][2] == "王**: no alarm in 24 hours."


def test_it_counts_the_day_and_says_what_is_open() -> None:
    desk = Desk(home(*map(consent, KINDS), wish=EVENING))
    desk.know(desk.engine.registry)
    desk.record("sos-201", "help_call")
    helped(desk)
    desk.forward(9 * 3600)
    desk.record("sos-201", "help_call")
    desk.command(desk.only, "acknowledge", "li")
    desk.forward(3600)
    ((_, title, body),) = digests(desk)
    assert (title, body) == ("An alarm is still open", "王**: 2 alarms in the last 24 hours, 1 still open.")


def test_that_all_is_well_is_not_said_of_what_is_not_shared() -> None:
    desk = Desk(home(wish=EVENING))
    desk.know(desk.engine.registry)
    desk.record("sos-201", "help_call")  # open, and not shared while it goes on
    desk.command(desk.only, "acknowledge", "li")
    desk.forward(10 * 3600)
    ((_, title, body),) = digests(desk)
    assert (title, body) == ("News of the day", "王**: nothing new that is shared.")


RESTLESS = Note(
    kind=NoteKind.NIGHT, since=START.date(), seen=START.date(), sure=Sureness.LIKELY, now=6, usual=1, detail=0
)  # fmt: skip


def test_a_change_in_the_routine_is_news_where_the_routine_is_shared() -> None:
    desk = Desk(home(consent(Share.ROUTINE), wish=EVENING))
    desk.routine = [RESTLESS]
    desk.know(desk.engine.registry)
    desk.forward(10 * 3600)
    ((_, title, body),) = digests(desk)
    assert title == "A change in the routine"
    assert body == "王**: nothing else. Up 6 times in the night; usually 1 in the last four weeks."


def test_where_it_is_not_shared_nobody_hears_of_the_routine() -> None:
    desk = Desk(home(consent(Share.CALLS), consent(Share.SAFETY), wish=EVENING))
    desk.routine = [RESTLESS]
    desk.know(desk.engine.registry)
    desk.forward(10 * 3600)
    ((_, title, body),) = digests(desk)
    assert (title, body) == ("News of the day", "王**: nothing new that is shared.")


def test_a_restart_at_the_hour_says_it_no_second_time() -> None:
    registry = home(*map(consent, KINDS), wish=EVENING)
    desk = Desk(registry)
    desk.know(registry)
    desk.forward(9.5 * 3600)
    for _ in range(3):
        desk.restart(registry)
        desk.know(registry)
        desk.forward(60)
    assert len(digests(desk)) == 1


def test_a_program_that_was_away_says_it_late_but_not_the_next_morning() -> None:
    registry = home(*map(consent, KINDS), wish=EVENING)
    desk = Desk(registry)
    desk.know(registry)
    desk.now += timedelta(hours=10)
    desk.know(registry)
    assert len(digests(desk)) == 1
    desk.now += timedelta(hours=36)
    desk.know(registry)
    assert len(digests(desk)) == 1


def test_another_hour_the_same_day_gives_no_second_one() -> None:
    desk = Desk(home(*map(consent, KINDS), wish=EVENING))
    desk.know(desk.engine.registry)
    desk.forward(9.5 * 3600)
    desk.know(home(*map(consent, KINDS), wish=FamilyWish(user_id="mei", digest_at=time(22)), version=3))
    desk.forward(86_400)
    assert [at for at, *_ in digests(desk)] == [9.5 * 3600]
    desk.know(home(*map(consent, KINDS), version=4))
    desk.forward(3 * 86_400)
    assert len(digests(desk)) == 1


@pytest.mark.parametrize(
    ("day", "at"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), time(2, 30)),  # the clocks jump from 2 to 3 on the 29th
        (datetime(2026, 10, 24, 12, tzinfo=UTC), time(2, 30)),  # 2 to 3 comes twice on the 25th
    ],
)
def test_once_a_day_also_when_the_clocks_change(day: datetime, at: time) -> None:
    registry = home(*map(consent, KINDS), wish=FamilyWish(user_id="mei", digest_at=at), zone="Europe/Berlin")
    desk = Desk(registry)
    desk.now = day
    desk.know(registry)
    desk.forward(4 * 86_400)
    assert len(digests(desk)) == 4


# check-ins


def check_in(word: CheckInWord, number: int, contact_id: str = "c1", **more: Any) -> CheckIn:
    return CheckIn(resident_id="wang", contact_id=contact_id, word=word, check_in_id=number, **{"at": START, **more})


def test_she_asks_and_her_mother_answers_and_each_hears_it_once() -> None:
    desk = Desk(home(consent(Share.CHECK_IN)))
    asked = check_in(CheckInWord.ASKED, 1)
    for version in (3, 4):
        desk.know(home(consent(Share.CHECK_IN), check_ins=(asked,), version=version))
    assert (told(desk), told(desk, HERSELF)) == ([], ["check_in"])
    assert desk.notices[-1].title == "Your family asks: are you fine?"
    fine = check_in(CheckInWord.FINE, 2, "c2")
    desk.know(home(consent(Share.CHECK_IN), check_ins=(asked, fine), version=5))
    assert (told(desk), told(desk, HERSELF)) == (["check_in"], ["check_in"])
    assert desk.notices[-1].title == "王** is fine"


def test_a_check_in_is_for_who_takes_part_at_a_time_that_is_not_quiet() -> None:
    fine = check_in(CheckInWord.FINE, 1, "c2")
    desk = Desk(home())
    desk.know(home(check_ins=(fine,), version=3))
    assert told(desk) == [], "not shared"
    desk.know(home(consent(Share.CHECK_IN), wish=QUIET, check_ins=(check_in(CheckInWord.FINE, 2, "c2"),), version=4))
    assert told(desk) == [], "quiet"
    old = check_in(CheckInWord.FINE, 3, "c2", at=START - timedelta(hours=4))
    desk.know(home(consent(Share.CHECK_IN), check_ins=(old,), version=5))
    assert told(desk) == [], "old"


def test_signs_of_life_that_ended_away_are_told_once_to_who_may_set_it_again() -> None:
    desk = Desk(home())
    back = msgspec.structs.replace(REGISTRY.residents[0], back_at=START - timedelta(minutes=5))
    for version in (3, 4):
        desk.know(home(consent(Share.CHECK_IN), residents=(back,), version=version))
    assert (told(desk), told(desk, HERSELF)) == (["check_in"], ["check_in"])
    letter = desk.notices[0]
    assert letter.title_en == "Is 王** back at home?"
    assert "signs of life since 10:55" in letter.body_en
    assert "自10:55起有活动迹象" in letter.body_zh
    again = msgspec.structs.replace(back, back_at=START + timedelta(minutes=5))
    desk.forward(600)
    desk.know(home(residents=(again,), version=5))
    assert told(desk) == ["check_in"], "not to whom it is not shared"


def test_whose_hours_are_quiet_hears_of_signs_of_life_when_they_are_over() -> None:
    desk = Desk(home())
    back = msgspec.structs.replace(REGISTRY.residents[0], back_at=START - timedelta(minutes=5))
    desk.know(home(consent(Share.CHECK_IN), wish=QUIET, residents=(back,), version=3))
    for minutes, expected in ((30, []), (40, ["check_in"]), (120, ["check_in"])):
        desk.forward(minutes * 60)
        desk.know(desk.engine.registry)
        assert told(desk) == expected


def test_somebody_who_is_set_as_away_again_meanwhile_is_no_news_in_the_end() -> None:
    desk = Desk(home())
    back = msgspec.structs.replace(REGISTRY.residents[0], back_at=START - timedelta(minutes=5))
    desk.know(home(consent(Share.CHECK_IN), wish=QUIET, residents=(back,), version=3))
    desk.forward(1800)
    desk.know(home(consent(Share.CHECK_IN), wish=QUIET, residents=REGISTRY.residents[:1], version=4))
    desk.forward(2400)
    desk.know(desk.engine.registry)
    assert told(desk) == []


def test_the_digest_tells_of_the_check_in() -> None:
    registry = home(*map(consent, (*KINDS, Share.CHECK_IN)), wish=EVENING, check_ins=(check_in(CheckInWord.ASKED, 1),))
    desk = Desk(registry)
    desk.know(registry)
    desk.forward(9.5 * 3600)
    assert digests(desk)[0][2].endswith("“Are you fine?” is not answered yet.")


def test_another_elders_family_hears_nothing() -> None:
    oak = Site(site_id="oak", name="Oak", shard=9)
    registry = home(*map(consent, KINDS), consent(Share.CHECK_IN))
    stranger = Contact(contact_id="c9", site_id="pine", resident_id="chen", name="陈兰", user_id="lan")
    chen = msgspec.structs.replace(registry.residents[0], resident_id="chen", name="陈建国", room_id="r202")
    registry = msgspec.structs.replace(
        registry,
        sites=(*registry.sites, oak),
        residents=(*registry.residents, chen),
        contacts=(*registry.contacts, stranger),
        users=(*registry.users, User(user_id="lan", name="陈兰", role="family")),
        reaches=(*registry.reaches, phone("user:lan", 1, "web_push", "push:lan")),
        family_wishes=(FamilyWish(user_id="lan", digest_at=time(20)),),
        check_ins=(check_in(CheckInWord.FINE, 1, "c2"),),
    )
    desk = called(registry)
    desk.know(registry)
    helped(desk)
    desk.forward(86_400)
    assert told(desk, "contact:c9") == ["digest"]
    assert "王" not in " ".join(one.title + one.body for one in desk.notices if one.kind == "digest")


def test_a_relatives_phone_that_ends_is_a_matter_of_the_elders_home() -> None:
    desk = called(home(consent(Share.CALLS)))
    desk.gone = {"push:mei"}
    desk.forward(61)
    assert [alarm.identity.site_id for alarm in desk.open if alarm.rule == "unreachable"] == ["pine"]


# a near fall


def test_who_was_told_of_a_fall_hears_once_that_it_is_over_when_they_have_got_up() -> None:
    desk = Desk(home(consent(Share.CALLS)))
    desk.record("sos-201", "fall", "suspected")
    desk.forward(10)
    desk.record("sos-201", "fall", "none")
    desk.forward(7200)
    assert told(desk) == ["new_alarm", "all_clear"]
    assert desk.notices[-1].title == "Over: Fall"
    helped(desk, "no_need")
    assert told(desk) == ["new_alarm", "all_clear"]


def test_who_was_not_told_hears_nothing_of_a_near_fall() -> None:
    desk = Desk(home(consent(Share.CALLS)))
    desk.broken = {"web_push"}
    desk.record("sos-201", "fall", "suspected")
    desk.record("sos-201", "fall", "none")
    desk.forward(7200)
    assert told(desk) == ["new_alarm"]
