"""The real journal on a disk that may be full, in a program that may die around every commit."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from alarms.journal.journal import Journal
from tests.simulation.hazards import Hazards


class Disk:
    """Takes writes, or does not."""

    def __init__(self) -> None:
        self.full = False
        self.full_at_begin = False
        """Where the disk refuses: at the beginning of a transaction or at its commit."""

    def check(self, *, at_begin: bool) -> None:
        if self.full and at_begin == self.full_at_begin:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error


class FragileJournal(Journal):
    """Tells ``committed`` of every commit."""

    def __init__(self, path: Path, hazards: Hazards, disk: Disk, committed: Callable[[], None]) -> None:
        super().__init__(path)
        self._db.execute("PRAGMA synchronous=OFF")  # only the program dies here, never the machine under the file
        self._hazards = hazards
        self._disk = disk
        self._committed = committed

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """As in the journal, with a disk that may refuse it and places to die at."""
        self._hazards.touch("before the transaction")
        changes = self._db.total_changes
        with super().transaction():
            self._disk.check(at_begin=True)
            yield
            self._disk.check(at_begin=False)
            self._hazards.touch("before the commit")
        if self._db.total_changes != changes:
            self._committed()
        self._hazards.touch("after the commit")
