"""The engine: each input changes the journal and fills the outbox. The caller commits, then carries the outbox out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from alarms.engine import commands, escalation
from alarms.engine.drills import Drills
from alarms.engine.ended_channels import EndedChannels
from alarms.engine.falls import Falls
from alarms.engine.fires import Fires
from alarms.engine.inbox import Glance
from alarms.engine.incidents import RESOLVE, Incidents
from alarms.engine.intake import Cancelled, Finding, GotUp, Intake, InTest, Over, Raised, StaffSign
from alarms.engine.linkages import Linkages
from alarms.engine.outbox import Outbox
from alarms.engine.people import People
from alarms.engine.presence import Change, StaffPresence
from alarms.engine.said import said
from alarms.engine.sends import by_of
from alarms.engine.sprinklers import Sprinklers
from alarms.engine.telling import Sent, Telling
from alarms.errors import DrillError
from alarms.journal.ended import Ended
from alarms.journal.journal import Journal
from alarms.lifecycle import flood, spread, sprinkler, verification
from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag, Priority
from alarms.lifecycle.effects import DoNotNotify, Effect, Lamp, Notify, SirenOff, SirenOn
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import (
    Acknowledge,
    Cleared,
    ClockSet,
    Confirmed,
    ConfirmFire,
    Event,
    Grouped,
    Linked,
    NotArrived,
    Note,
    Onset,
    Recovered,
    Recurred,
    Resolve,
    ReturnDue,
    ShelfOver,
    StepDue,
)
from alarms.lifecycle.rooms import Rooms
from alarms.lifecycle.step import SYSTEM, open_alarm, step
from alarms.notify.voice import CallEvent, CallReport
from ingest.log import Log
from ingest.registry.model import Registry
from ingest.wire import pack as packs
from ingest.wire import topics
from ingest.wire.errors import DecodeError
from ingest.wire.pack import Header
from ingest.wire.topics import GatewayTopic

_ENCODE = msgspec.json.Encoder().encode
_LAMP_VALID_S = 600


class Engine:
    """Pure decisions over a journal: no network, no clock, no threads."""

    def __init__(
        self,
        journal: Journal,
        intake: Intake,
        duty_webhooks: Sequence[str],
        test_limit_s: float,
        presence_limit_s: float = 3600,
        fall_window_s: float = 60,
    ) -> None:
        self._journal = journal
        self._intake = intake
        self._duty_webhooks = duty_webhooks
        self._test_limit_s = test_limit_s
        self._presence_limit_s = presence_limit_s
        self._fall_window_s = fall_window_s
        self._log = Log("alarms")
        self.registry = Registry()

    @property
    def registry(self) -> Registry:
        """What alarms are identified, escalated and sent by from now on."""
        return self._registry

    @registry.setter
    def registry(self, registry: Registry) -> None:
        self._registry = registry
        self._policies = escalation.policies(registry)
        self._incidents = Incidents(self._journal, self._policies, registry)
        profiles = self._intake.profiles
        rooms = Rooms(
            {room.room_id: room.zone_id for room in registry.rooms},
            ((one.room_id, one.other_room_id) for one in registry.doorways),
        )
        self.staff = StaffPresence(self._journal, profiles, registry, self._presence_limit_s)
        self._falls = Falls(self._journal, registry, self._fall_window_s)
        self._sprinklers = Sprinklers(self._journal, profiles, rooms)
        self._fires = Fires(self._journal, profiles, registry, rooms)
        self._linkages = Linkages(self._journal, registry)
        self._ended = EndedChannels(self._journal, registry)
        self.people = People(registry, self._duty_webhooks, self._ended.has_ended)
        self.telling = Telling(self._journal, self.people, self._policies, self.staff)
        self._looks_for_channels = True
        self._drills = Drills(self._journal, profiles, registry)

    def glance(self, payload: bytes) -> Glance:
        """What a message of the alarm lane is about, without acting on it."""
        return self._intake.glance(payload, self.registry)

    def pack(
        self, topic: GatewayTopic, payload: bytes, received_at: datetime, out: Outbox, *, early: bool = False
    ) -> None:
        """A message of the alarm lane. Whatever it holds, somebody is told or it is a repeat.

        ``early``: earlier packs of its gateway wait to be taken, below the floor that it tells.
        """
        try:
            pack = packs.decode(payload)
        except DecodeError as error:
            self._log.error("pack.unreadable", gateway_id=topic.gateway_id, reason=error.reason)
            self.unreadable(topic, payload, received_at, out, early=early)
            return
        header = None if pack.boot is None else Header(pack.boot, pack.seq, pack.floor)
        if header is not None and not self._is_new(topic, header, received_at, out, early=early):
            return
        for finding in self._intake.read(pack, topic.gateway_id, self.registry, received_at):
            self._find(finding, received_at, out)

    def unreadable(
        self, topic: GatewayTopic, payload: bytes, received_at: datetime, out: Outbox, *, early: bool = False
    ) -> None:
        """Bytes in the alarm lane that cannot be used: an alarm at the gateway's site that shows them."""
        header = packs.decode_header(payload)
        if header is None or self._is_new(topic, header, received_at, out, early=early):
            finding = self._intake.unreadable(payload, topic.gateway_id, self.registry, received_at)
            self._find(finding, received_at, out)

    def raised(self, onset: Onset, now: datetime, out: Outbox) -> None:
        """A condition that the platform found itself."""
        self._find(Raised(onset=onset), now, out)

    def over(self, rule: str, subject: str, now: datetime, out: Outbox) -> None:
        """A condition of the platform's own is over."""
        self._find(Over(rule=rule, subject=subject, at=now), now, out)

    def command(self, alarm: str, payload: bytes, now: datetime, out: Outbox) -> None:
        """A person's command about an alarm; answered once and the same way for ever."""
        self._answer(payload, lambda command: self._obey(command, alarm, now, out), now, out)

    def site_command(self, site_id: str, payload: bytes, now: datetime, out: Outbox) -> None:
        """A person's command about a site (a drill); answered once and the same way for ever."""
        self._answer(payload, lambda command: self._obey_about_site(command, site_id, now, out), now, out)

    def due(self, now: datetime, out: Outbox) -> None:
        """Every deadline that has come: other channels, next steps, forgotten acknowledgements, ends of shelving."""
        self.telling.due(now, out)
        self.staff.due(now, out)
        self._change(self._drills.due(now), now, out)
        self._change(list(self._fires.due(now)), now, out)
        self.look_after_channels(now, out)
        for subject in self._incidents.floods_over(now):
            self.over(flood.RULE, subject, now, out)
        for alarm in self._journal.steps_due(now):
            if sprinkler.is_held_back(alarm):
                self._step(alarm, sprinkler.unjudged(now), now, out, by=SYSTEM)
                continue
            if self._incidents.begins_flood(alarm, now):
                self._raise(self._incidents.flood_onset(alarm, now), now, out)
            quiet = self._incidents.quiet(alarm)
            self._step(self._counted_anew(alarm, now, out), StepDue(quiet=quiet), now, out, by=SYSTEM)
        for alarm in self._journal.returns_due(now):
            self._step(self._counted_anew(alarm, now, out), ReturnDue(), now, out, by=SYSTEM)
        for alarm in self._journal.shelves_over(now):
            if self._incidents.begins_flood(alarm, now):
                self._raise(self._incidents.flood_onset(alarm, now), now, out)
            self._step(alarm, ShelfOver(quiet=self._incidents.quiet(alarm)), now, out, by=SYSTEM)
        for alarm in self._journal.expected_by(now):
            self._step(alarm, NotArrived(), now, out, by=SYSTEM)

    def look_after_channels(self, now: datetime, out: Outbox) -> None:
        """What a registry brings about, without a deadline: consoles told of ends, faults of people that are over."""
        self._ended.due(now, out)
        if self._looks_for_channels:
            self._looks_for_channels = False
            for alarm in list(self._ended.over()):
                self._step(alarm, Cleared(at=now), now, out, by=SYSTEM)

    def clock_set(self, by_s: float, now: datetime, out: Outbox) -> None:
        """The machine's clock was set by so many seconds: whoever waits goes on waiting just as long."""
        self._log.warning("clock.set", by_s=round(by_s, 3))
        self._journal.move_waits(by_s)
        for alarm in self._journal.waiting():
            self._step(alarm, ClockSet(by_s=by_s), now, out, by=SYSTEM)

    def sent(self, sent: Sent, out: Outbox) -> None:
        """What a channel said to an attempt. An address that has ended for good is not used any more from here on."""
        if sent.gone is not None:
            self._end_channel(sent, *sent.gone, out)
        self.telling.sent(sent, out)
        send = self._journal.send(sent.send_key) if sent.gone is not None else None
        alarm = self._journal.alarm(sent.alarm_id) if send is not None else None
        if send is None or alarm is None or alarm.next_step_at is None:
            return
        if alarm.priority is Priority.EMERGENCY and self.telling.leads_nowhere(alarm, send):
            self._step(alarm, StepDue(), sent.at, out, by=SYSTEM)  # nobody else was told: the next step at once

    def called(self, report: CallReport, now: datetime, out: Outbox) -> None:
        """What became of a telephone call: the key was pressed, or it ended without."""
        send = self._journal.send(report.send_key)
        if send is None:
            return
        detail = {"send_key": send.send_key, "result": report.event, "detail": report.detail}
        self._journal.log_send(send.alarm_id, now.timestamp(), "called", detail)
        alarm = self._journal.alarm(send.alarm_id)
        if alarm is not None and report.event is CallEvent.ACKNOWLEDGED:
            with contextlib.suppress(TransitionError):  # somebody was faster
                by = by_of(send.target)
                self._step(alarm, Acknowledge(by=by), now, out, by=by)
        elif report.event is CallEvent.ENDED and send.hand_over_s is not None:
            self.telling.hand_over(send, now, out)

    def _end_channel(self, sent: Sent, channel: str, address: str, out: Outbox) -> None:
        ended = Ended(channel=channel, address=address, at=sent.at, reason=sent.result)
        for person in self._ended.end(ended, out):
            if not self._ended.can_be_told(person):
                for onset in self._ended.onsets(person, sent.result, sent.at):
                    self._raise(onset, sent.at, out)

    def _is_new(self, topic: GatewayTopic, pack: Header, now: datetime, out: Outbox, *, early: bool) -> bool:
        lane = self._journal.lane(topic.gateway_id, pack.boot)
        is_new = lane.accept(pack.seq, 0 if early else pack.floor)
        if is_new:
            self._journal.write_lane(topic.gateway_id, pack.boot, lane, now)
        out.acks[topic.shard, topic.gateway_id, pack.boot] = lane.position
        return is_new

    def _find(self, finding: Finding, now: datetime, out: Outbox) -> None:
        match finding:
            case InTest(device_id=device_id, on=on):
                self._journal.set_test(device_id, now + timedelta(seconds=self._test_limit_s) if on else None)
            case Over(rule=rule, subject=subject, at=at):
                for alarm in self._journal.open_for(rule, subject):
                    if Flag.DRILL not in alarm.flags:
                        self._step(alarm, Cleared(at=at), now, out, by=SYSTEM)
            case StaffSign():
                self._change(self.staff.signed(finding, now, out), now, out)
            case Cancelled():
                self._change([*self.staff.cancelled(finding, now), *self._falls.cancelled(finding, now)], now, out)
            case GotUp():
                self._change(self._falls.got_up(finding, now), now, out)
            case Raised(onset=onset):
                self._raise(onset, now, out)

    def _change(self, changes: Sequence[Change], now: datetime, out: Outbox) -> None:
        """What a button or a clock says about alarms; where the lifecycle refuses it, nothing changes."""
        for change in changes:
            alarm = self._journal.alarm(change.alarm_id)
            if alarm is None:
                continue
            try:
                self._step(alarm, change.event, now, out, by=change.by)
            except TransitionError as error:
                self._log.warning("change.refused", alarm_id=change.alarm_id, by=change.by, reason=error)

    def _raise(self, onset: Onset, now: datetime, out: Outbox, *, by: str = SYSTEM) -> Alarm:
        in_test = onset.rule != sprinkler.VALVE_IN_FIRE and self._journal.in_test(onset.identity.device_id, now)
        if in_test and Flag.TEST not in onset.flags:
            onset = replace(onset, flags=(*onset.flags, Flag.TEST))
        onset = self.staff.upgraded(onset, now)
        onset = self._sprinklers.told(replace(onset, suppressed=escalation.put_aside(self._registry, onset, now)))
        self._change(list(self._fires.borne_out(onset, now)), now, out)
        alarm, _ = open_alarm(onset, now, self._policies)
        is_fall = onset.kind is AlarmKind.FALL
        standing = self._falls.standing(onset) if is_fall else self._journal.open_by_key(alarm.dedup_key)
        if standing is not None:
            again = self._again(standing, onset)
            return standing if again is None else self._step(standing, again, now, out, by=by)
        known = self._journal.alarm(alarm.alarm_id)
        if known is not None:  # a bare record came again after its alarm was resolved
            return known
        staged = self._fires.confirmed(self._fires.waiting(onset, now), now)
        if staged is not onset:
            onset = staged
            alarm, _ = open_alarm(onset, now, self._policies)
        beginning = self._incidents.begin(onset, alarm, now)
        self._change(beginning.changes, now, out)
        alarm, effects = open_alarm(beginning.onset, now, self._policies)
        came = spread.told(alarm.evidence)
        self._write(alarm, effects, now, out, event="Raised", by=by, more={"way": came} if came else None)
        alarm = self._link(alarm, self._linkages.due(alarm, now), now, out, by=SYSTEM)
        if beginning.begins_flood:
            self._raise(self._incidents.flood_onset(alarm, now), now, out)
        return self._followed(alarm, now, out)

    def _link(self, alarm: Alarm, linked: Linked | None, now: datetime, out: Outbox, *, by: str) -> Alarm:
        """Write down what is asked for, then ask for it."""
        if linked is None:
            return alarm
        alarm = self._step(alarm, linked, now, out, by=by)
        for gateway_id, body in self._linkages.commands(linked, now):
            site = self.registry.site[alarm.identity.site_id]
            nonce = f"{alarm.alarm_id}/{alarm.version}/output-{body['output_id']}"
            out.messages.append((topics.command(site.shard, gateway_id), _ENCODE(body | {"nonce": nonce}), False))
        return alarm

    def _again(self, standing: Alarm, onset: Onset) -> Recurred | Confirmed | None:
        """What an onset is to the open alarm that it is about; None: nothing new."""
        if onset.kind is AlarmKind.FALL:
            return self._falls.event_of(standing, onset)
        return Recurred(at=onset.raised_at, received_at=onset.received_at, evidence=onset.evidence)

    def _counted_anew(self, alarm: Alarm, now: datetime, out: Outbox) -> Alarm:
        """The flood's own alarm says what there is now whenever it is told again; any other one stays as it is."""
        if alarm.rule != flood.RULE:
            return alarm
        evidence = self._incidents.flood_evidence(alarm.identity.site_id, now)
        return self._step(alarm, Recurred(at=now, received_at=now, evidence=evidence), now, out, by=SYSTEM)

    def _answer(self, payload: bytes, obey: Callable[[commands.Command], bytes], now: datetime, out: Outbox) -> None:
        command = commands.decode(payload)
        if command is None:
            self._log.warning("command.unreadable")
            return
        reply = self._journal.reply(command.id)
        if reply is None:
            reply = obey(command)
            self._journal.write_reply(command.id, reply, now)
        topic = commands.reply_topic(command)
        if topic is not None:
            out.messages.append((topic, reply, False))

    def _obey_about_site(self, command: commands.Command, site_id: str, now: datetime, out: Outbox) -> bytes:
        if command.do != "drill":
            return commands.refused(command, "bad_command")
        try:
            onset = self._drills.onset(site_id, command, now)
        except DrillError as error:
            return commands.refused(command, "bad_command", error=error)
        alarm = self._raise(onset, now, out, by=command.by)
        self._drills.began(alarm, now)
        return commands.accepted(command, alarm)

    def _obey(self, command: commands.Command, alarm_id_: str, now: datetime, out: Outbox) -> bytes:
        alarm = self._journal.alarm(alarm_id_)
        if alarm is None:
            return commands.refused(command, "unknown_alarm")
        if command.do == commands.LINK:
            return self._obey_link(command, alarm, now, out)
        event = commands.event_of(command)
        if event is None and command.do != RESOLVE:
            return commands.refused(command, "bad_command", alarm)
        if command.version not in (None, alarm.version):
            seen = self._journal.state_at(alarm.alarm_id, command.version)
            if commands.is_outdated(seen, alarm):
                return commands.refused(command, "conflict", alarm)
        if event is None:
            return self._obey_about_incident(command, alarm, now, out)
        try:
            changed = self._step(alarm, event, now, out, by=command.by)
            if isinstance(event, Acknowledge) and command.note:
                changed = self._step(changed, Note(by=command.by, note=command.note), now, out, by=command.by)
        except TransitionError as error:
            return commands.refused(command, "conflict" if error.first is not None else "refused", alarm, error)
        return commands.accepted(command, changed)

    def _obey_link(self, command: commands.Command, alarm: Alarm, now: datetime, out: Outbox) -> bytes:
        """A person asks for an output: what forbids it is written down as well."""
        if not alarm.is_open or verification.is_apart(alarm):
            return commands.refused(command, "refused", alarm)
        linked = self._linkages.by_person(alarm, command.to, command.by, now)
        if linked is None:
            return commands.refused(command, "bad_command", alarm)
        return commands.accepted(command, self._link(alarm, linked, now, out, by=command.by))

    def _obey_about_incident(self, command: commands.Command, parent: Alarm, now: datetime, out: Outbox) -> bytes:
        """Resolve all members at their parent, each with a line of its own."""
        if command.disposition is None:
            return commands.refused(command, "bad_command", parent)
        resolve = Resolve(by=command.by, disposition=command.disposition, note=command.note)
        try:
            members = self._incidents.to_resolve(parent)
        except TransitionError as error:
            return commands.refused(command, "refused", parent, error)
        self._change([Change(alarm_id=one.alarm_id, event=resolve, by=command.by) for one in members], now, out)
        return commands.accepted(command, self._journal.alarm(parent.alarm_id) or parent)

    def _step(self, alarm: Alarm, event: Event, now: datetime, out: Outbox, *, by: str) -> Alarm:
        changed, effects = step(alarm, event, now, self._policies)
        self._write(changed, effects, now, out, event=type(event).__name__, by=by, more=said(event))
        if verification.sounds(changed) and not verification.sounds(alarm):
            self._change(list(self._fires.spreads(changed, now)), now, out)
        if isinstance(event, Grouped):
            self._journal.share_linked(alarm.incident_id or alarm.alarm_id, event.incident_id)
        if isinstance(event, Confirmed | ConfirmFire):
            changed = self._link(changed, self._linkages.due(changed, now), now, out, by=SYSTEM)
        if not changed.is_open:
            self._change(self._incidents.ended(changed, now), now, out)
        return self._followed(changed, now, out)

    def _followed(self, alarm: Alarm, now: datetime, out: Outbox) -> Alarm:
        """The alarm when what a sprinkler and a fire are to each other has been drawn from it."""
        changes = list(self._sprinklers.changes(alarm, now))
        onsets = list(self._sprinklers.onsets(alarm, now))
        if not changes and not onsets:
            return alarm
        self._change(changes, now, out)
        for onset in onsets:
            self._raise(onset, now, out)
        return self._journal.alarm(alarm.alarm_id) or alarm

    def _write(
        self,
        alarm: Alarm,
        effects: Sequence[Effect],
        now: datetime,
        out: Outbox,
        *,
        event: str,
        by: str,
        more: dict[str, Any] | None = None,  # Any: JSON
    ) -> None:
        detail: dict[str, Any] = {
            "response": alarm.response,
            "condition": alarm.condition,
            "priority": alarm.priority,
            "count": alarm.count,
        }  # Any: JSON
        detail |= more or {}
        self._journal.write(alarm, at=now, event=event, by=by, detail=detail)
        out.alarms[alarm.alarm_id] = alarm
        if alarm.next_step_at is None:
            self.telling.stop(alarm, now, out)
        if not alarm.is_open or event == Recovered.__name__:
            self.telling.all_clear(alarm, now, out)
        for effect in effects:
            self._effect(alarm, effect, now, out)
        if event != "Recurred" and Flag.CANARY not in alarm.flags:
            self._log.info(
                f"alarm.{event.lower()}",
                alarm_id=alarm.alarm_id,
                site_id=alarm.identity.site_id,
                rule=alarm.rule,
                by=by,
            )

    def _effect(self, alarm: Alarm, effect: Effect, now: datetime, out: Outbox) -> None:
        match effect:
            case Notify():
                self.telling.notify(alarm, effect, now, out)
            case DoNotNotify() if Flag.CANARY in alarm.flags:
                pass  # no history, see Journal.write
            case DoNotNotify(reason=reason):
                self._journal.log_send(alarm.alarm_id, now.timestamp(), "not_sent", {"reason": reason})
            case Lamp() | SirenOn() | SirenOff() if Flag.DRILL in alarm.flags:
                pass  # an exercise switches nothing: the lamp and the siren may be those of a real alarm
            case Lamp(state=state):
                self._tell_gateway(
                    alarm, {"cmd": "lamp", "device_id": alarm.identity.device_id, "lamp": state}, now, out
                )
            case SirenOn() | SirenOff():
                on = isinstance(effect, SirenOn)
                self._tell_gateway(
                    alarm,
                    {"cmd": "siren", "alarm": alarm.rule, "device_id": alarm.identity.device_id, "on": on},
                    now,
                    out,
                )

    def _tell_gateway(self, alarm: Alarm, body: dict[str, Any], now: datetime, out: Outbox) -> None:  # Any: JSON
        gateway_id = alarm.identity.gateway_id
        site = self.registry.site.get(alarm.identity.site_id)
        if site is None or not gateway_id:
            return
        nonce = f"{alarm.alarm_id}/{alarm.version}/{body['cmd']}"
        body = body | {"expires_at": now.timestamp() + _LAMP_VALID_S, "nonce": nonce}
        out.messages.append((topics.command(site.shard, gateway_id), _ENCODE(body), False))
