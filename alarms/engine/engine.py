"""The engine: each input changes the journal and fills the outbox. The caller commits, then carries the outbox out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from alarms.engine import escalation
from alarms.engine.course import Course
from alarms.engine.drills import Drills
from alarms.engine.ended_channels import EndedChannels
from alarms.engine.inbox import Glance
from alarms.engine.intake import Cancelled, Finding, GotUp, Intake, InTest, OutputMoved, Over, Raised, StaffSign
from alarms.engine.orders import Orders
from alarms.engine.outbox import Outbox
from alarms.engine.people import People
from alarms.engine.presence import StaffPresence
from alarms.engine.sends import by_of
from alarms.engine.telling import Sent, Telling
from alarms.engine.writing import Writing
from alarms.journal.ended import Ended
from alarms.journal.journal import Journal
from alarms.lifecycle import flood, sprinkler
from alarms.lifecycle.alarm import Flag, Priority
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import (
    Acknowledge,
    Cleared,
    ClockSet,
    NotArrived,
    Onset,
    ReturnDue,
    ShelfOver,
    StepDue,
)
from alarms.lifecycle.step import SYSTEM
from alarms.notify.voice import CallEvent, CallReport
from ingest.log import Log
from ingest.registry.model import Registry
from ingest.wire import pack as packs
from ingest.wire.errors import DecodeError
from ingest.wire.pack import Header
from ingest.wire.topics import GatewayTopic


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
        profiles, policies = self._intake.profiles, escalation.policies(registry)
        self.staff = StaffPresence(self._journal, profiles, registry, self._presence_limit_s)
        self._ended = EndedChannels(self._journal, registry)
        self.people = People(registry, self._duty_webhooks, self._ended.has_ended)
        self.telling = Telling(self._journal, self.people, policies, self.staff)
        self._looks_for_channels = True
        writing = Writing(self._journal, registry, self.telling)
        self._course = Course(self._journal, registry, profiles, policies, self.staff, writing, self._fall_window_s)
        self._drills = Drills(self._journal, profiles, registry)
        self._orders = Orders(self._journal, self._course, self._drills)

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
        self._orders.about_alarm(alarm, payload, now, out)

    def site_command(self, site_id: str, payload: bytes, now: datetime, out: Outbox) -> None:
        """A person's command about a site (a drill); answered once and the same way for ever."""
        self._orders.about_site(site_id, payload, now, out)

    def due(self, now: datetime, out: Outbox) -> None:
        """Every deadline that has come: other channels, next steps, forgotten acknowledgements, ends of shelving."""
        course, incidents = self._course, self._course.incidents
        self.telling.due(now, out)
        self.staff.due(now, out)
        course.change(self._drills.due(now), now, out)
        course.change(list(course.fires.due(now)), now, out)
        course.see_to_outputs(now, out)
        self.look_after_channels(now, out)
        for subject in incidents.floods_over(now):
            self.over(flood.RULE, subject, now, out)
        for alarm in self._journal.steps_due(now):
            if sprinkler.is_held_back(alarm):
                course.step(alarm, sprinkler.unjudged(now), now, out, by=SYSTEM)
                continue
            if incidents.begins_flood(alarm, now):
                course.begin(incidents.flood_onset(alarm, now), now, out)
            quiet = incidents.quiet(alarm)
            course.step(course.counted_anew(alarm, now, out), StepDue(quiet=quiet), now, out, by=SYSTEM)
        for alarm in self._journal.returns_due(now):
            course.step(course.counted_anew(alarm, now, out), ReturnDue(), now, out, by=SYSTEM)
        for alarm in self._journal.shelves_over(now):
            if incidents.begins_flood(alarm, now):
                course.begin(incidents.flood_onset(alarm, now), now, out)
            course.step(alarm, ShelfOver(quiet=incidents.quiet(alarm)), now, out, by=SYSTEM)
        for alarm in self._journal.expected_by(now):
            course.step(alarm, NotArrived(), now, out, by=SYSTEM)

    def look_after_channels(self, now: datetime, out: Outbox) -> None:
        """What a registry brings about, without a deadline: consoles told of ends, questions that are answered."""
        self._ended.due(now, out)
        if self._looks_for_channels:
            self._looks_for_channels = False
            for alarm in list(self._ended.over()):
                self._course.step(alarm, Cleared(at=now), now, out, by=SYSTEM)
            self._course.change(list(self._course.questions.answered()), now, out)

    def clock_set(self, by_s: float, now: datetime, out: Outbox) -> None:
        """The machine's clock was set by so many seconds: whoever waits goes on waiting just as long."""
        self._log.warning("clock.set", by_s=round(by_s, 3))
        self._journal.move_waits(by_s)
        for alarm in self._journal.waiting():
            self._course.step(alarm, ClockSet(by_s=by_s), now, out, by=SYSTEM)

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
            self._course.step(alarm, StepDue(), sent.at, out, by=SYSTEM)  # nobody else was told: the next step at once

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
                self._course.step(alarm, Acknowledge(by=by), now, out, by=by)
        elif report.event is CallEvent.ENDED and send.hand_over_s is not None:
            self.telling.hand_over(send, now, out)

    def _end_channel(self, sent: Sent, channel: str, address: str, out: Outbox) -> None:
        ended = Ended(channel=channel, address=address, at=sent.at, reason=sent.result)
        for person in self._ended.end(ended, out):
            if not self._ended.can_be_told(person):
                for onset in self._ended.onsets(person, sent.result, sent.at):
                    self._course.begin(onset, sent.at, out)

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
                        self._course.step(alarm, Cleared(at=at), now, out, by=SYSTEM)
            case StaffSign():
                self._course.change(self.staff.signed(finding, now, out), now, out)
            case Cancelled():
                ended = [*self.staff.cancelled(finding, now), *self._course.falls.cancelled(finding, now)]
                self._course.change([*ended, *self._course.questions.cancelled(finding)], now, out)
            case OutputMoved():
                self._course.change(list(self._course.linkages.moved(finding)), now, out)
            case GotUp():
                self._course.change(self._course.falls.got_up(finding, now), now, out)
            case Raised(onset=onset):
                alarm = self._course.begin(onset, now, out)
                self._course.change(list(self._course.questions.answer_to(alarm)), now, out)
