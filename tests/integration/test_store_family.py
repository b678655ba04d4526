"""Families in the registry: accounts of contacts, the ledger of consent, check-ins and wishes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import psycopg
import pytest

from ingest.registry import edit, edit_family, removing, source
from ingest.registry.errors import ConflictingEntryError, InvalidEntryError, UnknownEntryError
from ingest.registry.family_model import CheckIn, CheckInWord, Consent, FamilyWish, Share
from ingest.registry.model import Contact, Resident, Site, User
from ingest.registry.sharing import family_of, shares

pytestmark = pytest.mark.database
Connection = psycopg.Connection[Any]
AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAUGHTER = Contact(contact_id="c1", site_id="home", name="王丽", relation="女儿", resident_id="wang")


@pytest.fixture
def registry(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        edit.add_site(connection, Site(site_id="home", name="安心之家", shard=7))
        for resident_id, name in (("wang", "王秀英"), ("chen", "陈建国")):
            edit.add_resident(connection, Resident(resident_id=resident_id, site_id="home", name=name))
        edit.add_contact(connection, DAUGHTER)
        edit.add_user(connection, User(user_id="mei", name="王丽", role="family"))
        edit.add_user(connection, User(user_id="li", name="李娜", role="carer"))
        yield connection


def consent(share: Share, *, given: bool = True, at: datetime = AT, **more: Any) -> Consent:
    words = {"resident_id": "wang", "contact_id": "c1", "by": "王秀英", "recorded_by": "chen", **more}
    return Consent(share=share, given=given, at=at, **words)


def test_an_account_is_a_contact_and_stays_so_when_the_contact_is_written_again(registry: Connection) -> None:
    edit_family.link_account(registry, "c1", "mei")
    edit.add_contact(registry, DAUGHTER)
    assert [one.contact_id for one in family_of(source.load(registry), "mei")] == ["c1"]
    edit_family.link_account(registry, "c1", None)
    assert list(family_of(source.load(registry), "mei")) == []


def test_only_an_account_of_family_is_linked_and_only_to_a_contact_of_a_resident(registry: Connection) -> None:
    edit.add_contact(registry, Contact(contact_id="plumber", site_id="home", name="周师傅"))
    with pytest.raises(ConflictingEntryError, match="role carer"):
        edit_family.link_account(registry, "c1", "li")
    with pytest.raises(ConflictingEntryError, match="about no resident"):
        edit_family.link_account(registry, "plumber", "mei")
    for contact_id, user_id in (("c9", "mei"), ("c1", "nobody")):
        with pytest.raises(UnknownEntryError):
            edit_family.link_account(registry, contact_id, user_id)


def test_the_newest_word_counts_and_every_word_stays(registry: Connection) -> None:
    before = source.version(registry)
    edit_family.record_consent(registry, consent(Share.CALLS))
    edit_family.record_consent(registry, consent(Share.PLACE))
    edit_family.record_consent(registry, consent(Share.PLACE, given=False, at=AT + timedelta(days=1)))
    now = source.load(registry)
    assert now.version > before
    assert shares(now, now.contact["c1"]) == {Share.ENDINGS, Share.CALLS}
    ledger = edit_family.consent_ledger(registry, "wang")
    assert [(line.share, line.given, line.by) for line in ledger] == [
        (Share.CALLS, True, "王秀英"),
        (Share.PLACE, True, "王秀英"),
        (Share.PLACE, False, "王秀英"),
    ]


def test_nothing_is_shared_with_whoever_gets_the_id_of_a_contact_that_was_removed(registry: Connection) -> None:
    edit_family.record_consent(registry, consent(Share.CALLS))
    edit_family.record_consent(registry, consent(Share.PLACE, given=False))
    removing.remove_contact(registry, "c1")
    assert source.load(registry).consents == ()
    edit.add_contact(registry, DAUGHTER)
    now = source.load(registry)
    assert shares(now, now.contact["c1"]) == {Share.ENDINGS}
    assert [(line.share, line.given) for line in edit_family.consent_ledger(registry, "wang")] == [
        (Share.CALLS, True),
        (Share.PLACE, False),
        (Share.CALLS, False),
    ]


@pytest.mark.parametrize("change", ["UPDATE consent SET given = true", "DELETE FROM consent", "TRUNCATE consent"])
def test_the_ledger_is_never_rewritten(registry: Connection, change: str) -> None:
    edit_family.record_consent(registry, consent(Share.CALLS, given=False))
    with pytest.raises(psycopg.errors.RestrictViolation, match="append only"):
        registry.execute(change)
    assert len(edit_family.consent_ledger(registry, "wang")) == 1


def test_consent_is_about_ones_own_contacts_and_says_who_decided(registry: Connection) -> None:
    with pytest.raises(ConflictingEntryError, match="not one of resident chen"):
        edit_family.record_consent(registry, consent(Share.CALLS, resident_id="chen"))
    with pytest.raises(InvalidEntryError, match="say who decided"):
        edit_family.record_consent(registry, consent(Share.CALLS, by=" "))
    assert edit_family.consent_ledger(registry, "wang") == []


def test_a_contact_of_another_resident_now_takes_no_consent_along(registry: Connection) -> None:
    edit_family.record_consent(registry, consent(Share.CALLS))
    edit.add_contact(registry, Contact(contact_id="c1", site_id="home", name="王丽", resident_id="chen"))
    now = source.load(registry)
    assert shares(now, now.contact["c1"]) == {Share.ENDINGS}


def test_only_what_differs_is_written_into_the_ledger(registry: Connection) -> None:
    for wanted in ({Share.CALLS, Share.ENDINGS}, {Share.CALLS, Share.ENDINGS}, {Share.PLACE}):
        now = source.load(registry)
        edit_family.share_exactly(registry, now, now.contact["c1"], wanted, by="王秀英", recorded_by="chen", at=AT)
    words = [(line.share, line.given) for line in edit_family.consent_ledger(registry, "wang")]
    assert words == [(Share.CALLS, True), (Share.ENDINGS, False), (Share.CALLS, False), (Share.PLACE, True)]


def test_the_newest_question_and_answer_are_known(registry: Connection) -> None:
    for minutes, word in enumerate((CheckInWord.ASKED, CheckInWord.FINE, CheckInWord.ASKED)):
        at = AT + timedelta(minutes=minutes)
        edit_family.record_check_in(registry, CheckIn(resident_id="wang", contact_id="c1", word=word, at=at))
    assert {(one.word, one.at) for one in source.load(registry).check_ins} == {
        (CheckInWord.ASKED, AT + timedelta(minutes=2)),
        (CheckInWord.FINE, AT + timedelta(minutes=1)),
    }
    with pytest.raises(ConflictingEntryError):
        edit_family.record_check_in(
            registry, CheckIn(resident_id="chen", contact_id="c1", word=CheckInWord.FINE, at=AT)
        )


def test_wishes_are_kept_and_wrong_ones_refused(registry: Connection) -> None:
    wish = FamilyWish(user_id="mei", quiet_from=time(22), quiet_to=time(7), digest_at=time(20, 30))
    edit_family.set_family_wish(registry, wish)
    assert source.load(registry).family_wish["mei"] == wish
    with pytest.raises(InvalidEntryError, match="both"):
        edit_family.set_family_wish(registry, FamilyWish(user_id="mei", quiet_from=time(22)))
    with pytest.raises(InvalidEntryError, match="quiet hours"):
        edit_family.set_family_wish(
            registry, FamilyWish(user_id="mei", quiet_from=time(22), quiet_to=time(7), digest_at=time(6))
        )
    with pytest.raises(UnknownEntryError, match="nobody"):
        edit_family.set_family_wish(registry, FamilyWish(user_id="nobody"))


@pytest.mark.parametrize(
    ("quiet_from", "quiet_to", "at", "quiet"),
    [
        (time(22), time(7), time(23), True),
        (time(22), time(7), time(6, 59), True),
        (time(22), time(7), time(7), False),
        (time(13), time(14), time(13, 30), True),
        (time(13), time(14), time(12, 59), False),
        (time(8), time(8), time(8), False),
        (None, None, time(3), False),
    ],
)
def test_quiet_hours_may_go_over_midnight(
    quiet_from: time | None, quiet_to: time | None, at: time, quiet: bool
) -> None:
    assert FamilyWish(user_id="mei", quiet_from=quiet_from, quiet_to=quiet_to).is_quiet(at) is quiet
