"""Days of one life through the notes, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from alarms.core.routine.facts import YEAR_DAYS, DayFacts, Past
from alarms.core.routine.limits import Limits
from alarms.core.routine.note import Note, NoteKind
from alarms.core.routine.notes import step
from evaluation.routine.lives import FIRST_DAY

_KEPT_DAYS = 70
_BLOCK = 7


def begun(days: Sequence[DayFacts]) -> Iterator[Note]:
    """The notes as they begin; ``days`` follow each other without a gap."""
    standing: dict[NoteKind, Note] = {}
    for n in range(len(days)):
        then = n - YEAR_DAYS
        past = [*days[max(0, then - _KEPT_DAYS) : max(0, then + 1)], *days[max(0, n - _KEPT_DAYS) : n + 1]]
        for kind, note in step(Past(past), standing, Limits()).items():
            if kind not in standing:
                yield note
            if note.until is None:
                standing[kind] = note
            else:
                standing.pop(kind, None)


def stretched(days: Sequence[DayFacts], length: int, rng: np.random.Generator) -> list[DayFacts]:
    """A longer life of the same days: weeks of them in a random order, so that nothing changes but by chance."""
    found: list[DayFacts] = []
    while len(found) < length:
        start = int(rng.integers(0, len(days) - _BLOCK + 1))
        found += days[start : start + _BLOCK]
    return [_on(one, n) for n, one in enumerate(found[:length])]


def _on(facts: DayFacts, n: int) -> DayFacts:
    return replace(facts, day=FIRST_DAY + timedelta(days=n))
