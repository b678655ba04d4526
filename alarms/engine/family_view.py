"""What a relative is shown: the one way from facts to ``/family``. Pure.

Nothing gets around ``family_view``: no field without the resident's consent, nothing of another resident, no diagnosis,
no name of anybody who works there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from alarms.core.routine.note import Note
from alarms.lifecycle import inactivity
from alarms.lifecycle.alarm import Alarm, AlarmKind, Disposition, Flag, OnTheWay
from alarms.lifecycle.step import SYSTEM
from ingest.registry.family_model import CheckIn, CheckInWord, Share
from ingest.registry.homes import others_of
from ingest.registry.model import Contact, Registry, Resident
from ingest.registry.sharing import SHARE_OF_KIND, shares

KEPT = timedelta(days=7)
JUST_OVER = timedelta(hours=2)
_MOST = 20
_OF_KINDS = frozenset(SHARE_OF_KIND.values())
_NOT_MEANT = (Flag.TEST, Flag.DRILL, Flag.CANARY)


class Standing(StrEnum):
    """How the resident is now, as far as it is shared."""

    UNDER_WAY = "under_way"
    ASKED = "asked"  # no sign of life: whoever knows is asked, nobody is sent yet
    HELPED = "helped"  # and somebody has it, or is on the way
    OVER = "over"  # a short while ago
    WELL = "well"
    QUIET = "quiet"  # of what is shared nothing is under way
    PRIVATE = "private"  # what is going on is not shared


class Who(StrEnum):
    """Who it was, and no more than that."""

    YOU = "you"
    RESIDENT = "resident"
    FAMILY = "family"
    STAFF = "staff"


class Did(StrEnum):
    """What somebody did about an alarm."""

    TOLD = "told"
    TOOK = "took"
    THERE = "there"
    COMING = "coming"
    NOT_ARRIVED = "not_arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A relative. ``relatives`` are targets of the contacts of the resident and of who lives behind the same door,
    ``own`` those of the resident's own entry. ``others_in``: somebody else who lives there is not away.
    """

    contact: Contact
    resident: Resident
    shares: frozenset[Share]
    relatives: frozenset[str]
    own: frozenset[str] = frozenset()
    others_in: bool = False

    @property
    def by(self) -> str:
        """The relative as commands and messages name them."""
        return f"contact:{self.contact.contact_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What there is to know, shared or not; ``told`` are the targets of the messages about an alarm."""

    alarms: Iterable[Alarm] = ()
    told: Mapping[str, Sequence[tuple[str, datetime]]] = field(default_factory=dict)
    check_ins: Sequence[CheckIn] = ()
    active_at: datetime | None = None
    notes: Sequence[Note] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Somebody did something; ``at`` is when, or for who is on the way when they are to be there."""

    who: Who
    did: Did
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One alarm as it is shared: ``kind`` None and no ``alarm_id`` where only its end is.

    ``is_question``: it only asks whether all is well, ``silent_since`` the last sign of life. ``of_home``: others live
    there too, and nobody knows whose silence it is.
    """

    began_at: datetime
    ended_at: datetime | None = None
    alarm_id: str = ""
    kind: AlarmKind | None = None
    place: str = ""
    help: tuple[Help, ...] = ()
    own_way: OnTheWay | None = None
    is_question: bool = False
    of_home: bool = False
    silent_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The newest "are you fine?" and the newest answer."""

    asked_at: datetime | None = None
    asked_by: Who | None = None
    fine_at: datetime | None = None
    fine_by: Who | None = None

    @property
    def is_open(self) -> bool:
        """Whether a question waits for its answer."""
        return self.asked_at is not None and (self.fine_at is None or self.fine_at < self.asked_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyView:
    """Everything that ``/family`` knows of one resident; ``away``: known to be so by who may set it, and ``back_at``
    when signs of life ended that.

    ``others_in``: the home is watched all the same, somebody else lives there.
    """

    name: str
    standing: Standing
    shares: frozenset[Share]
    since: datetime | None = None
    now: tuple[Happening, ...] = ()
    past: tuple[Happening, ...] = ()
    check: Check | None = None
    active_at: datetime | None = None
    notes: tuple[Note, ...] = ()
    away: bool = False
    back_at: datetime | None = None
    others_in: bool = False

    @property
    def question(self) -> Happening | None:
        """The question that stands, whether all is well."""
        return next((one for one in self.now if one.is_question), None)


def is_meant(alarm: Alarm) -> bool:
    """Whether it was in earnest: no exercise, no test, no canary."""
    return not any(flag in alarm.flags for flag in _NOT_MEANT) and alarm.disposition is not Disposition.TEST


def viewer_of(registry: Registry, contact: Contact) -> Viewer | None:
    """The contact as a viewer; None where they are about no resident."""
    resident = registry.resident.get(contact.resident_id or "")
    if resident is None:
        return None
    contacts, others = registry.contacts_about.get(resident.resident_id, ()), others_of(registry, resident)
    about_others = (one for other in others for one in registry.contacts_about.get(other.resident_id, ()))
    return Viewer(
        contact=contact,
        resident=resident,
        shares=shares(registry, contact),
        relatives=frozenset(f"contact:{one.contact_id}" for one in (*contacts, *about_others)),
        own=frozenset(f"contact:{one.contact_id}" for one in contacts if one.is_resident),
        others_in=any(not other.away for other in others),
    )


def family_view(viewer: Viewer, facts: Facts, now: datetime) -> FamilyView:
    """What this relative may see of these facts."""
    own = [alarm for alarm in facts.alarms if _concerns(alarm, viewer.resident)]
    current = sorted(
        (one for one in own if _is_shown_now(one, viewer)), key=lambda one: (one.priority.rank, one.raised_at)
    )
    ended = [shown for alarm in own if (shown := _ended(alarm, viewer, facts)) is not None]
    past = sorted((one for one in ended if one.began_at > now - KEPT), key=lambda one: one.began_at, reverse=True)
    happening = tuple(_happening(alarm, viewer, facts) for alarm in current)
    standing, since = _standing(viewer, happening, past, now)
    return FamilyView(
        name=viewer.resident.name,
        standing=standing,
        since=since,
        shares=viewer.shares,
        now=happening,
        past=tuple(past[:_MOST]),
        check=_check(viewer, facts.check_ins) if Share.CHECK_IN in viewer.shares else None,
        active_at=facts.active_at if Share.ACTIVITY in viewer.shares else None,
        notes=tuple(facts.notes) if Share.ROUTINE in viewer.shares else (),
        away=viewer.resident.away and Share.CHECK_IN in viewer.shares,
        back_at=viewer.resident.back_at if Share.CHECK_IN in viewer.shares else None,
        others_in=viewer.others_in and Share.CHECK_IN in viewer.shares,
    )


def _concerns(alarm: Alarm, resident: Resident) -> bool:
    """About this resident, of a kind that is about residents, and meant in earnest."""
    if alarm.is_pre_alarm:
        return False  # nobody is told of it, and mostly it is toast
    is_theirs = resident.resident_id in alarm.identity.people and alarm.identity.site_id == resident.site_id
    return is_theirs and is_meant(alarm) and alarm.kind in SHARE_OF_KIND


def _is_shared(alarm: Alarm, viewer: Viewer) -> bool:
    return SHARE_OF_KIND[alarm.kind] in viewer.shares


def _is_shown_now(alarm: Alarm, viewer: Viewer) -> bool:
    return alarm.is_open and not alarm.is_near_fall and alarm.suppressed is None and _is_shared(alarm, viewer)


def _ended(alarm: Alarm, viewer: Viewer, facts: Facts) -> Happening | None:
    ended_at = _ended_at(alarm)
    if ended_at is None:
        return None
    if _is_shared(alarm, viewer):
        return _happening(alarm, viewer, facts)
    if Share.ENDINGS in viewer.shares:
        return Happening(began_at=alarm.raised_at, ended_at=ended_at)
    return None


def _ended_at(alarm: Alarm) -> datetime | None:
    """When it was over: a near fall was when they had got up, whenever a person closes it."""
    if alarm.is_near_fall:
        return alarm.cleared_at
    return alarm.resolved.at if alarm.resolved is not None and not alarm.is_open else None


def _happening(alarm: Alarm, viewer: Viewer, facts: Facts) -> Happening:
    """An alarm whose kind is shared."""
    ended_at = _ended_at(alarm)
    asks = alarm.is_question and alarm.is_open and ended_at is None
    return Happening(
        alarm_id=alarm.alarm_id,
        kind=alarm.kind,
        began_at=alarm.raised_at,
        ended_at=ended_at,
        place=alarm.identity.room_name if Share.PLACE in viewer.shares else "",
        help=tuple(_help(alarm, viewer, facts)) if Share.HELPERS in viewer.shares else (),
        own_way=next((one for one in alarm.coming if one.by == viewer.by), None),
        is_question=asks,
        of_home=bool(alarm.identity.resident_ids),
        silent_since=inactivity.silent_since(alarm.evidence) if asks else None,
    )


def _help(alarm: Alarm, viewer: Viewer, facts: Facts) -> Iterator[Help]:
    """Who did what, in the order in which they did it; the same kind of people is named once for the same thing."""
    told = [(target, Did.TOLD, at) for target, at in facts.told.get(alarm.alarm_id, ())]
    acts = [(act.by, Did.TOOK, act.at) for act in alarm.takers or filter(None, (alarm.acknowledged,))]
    there = [(alarm.attended.by, Did.THERE, alarm.attended.at)] if alarm.attended is not None else []
    ways = [(one.by, Did.NOT_ARRIVED if one.over else Did.COMING, one.until) for one in alarm.coming]
    seen = set()
    for by, did, at in [*sorted([*told, *acts, *there], key=lambda one: one[2]), *ways]:
        who = _who(by, viewer)
        if by != SYSTEM and (who, did) not in seen:
            seen.add((who, did))
            yield Help(who=who, did=did, at=at)


def _who(by: str, viewer: Viewer) -> Who:
    if by in (viewer.by, viewer.contact.user_id):
        return Who.YOU
    if by in viewer.own or by == f"resident:{viewer.resident.resident_id}":
        return Who.RESIDENT
    return Who.FAMILY if by in viewer.relatives else Who.STAFF


def _standing(
    viewer: Viewer, current: Sequence[Happening], past: Sequence[Happening], now: datetime
) -> tuple[Standing, datetime | None]:
    if current and all(one.is_question for one in current):
        return Standing.ASKED, None
    if current:
        helped = all(any(one.did in (Did.TOOK, Did.THERE, Did.COMING) for one in each.help) for each in current)
        return Standing.HELPED if helped else Standing.UNDER_WAY, min(one.began_at for one in current)
    last = max((one.ended_at for one in past if one.ended_at is not None), default=None)
    if last is not None and last > now - JUST_OVER:
        return Standing.OVER, last
    of_kinds = viewer.shares & _OF_KINDS
    if not of_kinds:
        return Standing.PRIVATE, None
    return Standing.WELL if of_kinds == _OF_KINDS else Standing.QUIET, None


def _check(viewer: Viewer, check_ins: Sequence[CheckIn]) -> Check:
    own = [one for one in check_ins if one.resident_id == viewer.resident.resident_id]
    asked = max((one for one in own if one.word is CheckInWord.ASKED), key=lambda one: one.at, default=None)
    fine = max((one for one in own if one.word is CheckInWord.FINE), key=lambda one: one.at, default=None)
    return Check(
        asked_at=asked.at if asked is not None else None,
        asked_by=_who(f"contact:{asked.contact_id}", viewer) if asked is not None else None,
        fine_at=fine.at if fine is not None else None,
        fine_by=_who(f"contact:{fine.contact_id}", viewer) if fine is not None else None,
    )
