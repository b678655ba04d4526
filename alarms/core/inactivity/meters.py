"""Signs of life from electricity: what people switch, told from what the house does by itself, per meter or plug."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.features import STEP_W, WIDTH, blurred, heats, level_bin, step_bin

BLOCKS = 12
"""Parts of the day, of two hours; the two that are usually the quietest show the house by itself."""

_KEPT = (1 - 1 / 28) ** (1 / BLOCKS)
_QUIET = 2
_FOLLOW = 1 / 14
_RISES = 1 / 28
_AUTOMATIC = 0.25
_LEAST_MIN = 60
"""A part with fewer minutes teaches nothing."""

_ENOUGH_MIN = 120
_TELLING = 1.0
_KNOWN_MIN = 3
_PSEUDO = 0.5
_MOST = 255

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]
_NO_MINUTE = -1


class Meters:
    """How much the power of n meters or plugs speaks for people, five minutes by five minutes.

    Samples are averaged by the minute, so that a sample a second and one a minute say the same. Changes in one
    direction in successive minutes are one step. Steps are counted by size and direction, and levels above the base
    load by size: in the two of twelve parts of the day that are usually quietest (the house by itself: refrigerator,
    boiler, standby) and in all others. A bin weighs the logarithm of how much more frequent it is in the others; one
    that was rarely seen weighs little. Counts are forgotten with a time constant of 28 days. The base load is the
    second lowest minimum of the last twelve parts. A minute without a sample is unknown, and a step over it is none.

    A boiler or pump that runs by day alone cannot be told by its nights. But parts of the day that are as quiet as any
    of the last weeks' at that hour hardly have people in them: a bin that is seen there at least a quarter as often as
    usual by day is no sure sign of people.

    Attributes
    ----------
    minute : int64, shape (n,)
        The minute that is being averaged, since 1970-01-01; -1: none.
    total, count : float32, shape (n,)
        Sum and number of its samples.
    last, run : float32, shape (n,)
        Mean of the minute before, NaN: unknown; the step that is not over yet, W.
    steps, levels, known : float32, shape (n,)
        Weights of steps and levels in these five minutes, and how many minutes are known.
    sure_steps, sure_levels : float32, shape (n,)
        Those of bins that only people cause.
    heated : bool, shape (n,)
        In these five minutes people switched something that heats.
    base, lowest : float32, shape (n,)
        Base load, NaN: not known yet; lowest minute of this part of the day, W.
    minima, stir, least : float32, shape (n, 12)
        Lowest minute, the usual mean logarithm of changes, and the least lately, of each part of the day.
    now : uint8, shape (n, 74)
        Counts of this part of the day, up to 255; ``now_min``, ``now_stir``: its minutes and changes.
    house, low, people : float32, shape (n, 74)
        Counts in the quietest parts of the day, in others as quiet as any lately, in all others; ``house_min``,
        ``low_min``, ``people_min``: of so many minutes.
    weight : float32, shape (n, 74)
        What each bin says; 0 until the house has been seen for two hours.
    sure : bool, shape (n, 74)
        Only people cause it, as far as is known.
    """

    STATE = (
        "minute", "total", "count", "last", "run", "steps", "levels", "sure_steps", "sure_levels", "heated", "known",
        "base", "lowest", "minima", "stir", "least", "now", "now_min", "now_stir", "house", "house_min", "low",
        "low_min", "people", "people_min", "weight", "sure",
    )  # fmt: skip

    def __init__(self, size: int) -> None:
        self.minute: Rows = np.full(size, _NO_MINUTE, np.int64)
        for name in (
            "total",
            "count",
            "run",
            "steps",
            "levels",
            "sure_steps",
            "sure_levels",
            "known",
            "now_min",
            "now_stir",
        ):
            setattr(self, name, np.zeros(size, np.float32))
        self.total: Singles
        self.count: Singles
        self.run: Singles
        self.steps: Singles
        self.levels: Singles
        self.sure_steps: Singles
        self.sure_levels: Singles
        self.known: Singles
        self.now_min: Singles
        self.now_stir: Singles
        self.heated: Bools = np.zeros(size, np.bool_)
        self.last: Singles = np.full(size, np.nan, np.float32)
        self.base: Singles = np.full(size, np.nan, np.float32)
        self.lowest: Singles = np.full(size, np.inf, np.float32)
        self.minima: Singles = np.full((size, BLOCKS), np.nan, np.float32)
        self.stir: Singles = np.full((size, BLOCKS), np.nan, np.float32)
        self.least: Singles = np.full((size, BLOCKS), np.inf, np.float32)
        self.now: NDArray[np.uint8] = np.zeros((size, WIDTH), np.uint8)
        self.house: Singles = np.zeros((size, WIDTH), np.float32)
        self.low: Singles = np.zeros((size, WIDTH), np.float32)
        self.people: Singles = np.zeros((size, WIDTH), np.float32)
        self.house_min: Singles = np.zeros(size, np.float32)
        self.low_min: Singles = np.zeros(size, np.float32)
        self.people_min: Singles = np.zeros(size, np.float32)
        self.sure: Bools = np.ones((size, WIDTH), np.bool_)
        self.weight: Singles = np.zeros((size, WIDTH), np.float32)

    def __len__(self) -> int:
        return len(self.minute)

    def update(self, row: Rows, at_s: Floats, watts: Floats) -> None:
        """Take one sample of each meter; NaN, and what is older than the minute being averaged, is left out."""
        minute = np.floor(at_s / 60).astype(np.int64)
        use = np.isfinite(watts) & (minute >= self.minute[row])
        row, minute, watts = row[use], minute[use], watts[use]
        later = minute > self.minute[row]
        if later.any():
            self._close(row[later], minute[later])
        self.total[row] += watts.astype(np.float32)
        self.count[row] += 1

    def take(self, until_s: float) -> tuple[Singles, Singles, Bools]:
        """What the five minutes until then say, what of it is sure, and where people heated; the next five begin.

        Said and sure are float32, shape (n,), NaN: unknown. Above zero it speaks for people, below for the house by
        itself.
        """
        minute = int(until_s // 60)
        late = np.flatnonzero((self.minute < minute) & (self.minute != _NO_MINUTE))
        if late.size:
            self._close(late, np.full(len(late), minute))
        known, minutes = self.known >= _KNOWN_MIN, np.maximum(self.known, 1)
        said = np.where(known, self.steps + self.levels / minutes, np.nan).astype(np.float32)
        sure = np.where(known, self.sure_steps + self.sure_levels / minutes, np.nan).astype(np.float32)
        heated = self.heated.copy()
        self.steps[:] = self.levels[:] = self.sure_steps[:] = self.sure_levels[:] = self.known[:] = self.heated[:] = 0
        return said, sure, heated

    def end_part(self, row: Rows, part: Rows) -> None:
        """A part of the day, 0 to 11, is over at these meters: learn from it."""
        minutes = self.now_min[row]
        good = minutes >= _LEAST_MIN
        mean, usual = self.now_stir[row] / np.maximum(minutes, 1), self.stir[row, part]
        followed = np.where(np.isfinite(usual), usual + (mean - usual) * _FOLLOW, mean)
        self.stir[row, part] = np.where(good, followed, usual)
        stir = self.stir[row]
        order = np.argsort(np.where(np.isfinite(stir), stir, np.inf), axis=1)[:, :_QUIET]
        learns = good & np.isfinite(stir).all(axis=1)
        quiet = (order == part[:, None]).any(axis=1)
        low = learns & ~quiet & self._is_least(row, part, mean, followed, good)
        counts = self.now[row].astype(np.float32)
        for of, time, mine in (
            (self.house, self.house_min, learns & quiet),
            (self.low, self.low_min, low),
            (self.people, self.people_min, learns & ~quiet),
        ):
            of[row] = of[row] * np.float32(_KEPT) + counts * mine[:, None]
            time[row] = time[row] * np.float32(_KEPT) + minutes * mine
        self._set_base(row, part)
        self._set_weight(row)
        self.now[row] = 0
        self.now_min[row] = self.now_stir[row] = 0
        self.lowest[row] = np.inf

    def clock_set(self, by_s: float) -> None:
        """Move the minute that is being averaged."""
        self.minute[self.minute != _NO_MINUTE] += round(by_s / 60)

    def _close(self, row: Rows, following: Rows) -> None:
        """The minute of these meters is over; ``following``: the minute that begins."""
        had = self.count[row] > 0
        mean = np.where(had, self.total[row] / np.maximum(self.count[row], 1), np.nan).astype(np.float32)
        closed = row[had]
        self._learn(closed, mean[had])
        self.last[row] = np.where(had & (following == self.minute[row] + 1), mean, np.nan)
        self.minute[row] = following
        self.total[row] = self.count[row] = 0

    def _learn(self, row: Rows, mean: Singles) -> None:
        change = mean - self.last[row]
        known = np.isfinite(change)
        change[~known] = 0
        run = self.run[row]
        large = np.abs(change) >= STEP_W
        goes_on = large & (change * run > 0)
        over = np.flatnonzero(~goes_on & known & (run != 0))
        self.run[row] = np.where(large, np.where(goes_on, run + change, change), 0)
        if over.size:
            place = step_bin(run[over])
            self._count(row[over], place, self.steps, self.sure_steps)
            self.heated[row[over]] |= heats(place) & (self.weight[row[over], place] >= _TELLING)
        based = np.flatnonzero(np.isfinite(self.base[row]))
        self._count(row[based], level_bin(mean[based] - self.base[row[based]]), self.levels, self.sure_levels)
        self.known[row] += 1
        self.now_min[row] += 1
        self.now_stir[row] += np.log1p(np.abs(change))
        self.lowest[row] = np.minimum(self.lowest[row], mean)

    def _count(self, row: Rows, place: Rows, into: Singles, sure: Singles) -> None:
        counted = self.now[row, place]
        self.now[row, place] = counted + (counted < _MOST)
        weight = self.weight[row, place]
        into[row] += weight
        sure[row] += weight * self.sure[row, place]

    def _is_least(self, row: Rows, part: Rows, mean: Floats, usual: Floats, good: Bools) -> Bools:
        """Which parts were as quiet as any lately; the least rises towards the usual until one is quieter."""
        least = self.least[row, part]
        known = np.isfinite(least)
        risen = np.where(known, least, 0) + (usual - np.where(known, least, 0)) * _RISES
        told: Bools = good & known & (mean <= least)
        self.least[row, part] = np.where(good, np.where(known, np.minimum(mean, risen), mean), least)
        return told

    def _set_base(self, row: Rows, part: Rows) -> None:
        lowest = self.lowest[row]
        self.minima[row, part] = np.where(np.isfinite(lowest), lowest, np.nan)
        ordered = np.sort(self.minima[row], axis=1)
        second, first = ordered[:, 1], ordered[:, 0]
        self.base[row] = np.where(np.isfinite(second), second, np.where(np.isfinite(first), first, self.base[row]))

    def _set_weight(self, row: Rows) -> None:
        house, people = blurred(self.house[row]), blurred(self.people[row])
        house_min, people_min = self.house_min[row, None], self.people_min[row, None]
        enough = (house_min >= _ENOUGH_MIN) & (people_min >= _ENOUGH_MIN)
        house_min, people_min = np.maximum(house_min, 1), np.maximum(people_min, 1)
        both = (house + people + _PSEUDO) / (house_min + people_min)
        prior_min = _PSEUDO / both
        ratio = (people + _PSEUDO) / (people_min + prior_min) * (house_min + prior_min) / (house + _PSEUDO)
        self.weight[row] = np.where(enough, np.log(ratio), 0)
        low, low_min = blurred(self.low[row]), np.maximum(self.low_min[row, None], 1)
        self.sure[row] = (low < 1) | (low / low_min < _AUTOMATIC * people / people_min)
