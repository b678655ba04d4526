"""Questions whether a resident is fine, over the journal: who may answer them, and what the answer does."""

from __future__ import annotations

from collections.abc import Iterator

from alarms.engine.intake import Cancelled
from alarms.engine.presence import Change, at_origin
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm, Disposition, Flag
from alarms.lifecycle.events import Resolve
from alarms.lifecycle.step import SYSTEM
from ingest.registry.family_model import CheckInWord
from ingest.registry.model import Registry


class Questions:
    """Decides by one registry."""

    def __init__(self, journal: Journal, registry: Registry) -> None:
        self._journal = journal
        self._registry = registry

    def answered(self) -> Iterator[Change]:
        """Somebody who knows has said that all is well after it was asked, or the resident is away now."""
        for alarm_id, by in (self._of_away() | self._of_check_ins()).items():
            yield Change(alarm_id=alarm_id, event=Resolve(by=by, disposition=Disposition.NO_NEED), by=by)

    def cancelled(self, cancel: Cancelled) -> Iterator[Change]:
        """The resident has pressed the key that takes a call back, on a device of their own."""
        device = self._registry.device.get(cancel.identity.device_id)
        resident_id = device.resident_id if device is not None else None
        if resident_id is None or Flag.BAD_CLOCK in cancel.flags:
            return
        by = f"resident:{resident_id}"
        for alarm in self._of(resident_id):
            if cancel.at >= alarm.raised_at:
                yield Change(alarm_id=alarm.alarm_id, event=at_origin(alarm, by, Disposition.NO_NEED), by=by)

    def _of_check_ins(self) -> dict[str, str]:
        """The questions that check-ins answer, each with who spoke."""
        fine = (said for said in self._registry.check_ins if said.word is CheckInWord.FINE)
        return {
            alarm.alarm_id: f"contact:{said.contact_id}"
            for said in fine
            for alarm in self._of(said.resident_id)
            if said.at >= alarm.raised_at
        }

    def _of_away(self) -> dict[str, str]:
        """The questions about who is away; the registry's own history says who set it."""
        away = (resident.resident_id for resident in self._registry.residents if resident.away)
        return {alarm.alarm_id: SYSTEM for resident_id in away for alarm in self._of(resident_id)}

    def _of(self, resident_id: str) -> list[Alarm]:
        return [one for one in self._journal.alarms_of(resident_id) if one.is_open and one.is_question]
