"""What one day of a resident was like, and many days side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

NAN = float("nan")
YEAR_DAYS = 364
"""Whole weeks, so that a day is compared with the same weekday of last year."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """One routine day: from 06:00 of ``day`` to 06:00 of the next, local time, so that a night is whole.

    NaN: not known (no such sensor, not heard, or nobody at home), and never the same as none.

    Attributes
    ----------
    sensors : tuple of int
        The numbers of the devices that tell movement: days are compared only with days of the same.
    heard_h : float
        Hours in which every one of them was heard, of the day's 23 to 25.
    night_up : float
        How often somebody began to be up in the night hours.
    visits_day, visits_night : float
        Visits to the bathroom outside of the night hours and in them.
    morning_h, afternoon_h, evening_h : float
        Hours with movement, by quarters of an hour: 06 to 12, 12 to 18, 18 to the night hours.
    temp_low_c, temp_median_c, temp_h, cold_h : float
        The warmest room that is lived in: its coldest hour, its median, hours with data, hours below the limit.
    cooker_left_min : float
        Minutes for which a cooker was on while nobody moved in the kitchen.
    """

    day: date
    sensors: tuple[int, ...] = ()
    heard_h: float = NAN
    night_up: float = NAN
    visits_day: float = NAN
    visits_night: float = NAN
    morning_h: float = NAN
    afternoon_h: float = NAN
    evening_h: float = NAN
    temp_low_c: float = NAN
    temp_median_c: float = NAN
    temp_h: float = NAN
    cold_h: float = NAN
    cooker_left_min: float = NAN

    @property
    def visits(self) -> float:
        """Visits to the bathroom in the whole day."""
        return self.visits_day + self.visits_night

    @property
    def active_h(self) -> float:
        """Hours of the day with movement."""
        return self.morning_h + self.afternoon_h + self.evening_h


MEASURES: tuple[str, ...] = tuple(one.name for one in fields(DayFacts) if one.name not in ("day", "sensors"))
"""The names of the facts that are numbers."""


class Past:
    """Days of one resident up to ``today``, the newest of them; ``ordinal``, int64, shape (n,), oldest first."""

    def __init__(self, days: Sequence[DayFacts]) -> None:
        self._days = sorted(days, key=lambda one: one.day)
        self.today = self._days[-1]
        self.ordinal = np.array([one.day.toordinal() for one in self._days], np.int64)
        self._alike = np.array([one.sensors == self.today.sensors for one in self._days], np.bool_)

    def between(self, name: str, first: int, last: int, *, alike: bool = True) -> tuple[NDArray[np.int64], Floats]:
        """The known days from ordinal ``first`` to ``last``, and a fact on them, float64.

        ``alike``: only days with today's sensors; a further sensor sees more, and that is not the resident's doing.
        """
        within = (self.ordinal >= first) & (self.ordinal <= last) & (self._alike | (not alike))
        rows = np.flatnonzero(within)
        value = np.array([getattr(self._days[row], name) for row in rows], np.float64)
        known = ~np.isnan(value)
        return self.ordinal[rows[known]], value[known]
