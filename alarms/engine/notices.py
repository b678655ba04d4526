"""What each send says: an alarm, that one is over, or a letter that no alarm is behind."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime

from alarms.engine.answers import Links, ticket_of
from alarms.engine.families import Families
from alarms.engine.family_letters import FamilyLetters, letter_notice
from alarms.engine.family_view import Facts, Happening, family_view
from alarms.engine.sends import OVER, language_of, mark_of_step
from alarms.journal.records import Send
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
        return _all_clear(told, send, alarm, families) if mark_of_step(send) == OVER else told


def _all_clear(told: Notice, send: Send, alarm: Alarm, families: Families) -> Notice:
    """That it is over, with no more of it than is shared; there is nothing to answer."""
    at = datetime.fromtimestamp(send.due_s, UTC)
    relative = families.of(send.target)
    shown = family_view(relative.viewer, Facts(alarms=(alarm,)), at).past if relative is not None else ()
    (end,) = shown or (Happening(began_at=alarm.raised_at),)
    text = family_text.all_clear(alarm.identity.resident_name, end.kind, end.place)
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
