"""A simulated home with a meter: a refrigerator and standby, machines that run by day, a person with habits; seeded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DAY_MIN = 1440


def house_w(days: int, seed: int) -> NDArray[np.float64]:
    """Standby and a refrigerator, float64, shape (days x 1440,)."""
    rng = np.random.default_rng([seed, 1])
    watts = np.full(days * DAY_MIN, 60.0) + rng.normal(0, 1, days * DAY_MIN)
    at = int(rng.integers(0, 50))
    while at < len(watts):
        on = int(rng.integers(14, 20))
        watts[at : at + on] += 85 + rng.normal(0, 1)
        at += on + int(rng.integers(30, 45))
    return watts


def person_w(
    days: int, seed: int, *, wakes_h: float = 7.0, sleeps_h: float = 22.0, every_min: float = 30.0
) -> NDArray[np.float64]:
    """Kettle, lights, television of somebody at home, float64, shape (days x 1440,)."""
    rng = np.random.default_rng([seed, 2])
    watts = np.zeros(days * DAY_MIN)
    for day in range(days):
        at = wakes_h * 60 + rng.normal(0, 15)
        end = sleeps_h * 60 + rng.normal(0, 15)
        while at < end:
            load = ((2000, 3), (45, 40), (900, 6), (120, 60))[int(rng.integers(4))]
            begin = day * DAY_MIN + int(at)
            watts[begin : begin + load[1]] += load[0] * rng.uniform(0.9, 1.1)
            at += load[1] + rng.exponential(every_min)
    return watts[: days * DAY_MIN]


def pump_w(days: int, seed: int) -> NDArray[np.float64]:
    """A pump that runs for twelve minutes in about forty, from six to ten at night, float64, shape (days x 1440,)."""
    rng = np.random.default_rng([seed, 3])
    watts = np.zeros(days * DAY_MIN)
    for day in range(days):
        at = 360.0
        while at < 1320:
            begin, on = day * DAY_MIN + int(at), int(rng.integers(10, 15))
            watts[begin : begin + on] = 110
            at += on + rng.uniform(18, 33)
    return watts


def boiler_w(days: int, seed: int) -> NDArray[np.float64]:
    """A boiler that a timer starts at six and at five, for half an hour or more, float64, shape (days x 1440,)."""
    rng = np.random.default_rng([seed, 4])
    watts = np.zeros(days * DAY_MIN)
    for begin in (day * DAY_MIN + start for day in range(days) for start in (360, 1020)):
        watts[begin : begin + int(rng.integers(25, 45))] = 2000
    return watts
