"""The course of alarms: they begin, go a step further, and what each means for the others is drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alarms.core.profiles import Profiles
from alarms.engine import escalation
from alarms.engine.falls import Falls
from alarms.engine.fires import Fires
from alarms.engine.incidents import Incidents
from alarms.engine.linkages import Linkages
from alarms.engine.outbox import Outbox
from alarms.engine.presence import Change, StaffPresence
from alarms.engine.questions import Questions
from alarms.engine.said import said
from alarms.engine.sprinklers import Sprinklers
from alarms.engine.writing import Writing
from alarms.journal.journal import Journal
from alarms.lifecycle import flood, inactivity, spread, verification
from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import (
    Because,
    Cleared,
    Confirmed,
    ConfirmFire,
    Event,
    Grouped,
    Linked,
    Onset,
    Recurred,
)
from alarms.lifecycle.incident import MADE_BY_FIRE
from alarms.lifecycle.policy import Policies
from alarms.lifecycle.rooms import Rooms
from alarms.lifecycle.step import SYSTEM, alarm_id, alarm_of, open_alarm, step
from ingest.log import Log
from ingest.registry.model import Registry


class Course:
    """Decides by one registry; everything known stands in the journal."""

    def __init__(
        self,
        journal: Journal,
        registry: Registry,
        profiles: Profiles,
        policies: Policies,
        staff: StaffPresence,
        writing: Writing,
        fall_window_s: float,
    ) -> None:
        self._journal = journal
        self._registry = registry
        self._policies = policies
        self._staff = staff
        self._writing = writing
        rooms = Rooms(
            {room.room_id: room.zone_id for room in registry.rooms},
            ((one.room_id, one.other_room_id) for one in registry.doorways),
        )
        self.incidents = Incidents(journal, policies, registry)
        self.falls = Falls(journal, registry, fall_window_s)
        self.fires = Fires(journal, profiles, registry, rooms)
        self._sprinklers = Sprinklers(journal, profiles, rooms)
        self.linkages = Linkages(journal, registry)
        self.questions = Questions(journal, registry)
        self._log = Log("alarms")

    def begin(self, onset: Onset, now: datetime, out: Outbox, *, by: str = SYSTEM) -> Alarm:
        """The alarm that an onset is about: a new one, or the one that stands."""
        in_test = onset.rule not in MADE_BY_FIRE and self._journal.in_test(onset.identity.device_id, now)
        if in_test and Flag.TEST not in onset.flags:
            onset = replace(onset, flags=(*onset.flags, Flag.TEST))
        onset = self._staff.upgraded(onset, now)
        onset = self._sprinklers.told(replace(onset, suppressed=escalation.put_aside(self._registry, onset, now)))
        self.change(list(self.fires.borne_out(onset, now)), now, out)
        is_fall = onset.kind is AlarmKind.FALL
        standing = self.falls.standing(onset) if is_fall else self._journal.open_by_key(onset.dedup_key)
        if standing is not None:
            again = self._again(standing, onset)
            return standing if again is None else self.step(standing, again, now, out, by=by)
        known = self._journal.alarm(alarm_id(onset))
        if known is not None:  # a bare record came again after its alarm was resolved
            return known
        staged = self.fires.confirmed(self.fires.waiting(onset, now), now)
        beginning = self.incidents.begin(alarm_of(staged), now)
        self.change(beginning.changes, now, out)
        alarm, effects = open_alarm(beginning.alarm, beginning.reason, now, self._policies)
        came = spread.told(alarm.evidence)
        self._writing.write(alarm, effects, now, out, event="Raised", by=by, more={"way": came} if came else None)
        alarm = self.link(alarm, self.linkages.due(alarm, now), now, out, by=SYSTEM)
        if beginning.begins_flood:
            self.begin(self.incidents.flood_onset(alarm, now), now, out)
        return self._followed(alarm, now, out)

    def step(self, alarm: Alarm, event: Event, now: datetime, out: Outbox, *, by: str) -> Alarm:
        """The alarm after an event, and all that follows from it.

        Raises
        ------
        TransitionError
            The lifecycle refuses it; nothing has changed.
        """
        changed, effects = step(alarm, event, now, self._policies)
        self._writing.write(changed, effects, now, out, event=type(event).__name__, by=by, more=said(event))
        if verification.sounds(changed) and not verification.sounds(alarm):
            self.change(list(self.fires.spreads(changed, now)), now, out)
        if isinstance(event, Grouped):
            self._journal.share_linked(alarm.incident_id or alarm.alarm_id, event.incident_id)
        if isinstance(event, Confirmed | ConfirmFire):
            changed = self.link(changed, self.linkages.due(changed, now), now, out, by=SYSTEM)
        if not changed.is_open:
            self.change(self.incidents.ended(changed, now), now, out)
            self._outlive(changed, now, out)
        return self._followed(changed, now, out)

    def change(self, changes: Sequence[Change], now: datetime, out: Outbox) -> None:
        """What a button or a clock says about alarms; where the lifecycle refuses it, nothing changes."""
        for change in changes:
            alarm = self._journal.alarm(change.alarm_id)
            if alarm is None:
                continue
            try:
                self.step(alarm, change.event, now, out, by=change.by)
            except TransitionError as error:
                self._log.warning("change.refused", alarm_id=change.alarm_id, by=change.by, reason=error)

    def link(self, alarm: Alarm, linked: Linked | None, now: datetime, out: Outbox, *, by: str) -> Alarm:
        """Write down what is asked for, then ask for it."""
        if linked is None:
            return alarm
        alarm = self.step(alarm, linked, now, out, by=by)
        self.linkages.wait_for(alarm, linked, now)
        for gateway_id, body in self.linkages.commands(linked, now):
            self._writing.command(alarm, gateway_id, body, f"output-{body['output_id']}", out)
        return alarm

    def see_to_outputs(self, now: datetime, out: Outbox) -> None:
        """Outputs that have not moved in time: written down, and told as a fault."""
        for alarm, event in self.linkages.unmoved(now):
            stuck = self.linkages.stuck(self.step(alarm, event, now, out, by=SYSTEM), event, now)
            if stuck is not None:
                self.begin(stuck, now, out)

    def _outlive(self, ended: Alarm, now: datetime, out: Outbox) -> None:
        """Outputs that had not moved for a fire that is over: no emergency any more, but a fault."""
        for stuck in self.linkages.outlived(ended):
            self.step(stuck, Cleared(at=now, because=Because.FIRE_OVER), now, out, by=SYSTEM)
            onset = self.linkages.unmoved_after(stuck, now)
            if onset is not None:
                self.begin(onset, now, out)

    def counted_anew(self, alarm: Alarm, now: datetime, out: Outbox) -> Alarm:
        """The flood's own alarm says what there is now whenever it is told again; any other one stays as it is."""
        if alarm.rule != flood.RULE:
            return alarm
        evidence = self.incidents.flood_evidence(alarm.identity.site_id, now)
        return self.step(alarm, Recurred(at=now, received_at=now, evidence=evidence), now, out, by=SYSTEM)

    def _again(self, standing: Alarm, onset: Onset) -> Recurred | Confirmed | None:
        """What an onset is to the open alarm that it is about; None: nothing new."""
        if onset.kind is AlarmKind.FALL:
            return self.falls.event_of(standing, onset)
        if inactivity.stage_of(onset.kind, onset.evidence) is not None:
            return inactivity.event_of(standing, onset)
        return Recurred(at=onset.raised_at, received_at=onset.received_at, evidence=onset.evidence)

    def _followed(self, alarm: Alarm, now: datetime, out: Outbox) -> Alarm:
        """The alarm when what a sprinkler and a fire are to each other has been drawn from it."""
        changes = list(self._sprinklers.changes(alarm, now))
        onsets = list(self._sprinklers.onsets(alarm, now))
        if not changes and not onsets:
            return alarm
        self.change(changes, now, out)
        for onset in onsets:
            self.begin(onset, now, out)
        return self._journal.alarm(alarm.alarm_id) or alarm
