"""Who a step is for: words of a policy become people, and people the channels that reach them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alarms.engine import escalation
from alarms.engine.families import Families, may_carry_news
from alarms.lifecycle import policy
from alarms.lifecycle.alarm import Alarm, ContactAtOnset
from alarms.lifecycle.rota import on_duty
from ingest.registry.family_model import Share
from ingest.registry.model import WEBHOOK, Reach, Registry
from ingest.registry.sharing import shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to be told. ``target`` is ``user:{id}``, ``contact:{id}`` or ``duty:{n}``, a webhook of the settings.

    ``reaches`` are the channels that count, in order; ``unproved`` says that there are others, whose test message
    nobody has answered yet, ``ended`` that one which counted has ended.
    """

    target: str
    reaches: tuple[Reach, ...]
    unproved: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``gap``: the rota has nobody at this time, so everyone is told."""

    people: tuple[Person, ...]
    gap: bool = False


class People:
    """The people of one registry; ``has_ended`` knows of channels that the registry still takes for good."""

    def __init__(self, registry: Registry, duty_webhooks: Sequence[str], has_ended: Callable[[Reach], bool]) -> None:
        self._registry = registry
        self._has_ended = has_ended
        self._duty = [
            Person(target=f"duty:{n}", reaches=(Reach(person=f"duty:{n}", rank=1, channel=WEBHOOK, address=url),))
            for n, url in enumerate(duty_webhooks)
        ]
        self._rotas = escalation.rotas(registry)
        self.families = Families(registry)

    def find(self, alarm: Alarm, who: Sequence[str], channels: Sequence[str], now: datetime) -> Found:
        """Everybody whom the words mean, each once, in the order of the words; ``channels`` as in a policy's step."""
        people: dict[str, Person] = {}
        gap = False
        for word in who:
            found, is_gap = self._of_word(alarm, word, now)
            gap = gap or is_gap
            for person in found:
                people.setdefault(person.target, _over(person, channels))
        return Found(people=tuple(people.values()), gap=gap)

    def person(self, alarm: Alarm, target: str, channels: Sequence[str]) -> Person:
        """One person again, as the registry has them now; ``channels`` as in a policy's step."""
        if target.startswith("duty:"):
            return next((one for one in self._duty if one.target == target), Person(target=target, reaches=()))
        at_onset = [c.webhook for c in alarm.identity.contacts if target == f"contact:{c.contact_id}"]
        return _over(self._person(target, at_onset[0] if at_onset else ""), channels)

    def for_news(self, target: str) -> Person:
        """One person over the channels that are fit for what is no alarm."""
        person = self._person(target)
        return replace(person, reaches=tuple(reach for reach in person.reaches if may_carry_news(reach.channel)))

    def _of_word(self, alarm: Alarm, word: str, now: datetime) -> tuple[list[Person], bool]:
        site_id = alarm.identity.site_id
        kind, _, name = word.partition(":")
        if kind == policy.DUTY:
            lists = [one for one in self._rotas.get(site_id, ()) if name in ("", one.rota_id)]
            present = list(dict.fromkeys(person for one in lists for person in on_duty(one, now)))
            if present:
                return [*self._duty, *(self._person(target) for target in present)], False
            return [*self._duty, *self._everyone(site_id)], bool(lists)
        if word == policy.CONTACTS:
            told = [c for c in alarm.identity.contacts if not alarm.is_question or self._shares_routine(c.contact_id)]
            return [self._person(f"contact:{c.contact_id}", c.webhook) for c in self._each_once(told)], False
        if word == policy.EVERYONE:
            return [*self._duty, *self._everyone(site_id)], False
        return [self._person(word)], False

    def _each_once(self, contacts: Sequence[ContactAtOnset]) -> list[ContactAtOnset]:
        """Whoever is a contact of several who live behind one door, with one account, is told once."""
        accounts = {
            one.contact_id: one.user_id
            for one in map(self._registry.contact.get, (c.contact_id for c in contacts))
            if one
        }
        first: dict[str, ContactAtOnset] = {}
        for contact in contacts:
            first.setdefault(accounts.get(contact.contact_id) or f"contact:{contact.contact_id}", contact)
        return list(first.values())

    def _shares_routine(self, contact_id: str) -> bool:
        """Whether the resident lets this contact know when it is unusually quiet."""
        contact = self._registry.contact.get(contact_id)
        return contact is not None and Share.ROUTINE in shares(self._registry, contact)

    def _everyone(self, site_id: str) -> list[Person]:
        """Everybody who works at the site and can be reached."""
        users = [u for u in self._registry.users if not u.disabled and (not u.site_ids or site_id in u.site_ids)]
        people = [self._person(f"user:{user.user_id}") for user in users if user.role != "family"]
        return [person for person in people if person.reaches or person.unproved or person.ended]

    def _person(self, target: str, webhook: str = "") -> Person:
        known = self._registry.reaches_of.get(target, ())
        reaches = [reach for reach in known if reach.counts and not self._has_ended(reach)]
        if webhook and all(reach.address != webhook for reach in reaches):  # as it was at onset
            reaches.append(Reach(person=target, rank=len(reaches) + 1, channel=WEBHOOK, address=webhook))
        ended = not reaches and any(reach.answered_at is not None for reach in known)
        unproved = len(known) > 0 and not reaches and not ended
        return Person(target=target, reaches=tuple(reaches), unproved=unproved, ended=ended)


def _over(person: Person, channels: Sequence[str]) -> Person:
    """The same person over these channels only; over any, when none of them leads to the person."""
    if not channels:
        return person
    order = {channel: place for place, channel in enumerate(channels)}
    reaches = sorted((r for r in person.reaches if r.channel in order), key=lambda r: (order[r.channel], r.rank))
    return replace(person, reaches=tuple(reaches) or person.reaches)
