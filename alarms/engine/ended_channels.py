"""Channels that have ended for good: they count no more at once, and a person without any other is told of loudly.

Only a provider's own word that an address has ended counts (404 or 410 of a push service about a subscription). That it
does not answer, or refuses, ends nothing. The registry is the console's to change: it is told again and again until the
registry says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from alarms.engine.answers import mark_of
from alarms.engine.identity import PLATFORM
from alarms.engine.outbox import Outbox
from alarms.journal.ended import Ended
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm, AlarmKind, Identity, Priority
from alarms.lifecycle.events import Onset
from ingest.log import Log
from ingest.registry.model import Reach, Registry
from ingest.wire import topics

RULE = "unreachable"
_AGAIN = timedelta(seconds=15)
_ENCODE = msgspec.json.Encoder().encode


class EndedChannels:
    """Decides by one registry; what has ended stands in the journal until the registry says so too."""

    def __init__(self, journal: Journal, registry: Registry) -> None:
        self._journal = journal
        self._registry = registry
        self._told_at = datetime.min.replace(tzinfo=UTC)
        self._log = Log("alarms")

    def has_ended(self, reach: Reach) -> bool:
        """Whether it has ended since its test message was answered."""
        ended = self._journal.ended(reach.channel, reach.address)
        return ended is not None and (reach.answered_at is None or reach.answered_at in ended.proofs)

    def end(self, ended: Ended, out: Outbox) -> list[str]:
        """Note it and tell the consoles; the people who had counted on this address."""
        holders = self._holders(ended)
        concerned = [r for r in holders if r.counts and not self.has_ended(r)]
        answered = (r.answered_at for r in holders if r.ended_at is None)
        ended = replace(ended, proofs=tuple(moment for moment in answered if moment is not None))
        self._journal.write_ended(ended)
        self._tell(ended, out)
        for reach in concerned:
            self._log.warning("channel.ended", person=reach.person, channel=reach.channel, reason=ended.reason)
        return [reach.person for reach in concerned]

    def due(self, now: datetime, out: Outbox) -> None:
        """Tell again what the registry does not say yet; forget the rest."""
        if now - self._told_at < _AGAIN or not self._registry.version:
            return
        self._told_at = now
        for ended in self._journal.all_ended():
            if any(reach.ended_at is None and self.has_ended(reach) for reach in self._holders(ended)):
                self._tell(ended, out)
            else:
                self._journal.forget_ended(ended)

    def onsets(self, person: str, reason: str, now: datetime) -> Iterator[Onset]:
        """Nobody is told by this person's channels any more: a fault at each site where this matters."""
        name, site_ids = self._who(person)
        evidence = {
            "person": person,
            "text_zh": f"{name}:没有可用的通知渠道了({reason}),收不到报警。请重新添加。",
            "text": f"{name} has no channel left that counts ({reason}): no alarm arrives. Put one on the list again.",
        }
        for site_id in site_ids:
            site = self._registry.site.get(site_id)
            yield Onset(
                rule=RULE,
                subject=f"person:{person}",
                kind=AlarmKind.FAULT,
                priority=Priority.HIGH,
                latching=False,
                momentary=False,
                identity=Identity(site_id=site_id, site_name=site.name if site is not None else "Anxin"),
                record=f"{RULE}/{person}/{now.timestamp()}",
                raised_at=now,
                received_at=now,
                evidence=evidence,
            )

    def over(self) -> Iterator[Alarm]:
        """The faults of people who can be told again, or who are not there any more."""
        for alarm in self._journal.open_alarms() if self._registry.version else ():
            person = alarm.subject.removeprefix("person:")
            if alarm.rule == RULE and (not self._is_here(person) or self.can_be_told(person)):
                yield alarm

    def can_be_told(self, person: str) -> bool:
        """Whether any channel of the person counts."""
        return any(reach.counts and not self.has_ended(reach) for reach in self._registry.reaches_of.get(person, ()))

    def _holders(self, ended: Ended) -> list[Reach]:
        """Everybody's entries of one address: two people may share a browser."""
        return [r for r in self._registry.reaches if (r.channel, r.address) == (ended.channel, ended.address)]

    def _is_here(self, person: str) -> bool:
        kind, _, entry_id = person.partition(":")
        if kind == "contact":
            return entry_id in self._registry.contact
        user = self._registry.user.get(entry_id)
        return user is not None and not user.disabled

    def _who(self, person: str) -> tuple[str, tuple[str, ...]]:
        """Name and sites: a relative's are the elders'; an account of every site is the platform's concern."""
        kind, _, entry_id = person.partition(":")
        if kind == "contact" and (contact := self._registry.contact.get(entry_id)) is not None:
            return contact.name, (contact.site_id,)
        user = self._registry.user.get(entry_id)
        if user is None:
            return person, (PLATFORM,)
        of_elders = tuple(dict.fromkeys(c.site_id for c in self._registry.contacts if c.user_id == user.user_id))
        return user.name, of_elders or user.site_ids or (PLATFORM,)

    def _tell(self, ended: Ended, out: Outbox) -> None:
        """The address, which is a secret, does not travel."""
        body = {
            "channel": ended.channel,
            "mark": mark_of(ended.address),
            "at": ended.at,
            "reason": ended.reason,
            "proofs": ended.proofs,
        }
        out.messages.append((topics.CHANNEL_ENDED, _ENCODE(body), False))
