"""How high a home's silence may score before somebody is asked or told: its own past daily maxima say so."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LEARN_DAYS = 7
"""Nobody is asked before so many days are known."""

KEPT_DAYS = 56
"""Longer than the rhythm's: a quiet month must not make the next one's first day out an alarm."""

THIRD = 3
"""The third highest of the days counts: two days off the usual do not lift the bar."""

LEAST = 3.0
"""No bar is lower: one silence in twenty scores as much."""

AFTER_ALARM, AFTER_QUESTION = 1.0, 1 / 3
"""The bar is lifted so much after an alarm, and after a question that no alarm followed."""

_FIRST_DAYS = 4
_FEW = 0.6
_CAP = 1.3
_LIFT = 0.75
_FADES = 0.9

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]


def third_highest(days: NDArray[Any]) -> NDArray[Any]:  # Any: any numbers
    """Of each row, shape (k, 56); what is not known counts 0."""
    told: NDArray[Any] = np.partition(days, KEPT_DAYS - THIRD, axis=1)[:, KEPT_DAYS - THIRD]
    return told


class Bar:
    """The bars of n homes.

    The alarm's bar is ``beyond`` times the third highest of the known daily maxima of the last 56 days. Of few days the
    third highest is low: the bar is higher by 0.6 for each factor of e that is missing from 56 days, as it would be if
    one silence in so many scored so much more. The first four days' scores, of a rhythm hardly known, are left out. A
    day's maximum counts up to 1.3 times its bar, so that a week away does not lift it out of reach. After an alarm the
    bar is three quarters as high again, after a question that was not needed a quarter, and that fades by a tenth a
    day: what was no emergency yesterday is perhaps a new habit, and who is asked for nothing stops listening.

    Attributes
    ----------
    highest : float32, shape (n,)
        Today's.
    maxima : float32, shape (n, 56)
        NaN: not known.
    alarm : float32, shape (n,)
        inf until ``LEARN_DAYS`` are known.
    lifted : float32, shape (n,)
        1 after an alarm, a third after a question that was not needed; then fading.
    days : int32, shape (n,)
        How many days were known, up to ``LEARN_DAYS``.
    """

    STATE = ("highest", "maxima", "alarm", "lifted", "days")

    def __init__(self, size: int, beyond: float) -> None:
        self._beyond = beyond
        self.highest: Singles = np.zeros(size, np.float32)
        self.maxima: Singles = np.full((size, KEPT_DAYS), np.nan, np.float32)
        self.alarm: Singles = np.full(size, np.inf, np.float32)
        self.lifted: Singles = np.zeros(size, np.float32)
        self.days: NDArray[np.int32] = np.zeros(size, np.int32)

    def reach(self, score: Singles, counts: Bools) -> None:
        """The scores now; where they count, bool of shape (n,), the day has seen them."""
        self.highest = np.where(counts, np.maximum(self.highest, score), self.highest)

    def end_day(self, home: Ints, day: Ints, counts: Bools) -> None:
        """The day is over in these homes; ``counts``: enough of it is known."""
        first = self.days[home] < _FIRST_DAYS
        kept = np.minimum(self.highest[home], _CAP * self.alarm[home])
        self.maxima[home, day % KEPT_DAYS] = np.where(first | ~counts, np.float32(np.nan), kept)
        self.highest[home] = 0
        self.days[home] = np.minimum(self.days[home] + counts, LEARN_DAYS)
        self.lifted[home] *= np.float32(_FADES)
        known = np.isfinite(self.maxima[home]).sum(axis=1)
        third = third_highest(np.nan_to_num(self.maxima[home]))
        bar = self._beyond * third + _FEW * np.log(KEPT_DAYS / np.maximum(known, 1))
        self.alarm[home] = np.where(self.days[home] >= LEARN_DAYS, np.maximum(bar, LEAST), np.inf)

    def lift(self, homes: Bools, by: float) -> None:
        """In these homes, bool of shape (n,), the bar is higher for a while."""
        self.lifted = np.where(homes, np.maximum(self.lifted, np.float32(by)), self.lifted)

    def alarms_at(self) -> Singles:
        """The score that alarms, float32, shape (n,)."""
        told: Singles = self.alarm * (1 + np.float32(_LIFT) * self.lifted)
        return told
