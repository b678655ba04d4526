"""The engine: each input changes the journal and fills the outbox. The caller commits, then carries the outbox out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from alarms.engine import commands, recipients
from alarms.engine.intake import Finding, Intake, InTest, Over, Raised
from alarms.engine.outbox import Outbox
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm, Flag
from alarms.lifecycle.effects import DoNotNotify, Effect, Lamp, Notify, Reason, SirenOff
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import Cleared, Event, Onset, Recurred, ReturnDue, StepDue
from alarms.lifecycle.step import SYSTEM, Policies, open_alarm, step
from ingest.log import Log
from ingest.registry.model import Registry
from ingest.wire import pack as packs
from ingest.wire import topics
from ingest.wire.errors import DecodeError
from ingest.wire.pack import Header
from ingest.wire.topics import GatewayTopic

_ENCODE = msgspec.json.Encoder().encode
_LAMP_VALID_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a channel said to an attempt; ``retry_at`` None: done, for good or for bad."""

    send_key: str
    alarm_id: str
    attempts: int
    ok: bool
    result: str
    at: datetime
    retry_at: datetime | None


class Engine:
    """Pure decisions over a journal: no network, no clock, no threads."""

    def __init__(
        self, journal: Journal, intake: Intake, policies: Policies, duty_webhooks: Sequence[str], test_limit_s: float
    ) -> None:
        self._journal = journal
        self._intake = intake
        self._policies = policies
        self._duty_webhooks = duty_webhooks
        self._test_limit_s = test_limit_s
        self._log = Log("alarms")
        self.registry = Registry()

    def pack(self, topic: GatewayTopic, payload: bytes, received_at: datetime, out: Outbox) -> None:
        """A message of the alarm lane. Whatever it holds, somebody is told or it is a repeat."""
        try:
            pack = packs.decode(payload)
        except DecodeError as error:
            self._log.error("pack.unreadable", gateway_id=topic.gateway_id, reason=error.reason)
            self.unreadable(topic, payload, received_at, out)
            return
        if pack.boot is not None and not self._is_new(topic, Header(pack.boot, pack.seq, pack.floor), received_at, out):
            return
        for finding in self._intake.read(pack, topic.gateway_id, self.registry, received_at):
            self._find(finding, received_at, out)

    def unreadable(self, topic: GatewayTopic, payload: bytes, received_at: datetime, out: Outbox) -> None:
        """Bytes in the alarm lane that cannot be used: an alarm at the gateway's site that shows them."""
        header = packs.decode_header(payload)
        if header is None or self._is_new(topic, header, received_at, out):
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
        command = commands.decode(payload)
        if command is None:
            self._log.warning("command.unreadable", alarm_id=alarm)
            return
        reply = self._journal.reply(command.id)
        if reply is None:
            reply = self._obey(command, alarm, now, out)
            self._journal.write_reply(command.id, reply, now)
        topic = commands.reply_topic(command)
        if topic is not None:
            out.messages.append((topic, reply, False))

    def due(self, now: datetime, out: Outbox) -> None:
        """Every deadline that has come: next steps, then forgotten acknowledgements."""
        for alarm in self._journal.steps_due(now):
            self._step(alarm, StepDue(), now, out, by=SYSTEM)
        for alarm in self._journal.returns_due(now):
            self._step(alarm, ReturnDue(), now, out, by=SYSTEM)

    def sent(self, sent: Sent) -> None:
        """Note what a channel said."""
        retry_s = None if sent.retry_at is None else sent.retry_at.timestamp()
        if self._journal.finish_send(sent.send_key, sent.attempts, retry_s):
            detail = {
                "send_key": sent.send_key,
                "ok": sent.ok,
                "result": sent.result,
                "attempts": sent.attempts,
                "final": retry_s is None,
            }
            self._journal.log_send(sent.alarm_id, sent.at.timestamp(), "sent", detail)

    def _is_new(self, topic: GatewayTopic, pack: Header, now: datetime, out: Outbox) -> bool:
        lane = self._journal.lane(topic.gateway_id, pack.boot)
        is_new = lane.accept(pack.seq, pack.floor)
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
                    self._step(alarm, Cleared(at=at), now, out, by=SYSTEM)
            case Raised(onset=onset):
                self._raise(onset, now, out)

    def _raise(self, onset: Onset, now: datetime, out: Outbox) -> None:
        if self._journal.in_test(onset.identity.device_id, now) and Flag.TEST not in onset.flags:
            onset = replace(onset, flags=(*onset.flags, Flag.TEST))
        alarm, effects = open_alarm(onset, now, self._policies)
        standing = self._journal.open_by_key(alarm.dedup_key)
        if standing is not None:
            again = Recurred(at=onset.raised_at, received_at=onset.received_at, evidence=onset.evidence)
            self._step(standing, again, now, out, by=SYSTEM)
        elif self._journal.alarm(alarm.alarm_id) is None:  # else a bare record came again after its alarm was resolved
            self._write(alarm, effects, now, out, event="Raised", by=SYSTEM)

    def _obey(self, command: commands.Command, alarm_id_: str, now: datetime, out: Outbox) -> bytes:
        alarm = self._journal.alarm(alarm_id_)
        if alarm is None:
            return commands.refused(command, "unknown_alarm")
        event = commands.event_of(command)
        if event is None:
            return commands.refused(command, "bad_command", alarm)
        if command.version not in (None, alarm.version):
            seen = self._journal.state_at(alarm.alarm_id, command.version)
            if commands.is_outdated(seen, alarm):
                return commands.refused(command, "conflict", alarm)
        try:
            changed = self._step(alarm, event, now, out, by=command.by)
        except TransitionError as error:
            return commands.refused(command, "conflict" if error.first is not None else "refused", alarm, error)
        return commands.accepted(command, changed)

    def _step(self, alarm: Alarm, event: Event, now: datetime, out: Outbox, *, by: str) -> Alarm:
        changed, effects = step(alarm, event, now, self._policies)
        self._write(changed, effects, now, out, event=type(event).__name__, by=by)
        return changed

    def _write(
        self, alarm: Alarm, effects: Sequence[Effect], now: datetime, out: Outbox, *, event: str, by: str
    ) -> None:
        detail: dict[str, Any] = {
            "response": alarm.response,
            "condition": alarm.condition,
            "count": alarm.count,
        }  # Any: JSON
        self._journal.write(alarm, at=now, event=event, by=by, detail=detail)
        out.alarms[alarm.alarm_id] = alarm
        if alarm.next_step_at is None:
            self._drop_waiting(alarm, now)
        for effect in effects:
            self._effect(alarm, effect, now, out)
        if event != "Recurred":
            self._log.info(
                f"alarm.{event.lower()}",
                alarm_id=alarm.alarm_id,
                site_id=alarm.identity.site_id,
                rule=alarm.rule,
                by=by,
            )

    def _drop_waiting(self, alarm: Alarm, now: datetime) -> None:
        """Messages of an answered alarm that no channel has taken are not sent any more; the log says so."""
        for send_key in self._journal.pending_sends_of(alarm.alarm_id):
            self._journal.finish_send(send_key, 0, None)
            detail = {"send_key": send_key, "reason": Reason.ANSWERED_MEANWHILE}
            self._journal.log_send(alarm.alarm_id, now.timestamp(), "not_sent", detail)

    def _effect(self, alarm: Alarm, effect: Effect, now: datetime, out: Outbox) -> None:
        match effect:
            case Notify():
                self._notify(alarm, effect, now, out)
            case DoNotNotify(reason=reason):
                self._journal.log_send(alarm.alarm_id, now.timestamp(), "not_sent", {"reason": reason})
            case Lamp(state=state):
                self._tell_gateway(
                    alarm, {"cmd": "lamp", "device_id": alarm.identity.device_id, "lamp": state}, now, out
                )
            case SirenOff():
                self._tell_gateway(
                    alarm,
                    {"cmd": "siren", "alarm": alarm.rule, "device_id": alarm.identity.device_id, "on": False},
                    now,
                    out,
                )

    def _notify(self, alarm: Alarm, notify: Notify, now: datetime, out: Outbox) -> None:
        found = recipients.sends(alarm, notify, self._duty_webhooks, now.timestamp())
        shown = {
            "channel": "console",
            "target": "desk",
            "step": notify.step,
            "round": notify.round,
            "reason": notify.reason,
        }
        self._journal.log_send(alarm.alarm_id, now.timestamp(), "shown", shown)
        if not found:
            self._journal.log_send(
                alarm.alarm_id, now.timestamp(), "not_sent", {"reason": Reason.NO_TARGET, "step": notify.step}
            )
        for send in found:
            if self._journal.add_send(send):
                self._journal.log_send(alarm.alarm_id, now.timestamp(), "due", msgspec.to_builtins(send))
                out.sends.append(send)

    def _tell_gateway(self, alarm: Alarm, body: dict[str, Any], now: datetime, out: Outbox) -> None:  # Any: JSON
        gateway_id = alarm.identity.gateway_id
        site = self.registry.site.get(alarm.identity.site_id)
        if site is None or not gateway_id:
            return
        nonce = f"{alarm.alarm_id}/{alarm.version}/{body['cmd']}"
        body = body | {"expires_at": now.timestamp() + _LAMP_VALID_S, "nonce": nonce}
        out.messages.append((topics.command(site.shard, gateway_id), _ENCODE(body), False))
