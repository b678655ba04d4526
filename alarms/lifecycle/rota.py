"""Rotas: who is on duty when, in the local time of a site.

Every time of a layer (hand-over, begin, end) happens at the first moment at which the site's clock shows it or a later
time. Where the clocks are put back, a time that exists twice is meant the first time; where they are put forward, a
time that does not exist is the moment of the jump. So no change of the clocks makes a hole or an overlap between two
layers that touch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alarms.lifecycle.errors import RotaError
from alarms.lifecycle.wall_clock import first_shown

LONGEST_TURN_DAYS = 366
LOOK_AHEAD = timedelta(days=366)
_DAY = timedelta(days=1)
_WEEK = range(7)
_PERSON = re.compile(r"(user|contact):\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Members who take turns of ``turn_days``, from ``starts_on`` at ``hand_over``; before that nobody.

    In force from ``begin`` to ``end`` on ``weekdays`` (0 is Monday). When ``end`` is not after ``begin`` it is the next
    day's, and the time between belongs to the day on which it begins; so ``begin == end`` is a whole day.
    """

    members: tuple[str, ...]
    starts_on: date
    hand_over: time
    turn_days: int
    begin: time
    end: time
    weekdays: frozenset[int]

    def __post_init__(self) -> None:
        if not self.members:
            raise RotaError("layer.members", "nobody is named: name at least one person")
        for member in self.members:
            _check_person("layer.members", member)
        if not 1 <= self.turn_days <= LONGEST_TURN_DAYS:
            raise RotaError("layer.turn_days", f"{self.turn_days} is not within 1 to {LONGEST_TURN_DAYS} days")
        if not self.weekdays or not self.weekdays.issubset(_WEEK):
            raise RotaError("layer.weekdays", f"{sorted(self.weekdays)}: name days from 0 (Monday) to 6 (Sunday)")
        for name, at in (("hand_over", self.hand_over), ("begin", self.begin), ("end", self.end)):
            if at.tzinfo is not None or at.microsecond:
                raise RotaError(f"layer.{name}", f"{at} must be a local time in whole seconds, without a time zone")

    @property
    def always(self) -> bool:
        """In force around the clock."""
        return self.begin == self.end and len(self.weekdays) == len(_WEEK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """``person`` is on duty instead of one person, wherever that one would be, or instead of everyone (None).

    Instead of everyone also holds where nobody would be on duty. Overrides apply in order, each to what the ones before
    it have left.
    """

    begins_at: datetime
    ends_at: datetime
    person: str
    instead_of: str | None

    def __post_init__(self) -> None:
        for name in ("begins_at", "ends_at"):
            object.__setattr__(self, name, _utc(f"override.{name}", getattr(self, name)))
        if self.begins_at >= self.ends_at:
            raise RotaError("override", f"it begins at {self.begins_at} and ends at {self.ends_at}: end it later")
        _check_person("override.person", self.person)
        if self.instead_of is not None:
            _check_person("override.instead_of", self.instead_of)
        if self.person == self.instead_of:
            raise RotaError("override.instead_of", f"{self.person} cannot stand in for themselves")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """Layers, which are on duty together, and overrides. ``timezone`` is the site's, by its IANA name."""

    rota_id: str
    site_id: str
    name: str
    timezone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...]

    def __post_init__(self) -> None:
        self.zone()

    def zone(self) -> ZoneInfo:
        """The time zone."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            why = f"{self.timezone!r} is no known time zone: use a name such as Asia/Shanghai"
            raise RotaError("timezone", why) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The same people from ``begins_at`` until just before ``ends_at`` (UTC); without people it is a gap."""

    begins_at: datetime
    ends_at: datetime
    people: tuple[str, ...]


def on_duty(rota: Rota, at: datetime) -> tuple[str, ...]:
    """Who is on duty at a moment: in the order of the layers, each once; nobody is a gap."""
    moment, zone = _utc("at", at), rota.zone()
    holders = [_holder(layer, zone, moment) for layer in rota.layers]
    people = [person for person in holders if person is not None]
    for override in rota.overrides:
        if override.begins_at <= moment < override.ends_at:
            people = _overridden(people, override)
    return tuple(dict.fromkeys(people))


def shifts(rota: Rota, begin: datetime, end: datetime) -> list[Shift]:
    """The time from ``begin`` to ``end``, without holes, cut exactly where the people change."""
    return together((rota,), begin, end)


