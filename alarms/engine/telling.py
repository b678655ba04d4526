"""Telling people: who gets which message, what became of it, and which channel is tried next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from alarms.engine.families import Relative
from alarms.engine.family_view import Facts, family_view, is_meant
from alarms.engine.outbox import Outbox
from alarms.engine.people import People, Person
from alarms.engine.presence import StaffPresence
from alarms.engine.sends import OVER, Cause, keys_of, next_send
from alarms.journal.journal import Journal
from alarms.journal.records import Send
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.effects import Notify, Reason
from alarms.lifecycle.incident import is_urgent
from alarms.lifecycle.policy import Policies
from alarms.lifecycle.step import policy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a channel said to an attempt; ``retry_at`` None: done, for good or for bad.

    ``gone``: the channel and its address, when the provider says that the address has ended for good.
    """

    send_key: str
    alarm_id: str
    attempts: int
    ok: bool
    result: str
    at: datetime
    retry_at: datetime | None
    gone: tuple[str, str] | None = None


class Telling:
    """The messages of one registry's people; every one, and every one that is not sent, stands in the journal."""

    def __init__(self, journal: Journal, people: People, policies: Policies, staff: StaffPresence) -> None:
        self._journal = journal
        self._people = people
        self._policies = policies
        self._staff = staff

    def notify(self, alarm: Alarm, notify: Notify, now: datetime, out: Outbox) -> None:
        """Tell everybody whom a step means, each over the first channel."""
        at_s = now.timestamp()
        found = self._people.find(alarm, self._staff.told(alarm, notify.who), notify.channels, now)
        shown = {
            "channel": "console",
            "target": "desk",
            "step": notify.step,
            "round": notify.round,
            "reason": notify.reason,
        }
        self._journal.log_send(alarm.alarm_id, at_s, "shown", shown)
        if found.gap:
            self._journal.log_send(alarm.alarm_id, at_s, "not_sent", {"reason": Reason.ROTA_GAP, "step": notify.step})
        if not found.people:
            self._journal.log_send(alarm.alarm_id, at_s, "not_sent", {"reason": Reason.NO_TARGET, "step": notify.step})
        refusals = [self._refusal(alarm, person, now) for person in found.people]
        if all(refusals):  # somebody must know: a limit spares a person only while another one is told
            refusals = [None if refusal is Reason.HOURLY_LIMIT else refusal for refusal in refusals]
        for person, refusal in zip(found.people, refusals, strict=True):
            if refusal is not None:
                detail = {"reason": refusal, "step": notify.step, "target": person.target}
                self._journal.log_send(alarm.alarm_id, at_s, "not_sent", detail)
            else:
                self._send(next_send(alarm, person, (), Cause.of(notify), now), now, out)

    def due(self, now: datetime, out: Outbox) -> None:
        """The channels that have had their time hand over."""
        for send in self._journal.hand_overs_due(now):
            self.hand_over(send, now, out)

    def sent(self, sent: Sent, out: Outbox) -> None:
        """Note what a channel said; one that will not take the message hands over at once."""
        retry_s = None if sent.retry_at is None else sent.retry_at.timestamp()
        is_news = self._journal.finish_send(sent.send_key, sent.attempts, retry_s)
        if is_news:
            out.dropped.add(sent.send_key)  # begun in the same turn: memory has sent it while the disk was full
            detail = {
                "send_key": sent.send_key,
                "ok": sent.ok,
                "result": sent.result,
                "attempts": sent.attempts,
                "final": retry_s is None,
            }
            self._journal.log_send(sent.alarm_id, sent.at.timestamp(), "sent", detail)
            send = None if sent.ok or retry_s is not None else self._journal.send(sent.send_key)
            if send is not None and send.hand_over_s is not None:
                self.hand_over(send, sent.at, out)
        elif sent.ok:
            self._arrived_late(sent, out)

    def hand_over(self, send: Send, now: datetime, out: Outbox) -> None:
        """Try the person's next channel, as the registry has it now."""
        self._journal.end_hand_over(send.send_key)
        alarm = self._journal.alarm(send.alarm_id)
        if alarm is None:
            return
        policy = policy_of(alarm, self._policies)
        cause = Cause.after(send, policy.hand_over_s)
        if alarm.next_step_at is None and cause.mark != OVER:
            return
        tried = self._journal.sends_under(f"{keys_of(alarm.alarm_id, cause)}{send.target}/")
        if cause.mark == OVER:
            person = self._people.for_news(send.target)
        else:
            person = self._people.person(alarm, send.target, () if cause.mark else policy.channels_of(send.step))
        self._send(next_send(alarm, person, tried, cause, now), now, out)

    def leads_nowhere(self, alarm: Alarm, send: Send) -> bool:
        """Whether the step that the message belongs to was for one person only, and no channel of this one counts."""
        cause = Cause.after(send, 0)
        is_newest = (send.step, send.round, cause.mark) == (alarm.step, alarm.round, "")
        targets = {one.target for one in self._journal.sends_under(keys_of(alarm.alarm_id, cause))}
        return is_newest and targets == {send.target} and not self._people.person(alarm, send.target, ()).reaches

    def receipt(self, send_key: str, now: datetime) -> None:
        """A phone has shown a message: its channel works, no other one is tried."""
        send = self._journal.send(send_key)
        if send is not None and self._journal.write_receipt(send_key, now):
            self._journal.log_send(send.alarm_id, now.timestamp(), "received", {"send_key": send_key})

    def stop(self, alarm: Alarm, now: datetime, out: Outbox) -> None:
        """Nobody is waited for any more: what no channel has taken is not sent, and no other channel is tried."""
        reason = Reason.NEAR_FALL if alarm.is_near_fall else Reason.ANSWERED_MEANWHILE
        self._journal.end_hand_overs_of(alarm.alarm_id)
        for send_key in self._journal.pending_sends_of(alarm.alarm_id):
            self._journal.finish_send(send_key, 0, None)
            out.dropped.add(send_key)
            detail = {"send_key": send_key, "reason": reason}
            self._journal.log_send(alarm.alarm_id, now.timestamp(), "not_sent", detail)

    def all_clear(self, alarm: Alarm, now: datetime, out: Outbox) -> None:
        """It is over, or was a near fall: the relatives who were told of it hear that, once."""
        relatives = [one for who in alarm.identity.people for one in self._people.families.about(who)]
        reached = self._journal.reached(alarm.alarm_id) if relatives else set()
        for relative in relatives:
            if relative.target in reached:
                self._all_clear(alarm, relative, now, out)

    def _arrived_late(self, sent: Sent, out: Outbox) -> None:
        """A provider had taken a message already when it was over: who got it hears that, too."""
        send, alarm = self._journal.send(sent.send_key), self._journal.alarm(sent.alarm_id)
        relative = self._people.families.of(send.target) if send is not None else None
        is_over = alarm is not None and (not alarm.is_open or alarm.is_near_fall)
        if alarm is not None and is_over and relative is not None:
            self._all_clear(alarm, relative, sent.at, out)

    def _all_clear(self, alarm: Alarm, relative: Relative, now: datetime, out: Outbox) -> None:
        """Say once that it is over, where this much is shared; an exercise, or a test, is no news."""
        if not is_meant(alarm):
            return
        person = self._people.for_news(relative.target)
        refusal = self._refusal_of_news(alarm, relative, person, now)
        if refusal is not None:
            detail = {"reason": refusal, "step": alarm.step, "target": relative.target}
            self._journal.log_send(alarm.alarm_id, now.timestamp(), "not_sent", detail)
            return
        hand_over_s = policy_of(alarm, self._policies).hand_over_s
        cause = Cause(step=alarm.step, round=alarm.round, reason=Reason.ALL_CLEAR, hand_over_s=hand_over_s, mark=OVER)
        self._send(next_send(alarm, person, (), cause, now), now, out)

    def _refusal_of_news(self, alarm: Alarm, relative: Relative, person: Person, now: datetime) -> Reason | None:
        if not family_view(relative.viewer, Facts(alarms=(alarm,)), now).past:
            return Reason.NOT_SHARED
        if not person.reaches:
            return Reason.CHANNEL_ENDED if person.ended else Reason.NO_TARGET
        return Reason.QUIET_HOURS if not is_urgent(alarm) and relative.is_quiet(now) else None

    def _refusal(self, alarm: Alarm, person: Person, now: datetime) -> Reason | None:
        """Why this person is not told. A limit neither counts nor holds back what is urgent."""
        if not person.reaches:
            if person.ended:
                return Reason.CHANNEL_ENDED
            return Reason.NO_ANSWERED_TEST if person.unproved else Reason.NO_TARGET
        if not is_urgent(alarm) and self._people.families.is_quiet(person.target, now):
            return Reason.QUIET_HOURS
        limits = [reach.hourly_limit for reach in person.reaches if reach.hourly_limit is not None]
        if is_urgent(alarm) or not limits:
            return None
        since = now - timedelta(hours=1)
        sends = self._journal.sends_since(person.target, since, now)
        told = sum(count for about, count in sends if not is_urgent(about))
        return Reason.HOURLY_LIMIT if told >= min(limits) else None

    def _send(self, send: Send | None, now: datetime, out: Outbox) -> None:
        if send is not None and self._journal.add_send(send):
            self._journal.log_send(send.alarm_id, now.timestamp(), "due", msgspec.to_builtins(send))
            out.sends.append(send)
