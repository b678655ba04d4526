"""What people command: each is carried out once, and answered once and the same way for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from alarms.engine import commands
from alarms.engine.commands import Command
from alarms.engine.course import Course
from alarms.engine.drills import Drills
from alarms.engine.incidents import RESOLVE
from alarms.engine.outbox import Outbox
from alarms.engine.presence import Change
from alarms.errors import DrillError
from alarms.journal.journal import Journal
from alarms.lifecycle import verification
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import Acknowledge, Note, Resolve
from ingest.log import Log


class Orders:
    """Carries commands out in the course of alarms."""

    def __init__(self, journal: Journal, course: Course, drills: Drills) -> None:
        self._journal = journal
        self._course = course
        self._drills = drills
        self._log = Log("alarms")

    def about_alarm(self, alarm_id: str, payload: bytes, now: datetime, out: Outbox) -> None:
        """A command about an alarm."""
        self._answer(payload, lambda command: self._obey(command, alarm_id, now, out), now, out)

    def about_site(self, site_id: str, payload: bytes, now: datetime, out: Outbox) -> None:
        """A command about a site: a drill."""
        self._answer(payload, lambda command: self._obey_about_site(command, site_id, now, out), now, out)

    def _answer(self, payload: bytes, obey: Callable[[Command], bytes], now: datetime, out: Outbox) -> None:
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

    def _obey_about_site(self, command: Command, site_id: str, now: datetime, out: Outbox) -> bytes:
        if command.do != "drill":
            return commands.refused(command, "bad_command")
        try:
            onset = self._drills.onset(site_id, command, now)
        except DrillError as error:
            return commands.refused(command, "bad_command", error=error)
        alarm = self._course.begin(onset, now, out, by=command.by)
        self._drills.began(alarm, now)
        return commands.accepted(command, alarm)

    def _obey(self, command: Command, alarm_id: str, now: datetime, out: Outbox) -> bytes:
        alarm = self._journal.alarm(alarm_id)
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
            changed = self._course.step(alarm, event, now, out, by=command.by)
            if isinstance(event, Acknowledge) and command.note:
                note = Note(by=command.by, note=command.note)
                changed = self._course.step(changed, note, now, out, by=command.by)
        except TransitionError as error:
            return commands.refused(command, "conflict" if error.first is not None else "refused", alarm, error)
        return commands.accepted(command, changed)

    def _obey_link(self, command: Command, alarm: Alarm, now: datetime, out: Outbox) -> bytes:
        """A person asks for an output: what forbids it is written down as well."""
        if not alarm.is_open or verification.is_apart(alarm):
            return commands.refused(command, "refused", alarm)
        linked = self._course.linkages.by_person(alarm, command.to, command.by, now)
        if linked is None:
            return commands.refused(command, "bad_command", alarm)
        return commands.accepted(command, self._course.link(alarm, linked, now, out, by=command.by))

    def _obey_about_incident(self, command: Command, parent: Alarm, now: datetime, out: Outbox) -> bytes:
        """Resolve all members at their parent, each with a line of its own."""
        if command.disposition is None:
            return commands.refused(command, "bad_command", parent)
        resolve = Resolve(by=command.by, disposition=command.disposition, note=command.note)
        try:
            members = self._course.incidents.to_resolve(parent)
        except TransitionError as error:
            return commands.refused(command, "refused", parent, error)
        changes = [Change(alarm_id=one.alarm_id, event=resolve, by=command.by) for one in members]
        self._course.change(changes, now, out)
        return commands.accepted(command, self._journal.alarm(parent.alarm_id) or parent)
