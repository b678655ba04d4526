"""Days and notes as rows of their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from alarms.core.routine.facts import MEASURES, NAN, DayFacts
from alarms.core.routine.note import Note, NoteKind, Sureness

Row = Mapping[str, Any]  # Any: a column's value

_NUMBERS = ("now", "usual", "detail", "bound")


def note_of(row: Row) -> Note:
    """A row of ``routine_note``."""
    return Note(
        kind=NoteKind(row["kind"]),
        since=row["since"],
        seen=row["seen"],
        until=row["until"],
        sure=Sureness(row["sure"]),
        **{name: NAN if row[name] is None else float(row[name]) for name in _NUMBERS},
    )


def facts_of(row: Row, day: date, sensors: Sequence[int]) -> DayFacts:
    """A row of ``routine_day``, or of what would become one."""
    measured = {name: NAN if row[name] is None else float(row[name]) for name in MEASURES}
    return DayFacts(day=day, sensors=tuple(sensors), **measured)


def row_of(note: Note) -> dict[str, object]:
    """The columns of a note, but whose and when it was first written."""
    given = {name: getattr(note, name) for name in ("kind", "since", "seen", "until", "sure")}
    return given | {name: stored(getattr(note, name)) for name in _NUMBERS}


def stored(value: float) -> float | None:
    """NULL for what is not known."""
    return None if value != value else value
