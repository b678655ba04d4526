"""Notes from shift to shift in PostgreSQL, and who took over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from console.database import SQL
from console.parts import Parts
from ingest.store.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line for the next shift; ``done_by`` is None until somebody has done it."""

    note_id: int
    written_at: datetime
    written_by: str
    note: str
    done_at: datetime | None
    done_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is written at a site; ``taken_by`` is who took over last."""

    notes: list[Note]
    taken_at: datetime | None = None
    taken_by: str = ""


async def read(parts: Parts, site_id: str, since: datetime) -> Kept:
    """What is not done, and what was done since then.

    Raises
    ------
    DatabaseAwayError
        The database cannot be asked now.
    """
    rows = await parts.database.fetch("handover_notes", {"site_id": site_id, "since": since})
    last = await parts.database.fetch("handover_last", {"site_id": site_id})
    notes = [Note(**row) for row in rows]
    return Kept(notes=notes, **last[0]) if last else Kept(notes=notes)


async def write(parts: Parts, statement: str, **values: Any) -> None:  # Any: a statement's values
    """Do ``write_handover_note``, ``end_handover_note`` or ``take_over``.

    Raises
    ------
    DatabaseAwayError
        The database does not answer in time.
    """
    await parts.answers.edits.run(partial(_execute, statement=statement, values=values))


def _execute(connection: Connection, statement: str, values: dict[str, Any]) -> None:  # Any: a statement's values
    connection.execute(SQL[statement], values)
