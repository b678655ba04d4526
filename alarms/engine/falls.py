"""Falls over the journal: which open fall a word is about, recoveries, and the wearer's own cancel."""

from __future__ import annotations

from datetime import datetime, timedelta

from alarms.engine.intake import Cancelled, GotUp
from alarms.engine.presence import Change, at_origin
from alarms.journal.journal import Journal
from alarms.lifecycle import fall
from alarms.lifecycle.alarm import Alarm, AlarmKind, Disposition, Flag
from alarms.lifecycle.events import Confirmed, Onset, Recovered, Recurred
from alarms.lifecycle.step import SYSTEM
from ingest.log import Log
from ingest.registry.model import Registry


class Falls:
    """Decides by one registry; ``window_s`` is how long words without an impact, two sources and a cancel are of one
    fall."""

    def __init__(self, journal: Journal, registry: Registry, window_s: float) -> None:
        self._journal = journal
        self._registry = registry
        self._window = timedelta(seconds=window_s)
        self._log = Log("alarms")

    def standing(self, onset: Onset) -> Alarm | None:
        """The open fall that an onset is about: its own source's, else another source's."""
        falls = self._open(onset.identity.site_id)
        own = [alarm for alarm in falls if fall.is_source(alarm, onset)]
        others = [alarm for alarm in falls if fall.is_told_by_another(alarm, onset, self._window)]
        return max(own or others, key=lambda alarm: alarm.last_at, default=None)

    def event_of(self, alarm: Alarm, onset: Onset) -> Recurred | Confirmed | None:
        """What an onset is to the open fall that it is about."""
        event = fall.event_of(alarm, onset, self._window)
        if event is None:
            self._log.info("fall.known", alarm_id=alarm.alarm_id, device_id=onset.identity.device_id)
        return event

    def got_up(self, word: GotUp, now: datetime) -> list[Change]:
        """Whoever was believed to have fallen has got up: what this changes."""
        device_id = word.identity.device_id
        in_test = self._journal.in_test(device_id, now)
        return [
            Change(alarm_id=alarm.alarm_id, event=Recovered(at=word.at, evidence=word.evidence), by=SYSTEM)
            for alarm in self._open(word.identity.site_id)
            if fall.is_recovery(alarm, device_id, word.evidence, word.at, self._window)
            and (not in_test or Flag.TEST in alarm.flags)
        ]

    def cancelled(self, cancel: Cancelled, now: datetime) -> list[Change]:
        """The wearer's own button within the window after a fall says that there is no need."""
        if Flag.BAD_CLOCK in cancel.flags:
            return []
        in_test = self._journal.in_test(cancel.identity.device_id, now)
        device = self._registry.device.get(cancel.identity.device_id)
        wearer = device.resident_id if device is not None else None
        by = f"resident:{wearer}" if wearer is not None else f"device:{cancel.identity.device_id}"
        return [
            Change(alarm_id=alarm.alarm_id, event=at_origin(alarm, by, Disposition.NO_NEED), by=by)
            for alarm in self._open(cancel.identity.site_id)
            if (
                alarm.identity.device_id == cancel.identity.device_id
                or (wearer is not None and alarm.identity.resident_id == wearer)
            )
            and timedelta() <= cancel.at - alarm.last_at <= self._window
            and Flag.DRILL not in alarm.flags
            and (not in_test or Flag.TEST in alarm.flags)
        ]

    def _open(self, site_id: str) -> list[Alarm]:
        return [
            alarm
            for alarm in self._journal.open_alarms()
            if alarm.kind is AlarmKind.FALL and alarm.identity.site_id == site_id
        ]
