"""Simulated residents: days that differ as people's do, with no change in them, and changes to put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from alarms.core.routine.facts import DayFacts

FIRST_DAY = date(2024, 1, 1)
_UNKNOWN = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How somebody lives.

    ``nights`` and ``visits``: times up in a night, visits to the bathroom in a day, on average. ``uneven``: how much
    more than chance days differ (the variance is mean + uneven x mean^2; visits a third of it). ``active_h`` hours
    with movement differ by ``spread`` of them, of which ``lasting`` (0 to 1) is carried over to the next day, by 10 %
    over a week, and by ``season`` over a year.
    """

    nights: float = 1.5
    visits: float = 7.0
    uneven: float = 0.15
    active_h: float = 9.0
    spread: float = 0.15
    lasting: float = 0.3
    season: float = 0.0


PEOPLE: Mapping[str, Person] = {
    "steady": Person(uneven=0.0, spread=0.1, lasting=0.0),
    "ordinary": Person(),
    "often up": Person(nights=4.0, visits=10.0, uneven=0.3),
    "seasonal": Person(season=0.1),
    "uneven": Person(uneven=0.5, spread=0.3, lasting=0.5),
}


def life(person: Person, days: int, rng: np.random.Generator) -> list[DayFacts]:
    """So many days of a person, one in twenty of them unknown."""
    day = np.arange(days)
    year = 1 + person.season * np.cos(2 * np.pi * day / 364) + 0.1 * np.sin(2 * np.pi * day / 7)
    active = person.active_h * year * (1 + person.spread * _lasting(days, person.lasting, rng))
    hours = np.round(np.clip(active, 0, 17) * 4) / 4
    nights = _counts(person.nights, person.uneven, days, rng)
    visits = _counts(person.visits, person.uneven / 3, days, rng)
    known = rng.random(days) > _UNKNOWN
    return [
        DayFacts(
            day=FIRST_DAY + timedelta(days=n),
            sensors=(1,),
            **dict.fromkeys(("visits_night", "afternoon_h", "evening_h"), 0.0),
            night_up=float(nights[n]),
            visits_day=float(visits[n]),
            morning_h=float(hours[n]),
        )
        if known[n]
        else DayFacts(day=FIRST_DAY + timedelta(days=n), sensors=(1,))
        for n in range(days)
    ]


def restless(days: list[DayFacts], at: int, more: int, nights: int) -> list[DayFacts]:
    """Up ``more`` times more in each of so many nights from day ``at`` on."""
    return [replace(one, night_up=one.night_up + more) if at <= n < at + nights else one for n, one in enumerate(days)]


def declining(days: list[DayFacts], at: int, drop: float) -> list[DayFacts]:
    """The hours with movement fall by ``drop`` in eight weeks from day ``at`` on, and stay there."""
    kept = 1 - drop * np.clip((np.arange(len(days)) - at) / 56, 0, 1)
    return [replace(one, morning_h=float(np.round(one.morning_h * kept[n] * 4) / 4)) for n, one in enumerate(days)]


def _lasting(days: int, lasting: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Normal noise of which a part is carried over to the next day."""
    fresh = rng.normal(size=days)
    found = np.empty(days)
    found[0] = fresh[0]
    for n in range(1, days):
        found[n] = lasting * found[n - 1] + np.sqrt(1 - lasting**2) * fresh[n]
    return found


def _counts(mean: float, uneven: float, days: int, rng: np.random.Generator) -> NDArray[np.int64]:
    rate = rng.gamma(1 / uneven, mean * uneven, days) if uneven > 0 else np.full(days, mean)
    return rng.poisson(rate)
