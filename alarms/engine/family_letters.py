"""Letters to relatives: the news of each day at the hour they wish, and check-ins. Each is written once, for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta

import msgspec

from alarms.core.routine.note import Note
from alarms.core.routine.words import note_words
from alarms.core.since_words import since_words
from alarms.engine.engine import Engine
from alarms.engine.families import Relative
from alarms.engine.family_view import Check, Facts, FamilyView, family_view
from alarms.engine.outbox import Outbox
from alarms.journal.journal import Journal
from alarms.journal.records import Send
from alarms.lifecycle.alarm import Priority
from alarms.lifecycle.effects import Reason
from alarms.lifecycle.wall_clock import first_shown
from alarms.notify import family_text
from alarms.notify.family_text import Text
from alarms.notify.message import Language, Notice
from ingest.registry.family_model import CheckIn, CheckInWord, Share
from ingest.registry.homes import home_of
from ingest.registry.model import Registry, Resident
from ingest.registry.sharing import SHARE_OF_KIND

_DAY = timedelta(hours=24)
_STALE = timedelta(hours=3)
"""A digest or a check-in that is older is no news any more: the program was away."""

BegunNotes = Callable[[str, datetime], Sequence[Note]]
"""The notes about a resident's routine that have begun since then."""

_ALL_KINDS = frozenset(SHARE_OF_KIND.values())
_ENCODE = msgspec.json.Encoder().encode


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal keeps of a letter until its provider has it."""

    site_id: str
    kind: str
    text: Text
    at: datetime
    page: str


def letter_notice(letter: Letter, send: Send, receipt_url: str, language: Language) -> Notice:
    """A letter as the message of its send."""
    return Notice(
        key=send.send_key,
        collapse_key=f"{send.alarm_id}/{send.target}/{send.channel}",
        alarm_id=send.alarm_id,
        kind=letter.kind,
        priority=Priority.MEDIUM,
        **asdict(letter.text),
        raised_at=letter.at,
        reason=send.reason,
        language=language,
        receipt_url=receipt_url,
        page=letter.page,
    )


_LETTER = msgspec.json.Decoder(Letter)


class FamilyLetters:
    """Writes what is due by the engine's registry; what was written stands in the journal.

    ``notes`` must answer from memory.
    """

    def __init__(self, journal: Journal, engine: Engine, notes: BegunNotes = lambda *_: ()) -> None:
        self._journal = journal
        self._engine = engine
        self._notes = notes
        self._known: Registry | None = None
        self._returned: list[tuple[Resident, Relative]] = []

    def due(self, now: datetime, out: Outbox) -> None:
        """Everything that is to be written now; to be called in every turn."""
        registry = self._engine.registry
        if registry is not self._known and registry.version:
            self._known = registry
            self._plan(now)
            for check_in in registry.check_ins:
                if now - _STALE < check_in.at:
                    self._tell_check_in(check_in, now, out)
            back = [one for one in registry.residents if one.back_at is not None]
            self._returned = [(one, relative) for one in back for relative in self._taking_part(one.resident_id)]
        self._tell_returned(now, out)
        for target, wish, due_at in self._journal.digests_due(now):
            self._digest(target, wish, due_at, now, out)

    def letter(self, send: Send) -> Letter | None:
        """What a send says that no alarm is behind."""
        body = self._journal.letter(send.alarm_id)
        return None if body is None else _LETTER.decode(body)

    def _plan(self, now: datetime) -> None:
        """Keep what is planned already; plan what is new or wished at another time, drop the rest."""
        planned = self._journal.digests()
        wished = {one.target: _wish(one) for one in self._engine.people.families if one.wish.digest_at is not None}
        for target in planned.keys() - wished.keys():
            self._journal.drop_digest(target)
        for target, wish in wished.items():
            relative = self._engine.people.families.of(target)
            if planned.get(target) != wish and relative is not None:
                self._journal.plan_digest(target, wish, _next(relative, now))

    def _digest(self, target: str, wish: str, due_at: datetime, now: datetime, out: Outbox) -> None:
        relative = self._engine.people.families.of(target)
        if relative is None or _wish(relative) != wish:
            self._journal.drop_digest(target)
            return
        self._journal.plan_digest(target, wish, _next(relative, now))
        registry, resident_id = self._engine.registry, relative.viewer.resident.resident_id
        facts = Facts(
            alarms=self._journal.alarms_of(resident_id, home_of(registry, relative.viewer.resident)),
            check_ins=registry.check_ins,
            notes=self._notes(resident_id, now - _DAY),
        )
        view = family_view(relative.viewer, facts, now)
        if now - due_at < _STALE and view.shares & {*_ALL_KINDS, Share.ENDINGS, Share.CHECK_IN}:
            day = due_at.astimezone(relative.zone).date()
            self._write(f"digest/{_plain(target)}/{day}", Reason.DIGEST, relative, _news(view, now), now, out)

    def _tell_check_in(self, check_in: CheckIn, now: datetime, out: Outbox) -> None:
        for relative in self._taking_part(check_in.resident_id):
            if relative.viewer.contact.contact_id == check_in.contact_id:
                continue  # who spoke
            name = relative.viewer.resident.name
            if check_in.word is CheckInWord.FINE:
                text = family_text.fine(name)
            else:
                text = family_text.asked(name, is_resident=relative.viewer.contact.is_resident)
            letter_id = f"check-in/{check_in.check_in_id}/{_plain(relative.target)}"
            self._write(letter_id, Reason.CHECK_IN, relative, text, now, out)

    def _tell_returned(self, now: datetime, out: Outbox) -> None:
        """Signs of life have ended "away": whoever may set it again hears of it, when their quiet hours are over."""
        waiting = []
        for resident, relative in self._returned:
            if relative.is_quiet(now):
                waiting.append((resident, relative))
            else:
                self._tell_back(resident, relative, now, out)
        self._returned = waiting

    def _tell_back(self, resident: Resident, relative: Relative, now: datetime, out: Outbox) -> None:
        back_at = resident.back_at
        if back_at is None or back_at <= now - _DAY:
            return
        words = since_words(back_at.astimezone(relative.zone), now.astimezone(relative.zone))
        letter_id = f"back/{resident.resident_id}/{back_at.timestamp():.0f}/{_plain(relative.target)}"
        self._write(letter_id, Reason.CHECK_IN, relative, family_text.back(resident.name, words), now, out)

    def _taking_part(self, resident_id: str) -> Iterator[Relative]:
        """The resident's relatives who take part in check-ins."""
        for relative in self._engine.people.families.about(resident_id):
            if Share.CHECK_IN in relative.viewer.shares:
                yield relative

    def _write(
        self, letter_id: str, reason: Reason, relative: Relative, text: Text, now: datetime, out: Outbox
    ) -> None:
        site_id, page = relative.viewer.resident.site_id, f"/family/{relative.viewer.contact.contact_id}"
        letter = Letter(site_id=site_id, kind=reason, text=text, at=now, page=page)
        if not self._journal.add_letter(letter_id, now, _ENCODE(letter)):
            return
        person = self._engine.people.for_news(relative.target)
        if relative.is_quiet(now) or not person.reaches:
            why = Reason.NO_TARGET if not person.reaches else Reason.QUIET_HOURS
            detail = {"reason": why, "step": 0, "target": relative.target}
            self._journal.log_send(letter_id, now.timestamp(), "not_sent", detail)
            return
        reach = person.reaches[0]
        send = Send(
            send_key=f"{letter_id}/{relative.target}/{reach.channel}",
            alarm_id=letter_id,
            step=0,
            round=0,
            target=relative.target,
            channel=reach.channel,
            address=reach.address,
            reason=reason,
            urgent=False,
            due_s=now.timestamp(),
        )
        if self._journal.add_send(send):
            self._journal.log_send(letter_id, now.timestamp(), "due", msgspec.to_builtins(send))
            out.sends.append(send)


