"""A dose that a concentration adds up to: the more, the sooner, per slot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.latch import Flips, Latch
from alarms.core.saved import Array

POINTS = 4
"""So many pairs of a concentration and a time make a curve."""

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


class Dose:
    """A share of the dose that alarms: 1 after the curve's time at a steady concentration.

    At a concentration whose time is T the dose grows by 1/T a second; a value holds until the next one comes. So what
    a standard demands of a steady concentration holds of a changing one too: of one that is never under (over) a
    point of the curve the time is never longer (shorter) than that point's. Between two points time falls as a power
    of the concentration, beyond the last it stays; under the first nothing is added and the dose halves in
    ``half_life_s``. It is kept up to 1.

    Parameters
    ----------
    level, after_s : float64, shape (n, POINTS)
        The curve: concentrations, ascending, and seconds, descending; more than 0. What is out of order is taken for
        its neighbour.
    share : float64, shape (n,)
        The dose that raises, up to 1.
    half_life_s : float64, shape (n,)
        Seconds.
    clear : float64, shape (n,)
        The concentration under which it is over.
    off_s : float64, shape (n,)
        For how long, in seconds.

    Attributes
    ----------
    last_at : float64, shape (n,)
        Moment of the last sample, -inf: none.
    speed, dose : float64, shape (n,)
        What it adds in a second, and the dose at it.
    """

    STATE = ("last_at", "speed", "dose")

    def __init__(
        self, *, level: Floats, after_s: Floats, share: Floats, half_life_s: Floats, clear: Floats, off_s: Floats
    ) -> None:
        self._level = np.maximum.accumulate(level, axis=1)
        self._log_level = np.log(self._level)
        self._log_after = np.log(np.minimum.accumulate(after_s, axis=1))
        apart = np.diff(self._log_level, axis=1)
        self._slope = np.diff(self._log_after, axis=1) / np.where(apart > 0, apart, np.inf)
        self._share, self._half_life_s, self._clear = share, half_life_s, clear
        self.latch = Latch(limit=share, clear=share, on_s=np.zeros(len(share)), off_s=off_s)
        self.last_at: Floats = np.full(len(share), -np.inf)
        self.speed: Floats = np.zeros(len(share))
        self.dose: Floats = np.zeros(len(share))

    def update(self, slot: Rows, at_s: Floats, received_s: Floats, value: Floats) -> list[Flips]:
        """Judge one sample of each slot, not older than its last one; never NaN."""
        found: list[Flips] = []
        awake = np.flatnonzero((value >= self._level[slot, 0]) | (self.dose[slot] > 0) | (self.speed[slot] > 0))
        if awake.size:
            slots, now_s = slot[awake], at_s[awake]
            dose, speed = self.at(slots, now_s), self._speed(slots, value[awake])
            self.dose[slots], self.speed[slots] = dose, speed
            flips = self.latch.expect(
                slots, now_s, received_s[awake], self._reached_at(slots, now_s, self._share[slots]),
                over=value[awake] < self._clear[slots],
            )  # fmt: skip
            found = [Flips(awake[one.row], one.slot, one.raised, one.at_s) for one in flips]
        self.last_at[slot] = at_s
        return found

    def at(self, slot: Rows, at_s: Floats) -> Floats:
        """The dose at moments since each slot's last sample, float64, shape (k,)."""
        passed_s = at_s - self.last_at[slot]
        passed_s[np.isinf(passed_s)] = 0.0
        speed, dose = self.speed[slot], self.dose[slot]
        faded = dose * np.exp2(-passed_s / self._half_life_s[slot])
        return np.where(speed > 0, np.minimum(dose + speed * passed_s, 1.0), faded)

    def reached_at(self, slot: int) -> float:
        """When the whole dose is reached if the concentration stays; inf: never."""
        one = np.array([slot])
        return float(self._reached_at(one, self.last_at[one], np.ones(1))[0])

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self.latch.clock_set(by_s)
        self.last_at += by_s

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own: list[Array] = [value for value in vars(self).values() if isinstance(value, np.ndarray)]
        return sum(value.nbytes for value in own) + self.latch.nbytes()

    def _reached_at(self, slot: Rows, at_s: Floats, share: Floats) -> Floats:
        speed = self.speed[slot]
        left_s = np.maximum(share - self.dose[slot], 0.0) / np.where(speed > 0, speed, 1.0)
        return np.where(speed > 0, at_s + left_s, np.inf)

    def _speed(self, slot: Rows, value: Floats) -> Floats:
        level = self._level[slot]
        taken = np.clip(value, level[:, 0], level[:, -1])
        part = (taken[:, np.newaxis] >= level[:, 1:-1]).sum(axis=1)
        row = np.arange(len(slot))
        log_after = self._log_after[slot][row, part] + self._slope[slot][row, part] * (
            np.log(taken) - self._log_level[slot][row, part]
        )
        return np.where(value >= level[:, 0], np.exp(-log_after), 0.0)
