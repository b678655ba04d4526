"""More than usual: a count of a night or a day against the resident's own last four weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from alarms.core.routine.facts import Past
from alarms.core.routine.note import Note, NoteKind, Sureness
from alarms.core.routine.usual import WEEKS_DAYS, Usual, usual

_FACTS = {NoteKind.NIGHT: ("night_up", "visits_night"), NoteKind.BATHROOM: ("visits", "visits_night")}
_LOOK_DAYS = 3
_ONE = 3.1
"""Spreads above usual at which one day alone is a note, if no day of the four weeks was like it."""

_EACH, _MEAN = 1.0, 1.9
"""Spreads above usual of each of three days in a row, and of their mean, at which together they are one."""

_CLEAR = 4.5
_LEAST = 3.0
"""So many more than usual, at least: once or twice more is nothing to tell anybody."""


def more_than_usual(kind: NoteKind, past: Past, standing: Note | None) -> Note | None:
    """The note of this kind as it stands after today; None: there is none, or today is not known.

    It ends after three known days in a row that are as usual, or after four weeks: then this is what is usual. What is
    usual is asked of the days before it began, so that it is not learned away.
    """
    name, detail = _FACTS[kind]
    today = past.today.day.toordinal()
    value, also = (float(getattr(past.today, one)) for one in (name, detail))
    if np.isnan(value):
        return None
    since = standing.since if standing is not None else date.fromordinal(today)
    before = usual(past, name, since.toordinal() - _LOOK_DAYS + 1)
    if before is None:
        return None if standing is None else _ended(standing, today)
    strays = _strays(past, name, before, today)
    if standing is not None:
        if today - since.toordinal() >= WEEKS_DAYS or (len(strays) == _LOOK_DAYS and max(strays) < _EACH):
            return _ended(standing, today)
        if strays[-1] < _EACH:
            return standing
    elif not _begins(strays, value, before):
        return None
    sure = Sureness.CLEAR if standing is not None or strays[-1] >= _CLEAR else Sureness.LIKELY
    return Note(
        kind=kind, since=since, seen=past.today.day, sure=sure, now=value, usual=before.median, detail=also
    )  # fmt: skip


def _strays(past: Past, name: str, before: Usual, today: int) -> list[float]:
    """How far the last three known days lie above usual, the newest last; days further back than a week are too old."""
    _, value = past.between(name, today - 6, today)
    return [before.strays(one) for one in value[-_LOOK_DAYS:].tolist()]


def _begins(strays: list[float], value: float, before: Usual) -> bool:
    if value - before.median < _LEAST:
        return False
    together = len(strays) == _LOOK_DAYS and min(strays) >= _EACH and sum(strays) / _LOOK_DAYS >= _MEAN
    return together or (strays[-1] >= _ONE and value > 1.3 * before.most)


def _ended(note: Note, today: int) -> Note:
    return replace(note, until=date.fromordinal(today))