def _wish(relative: Relative) -> str:
    return f"{relative.wish.digest_at}|{relative.zone.key}"


def _next(relative: Relative, now: datetime) -> datetime:
    """The first moment after ``now`` at which the clock at the resident's place shows the wished time."""
    at = relative.wish.digest_at or time()
    day = now.astimezone(relative.zone).date()
    moments = (first_shown(relative.zone, datetime.combine(day + timedelta(days=n), at)) for n in range(3))
    return next(moment for moment in moments if moment > now)


def _news(view: FamilyView, now: datetime) -> Text:
    lately = [one for one in view.past if one.ended_at is not None and one.ended_at > now - _DAY]
    return family_text.digest(
        view.name,
        ended=len(lately),
        under_way=len(view.now),
        knows_all=view.shares >= _ALL_KINDS,
        check=_check(view.check, now),
        notes=[note_words(note) for note in view.notes],
    )


def _check(check: Check | None, now: datetime) -> tuple[str, str]:
    if check is None:
        return family_text.CHECK_NONE
    if check.is_open:
        return family_text.CHECK_OPEN
    is_today = check.fine_at is not None and check.fine_at > now - _DAY
    return family_text.CHECK_FINE if is_today else family_text.CHECK_NONE


def _plain(target: str) -> str:
    """A target as a part of a letter's id, whose parts ``/`` divides."""
    return target.replace("/", "_")
