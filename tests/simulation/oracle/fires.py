"""A fire alarm waits only where it may, no longer than it may, and never while something else burns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag, Priority
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

_LONGEST_S = {"kitchen": 60, "bathroom": 60, "corridor": 30}
_NIGHT = (22, 7)
_TOLERANCE = timedelta(seconds=1)


class Fires(Rule):
    """Knows the waits of the shipped profiles by heart. That a wait ends in time is for ``Deadlines``."""

    promise = "a fire alarm waits no longer than it may"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self.pre_alarms = 0
        self._waiting: dict[str, Alarm] = {}
        self._sounding: set[str] = set()

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        alarm = entry.state
        if alarm is None or alarm.kind is not AlarmKind.FIRE:
            return
        if entry.event == "Raised" and alarm.is_pre_alarm:
            self._begins(alarm)
        elif alarm.is_pre_alarm and before is not None and not before.is_pre_alarm:
            self.fail(f"{alarm.subject} sounded and waits again after {entry.event}")
        elif before is not None and before.is_pre_alarm and not alarm.is_pre_alarm:
            self._verified(entry, alarm, before)
        is_apart = alarm.suppressed is not None or {Flag.TEST, Flag.DRILL} & set(alarm.flags)
        if alarm.is_open and alarm.condition == "active" and not alarm.is_pre_alarm and not is_apart:
            self._sounding.add(alarm.alarm_id)
        else:
            self._sounding.discard(alarm.alarm_id)
        if alarm.verify_until is not None:
            self._waiting[alarm.alarm_id] = alarm
        else:
            self._waiting.pop(alarm.alarm_id, None)

    def committed(self, entries: Sequence[Entry]) -> None:
        """Two detectors of one floor never wait beside each other, nor any beside a fire that sounds."""
        if self._waiting and self._sounding:
            self.fail(f"{next(iter(self._waiting.values())).subject} waits while it burns")
        floors: dict[str, str] = {}
        for alarm in self._waiting.values():
            device = alarm.identity.device_id
            if floors.setdefault(alarm.identity.zone_name, device) != device:
                self.fail(f"{floors[alarm.identity.zone_name]} and {device} of one floor wait for each other")

    def _begins(self, alarm: Alarm) -> None:
        self.pre_alarms += 1
        registry = self.oracle.subject.registry
        room = registry.room[alarm.identity.room_id or ""]
        local = alarm.raised_at.astimezone(ZoneInfo(registry.site[alarm.identity.site_id].timezone))
        longest_s = _LONGEST_S.get(room.use or "", 0)
        is_night = local.hour >= _NIGHT[0] or local.hour < _NIGHT[1]
        if alarm.verify_until is None or alarm.verify_until > alarm.raised_at + timedelta(seconds=longest_s):
            self.fail(f"{alarm.subject} waits until {alarm.verify_until} in a {room.use}")
        if is_night or alarm.priority is not Priority.HIGH or {Flag.TEST, Flag.DRILL} & set(alarm.flags):
            self.fail(f"{alarm.subject} waits at {local:%H:%M} as {alarm.priority} with {alarm.flags}")

    def _verified(self, entry: Entry, alarm: Alarm, before: Alarm) -> None:
        if alarm.priority is not Priority.EMERGENCY:
            self.fail(f"{alarm.subject} waits no more and is {alarm.priority}")
        borne_out = alarm.evidence.get("confirmed_by", ())
        if not borne_out:
            self.fail(f"{alarm.subject} waits no more after {entry.event} and nothing says why")
        due_at = before.verify_until
        if borne_out[-1]["what"] == "time" and due_at is not None and entry.at_s < (due_at - _TOLERANCE).timestamp():
            self.fail(f"{alarm.subject} sounds before its time and nothing bore it out")
