"""Incidents and floods over the journal: what a new alarm belongs to, who is told of it, and what stays quiet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from alarms.engine.presence import Change
from alarms.journal.journal import Journal
from alarms.lifecycle import flood, incident, spread
from alarms.lifecycle.alarm import UNTOLD, Alarm, Response
from alarms.lifecycle.effects import Reason
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import Grouped, Onset
from alarms.lifecycle.incident import ENOUGH, FAULT_WINDOW, Family, Place
from alarms.lifecycle.policy import Policies, Policy
from alarms.lifecycle.step import SYSTEM, policy_of
from ingest.registry.model import Registry

RESOLVE = "resolve_incident"
_NEAR = 20
"""Fewer than ENOUGH faults of a site stand alone, and incidents that are not wide are small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How an alarm begins: in its incident, why people are told of it or not, what happens to others because of it, and
    whether it begins a flood."""

    alarm: Alarm
    reason: Reason
    changes: tuple[Change, ...] = ()
    begins_flood: bool = False


class Incidents:
    """Decides by one set of policies and one registry; everything known stands in the journal."""

    def __init__(self, journal: Journal, policies: Policies, registry: Registry) -> None:
        self._journal = journal
        self._policies = policies
        self._registry = registry

    def begin(self, alarm: Alarm, now: datetime) -> Beginning:
        """Where a new alarm belongs, and why people are told of it, or not."""
        place = self._place(alarm)
        changes = tuple(self._joining(place)) if place.incident_id is not None else ()
        came = spread.evidence(place.way, self._clock(alarm.identity.site_id)) if place.way else {}
        placed = replace(alarm, incident_id=place.incident_id, evidence={**alarm.evidence, **came})
        if self._is_silent_from_onset(alarm, place):
            return Beginning(alarm=placed, reason=Reason.IN_INCIDENT, changes=changes)
        if flood.may_bundle(alarm) and flood.counts(alarm):
            began = [now, *self._journal.began_lately(alarm.identity.site_id, now, flood.BEGINS_AT)]
            standing = self._flood(alarm.identity.site_id)
            begins = standing is None and flood.stands(began, now)
            if begins or _tells(standing):
                return Beginning(alarm=placed, reason=Reason.BUNDLED, changes=changes, begins_flood=begins)
        return Beginning(alarm=placed, reason=place.reason, changes=changes)

    def quiet(self, alarm: Alarm) -> Reason | None:
        """Why a step that is due is not told: another alarm tells of it."""
        if alarm.response is not Response.NEW:
            return None
        if alarm.incident_id is not None:
            family = incident.family_of(alarm)
            if family is Family.FAULT and self._is_spoken_for(alarm, alarm.incident_id):
                return Reason.IN_INCIDENT
            if family is Family.FIRE and self._is_confirmation(alarm, alarm.incident_id):
                return Reason.IN_INCIDENT
        if flood.wants_to_be_told_at(alarm) is not None and _tells(self._flood(alarm.identity.site_id)):
            return Reason.BUNDLED
        return None

    def begins_flood(self, alarm: Alarm, now: datetime) -> bool:
        """Whether so many alarms of which nobody has been told want to be told now that they are a flood again."""
        if flood.wants_to_be_told_at(alarm) is None:
            return False
        by = self._journal.wanted_by(alarm.identity.site_id, flood.BEGINS_AT)
        return by is not None and by <= now + flood.WINDOW and self._flood(alarm.identity.site_id) is None

    def flood_onset(self, alarm: Alarm, now: datetime) -> Onset:
        """The flood at the site of ``alarm`` as an alarm; from now on it is looked after."""
        site_id = alarm.identity.site_id
        until = flood.ends_at(self._journal.began_lately(site_id, now, flood.ENDS_BELOW), now)
        self._journal.set_flood(site_id, until if until > now else now + flood.WINDOW)
        return flood.onset(alarm, self.flood_evidence(site_id, now), now)

    def flood_evidence(self, site_id: str, now: datetime) -> dict[str, Any]:  # Any: a JSON object
        """What the flood's message says now."""
        return flood.evidence(self._journal.in_flood(site_id, now - flood.WINDOW))

    def floods_over(self, now: datetime) -> Iterator[str]:
        """The subjects of floods that are over; the others are looked at again in time."""
        for site_id in self._journal.floods_due(now):
            until = flood.ends_at(self._journal.began_lately(site_id, now, flood.ENDS_BELOW), now)
            if until > now:
                self._journal.set_flood(site_id, until)
            else:
                self._journal.end_flood(site_id)
                yield flood.subject(site_id)

    def ended(self, alarm: Alarm, now: datetime) -> list[Change]:
        """An alarm is over. The others of its incident come soon when nobody speaks for them any more.

        A window's time is theirs to clear too: after a cut of power devices come back one by one.
        """
        incident_id = alarm.incident_id
        if incident_id is None or incident.family_of(alarm) is not Family.FAULT:
            return []
        is_wide = self._journal.is_wide(incident_id)
        if is_wide and alarm.step == UNTOLD:
            return []
        speaker = self._journal.speaker(incident_id)
        if speaker is not None and (is_wide or incident.is_gateway(speaker)):
            return []
        due_at = now + FAULT_WINDOW
        return [
            _grouped(member, incident_id, due_at)
            for member in self._journal.open_members(incident_id, limit=-1)
            if member.step == UNTOLD and member.next_step_at is not None and member.next_step_at > due_at
        ]

    def to_resolve(self, parent: Alarm) -> list[Alarm]:
        """The open members of a parent's incident, those that speak last.

        Raises
        ------
        TransitionError
            It is no parent, or its incident is a fire: every room is seen by itself.
        """
        why = ""
        if parent.incident_id != parent.alarm_id:
            why = "it is not the first alarm of an incident"
        elif parent.kind not in incident.EQUIPMENT:
            why = "only faults are resolved together; every room of a fire is resolved by itself"
        if why:
            raise TransitionError(parent.response, RESOLVE, why=why)
        members = self._journal.open_members(parent.alarm_id, limit=-1)
        return sorted((one for one in members if one.kind in incident.EQUIPMENT), key=lambda one: one.step)

    def _place(self, alarm: Alarm) -> Place:
        family = incident.family_of(alarm)
        if family is None:
            return incident.ALONE
        near = self._near(alarm, family)
        ids = list(dict.fromkeys(one.incident_id for one in near if one.incident_id is not None))
        wide = [one for one in ids if family is Family.FAULT and self._journal.is_wide(one)]
        heads = {one: self._journal.alarm(one) for one in ids} if family is Family.FAULT else {}
        return incident.place(alarm, near, wide, {one: head for one, head in heads.items() if head is not None})

    def _near(self, alarm: Alarm, family: Family) -> list[Alarm]:
        """As many of the alarms near by as decide."""
        site_id, at = alarm.identity.site_id, alarm.received_at
        newest = self._journal.near(site_id, family, at, 1)
        incident_id = newest[0].incident_id if newest else None
        if incident_id is None or (family is Family.FAULT and not self._journal.is_wide(incident_id)):
            return self._journal.near(site_id, family, at, _NEAR) if newest else []
        room_id = alarm.identity.room_id
        same_room = self._journal.member_in_room(incident_id, room_id) if room_id is not None else None
        return [*newest, *([same_room] if same_room is not None else [])]

    def _joining(self, place: Place) -> Iterator[Change]:
        incident_id = place.incident_id or ""
        for one in place.joining:
            yield _grouped(one, incident_id)
        for absorbed in place.absorbed:
            for one in self._journal.open_members(absorbed, limit=-1):
                yield _grouped(one, incident_id)

    def _clock(self, site_id: str) -> tzinfo:
        """The site's time zone; UTC where it, or the zone, is not known on this machine."""
        site = self._registry.site.get(site_id)
        try:
            return ZoneInfo(site.timezone) if site is not None else UTC
        except (KeyError, ValueError, OSError):
            return UTC

    def _is_silent_from_onset(self, alarm: Alarm, place: Place) -> bool:
        if place.incident_id is None or incident.family_of(alarm) is not Family.FAULT:
            return False
        known = (place.incident_id, *place.absorbed)
        speakers = [self._journal.speaker(one) for one in known]
        speaking = [one for one in (*speakers, *place.joining) if one is not None and incident.speaks(one)]
        speaker = min(speaking, key=lambda one: (one.priority.rank, incident.order(one)), default=None)
        members = 1 + len(place.joining) + sum(self._journal.count_open_members(one, ENOUGH) for one in known)
        return self._is_told_by(speaker, members, alarm)

    def _is_spoken_for(self, alarm: Alarm, incident_id: str) -> bool:
        waiting = self._journal.open_members(incident_id, ENOUGH)
        speaker = self._journal.speaker(incident_id) or (waiting[0] if waiting else None)
        return self._is_told_by(speaker, len(waiting), alarm)

    def _is_told_by(self, speaker: Alarm | None, members: int, alarm: Alarm) -> bool:
        policy, policy_of_speaker = self._policy(alarm), self._policy_or_none(speaker)
        return incident.is_spoken_for(alarm, speaker, members, policy, policy_of_speaker)

    def _is_confirmation(self, alarm: Alarm, incident_id: str) -> bool:
        room_id = alarm.identity.room_id
        first = self._journal.first_speaker_in_room(incident_id, room_id) if room_id is not None else None
        return incident.is_confirmation(alarm, first, self._policy(alarm), self._policy_or_none(first))

    def _policy(self, alarm: Alarm) -> Policy:
        return policy_of(alarm, self._policies)

    def _policy_or_none(self, alarm: Alarm | None) -> Policy | None:
        return None if alarm is None else self._policy(alarm)

    def _flood(self, site_id: str) -> Alarm | None:
        found = self._journal.open_for(flood.RULE, flood.subject(site_id))
        return found[0] if found else None


def _tells(standing: Alarm | None) -> bool:
    """Whether a flood's alarm tells people of what it bundles: nobody has put it aside."""
    return standing is not None and standing.suppressed is None


def _grouped(alarm: Alarm, incident_id: str, due_at: datetime | None = None) -> Change:
    return Change(alarm_id=alarm.alarm_id, event=Grouped(incident_id=incident_id, due_at=due_at), by=SYSTEM)
