"""Linkage over the journal: which outputs a fire asks for now, each once per incident unless a person asks again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from alarms.engine.identity import DETECT, identify
from alarms.engine.intake import OutputMoved
from alarms.engine.presence import Change
from alarms.journal.journal import Journal
from alarms.lifecycle import linkage
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.events import Cleared, Linked, Moved, Onset
from alarms.lifecycle.linkage import Asked, Does, Output, Why
from alarms.lifecycle.step import SYSTEM
from ingest.log import Log
from ingest.registry import model
from ingest.registry.model import Registry

VALID_S = 120.0
"""What comes later is not switched any more: people are there by then."""


class Linkages:
    """Decides by one registry."""

    def __init__(self, journal: Journal, registry: Registry) -> None:
        self._journal = journal
        self._registry = registry
        self._log = Log("alarms")

    def due(self, alarm: Alarm, now: datetime) -> Linked | None:
        """What a fire switches now that was not asked for in its incident; None: nothing."""
        reason = linkage.reason(alarm)
        if reason is None:
            return None
        own = [_output(one) for one in self._registry.outputs if one.site_id == alarm.identity.site_id]
        room = self._registry.room.get(alarm.identity.room_id or "")
        here = linkage.of_fire(own, room.zone_id if room is not None else None, alarm.identity.room_id)
        incidents = {alarm.incident_id or alarm.alarm_id, alarm.alarm_id}
        fresh = [one for one in here if not self._journal.was_linked(incidents, one.output_id)]
        return self._linked(alarm, fresh, *reason, now)

    def by_person(self, alarm: Alarm, output_id: str, by: str, now: datetime) -> Linked | None:
        """What a person asks for at an alarm; None: the site has no such output."""
        found = next((one for one in self._registry.outputs if one.output_id == output_id), None)
        if found is None or found.site_id != alarm.identity.site_id:
            return None
        return self._linked(alarm, [_output(found)], Why.PERSON, by, now)

    def commands(self, event: Linked, now: datetime) -> list[tuple[str, dict[str, Any]]]:  # Any: a JSON object
        """The gateway and the command of everything that is asked for and not refused."""
        found = []
        for one in event.asked:
            output = self._registry.output.get(one["output_id"])
            if output is not None and not one["refused"]:
                body = {"cmd": "output", "output_id": output.output_id, "does": output.does, "reason": one["why"]}
                found.append((output.gateway_id, body | {"expires_at": now.timestamp() + VALID_S}))
        return found

    def wait_for(self, alarm: Alarm, event: Linked, now: datetime) -> None:
        """Remember until when what is asked for is to have moved, where a device can say so."""
        for one in event.asked:
            if one.get("within_s"):
                self._journal.await_move(alarm.alarm_id, one["output_id"], now + timedelta(seconds=one["within_s"]))

    def moved(self, finding: OutputMoved) -> Iterator[Change]:
        """An output has moved: what that is to the alarms that asked for it, and to the fault that it had not."""
        output = self._registry.output.get(finding.output_id)
        if output is None or output.gateway_id != finding.gateway_id:
            self._log.warning("linkage.unknown_output", gateway_id=finding.gateway_id, output_id=finding.output_id)
            return
        event = Moved(output_id=output.output_id, name=output.name, moved=True)
        late = self._journal.open_for(linkage.STUCK, linkage.stuck_subject(output.output_id))
        asking = [*self._journal.moved(output.output_id), *(str(one.evidence.get("fire", "")) for one in late)]
        for alarm_id in dict.fromkeys(asking):
            alarm = self._journal.alarm(alarm_id)
            if alarm is not None and alarm.is_open:
                yield Change(alarm_id=alarm_id, event=event, by=SYSTEM)
        for one in late:
            yield Change(alarm_id=one.alarm_id, event=Cleared(at=finding.at), by=SYSTEM)

    def unmoved(self, now: datetime) -> Iterator[tuple[Alarm, Moved]]:
        """The open alarms whose outputs have not moved in time."""
        for alarm_id, output_id in self._journal.unmoved(now):
            alarm, output = self._journal.alarm(alarm_id), self._registry.output.get(output_id)
            if alarm is not None and alarm.is_open and output is not None:
                self._log.error("linkage.stuck", alarm_id=alarm_id, output_id=output_id)
                yield alarm, Moved(output_id=output_id, name=output.name, moved=False)

    def stuck(self, fire: Alarm, event: Moved, now: datetime) -> Onset | None:
        """The fault that an output has not moved for a fire; None: the output is not set up any more."""
        known = self._registry.output.get(event.output_id)
        if known is None:
            return None
        output = _output(known)
        identity, _ = identify(self._registry, DETECT, output.feedback_device_id)
        return linkage.stuck(output, fire, identity, now)

    def outlived(self, ended: Alarm) -> list[Alarm]:
        """The faults that an output has not moved, of which no open alarm's incident has asked for it: ``ended`` was
        the last one."""
        site_id = ended.identity.site_id
        stuck = self._journal.open_at(site_id, (linkage.STUCK,)) if ended.rule != linkage.STUCK else []
        if not stuck:
            return []
        standing = [one for one in self._journal.open_alarms() if one.identity.site_id == site_id]
        asking = [{one.incident_id or one.alarm_id, one.alarm_id} for one in standing if one.rule != linkage.STUCK]
        return [
            one
            for one in stuck
            if not any(self._journal.was_linked(incident, one.evidence["output_id"]) for incident in asking)
        ]

    def unmoved_after(self, stuck: Alarm, now: datetime) -> Onset | None:
        """What stays of such a fault when its fire is over; None: the output is not set up any more."""
        known = self._registry.output.get(stuck.evidence["output_id"])
        return None if known is None else linkage.unmoved(_output(known), stuck, now)

    def _linked(self, alarm: Alarm, outputs: list[Output], why: Why, detail: str, now: datetime) -> Linked | None:
        if not outputs:
            return None
        site_id = alarm.identity.site_id
        standing = [one for one in self._journal.open_alarms() if one.identity.site_id == site_id]
        asked = [linkage.asked(output, why, detail, standing) for output in outputs]
        for one in asked:
            self._journal.note_linked(alarm.incident_id or alarm.alarm_id, one.output.output_id, now)
            if one.refused:
                self._log.error(
                    "linkage.refused", alarm_id=alarm.alarm_id, output_id=one.output.output_id, reason=one.why
                )
        return Linked(asked=tuple(_told(one, now) for one in asked))


def _told(one: Asked, now: datetime) -> dict[str, Any]:  # Any: a JSON object
    output = one.output
    named = {"output_id": output.output_id, "name": output.name, "does": output.does}
    within = {} if one.refused or output.feedback_device_id is None else {"within_s": output.within_s}
    return {**named, "refused": one.refused, "why": one.why, "detail": one.detail, "at_s": now.timestamp(), **within}


def _output(one: model.Output) -> Output:
    return Output(
        output_id=one.output_id,
        name=one.name,
        does=Does(one.does),
        zone_id=one.zone_id,
        room_id=one.room_id,
        feeds=one.feeds,
        feedback_device_id=one.feedback_device_id,
        within_s=one.feedback_s,
    )
