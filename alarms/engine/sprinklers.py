"""Sprinklers over the journal: what follows for a flow, a fire or a valve from the others that stand at its site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alarms.core.profiles import Profiles
from alarms.engine.presence import Change
from alarms.journal.journal import Journal
from alarms.lifecycle import sprinkler
from alarms.lifecycle.alarm import Alarm, AlarmKind, Disposition
from alarms.lifecycle.events import Because, Cleared, Onset, Resolve
from alarms.lifecycle.rooms import Rooms
from alarms.lifecycle.step import SYSTEM

_AROUND = (*sprinkler.FLOW, sprinkler.PUMP)


class Sprinklers:
    """Everything known stands in the journal: whichever came first, and whatever was restarted in between."""

    def __init__(self, journal: Journal, profiles: Profiles, rooms: Rooms) -> None:
        self._journal = journal
        self._rooms = rooms
        self._fire_rules = tuple(rule.rule for rule in profiles.rules if rule.kind is AlarmKind.FIRE)

    def told(self, onset: Onset) -> Onset:
        """An onset with what it means, where it is a flow."""
        if not sprinkler.is_flow(onset):
            return onset
        around = self._open(onset.identity.site_id, (*self._fire_rules, sprinkler.PUMP))
        return sprinkler.told(onset, around, self._rooms)

    def changes(self, alarm: Alarm, now: datetime) -> Iterator[Change]:
        """What an alarm that was raised, changed or ended means for others and itself."""
        site_id = alarm.identity.site_id
        if alarm.is_open and (alarm.kind is AlarmKind.FIRE or alarm.rule in _AROUND):
            yield from self._confirmed(alarm)
        if alarm.is_open and alarm.rule == sprinkler.FLOW_LASTS:
            for held in self._journal.open_for(sprinkler.FLOW_BEGINS, alarm.subject):
                yield Change(alarm_id=held.alarm_id, event=Cleared(at=now), by=SYSTEM)
        if sprinkler.is_test_over(alarm):
            assert alarm.suppressed is not None  # announced: that makes it a test
            event = Resolve(by=SYSTEM, disposition=Disposition.TEST, note=alarm.suppressed.reason)
            yield Change(alarm_id=alarm.alarm_id, event=event, by=SYSTEM)
        if alarm.kind is AlarmKind.FIRE or alarm.rule == sprinkler.VALVE:
            yield from self._no_more_shouts(site_id, now)

    def onsets(self, alarm: Alarm, now: datetime) -> Iterator[Onset]:
        """The shouts about shut valves that an alarm gives reason for."""
        site_id = alarm.identity.site_id
        if not alarm.is_open or not (sprinkler.is_fire(alarm) or alarm.rule == sprinkler.VALVE):
            return
        valves = self._open(site_id, (sprinkler.VALVE,))
        fires = self._fires(site_id) if valves else []
        known = {shout.subject for shout in self._open(site_id, (sprinkler.VALVE_IN_FIRE,))} if fires else set()
        for valve in valves:
            onset = sprinkler.valve_onset(valve, fires, now)
            if onset is not None and valve.subject not in known:
                yield onset

    def _confirmed(self, alarm: Alarm) -> Iterator[Change]:
        """What pump and fires add to a flow."""
        around = self._open(alarm.identity.site_id, _AROUND)
        if alarm.kind is AlarmKind.FIRE:
            near = [*around, alarm]
        elif alarm.rule == sprinkler.PUMP or (alarm.version > 1 and sprinkler.is_confirmed(alarm)):
            near = around
        else:
            near = [*around, *self._open(alarm.identity.site_id, self._fire_rules)]
        for one in around:
            event = sprinkler.confirmation(one, near, self._rooms)
            if event is not None:
                yield Change(alarm_id=one.alarm_id, event=event, by=SYSTEM)

    def _no_more_shouts(self, site_id: str, now: datetime) -> Iterator[Change]:
        """The ends of shouts whose valve is open again, or whose fires are over."""
        shouts = self._open(site_id, (sprinkler.VALVE_IN_FIRE,))
        if not shouts:
            return
        shut = {valve.subject for valve in self._open(site_id, (sprinkler.VALVE,))}
        burns = bool(self._fires(site_id))
        for shout in shouts:
            because = Because.FIRE_OVER if shout.subject in shut else None
            if because is None or not burns:
                yield Change(alarm_id=shout.alarm_id, event=Cleared(at=now, because=because), by=SYSTEM)

    def _fires(self, site_id: str) -> list[Alarm]:
        return [alarm for alarm in self._open(site_id, self._fire_rules) if sprinkler.is_fire(alarm)]

    def _open(self, site_id: str, rules: tuple[str, ...]) -> list[Alarm]:
        return self._journal.open_at(site_id, rules)
