"""All notes about one resident, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from alarms.core.routine.decline import decline
from alarms.core.routine.facts import Past
from alarms.core.routine.hazard import cold_rooms, cooker_left
from alarms.core.routine.limits import Limits
from alarms.core.routine.more import more_than_usual
from alarms.core.routine.note import Note, NoteKind

LOST = timedelta(days=14)
"""A note that nobody could see for so long ends: it is not known whether it goes on."""

Standing = Mapping[NoteKind, Note]


def step(past: Past, standing: Standing, limits: Limits) -> dict[NoteKind, Note]:
    """The notes that begin, go on or end with ``past.today``; ``standing`` are those that go on until now.

    Each kind has one note at a time. Steps must be taken in the order of the days; a day is taken once.
    """
    found = {kind: _one(kind, past, standing.get(kind), limits) for kind in NoteKind}
    return {kind: note for kind, note in found.items() if note is not None}


def _one(kind: NoteKind, past: Past, standing: Note | None, limits: Limits) -> Note | None:
    note = _judge(kind, past, standing, limits) or standing
    if note is not None and note.until is None and past.today.day - note.seen >= LOST and _unseen(note, standing):
        return replace(note, until=past.today.day)
    return note


def _unseen(note: Note, standing: Note | None) -> bool:
    return standing is not None and note.seen == standing.seen


def _judge(kind: NoteKind, past: Past, standing: Note | None, limits: Limits) -> Note | None:
    match kind:
        case NoteKind.NIGHT | NoteKind.BATHROOM:
            return more_than_usual(kind, past, standing)
        case NoteKind.COLD:
            return cold_rooms(past, standing, limits)
        case NoteKind.COOKER:
            return cooker_left(past, standing, limits)
        case NoteKind.DECLINE:
            return decline(past, standing, limits)
