"""Exercises: an onset as the real one would be, marked as a drill; it ends as a test, at the latest by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType
from alarms.engine.commands import Command
from alarms.engine.identity import DETECT, identify
from alarms.engine.intake import subject_of
from alarms.engine.presence import Change
from alarms.errors import DrillError
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm, AlarmKind, Disposition, Flag
from alarms.lifecycle.events import Onset, Resolve
from alarms.lifecycle.step import SYSTEM
from ingest.registry.model import Registry

LONGEST = timedelta(minutes=30)
_OVER = "演练超过30分钟,自动结束。The drill ended by itself after 30 minutes."


def drill_kinds(profiles: Profiles, registry: Registry, device_id: str) -> list[AlarmKind]:
    """The kinds that may be exercised at a device, or (empty) in a room."""
    rules = _calling(_rules_at(profiles, registry, device_id))
    known = {rule.kind for rule in (rules if device_id else [*rules, *_calling(profiles.rules)])}
    return [kind for kind in AlarmKind if kind in known]


class Drills:
    """Decides by one registry; which drills run stands in the journal."""

    def __init__(self, journal: Journal, profiles: Profiles, registry: Registry) -> None:
        self._journal = journal
        self._profiles = profiles
        self._registry = registry

    def onset(self, site_id: str, command: Command, now: datetime) -> Onset:
        """What the real thing would raise at that place, marked.

        Raises
        ------
        DrillError
            Wrong words, no such place at the site, or no such alarm at that place.
        """
        if bool(command.device_id) == bool(command.room_id):
            raise DrillError("say either device_id or room_id")
        about = command.device_id or f"room:{command.room_id}"
        rule = self._rule(command)
        identity, flags = identify(self._registry, DETECT, about)
        if flags or identity.site_id != site_id:
            raise DrillError(f"the site {site_id} has no {command.device_id or command.room_id}")
        if identity.gateway_id == DETECT:
            identity = replace(identity, gateway_id="")
        return Onset(
            rule=rule.rule,
            subject=subject_of(about, rule, identity.room_id),
            kind=rule.kind,
            priority=rule.priority,
            latching=rule.latching,
            momentary=rule.momentary,
            identity=identity,
            record=f"drill/{command.id}",
            raised_at=now,
            received_at=now,
            flags=(Flag.DRILL,),
            evidence=_evidence(rule, command),
        )

    def began(self, alarm: Alarm, now: datetime) -> None:
        """It runs: see to its end."""
        self._journal.begin_drill(alarm.alarm_id, now + LONGEST)

    def due(self, now: datetime) -> list[Change]:
        """Drills that nobody has ended in time."""
        changes = []
        for alarm_id in self._journal.drills_over(now):
            self._journal.end_drill(alarm_id)
            alarm = self._journal.alarm(alarm_id)
            if alarm is not None and alarm.is_open:
                end = Resolve(by=SYSTEM, disposition=Disposition.TEST, note=_OVER)
                changes.append(Change(alarm_id=alarm_id, event=end, by=SYSTEM))
        return changes

    def _rule(self, command: Command) -> Rule:
        """The rule of the device, or of any device, that calls a person for this kind."""
        rules = _rules_at(self._profiles, self._registry, command.device_id)
        fitting = [rule for rule in _calling(rules) if rule.kind == command.kind]
        if not fitting and not command.device_id:
            fitting = [rule for rule in _calling(self._profiles.rules) if rule.kind == command.kind]
        if not fitting:
            known = ", ".join(sorted({rule.kind for rule in _calling(rules)}))
            raise DrillError(f"there is no alarm of the kind {command.kind!r} at that place; there are {known}")
        return min(fitting, key=lambda rule: (rule.type is not RuleType.DIRECT, rule.priority.rank))


def _rules_at(profiles: Profiles, registry: Registry, device_id: str) -> list[Rule]:
    """The rules of a device; in a room those of any device."""
    device = registry.device.get(device_id)
    profile = profiles.profile(device.profile) if device is not None else None
    return list(profile.rules if profile is not None else profiles.every)


def _calling(rules: Iterable[Rule]) -> list[Rule]:
    """Those that a person is called for: a test presses nobody."""
    return [r for r in rules if r.clears is None and not r.presence and r.kind is not AlarmKind.TEST]


def _evidence(rule: Rule, command: Command) -> dict[str, Any]:  # Any: a JSON object
    evidence: dict[str, Any] = {"signal": rule.signal, "drill": {"by": command.by}}  # Any: a JSON object
    return evidence | ({"text": command.note} if command.note else {})
