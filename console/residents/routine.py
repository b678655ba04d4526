"""The notes about a resident's routine, out of the history."""

from __future__ import annotations

from datetime import timedelta

from alarms.core.routine.note import Note
from alarms.routine.rows import note_of
from console.parts import Parts

ENDED = timedelta(days=28)
"""A note that has ended is shown for so long."""


async def find_notes(parts: Parts, resident_id: str, ended: timedelta = ENDED) -> list[Note]:
    """Those that go on, the newest first, then those that ended within ``ended``.

    Raises
    ------
    DatabaseAwayError
        The history cannot be asked now.
    """
    asked = {"resident_id": resident_id, "until": (parts.clock.now() - ended).date()}
    return [note_of(row) for row in await parts.database.fetch("resident_notes", asked)]
