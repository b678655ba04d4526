"""Carries a visitor's change out, and waits until this console's own picture has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from console.setup.place import Place
from ingest.registry import source
from ingest.registry.changing import changing
from ingest.store.connection import Connection

T = TypeVar("T")


async def save(place: Place, change: Callable[[Connection], T]) -> T:
    """Do it as the visitor, or raise what ``change`` raises.

    Raises
    ------
    DatabaseAwayError
        The database does not answer; the change may still be made.
    """
    by = place.visitor.user.user_id

    def work(connection: Connection) -> tuple[T, int]:
        with changing(connection, by):
            return change(connection), source.version(connection)

    edits = place.parts.answers.edits
    done, version = await edits.run(work)
    await edits.known(lambda registry: registry.version >= version)
    return done
