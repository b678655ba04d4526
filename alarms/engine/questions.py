"""Questions whether a resident is fine, over the journal: who may answer them, and what the answer does."""

from __future__ import annotations

from collections.abc import Iterator

from alarms.engine.intake import Cancelled
from alarms.engine.presence import Change, at_origin
from alarms.journal.journal import Journal
from alarms.lifecycle import inactivity
from alarms.lifecycle.alarm import Alarm, Disposition, Flag
from alarms.lifecycle.events import Resolve
from alarms.lifecycle.step import SYSTEM
from ingest.registry.family_model import CheckInWord
from ingest.registry.model import Registry, Resident


class Questions:
    """Decides by one registry."""

    def __init__(self, journal: Journal, registry: Registry) -> None:
        self._journal = journal
        self._registry = registry

    def answered(self) -> Iterator[Change]:
        """Somebody who knows has said that all is well after it was asked, or all whom it is about are away now."""
        for alarm in self._open():
            yield from self.answer_to(alarm)

    def answer_to(self, alarm: Alarm) -> Iterator[Change]:
        """The answer to this one, if it is a question and the registry has it: who may be asked knows already."""
        by = self._who_answers(alarm) if alarm.is_open and alarm.is_question else None
        if by is not None:
            yield Change(alarm_id=alarm.alarm_id, event=Resolve(by=by, disposition=Disposition.NO_NEED), by=by)

    def cancelled(self, cancel: Cancelled) -> Iterator[Change]:
        """The resident has pressed the key that takes a call back, on a device of their own."""
        device = self._registry.device.get(cancel.identity.device_id)
        resident_id = device.resident_id if device is not None else None
        if resident_id is None or Flag.BAD_CLOCK in cancel.flags:
            return
        by = f"resident:{resident_id}"
        for alarm in self._open():
            if resident_id in alarm.identity.people and cancel.at >= alarm.raised_at:
                yield Change(alarm_id=alarm.alarm_id, event=at_origin(alarm, by, Disposition.NO_NEED), by=by)

    def _who_answers(self, alarm: Alarm) -> str | None:
        """Who has said that all is well; of who is away the registry's own history says who set it."""
        about = alarm.identity.people
        for said in self._registry.check_ins:
            if said.word is CheckInWord.FINE and said.resident_id in about and said.at >= alarm.raised_at:
                return f"contact:{said.contact_id}"
        known = [self._registry.resident[one] for one in about if one in self._registry.resident]
        return SYSTEM if known and all(_is_away(one, alarm) for one in known) else None

    def _open(self) -> list[Alarm]:
        return [one for one in self._journal.open_alarms() if one.is_question]


def _is_away(resident: Resident, alarm: Alarm) -> bool:
    """Away, and not asked about because there was life again after that was said."""
    back_at = inactivity.back_since(alarm.evidence)
    return resident.away and (back_at is None or (resident.away_at is not None and resident.away_at > back_at))
