"""Fire alarms over the journal: which ones wait for their verification, and what bears them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from alarms.core.profiles import Profiles
from alarms.core.thresholds import parameters_of
from alarms.engine.presence import Change
from alarms.journal.journal import Journal
from alarms.lifecycle import sprinkler, verification
from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag, Priority
from alarms.lifecycle.events import Confirmed, Onset
from alarms.lifecycle.incident import Family
from alarms.lifecycle.rooms import Rooms
from alarms.lifecycle.step import SYSTEM
from alarms.lifecycle.verification import FireStage, Sign
from ingest.registry.model import Registry
from ingest.registry.thresholds import thresholds_of

_NEAR = 4
"""Of a fire's newest members so many are asked for a second trigger, beside all that have none yet."""

_DOUBTFUL = (Flag.LATE, Flag.BAD_CLOCK, Flag.UNREGISTERED, Flag.UNREADABLE)


class Fires:
    """Decides by one registry; everything known stands in the journal."""

    def __init__(self, journal: Journal, profiles: Profiles, registry: Registry, rooms: Rooms) -> None:
        self._journal = journal
        self._rule = profiles.rule(verification.RULE)
        self._registry = registry
        self._rooms = rooms

    def waiting(self, onset: Onset, now: datetime) -> Onset:
        """The onset as the pre-alarm that it is, or unchanged: then it sounds now."""
        if not onset.verify or verification.is_apart(onset):
            return onset
        sign = self._sign(onset)
        standing = self._standing(onset.identity.site_id) if sign.wait_s > 0 else ()
        until_s = verification.waits_until(sign, standing, now.timestamp(), self._rooms)
        if until_s is None:
            return onset
        return replace(
            onset,
            priority=Priority.HIGH,
            flags=(*onset.flags, Flag.PRE_ALARM),
            evidence={**onset.evidence, "stage": FireStage.PRE_ALARM},
            verify_until=datetime.fromtimestamp(until_s, UTC),
        )

    def borne_out(self, onset: Onset, now: datetime) -> Iterator[Change]:
        """The pre-alarms of the site whose wait ``onset`` ends, and the fires that it confirms as a second trigger."""
        if not verification.speaks_of_fire(onset.kind, onset.priority) or verification.is_apart(onset):
            return
        other = self._sign(onset)
        if other.wait_s > 0:
            other = replace(other, until_s=verification.waits_until(other, (), now.timestamp(), self._rooms))
        for alarm in self._journal.pre_alarms(onset.identity.site_id):
            sign = self._sign(alarm)
            if verification.ends_wait(other, sign, self._rooms):
                independent = self._is_independent(other, sign)
                yield _confirmed(alarm, verification.trigger(onset, independent=independent), now)
        if Flag.UNREGISTERED in onset.flags:
            return
        for alarm in self._journal.lone_fires(onset.identity.site_id):
            if self._is_independent(other, self._sign(alarm)):
                yield _confirmed(alarm, verification.trigger(onset, independent=True), now)

    def confirmed(self, onset: Onset, now: datetime) -> Onset:
        """A fire that begins beside another trigger near by is confirmed from its beginning."""
        is_fire = onset.kind is AlarmKind.FIRE and onset.priority is Priority.EMERGENCY
        if not is_fire or verification.is_apart(onset) or Flag.UNREGISTERED in onset.flags:
            return onset
        sign, site_id = self._sign(onset), onset.identity.site_id
        newest = self._journal.near(site_id, Family.FIRE, now, _NEAR)
        flows = self._journal.open_at(site_id, sprinkler.FLOW)
        for alarm in (*self._journal.lone_fires(site_id), *newest, *flows):
            if verification.sounds(alarm) and self._is_independent(self._sign(alarm), sign):
                evidence = verification.borne_out(onset.evidence, verification.trigger(alarm, independent=True))
                return replace(onset, evidence=evidence)
        return onset

    def spreads(self, fire: Alarm, now: datetime) -> Iterator[Change]:
        """The pre-alarms of the site whose wait is over because ``fire`` has begun to sound, and the fires that it
        confirms as a second trigger."""
        own = self._sign(fire)
        for alarm in self._journal.pre_alarms(fire.identity.site_id):
            independent = self._is_independent(own, self._sign(alarm))
            yield _confirmed(alarm, verification.trigger(fire, independent=independent), now)
        for alarm in self._journal.lone_fires(fire.identity.site_id):
            if self._is_independent(own, self._sign(alarm)):
                yield _confirmed(alarm, verification.trigger(fire, independent=True), now)

    def due(self, now: datetime) -> Iterator[Change]:
        """Pre-alarms that their detectors have not taken back in time."""
        for alarm in self._journal.verified_by(now):
            by = {"what": "time", "id": "", "at_s": now.timestamp(), "independent": False}
            yield _confirmed(alarm, by, now)

    def _is_independent(self, other: Sign, sign: Sign) -> bool:
        return verification.is_independent(other, sign, self._rooms)

    def _standing(self, site_id: str) -> list[Sign]:
        return [
            self._sign(alarm)
            for alarm in self._journal.open_alarms()
            if alarm.identity.site_id == site_id and (alarm.is_pre_alarm or verification.sounds(alarm))
        ]

    def _sign(self, one: Alarm | Onset) -> Sign:
        until = one.verify_until
        return Sign(
            rule=one.rule,
            device_id=one.identity.device_id,
            room_id=one.identity.room_id,
            at_s=one.raised_at.timestamp(),
            wait_s=self._wait_s(one) if isinstance(one, Onset) and one.verify else 0.0,
            until_s=until.timestamp() if until is not None else None,
        )

    def _wait_s(self, onset: Onset) -> float:
        site = self._registry.site.get(onset.identity.site_id)
        device = self._registry.device.get(onset.identity.device_id)
        room = self._registry.room.get(device.room_id or "") if device is not None else None
        is_sure = self._rule is not None and not set(onset.flags) & set(_DOUBTFUL)
        if not is_sure or site is None or device is None or room is None or "device_clock" in onset.evidence:
            return 0.0
        assert self._rule is not None
        parameters, _ = parameters_of(self._rule, thresholds_of(device, self._registry), device.device_id)
        return verification.wait_s(parameters, room.use, site.timezone, onset.raised_at.timestamp())


def _confirmed(alarm: Alarm, trigger: dict[str, Any], now: datetime) -> Change:  # Any: a JSON object
    event = Confirmed(at=now, priority=Priority.EMERGENCY, trigger=trigger)
    return Change(alarm_id=alarm.alarm_id, event=event, by=SYSTEM)
