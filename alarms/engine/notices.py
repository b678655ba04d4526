"""What each send says: an alarm, that one is over, or a letter that no alarm is behind."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime

from alarms.core.since_words import since_words
from alarms.engine.answers import Links, ticket_of
from alarms.engine.families import Families
from alarms.engine.family_letters import FamilyLetters, letter_notice
from alarms.engine.family_view import Facts, Happening, family_view
from alarms.engine.sends import OVER, language_of, mark_of_step
from alarms.journal.records import Send
from alarms.lifecycle import inactivity
from alarms.lifecycle.alarm import Alarm, Priority
from alarms.lifecycle.effects import Reason
from alarms.notify import family_text
from alarms.notify.message import Notice, notice
from ingest.registry.model import Registry

_PAGE = "/family"


class Notices:
    """Words for the sends of the journal."""

    def __init__(self, letters: FamilyLetters, links: Links) -> None:
        self._letters = letters
        self._links = links

    def of(self, send: Send, alarm: Alarm | None, registry: Registry, families: Families) -> Notice | None:
        """The message; None where nothing is known of what it is about."""
        language = language_of(registry, send)
        if alarm is None:
            letter = self._letters.letter(send)
            if letter is None:
                return None
            receipt_url = self._links.receipt_url(ticket_of(send, letter.site_id))
            return letter_notice(letter, send, receipt_url, language)
        ticket = ticket_of(send, alarm.identity.site_id)
        told = notice(
            alarm,
            send.send_key,
            send.step,
            send.target,
            send.channel,
            send.reason,
            answer_url=self._links.answer_url(ticket),
            receipt_url=self._links.receipt_url(ticket),
            language=language,
        )
        if mark_of_step(send) == OVER:
            return _all_clear(told, send, alarm, families)
        return _question(told, send, alarm, families) if alarm.is_question else told


def _question(told: Notice, send: Send, alarm: Alarm, families: Families) -> Notice:
    """A question as who can answer it on a page of their own is asked it; others get the alarm's words."""
    relative = families.of(send.target)
    if relative is None:
        return told
    since, at = inactivity.silent_since(alarm.evidence), datetime.fromtimestamp(send.due_s, relative.zone)
    words = since_words(since.astimezone(relative.zone), at) if since is not None else None
    contact = relative.viewer.contact
    name, of_home = relative.viewer.resident.name, bool(alarm.identity.resident_ids)
    text = family_text.question(name, words, is_resident=contact.is_resident, of_home=of_home)
    return replace(told, **asdict(text), room="", answer_url="", page=f"{_PAGE}/{contact.contact_id}")


def _all_clear(told: Notice, send: Send, alarm: Alarm, families: Families) -> Notice:
    """That it is over, with no more of it than is shared; there is nothing to answer."""
    at = datetime.fromtimestamp(send.due_s, UTC)
    relative = families.of(send.target)
    shown = family_view(relative.viewer, Facts(alarms=(alarm,)), at).past if relative is not None else ()
    (end,) = shown or (Happening(began_at=alarm.raised_at),)
    name = relative.viewer.resident.name if relative is not None else alarm.identity.resident_name
    is_answer = alarm.is_question and end.kind is not None
    text = family_text.answered(name) if is_answer else family_text.all_clear(name, end.kind, end.place)
    return replace(
        told,
        **asdict(text),
        collapse_key=f"{alarm.alarm_id}/over/{send.target}/{send.channel}",
        kind=Reason.ALL_CLEAR,
        priority=Priority.MEDIUM,
        room=end.place,
        answer_url="",
        page=_PAGE,
    )
