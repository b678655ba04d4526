"""Who is on duty at a site in the coming week, and when nobody is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alarms.engine.escalation import rotas
from alarms.lifecycle.rota import Shift, shifts, together
from console.names import name_of
from ingest.registry.model import Registry

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``reachable``: a test message to them was answered."""

    name: str
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The same people from one moment to another; nobody is a gap."""

    begins_at: datetime
    ends_at: datetime
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The shifts of each rota by its name, and the gaps of all of them together."""

    rotas: list[tuple[str, list[Line]]]
    gaps: list[Line]


def week(registry: Registry, site_id: str, now: datetime) -> Week:
    """From now on, seven days; a rota that cannot be read is left out, as the alarm engine leaves it out."""
    known, until = rotas(registry).get(site_id, []), now + WEEK
    whole = together(known, now, until) if known else []
    return Week(
        rotas=[(one.name, [_line(registry, shift) for shift in shifts(one, now, until)]) for one in known],
        gaps=[_line(registry, shift) for shift in whole if not shift.people],
    )


def _line(registry: Registry, shift: Shift) -> Line:
    people = (
        Person(
            name=name_of(registry, person),
            reachable=any(reach.counts for reach in registry.reaches_of.get(person, ())),
        )
        for person in shift.people
    )
    return Line(begins_at=shift.begins_at, ends_at=shift.ends_at, people=tuple(people))
