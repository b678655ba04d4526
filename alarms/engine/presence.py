"""Staff at the place: presence in a room, calls that end where they began, calls of staff for help (docs/presence.md).

What hangs in its room is a place (``fixed`` in its profile); what somebody carries is none: its call may come from
anywhere, and a cancel on it may be the wearer's own. Nothing here ends a call that is newer than the button's record,
comes from another room or another site, or whose button has an impossible clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from alarms.core.profiles import Profiles
from alarms.engine.intake import Cancelled, StaffSign
from alarms.engine.outbox import Outbox
from alarms.journal.journal import Journal
from alarms.journal.presence import Presence
from alarms.lifecycle.alarm import Alarm, AlarmKind, Disposition, Flag, Identity, Priority, Reached, Response
from alarms.lifecycle.events import Attend, Cleared, Event, Onset, Resolve, Stay
from alarms.lifecycle.guards import PERSONAL
from alarms.lifecycle.policy import DUTY
from alarms.lifecycle.step import SYSTEM, alarm_id
from ingest.log import Log
from ingest.registry.model import Registry
from ingest.wire import topics

ASSISTANCE_CALL = "assistance_call"
_ASSISTANCE = {"text_zh": "护理员需要支援", "text_en": "Staff need help"}
_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to happen to an alarm, and who did it."""

    alarm_id: str
    event: Event
    by: str