def gaps(rota: Rota, begin: datetime, end: datetime) -> list[Shift]:
    """The shifts in which nobody is on duty."""
    return [shift for shift in shifts(rota, begin, end) if not shift.people]


def together(rotas: Sequence[Rota], begin: datetime, end: datetime) -> list[Shift]:
    """As ``shifts``, of several rotas as one: whoever is on duty in any of them."""
    first, last = _utc("begin", begin), _utc("end", end)
    if first > last:
        raise RotaError("begin", f"{first} is after the end, {last}")
    if first == last:
        return []
    changes: list[tuple[datetime, tuple[str, ...]]] = []
    for at in [first, *_boundaries(rotas, first, last)]:
        people = tuple(dict.fromkeys(person for rota in rotas for person in on_duty(rota, at)))
        if not changes or people != changes[-1][1]:
            changes.append((at, people))
    ends = [at for at, _ in changes[1:]] + [last]
    return [
        Shift(begins_at=at, ends_at=until, people=people) for (at, people), until in zip(changes, ends, strict=True)
    ]


def next_change(rota: Rota, at: datetime) -> datetime | None:
    """The first moment after ``at`` with other people than at ``at``; None when there is none within 366 days."""
    begin = _utc("at", at)
    end, now = begin + LOOK_AHEAD, on_duty(rota, begin)
    while begin < end:
        until = min(begin + 7 * _DAY, end)
        # the end of this stretch itself is looked at as well
        for boundary in [*_boundaries((rota,), begin, until), until]:
            if on_duty(rota, boundary) != now:
                return boundary
        begin = until
    return None


def _holder(layer: Layer, zone: ZoneInfo, at: datetime) -> str | None:
    if not layer.always and not _in_force(layer, zone, at):
        return None
    day = next(day for day in _days_around(zone, at) if _moment(zone, day, layer.hand_over) <= at)
    turns = (day - layer.starts_on).days // layer.turn_days
    return layer.members[turns % len(layer.members)] if turns >= 0 else None


def _in_force(layer: Layer, zone: ZoneInfo, at: datetime) -> bool:
    return any(
        day.weekday() in layer.weekdays
        and _moment(zone, day, layer.begin) <= at < _moment(zone, _end_day(layer, day), layer.end)
        for day in _days_around(zone, at)
    )


def _overridden(people: list[str], override: Override) -> list[str]:
    if override.instead_of is None:
        return [override.person]
    return [override.person if person == override.instead_of else person for person in people]


def _boundaries(rotas: Sequence[Rota], begin: datetime, end: datetime) -> list[datetime]:
    """Every moment after ``begin`` and before ``end`` at which the people may change, in order."""
    found = {at for rota in rotas for at in _all_boundaries(rota, begin, end) if begin < at < end}
    return sorted(found)


def _all_boundaries(rota: Rota, begin: datetime, end: datetime) -> Iterator[datetime]:
    zone = rota.zone()
    for override in rota.overrides:
        yield from (override.begins_at, override.ends_at)
    day, last = begin.astimezone(zone).date() - _DAY, end.astimezone(zone).date() + _DAY
    while day <= last:
        for layer in rota.layers:
            if day >= layer.starts_on and (day - layer.starts_on).days % layer.turn_days == 0:
                yield _moment(zone, day, layer.hand_over)
            if not layer.always and day.weekday() in layer.weekdays:
                yield _moment(zone, day, layer.begin)
                yield _moment(zone, _end_day(layer, day), layer.end)
        day += _DAY


def _days_around(zone: ZoneInfo, at: datetime) -> tuple[date, date, date]:
    """The local days that a time before ``at`` may belong to, newest first: clocks may be put back over midnight."""
    day = at.astimezone(zone).date()
    return day + _DAY, day, day - _DAY


def _end_day(layer: Layer, day: date) -> date:
    return day if layer.begin < layer.end else day + _DAY


def _moment(zone: ZoneInfo, day: date, at: time) -> datetime:
    return first_shown(zone, datetime.combine(day, at))


def _utc(where: str, moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise RotaError(where, f"{moment} has no time zone")
    return moment.astimezone(UTC)


def _check_person(where: str, person: str) -> None:
    if not _PERSON.fullmatch(person):
        raise RotaError(where, f"{person!r} is no person: write user:ID or contact:ID")
