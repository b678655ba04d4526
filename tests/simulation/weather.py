"""What kind of week it is: every seed draws its own, so that quiet and terrible weeks, and odd mixtures, all come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo


class Trouble(StrEnum):
    """What may go wrong; each can be left out of a run."""

    KILLS = "kills"
    BROKER = "broker"
    GATEWAYS = "gateways"
    DISK = "disk"
    CLOCK = "clock"
    PHONES = "phones"
    REPEATS = "repeats"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """A week's mood. Rates are per day."""

    zone: str
    start: datetime
    rooms: int
    gateways: int
    carers: int
    presses: float
    equipment_faults: float
    fires: float
    registry_changes: float
    ignored: float
    """The share of alarms that a carer sees and leaves."""
    nobody_home: float
    """Stretches in which nobody looks at anything."""
    latency_s: float
    kills: float
    broker_losses: float
    gateway_losses: float
    full_disks: float
    clock_steps: float
    phone_failures: float
    repeats: float
    """The share of messages that arrive twice."""
    drills: float
    put_aside: float
    """The share of alarms that a carer puts aside."""
    sessions_survive: bool
    """Whether the broker keeps sessions and retained messages over its own restart."""


def clock_changes(weather: Weather, days: float) -> int:
    """How many nights of the run have 23, 25 or 24.5 hours."""
    moments = (weather.start + timedelta(days=day) for day in range(int(days) + 1))
    offsets = [moment.astimezone(ZoneInfo(weather.zone)).utcoffset() for moment in moments]
    return sum(one != other for one, other in pairwise(offsets))


_STARTS = (
    ("Asia/Shanghai", datetime(2026, 2, 25, tzinfo=UTC)),
    ("Asia/Shanghai", datetime(2026, 12, 29, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 27, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 23, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 6, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 30, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 3, tzinfo=UTC)),
)
"""Weeks with a night of 23, 25 or 24.5 hours, a turn of the year, and an ordinary one."""


def draw(random: Random, without: Collection[Trouble] = ()) -> Weather:
    """The week of a seed; the troubles in ``without`` stay away, everything else stays as it is."""
    zone, start = random.choice(_STARTS)
    midnight = start.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight += timedelta(days=random.randrange(3))  # of the zone: the night of the clock change may be the first one

    def rate(trouble: Trouble, most: float) -> float:
        drawn = random.choice((0.0, 0.1, 0.3, 1.0)) * most * random.random()
        return 0.0 if trouble in without else drawn

    return Weather(
        zone=zone,
        start=midnight.astimezone(UTC),
        rooms=random.choice((3, 12, 30, 30, 30)),
        gateways=random.choice((1, 1, 2, 4)),
        carers=random.randint(1, 6),
        presses=random.choice((10.0, 25.0, 25.0, 60.0)),
        equipment_faults=random.choice((2.0, 10.0, 30.0)),
        fires=random.choice((0.1, 0.5, 2.0)),
        registry_changes=random.choice((0.0, 1.0, 6.0)),
        ignored=random.choice((0.02, 0.1, 0.2)),
        nobody_home=random.choice((0.0, 0.1, 0.5)),
        latency_s=random.choice((0.001, 0.01, 0.1, 0.5)),
        kills=rate(Trouble.KILLS, 60),
        broker_losses=rate(Trouble.BROKER, 20),
        gateway_losses=rate(Trouble.GATEWAYS, 20),
        full_disks=rate(Trouble.DISK, 4),
        clock_steps=rate(Trouble.CLOCK, 10),
        phone_failures=rate(Trouble.PHONES, 20),
        repeats=rate(Trouble.REPEATS, 0.2),
        drills=random.choice((0.0, 1.0, 6.0)),
        put_aside=random.choice((0.0, 0.02, 0.1)),
        sessions_survive=random.random() < 0.5,
    )
