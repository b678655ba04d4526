"""A home whose silence is judged: lived in, by a meter or by sensors, on a moved clock."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.clock import SLOT_S, SLOTS, LocalClock
from alarms.core.inactivity.silence import SETTLE_S, Silence
from alarms.core.inactivity.steps import Told
from alarms.core.saved import pack, unpack
from tests.quiet_home import house_w, person_w

ZONE = "Asia/Shanghai"
MIDNIGHT_S = 1_764_000_000.0 // 86_400 * 86_400 - 8 * 3600
LEARNED = 21
BUSY = tuple(7 + 0.5 * number for number in range(31))


def home(meters: int = 1, *, sensed: bool = False) -> Silence:
    silence = Silence(LocalClock([ZONE]), np.zeros(meters, np.int64), np.array([sensed]))
    silence.tick(MIDNIGHT_S)
    return silence


def live(silence: Silence, watts: NDArray[np.float64], first_min: int = 0) -> list[Told]:
    """A sample a minute; NaN: none."""
    told: list[Told] = []
    for minute, value in enumerate(watts, first_min):
        at_s = MIDNIGHT_S + minute * 60.0
        if np.isfinite(value):
            silence.power(np.zeros(1, np.int64), np.array([at_s]), np.array([value]))
        if (minute + 1) % 5 == 0:
            told += silence.tick(at_s + 60 + SETTLE_S)
    return told


def move(
    silence: Silence, first_day: int, days: int, hours: tuple[float, ...], *, doors: tuple[float, ...] = ()
) -> list[Told]:
    """A sensor notices somebody at these hours of each day, the front door at those."""
    told: list[Told] = []
    for slot in range(first_day * SLOTS, (first_day + days) * SLOTS):
        for noticed, door in ((hours, False), (doors, True)):
            if any(int(hour * 12) == slot % SLOTS for hour in noticed):
                silence.event(np.zeros(1, np.int64), np.full(1, 3), door=door)
        told += silence.tick(MIDNIGHT_S + (slot + 1) * SLOT_S + SETTLE_S)
    return told


@cache
def three_weeks() -> bytes:
    """The state after three weeks of somebody who gets up at seven."""
    silence = home()
    live(silence, house_w(LEARNED, 3) + person_w(LEARNED, 3))
    return pack(*silence.saved())


def again(state: bytes) -> Silence:
    silence = home()
    facts, arrays = unpack(state)
    one = np.arange(1)
    silence.restore(facts, arrays, (one, one), (one, one))
    return silence