class StaffPresence:
    """Decides by one registry; who is where stands in the journal."""

    def __init__(self, journal: Journal, profiles: Profiles, registry: Registry, limit_s: float) -> None:
        self._journal = journal
        self._profiles = profiles
        self._registry = registry
        self._limit = timedelta(seconds=limit_s)
        self._log = Log("alarms")

    def signed(self, sign: StaffSign, now: datetime, out: Outbox) -> list[Change]:
        """Staff came into a room, or leave it: what this changes."""
        device_id = sign.identity.device_id
        if not self._counts(sign) or sign.identity.room_id is None or self._journal.in_test(device_id, now):
            self._log.warning("presence.ignored", device_id=device_id, site_id=sign.identity.site_id)
            return []
        known = self._journal.presence_of(device_id, now)
        if sign.on:
            return self._came(sign, sign.identity.room_id, known, now, out)
        if known is None or sign.at < known.since:
            return []  # it never said that anybody came: a panel that starts says "nobody" too
        return self._left(known, sign.at, now, out)

    def cancelled(self, cancel: Cancelled, now: datetime) -> list[Change]:
        """A call was cancelled with a button: what this changes."""
        if Flag.BAD_CLOCK in cancel.flags:
            self._log.warning("cancel.ignored", device_id=cancel.identity.device_id, site_id=cancel.identity.site_id)
            return []
        in_test = self._journal.in_test(cancel.identity.device_id, now)
        concerned = [
            alarm
            for alarm in self._journal.open_alarms()
            if alarm.kind is cancel.kind
            and alarm.identity.site_id == cancel.identity.site_id
            and alarm.last_at <= cancel.at
            and (not in_test or Flag.TEST in alarm.flags)
        ]
        by = self._who(cancel.identity, now)
        return [change for alarm in concerned if (change := self._cancel(alarm, cancel, by)) is not None]

    def upgraded(self, onset: Onset, now: datetime) -> Onset:
        """A press at a place where staff are already is their call for help; any other onset stays as it is."""
        room_id = onset.identity.room_id
        if onset.kind is not AlarmKind.HELP_CALL or not onset.momentary or Flag.TEST in onset.flags or room_id is None:
            return onset
        if not self._is_place(onset.subject, onset.identity):
            return onset
        present = self._journal.presences_in(onset.identity.site_id, room_id, now)
        call = replace(
            onset,
            rule=ASSISTANCE_CALL,
            subject=f"room:{room_id}",
            priority=Priority.EMERGENCY,
            latching=True,
            evidence=onset.evidence | _ASSISTANCE | {"present": [one.by for one in present]},
        )
        is_repeat = self._journal.alarm(alarm_id(call)) is not None  # a bare record that came again
        return call if is_repeat or any(one.since <= onset.raised_at for one in present) else onset

    def told(self, alarm: Alarm, who: Sequence[str]) -> tuple[str, ...]:
        """Whom a step is for: staff's own call for help is for everyone on duty at once, whatever the policy says."""
        return (DUTY, *who) if alarm.rule == ASSISTANCE_CALL else tuple(who)

    def due(self, now: datetime, out: Outbox) -> None:
        """Forget staff of whom no sign has come for too long."""
        for one in self._journal.presences_over(now):
            self._end(one, now, out)
            self._log.warning("presence.expired", site_id=one.site_id, room_id=one.room_id, device_id=one.device_id)

    def messages(self, now: datetime) -> Iterator[tuple[str, bytes]]:
        """The retained topic of every room with staff in it."""
        for site_id, room_id in dict.fromkeys((one.site_id, one.room_id) for one in self._journal.presences()):
            yield topics.presence(site_id, room_id), self._state(site_id, room_id, now)

    def sweep(self, site_id: str, room_id: str, now: datetime, out: Outbox) -> None:
        """The broker keeps a room's staff: take it back when nobody is known to be there."""
        if not self._journal.presences_in(site_id, room_id, now):
            self._publish(site_id, room_id, now, out)

    def _came(self, sign: StaffSign, room_id: str, known: Presence | None, now: datetime, out: Outbox) -> list[Change]:
        site_id, device_id = sign.identity.site_id, sign.identity.device_id
        if known is not None and known.room_id != room_id:  # the device hangs somewhere else now
            self._end(known, now, out)
            known = None
        presence = Presence(
            device_id=device_id,
            site_id=site_id,
            room_id=room_id,
            by=self._who_came(sign.badge, room_id),
            since=known.since if known is not None else sign.at,
            until=max(sign.at + self._limit, known.until if known is not None else sign.at),
        )
        if presence.until <= now:
            return []
        self._journal.write_presence(presence)
        self._publish(site_id, room_id, now, out)
        self._log.info("presence.on", site_id=site_id, room_id=room_id, device_id=device_id)
        changes = []
        for alarm in self._calls_of(site_id, room_id, sign.at):
            if alarm.response is not Response.ATTENDED:
                changes.append(Change(alarm_id=alarm.alarm_id, event=Attend(by=presence.by), by=presence.by))
            if self._is_alarm_of_place(alarm):
                changes.append(Change(alarm_id=alarm.alarm_id, event=Stay(until=presence.until), by=presence.by))
        return changes

    def _left(self, known: Presence, at: datetime, now: datetime, out: Outbox) -> list[Change]:
        self._end(known, now, out)
        self._log.info("presence.off", site_id=known.site_id, room_id=known.room_id, device_id=known.device_id)
        if self._journal.presences_in(known.site_id, known.room_id, now):
            return []  # others are still there
        return [
            Change(alarm_id=alarm.alarm_id, event=at_origin(alarm, known.by), by=known.by)
            for alarm in self._calls_of(known.site_id, known.room_id, at)
            if alarm.response is Response.ATTENDED and self._is_alarm_of_place(alarm)
        ]

    def _cancel(self, alarm: Alarm, cancel: Cancelled, by: str) -> Change | None:
        """At the place it ends the call. On what is carried it ends only what somebody attends, else it is noted."""
        is_own = alarm.identity.device_id == cancel.identity.device_id
        room_id = cancel.identity.room_id
        is_same_room = room_id is not None and alarm.identity.room_id == room_id and self._is_alarm_of_place(alarm)
        is_at_place = self._is_fixed(cancel.identity.device_id) and (is_own or is_same_room)
        if is_at_place or (is_own and alarm.response is Response.ATTENDED):
            return Change(alarm_id=alarm.alarm_id, event=at_origin(alarm, by), by=by)
        return Change(alarm_id=alarm.alarm_id, event=Cleared(at=cancel.at), by=SYSTEM) if is_own else None

    def _calls_of(self, site_id: str, room_id: str, at: datetime) -> list[Alarm]:
        """Open calls and falls of a room that are not newer than ``at``."""
        return [
            alarm
            for alarm in self._journal.open_alarms()
            if alarm.kind in PERSONAL
            and (alarm.identity.site_id, alarm.identity.room_id) == (site_id, room_id)
            and alarm.last_at <= at
        ]

    def _who(self, identity: Identity, now: datetime) -> str:
        present = self._journal.presences_in(identity.site_id, identity.room_id or "", now)
        return present[0].by if present else f"device:{identity.device_id}"

    def _who_came(self, badge_id: str, room_id: str) -> str:
        """An account by its bare id, as at the desk, so that one person is one; else the badge, or just staff."""
        if not topics.valid_id(badge_id):
            return f"staff:{room_id}"
        badge = self._registry.badge.get(badge_id)
        return badge.user_id if badge is not None and badge.user_id is not None else f"badge:{badge_id}"

    def _counts(self, sign: StaffSign) -> bool:
        return Flag.BAD_CLOCK not in sign.flags and self._is_fixed(sign.identity.device_id)

    def _is_alarm_of_place(self, alarm: Alarm) -> bool:
        return self._is_place(alarm.subject, alarm.identity)

    def _is_place(self, subject: str, identity: Identity) -> bool:
        return subject == f"room:{identity.room_id}" or self._is_fixed(identity.device_id)

    def _is_fixed(self, device_id: str) -> bool:
        device = self._registry.device.get(device_id)
        profile = self._profiles.profile(device.profile) if device is not None else None
        return profile is not None and profile.fixed

    def _end(self, presence: Presence, now: datetime, out: Outbox) -> None:
        self._journal.end_presence(presence.device_id)
        self._publish(presence.site_id, presence.room_id, now, out)

    def _publish(self, site_id: str, room_id: str, now: datetime, out: Outbox) -> None:
        out.messages.append((topics.presence(site_id, room_id), self._state(site_id, room_id, now), True))

    def _state(self, site_id: str, room_id: str, now: datetime) -> bytes:
        """The retained payload: empty takes the topic back."""
        present = self._journal.presences_in(site_id, room_id, now)
        if not present:
            return b""
        return _ENCODE(
            {
                "site_id": site_id,
                "room_id": room_id,
                "by": [one.by for one in present],
                "since": present[0].since,
                "until": max(one.until for one in present),
            }
        )


def at_origin(alarm: Alarm, by: str, disposition: Disposition = Disposition.HELPED) -> Resolve:
    """The end of a call or a fall where it began; an exercise or a test ends as such."""
    is_real = not {Flag.TEST, Flag.DRILL} & set(alarm.flags)
    return Resolve(by=by, disposition=disposition if is_real else Disposition.TEST, reached=Reached.AT_ORIGIN)
