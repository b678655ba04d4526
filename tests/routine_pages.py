"""Notes about Ms Wang's routine in a database, beside a console whose registry knows her and her daughter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
import psycopg

from alarms.core.routine.note import Note, NoteKind, Sureness
from alarms.routine.rows import row_of
from ingest.registry import edit
from ingest.registry.family_model import Share
from tests.console_desk import Desk
from tests.integration.test_family_pages import families


def routine_notes(today: date) -> list[Note]:
    """Restless for three nights, cold yesterday, less active for weeks, and a cooker that is over."""

    def back(days: int) -> date:
        return today - timedelta(days=days)

    cold = {"now": 9, "usual": 20.5, "detail": 12.5, "bound": 16}
    cooker = {"now": 42, "usual": 3, "bound": 20}
    return [
        Note(kind=NoteKind.NIGHT, since=back(3), seen=back(1), sure=Sureness.CLEAR, now=6, usual=1, detail=4),
        Note(kind=NoteKind.COLD, since=back(1), seen=back(1), sure=Sureness.CLEAR, **cold),
        Note(kind=NoteKind.DECLINE, since=back(2), seen=back(1), sure=Sureness.LIKELY, now=6.8, usual=9.5),
        Note(kind=NoteKind.COOKER, since=back(9), seen=back(9), until=back(2), sure=Sureness.LIKELY, **cooker),
    ]


def furnish(desk: Desk, dsn: str, *shared: Share, notes: Sequence[Note] | None = None) -> None:
    """The registry in the console and in the database, and the notes about Ms Wang."""
    registry = families(*shared)
    desk.registry = msgspec.structs.replace(registry, version=registry.version + 1)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for site in registry.sites:
            edit.add_site(connection, site)
        for resident in registry.residents:
            edit.add_resident(connection, msgspec.structs.replace(resident, room_id=None))
        for note in routine_notes(datetime.now(UTC).date()) if notes is None else notes:
            write_note(connection, "wang", note)


def write_note(connection: psycopg.Connection, resident_id: str, note: Note) -> None:
    row = {"resident_id": resident_id, "begun_at": datetime.now(UTC), **row_of(note)}
    names = ", ".join(row)
    marks = ", ".join(f"%({name})s" for name in row)
    connection.execute(f"INSERT INTO routine_note ({names}) VALUES ({marks})", row)  # type: ignore[arg-type]
