"""Whatever happens and whatever is shared: no field without consent, nothing of another resident."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from alarms.core.routine.note import Note, NoteKind, Sureness
from alarms.engine.family_view import Facts, FamilyView, Standing, Viewer, Who, family_view, viewer_of
from alarms.lifecycle.alarm import (
    Act,
    Alarm,
    AlarmKind,
    Condition,
    Disposition,
    Flag,
    Identity,
    OnTheWay,
    Priority,
    Response,
    Suppressed,
    Suppression,
)
from ingest.registry.family_model import CheckIn, CheckInWord, Consent, Share
from ingest.registry.model import Contact, Registry, Resident, Site
from ingest.registry.sharing import SHARE_OF_KIND, shares

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOTHER = Resident(resident_id="wang", site_id="pine", name="王秀英", room_id="r201", needs="DIAGNOSIS")
OTHER = Resident(resident_id="chen", site_id="pine", name="OTHER-ELDER", room_id="r202", needs="DIAGNOSIS")
DAUGHTER = Contact(contact_id="c1", site_id="pine", resident_id="wang", name="王丽", user_id="mei")
SON = Contact(contact_id="c2", site_id="pine", resident_id="wang", name="SON-NAME", phone="SON-PHONE")
STRANGER = Contact(contact_id="c9", site_id="pine", resident_id="chen", name="STRANGER")
PEOPLE = ("NURSE-LI", "contact:c1", "contact:c2", "contact:c9", "duty:0", "mei", "badge:BADGE-7", "system")
SECRETS = ("DIAGNOSIS", "NOTE", "NURSE", "BADGE", "SON-", "STRANGER", "OTHER-ELDER", "DEVICE", "EVIDENCE", "c9", "chen")

moments = st.integers(0, 9 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
people = st.sampled_from(PEOPLE)
acts = st.builds(Act, by=people, at=moments)
ways = st.builds(OnTheWay, by=people, at=moments, until=moments, over=st.booleans())
SHELVED = Suppressed(how=Suppression.SHELVED, reason="NOTE", by="NURSE-LI", at=NOW, until=NOW + timedelta(hours=1))


@st.composite
def alarm(draw: st.DrawFn, number: int) -> Alarm:
    of = draw(st.sampled_from([MOTHER, OTHER, None]))
    together = ("wang", "chen") if of is None and draw(st.booleans()) else ()
    response = draw(st.sampled_from(Response))
    raised_at = draw(moments)
    condition = draw(st.sampled_from(Condition))
    question = (Flag.QUESTION,) if draw(st.booleans()) else ()
    near_fall = (Flag.NEAR_FALL,) if condition is Condition.CLEARED and draw(st.booleans()) else ()
    return Alarm(
        alarm_id=f"alarm-{number}-{of.resident_id if of is not None else 'nobody'}",
        version=3,
        rule="rule",
        subject="device:DEVICE",
        kind=draw(st.sampled_from(AlarmKind)),
        priority=draw(st.sampled_from(Priority)),
        latching=True,
        momentary=True,
        identity=Identity(
            site_id="pine",
            room_id="r",
            room_name=f"ROOM-{of.resident_id if of is not None else 'x'}",
            resident_id=of.resident_id if of is not None else None,
            resident_ids=together,
            resident_name=f"{MOTHER.name}、{OTHER.name}" if together else of.name if of is not None else "",
            resident_needs="DIAGNOSIS",
            device_name="DEVICE",
        ),
        raised_at=raised_at,
        received_at=raised_at,
        last_at=raised_at,
        condition=condition,
        cleared_at=draw(moments) if condition is Condition.CLEARED else None,
        response=response,
        flags=(*draw(st.sampled_from([(), (), (), (Flag.TEST,), (Flag.DRILL,), (Flag.LATE,)])), *near_fall, *question),
        evidence={"text": "EVIDENCE", "since_s": NOW.timestamp() - 3_600},
        note="NOTE",
        takers=tuple(draw(st.lists(acts, max_size=2))),
        acknowledged=draw(st.none() | acts),
        attended=draw(st.none() | acts),
        resolved=draw(acts) if response is Response.RESOLVED else None,
        disposition=draw(st.sampled_from(Disposition)) if response is Response.RESOLVED else None,
        coming=tuple(draw(st.lists(ways, max_size=2, unique_by=lambda one: one.by))),
        suppressed=draw(st.sampled_from([None, None, SHELVED])) if response is Response.NEW else None,
    )


notes = st.builds(
    lambda kind, now: Note(kind=kind, since=NOW.date(), seen=NOW.date(), sure=Sureness.LIKELY, now=now),
    st.sampled_from(NoteKind),
    st.integers(1, 20),
)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    alarms = [draw(alarm(number)) for number in range(draw(st.integers(0, 3)))]
    told = {one.alarm_id: draw(st.lists(st.tuples(people, moments), max_size=2)) for one in alarms}
    check_ins = st.builds(
        lambda of, word, at: CheckIn(
            resident_id=of, contact_id="c1" if of == "wang" else "c9", word=word, at=at
        ),
        st.sampled_from(["wang", "chen"]),
        st.sampled_from(CheckInWord),
        moments,
    )  # fmt: skip
    return Facts(
        alarms=alarms,
        told=told,
        check_ins=draw(st.lists(check_ins, max_size=3)),
        active_at=draw(st.none() | moments),
        notes=draw(st.lists(notes, max_size=2)),
    )


shared = st.frozensets(st.sampled_from(Share))


def viewer(shares: frozenset[Share]) -> Viewer:
    relatives = frozenset({"contact:c1", "contact:c2"})
    away = msgspec.structs.replace(MOTHER, away=True, back_at=NOW)
    return Viewer(contact=DAUGHTER, resident=away, shares=shares, relatives=relatives)


def seen(view: FamilyView) -> str:
    return msgspec.json.encode(asdict(view) | {"shares": sorted(view.shares)}).decode()


@given(facts(), shared)
def test_what_concerns_others_changes_nothing(facts: Facts, shares: frozenset[Share]) -> None:
    own = replace(
        facts,
        alarms=[one for one in facts.alarms if "wang" in one.identity.people],
        check_ins=[one for one in facts.check_ins if one.resident_id == "wang"],
    )
    assert family_view(viewer(shares), facts, NOW) == family_view(viewer(shares), own, NOW)


@given(facts(), shared)
def test_no_diagnosis_no_name_and_nothing_of_another_resident(facts: Facts, shares: frozenset[Share]) -> None:
    text = seen(family_view(viewer(shares), facts, NOW))
    assert [secret for secret in SECRETS if secret in text] == []


@given(facts(), shared)
def test_every_field_needs_its_consent(facts: Facts, shares: frozenset[Share]) -> None:
    view = family_view(viewer(shares), facts, NOW)
    for one in (*view.now, *view.past):
        if one.kind is None:
            assert Share.ENDINGS in shares
            assert one.ended_at is not None
            assert (one.alarm_id, one.place, one.help, one.own_way) == ("", "", (), None)
        else:
            assert SHARE_OF_KIND[one.kind] in shares
        assert not one.place or Share.PLACE in shares
        assert not one.help or Share.HELPERS in shares
        assert one.silent_since is None or (one.is_question and one in view.now)
    assert view.away == (view.back_at is not None) == (Share.CHECK_IN in shares)
    assert view.check is None or Share.CHECK_IN in shares
    assert view.active_at is None or Share.ACTIVITY in shares
    assert view.notes == (tuple(facts.notes) if Share.ROUTINE in shares else ())
    if not shares & set(SHARE_OF_KIND.values()):
        assert view.now == ()
        assert view.standing in (Standing.PRIVATE, Standing.OVER)
    assert (view.standing is Standing.ASKED) == (bool(view.now) and all(one.is_question for one in view.now))
    if Share.HELPERS not in shares:
        assert view.standing is not Standing.HELPED


@given(facts())
def test_without_any_consent_there_is_nothing(facts: Facts) -> None:
    view = family_view(viewer(frozenset()), facts, NOW)
    assert view == FamilyView(name=MOTHER.name, standing=Standing.PRIVATE, shares=frozenset())


@given(facts(), shared, st.sampled_from(Share))
def test_more_consent_never_hides_what_was_shown(facts: Facts, shares: frozenset[Share], more: Share) -> None:
    before = family_view(viewer(shares), facts, NOW)
    after = family_view(viewer(shares | {more}), facts, NOW)
    assert {one.alarm_id for one in before.now} <= {one.alarm_id for one in after.now}
    assert {one.began_at for one in before.past} <= {one.began_at for one in after.past}
    assert set(before.notes) <= set(after.notes)


@given(facts(), shared)
def test_all_is_well_is_said_only_of_what_is_known(facts: Facts, shares: frozenset[Share]) -> None:
    view = family_view(viewer(shares), facts, NOW)
    if view.standing is Standing.WELL:
        assert set(SHARE_OF_KIND.values()) <= shares
        open_ = [one for one in facts.alarms if one.is_open and "wang" in one.identity.people]
        assert all(
            one.kind not in SHARE_OF_KIND or one.suppressed or set(one.flags) & {Flag.TEST, Flag.DRILL, Flag.NEAR_FALL}
            for one in open_
        )


@given(facts())
def test_one_is_told_apart_from_ones_relatives_and_both_from_staff(facts: Facts) -> None:
    view = family_view(viewer(frozenset(Share)), facts, NOW)
    for one in (*view.now, *view.past):
        assert len({(act.who, act.did) for act in one.help}) == len(one.help)
        if one.own_way is not None:
            assert one.own_way.by == "contact:c1"
            assert any(act.who is Who.YOU for act in one.help)


words = st.lists(
    st.builds(
        Consent,
        resident_id=st.sampled_from(["wang", "chen"]),
        contact_id=st.sampled_from(["c1", "c2", "c9"]),
        share=st.sampled_from(Share),
        given=st.booleans(),
        by=st.just("王秀英"),
        recorded_by=st.just("op"),
        at=st.just(NOW),
    ),
    max_size=20,
    unique_by=lambda one: (one.resident_id, one.contact_id, one.share),
)


@given(words)
def test_only_a_word_about_this_contact_and_this_resident_counts(consents: list[Consent]) -> None:
    registry = Registry(
        sites=(Site(site_id="pine", name="P", shard=1),),
        residents=(MOTHER, OTHER),
        contacts=(DAUGHTER, SON, STRANGER),
        consents=tuple(consents),
    )
    given_ = {w.share for w in consents if (w.resident_id, w.contact_id, w.given) == ("wang", "c1", True)}
    refused = {w.share for w in consents if (w.resident_id, w.contact_id, w.given) == ("wang", "c1", False)}
    assert shares(registry, DAUGHTER) == (given_ | {Share.ENDINGS}) - refused
    found = viewer_of(registry, DAUGHTER)
    assert found is not None
    assert found.relatives == {"contact:c1", "contact:c2"}
    assert viewer_of(registry, msgspec.structs.replace(DAUGHTER, resident_id=None)) is None


def test_residents_see_all_that_is_theirs() -> None:
    own = Contact(contact_id="c3", site_id="pine", resident_id="wang", name="王秀英", relation="本人")
    assert shares(Registry(residents=(MOTHER,), contacts=(own,)), own) == frozenset(Share)
