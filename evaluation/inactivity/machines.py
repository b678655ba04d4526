"""Machines that a house runs by itself, by day alone, added to a home's mains: nights show nothing of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evaluation.inactivity.recording import DAY_MIN, Recording
from evaluation.inactivity.removal import CAP_MIN

MOST_DAYS = 180
"""A home with a machine is no longer than that."""

_FROM, _UNTIL = 6 * 60, 22 * 60
_TIMES = (6 * 60, 17 * 60)

Watts = NDArray[np.float32]
Random = np.random.Generator


def pump(minutes: int, rng: Random) -> Watts:
    """110 W for 10 to 14 minutes, then 17 to 33 minutes not, from six to ten at night."""
    watts, at = np.zeros(minutes, np.float32), 0
    while at < minutes:
        if not _FROM <= at % DAY_MIN < _UNTIL:
            at += 1
            continue
        on = int(rng.integers(10, 15))
        watts[at : at + on] = 110
        at += on + int(rng.integers(17, 34))
    return watts


def boiler(minutes: int, rng: Random) -> Watts:
    """2 kW from 06:00 and from 17:00 on, by a timer, for 25 to 44 minutes."""
    watts = np.zeros(minutes, np.float32)
    for begin in (day + time for day in range(0, minutes, DAY_MIN) for time in _TIMES):
        watts[begin : begin + int(rng.integers(25, 45))] = 2000
    return watts


def heating(minutes: int, rng: Random) -> Watts:
    """90 W by a thermostat from six to ten at night: irregular, for 16 minutes on average, more in colder weeks."""
    watts, at = np.zeros(minutes, np.float32), 0
    while at < minutes:
        if not _FROM <= at % DAY_MIN < _UNTIL:
            at += 1
            continue
        share = 0.2 + 0.15 * np.sin(at / DAY_MIN / 9)
        on = 1 + int(rng.gamma(4, 4))
        watts[at : at + on] = 90
        at += on + 2 + int(rng.gamma(3, 1) * on * (1 - share) / share / 3)
    return watts


MACHINES: Mapping[str, Callable[[int, Random], Watts]] = {"pump": pump, "boiler": boiler, "heating": heating}


def with_machine(recording: Recording, name: str, seed: int) -> Recording:
    """The first days of a home with mains, with a machine that also goes on when people are gone."""
    minutes = min(recording.minutes, MOST_DAYS * DAY_MIN)
    rng = np.random.default_rng([seed, *recording.home.encode(), *name.encode()])
    machine = MACHINES[name](minutes + CAP_MIN, rng)
    first = recording.first(minutes)
    return replace(
        first, home=f"{recording.home} + {name}", watts=first.watts + machine[:minutes, None], machine=machine
    )
