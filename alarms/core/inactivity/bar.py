"""How high a home's silence may score before somebody is asked or told: its own past daily maxima say so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.rhythm import DAYS
from alarms.core.stage import array_bytes

LEAST = 12.0
"""No alarm at a lower score: what every home is held to, as long as its own days do not ask for more."""

LEARN_DAYS = 7
_DEVIATIONS = 2.0
_ASKED_AT = 0.9
_CAP = 1.3
_AFTER = 0.5
_FADES = 0.9
_CAREFUL = 0.78

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]


class Bar:
    """The bars of n homes.

    A day's maximum counts up to 1.3 times the bar of that day, so that a week away does not lift it out of reach. The
    alarm's bar is the mean of the known maxima of the last 28 days plus two standard deviations, at least ``LEAST``;
    with fewer days it is higher, as the largest of 28 Gumbel-distributed days is above that of fewer. After an alarm
    it is half as high again, and that fades by a tenth a day: what was no emergency yesterday is perhaps a new habit.

    Attributes
    ----------
    maxima : float32, shape (n, 28)
        NaN: not known.
    alarm : float32, shape (n,)
        inf until ``LEARN_DAYS`` are known.
    lifted : float32, shape (n,)
        1 after an alarm, then fading.
    """

    STATE = ("maxima", "alarm", "lifted")

    def __init__(self, size: int) -> None:
        self.maxima: Singles = np.full((size, DAYS), np.nan, np.float32)
        self.alarm: Singles = np.full(size, np.inf, np.float32)
        self.lifted: Singles = np.zeros(size, np.float32)

    def end_day(self, home: Ints, day: Ints, highest: Singles) -> None:
        """The day is over in these homes: its highest score, NaN where too little of it is known."""
        self.maxima[home, day % DAYS] = np.minimum(highest, _CAP * self.alarm[home])
        self.lifted[home] *= np.float32(_FADES)
        maxima = self.maxima[home]
        known = np.isfinite(maxima)
        count = known.sum(axis=1)
        many = np.maximum(count, 1)
        values = np.where(known, maxima, 0)
        mean = values.sum(axis=1) / many
        spread = np.sqrt((np.where(known, values - mean[:, None], 0) ** 2).sum(axis=1) / many)
        few = np.log(DAYS / many) * _CAREFUL * np.maximum(spread, 1)
        bar = np.maximum(mean + _DEVIATIONS * spread, LEAST) + few
        self.alarm[home] = np.where(count >= LEARN_DAYS, bar, np.inf)

    def alarms_at(self) -> Singles:
        """The score that alarms, float32, shape (n,)."""
        told: Singles = self.alarm * (1 + np.float32(_AFTER) * self.lifted)
        return told

    def asks_at(self) -> Singles:
        """The score at which the resident is asked."""
        told: Singles = np.float32(_ASKED_AT) * self.alarms_at()
        return told

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self)
