"""Less movement, week after week."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from alarms.core.routine.facts import YEAR_DAYS, Floats, Past
from alarms.core.routine.limits import Limits
from alarms.core.routine.note import Note, NoteKind, Sureness
from alarms.core.routine.trend import WEEKS, fall_chance, levels

_FACT = "active_h"
_CHANCE = 0.005
_GOES_ON = 0.05
_CLEAR_DROP = 0.3
_LEAST_OF_YEAR = 40
_NOW_DAYS = 14
_NOW_LEAST = 7


def decline(past: Past, standing: Note | None, limits: Limits) -> Note | None:
    """The hours with movement fell over eight weeks, by ``limits.drop`` and more than noise does.

    Where last year's same weeks are known, it must be so much more than then: what a season does every year is no
    news. Over when the last two weeks have come half the way back, or after eight weeks without a further fall: then
    this is what is usual. ``now`` and ``usual`` are hours of a day.
    """
    today = past.today.day.toordinal()
    if np.isnan(past.today.active_h):
        return None
    if standing is not None:
        return _goes_on(past, standing, today, limits)
    weeks = _weeks(past, today)
    if fall_chance(*weeks, today) > _CHANCE:
        return None
    first, last = levels(*weeks, today)
    drop = _drop(first, last)
    if drop - _last_year(past, today) < limits.drop:
        return None
    sure = Sureness.CLEAR if drop >= _CLEAR_DROP else Sureness.LIKELY
    day = past.today.day
    return Note(kind=NoteKind.DECLINE, since=day, seen=day, sure=sure, now=max(0.0, last), usual=first)


def _goes_on(past: Past, standing: Note, today: int, limits: Limits) -> Note:
    _, value = past.between(_FACT, today - _NOW_DAYS + 1, today)
    if len(value) < _NOW_LEAST:
        return standing
    now = float(np.median(value))
    if now >= standing.usual * (1 - limits.drop / 2):
        return replace(standing, until=past.today.day)
    over = today - standing.since.toordinal() >= WEEKS * 7
    if over and fall_chance(*_weeks(past, today), today) > _GOES_ON:
        return replace(standing, until=past.today.day)
    return replace(standing, seen=past.today.day, now=now)


def _last_year(past: Past, today: int) -> float:
    """The drop in the same weeks a year ago, 0 where it rose or is not known."""
    then = today - YEAR_DAYS
    weeks = _weeks(past, then, alike=False)
    if len(weeks[0]) < _LEAST_OF_YEAR:
        return 0.0
    return max(0.0, _drop(*levels(*weeks, then)))


def _drop(first: float, last: float) -> float:
    """The part that is lost; negative: it rose."""
    return 1 - last / first if first > 0 else 0.0


def _weeks(past: Past, last: int, *, alike: bool = True) -> tuple[NDArray[np.int64], Floats]:
    return past.between(_FACT, last - WEEKS * 7 + 1, last, alike=alike)
