"""Cold rooms, and a cooker left on: measured against a limit, whatever is usual."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from alarms.core.routine.facts import NAN, Past
from alarms.core.routine.limits import Limits
from alarms.core.routine.note import Note, NoteKind, Sureness
from alarms.core.routine.usual import LEAST_DAYS, WEEKS_DAYS

_WHOLE_H = 18.0
"""A day whose temperature is known for so long is known well enough."""

_COLD_OVER_DAYS = 2
_COOKER_OVER_DAYS = 7


def cold_rooms(past: Past, standing: Note | None, limits: Limits) -> Note | None:
    """Every room that is lived in was colder than the limit for hours. Over after two known days that were not.

    ``now`` are hours, ``usual`` the median temperature before, ``detail`` the coldest hour's.
    """
    today = past.today
    if np.isnan(today.cold_h):
        return None
    if today.cold_h < limits.cold_h:
        return _over(past, standing, "cold_h", limits.cold_h, _COLD_OVER_DAYS)
    return Note(
        kind=NoteKind.COLD,
        since=standing.since if standing is not None else today.day,
        seen=today.day,
        sure=Sureness.CLEAR if today.temp_h >= _WHOLE_H else Sureness.LIKELY,
        now=today.cold_h,
        usual=standing.usual if standing is not None else _median(past, "temp_median_c", alike=False),
        detail=today.temp_low_c,
        bound=limits.cold_c,
    )


def cooker_left(past: Past, standing: Note | None, limits: Limits) -> Note | None:
    """A cooker was on for long while nobody moved in the kitchen. Over after seven known days without.

    Who always lets a soup simmer alone is told of once; ``now`` and ``usual`` are minutes of a day.
    """
    today = past.today
    if np.isnan(today.cooker_left_min):
        return None
    before = standing.usual if standing is not None else _median(past, "cooker_left_min")
    if today.cooker_left_min < limits.cooker_min:
        return _over(past, standing, "cooker_left_min", limits.cooker_min, _COOKER_OVER_DAYS)
    if standing is None and before >= limits.cooker_min:
        return None
    return Note(
        kind=NoteKind.COOKER,
        since=standing.since if standing is not None else today.day,
        seen=today.day,
        sure=Sureness.LIKELY,
        now=today.cooker_left_min,
        usual=before,
        bound=limits.cooker_min,
    )


def _over(past: Past, standing: Note | None, name: str, limit: float, days: int) -> Note | None:
    """``standing``, ended if the last ``days`` known days since it was seen all kept the limit."""
    if standing is None:
        return None
    today = past.today.day.toordinal()
    _, value = past.between(name, standing.seen.toordinal() + 1, today, alike=False)
    kept = len(value) >= days and bool((value[-days:] < limit).all())
    return replace(standing, until=past.today.day) if kept else standing


def _median(past: Past, name: str, *, alike: bool = True) -> float:
    """Of the four weeks before today; NaN where too few days are known."""
    today = past.today.day.toordinal()
    _, value = past.between(name, today - WEEKS_DAYS, today - 1, alike=alike)
    return float(np.median(value)) if len(value) >= LEAST_DAYS else NAN
