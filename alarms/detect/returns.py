"""The thread that takes "away" back where signs of life have come since; the database may be slow, or away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ingest.log import Log
from ingest.registry import edit
from ingest.registry.changing import changing
from ingest.registry.homes import people_of
from ingest.registry.model import Registry
from ingest.store.connection import connect
from ingest.store.rounds import Rounds

BY = "anxin-detect"
"""As whom the log of changes has it: a program."""

_EVERY_S = 1.0
_AFTER_FAILURE_S = 10.0
_STATEMENT_S = 10.0


class Returns:
    """What the core found is told to it in every round anew, until the registry says it too.

    Those homes are watched all the while; this only lets everybody know.
    """

    def __init__(self, dsn: str, registry: Callable[[], Registry]) -> None:
        self._dsn = dsn
        self._registry = registry
        self._back: Mapping[str, float] = {}
        self._log = Log("detect")
        self._rounds = Rounds(
            self.round, name="returns", first_s=_EVERY_S, every_s=_EVERY_S, after_failure_s=_AFTER_FAILURE_S,
            stop_within_s=5, log=self._log, failed="away.not_taken_back",
        )  # fmt: skip

    def tell(self, back: Mapping[str, float]) -> None:
        """Where life is back now, by subject, and since when."""
        self._back = back

    def start(self) -> None:
        if self._dsn:
            self._rounds.start()

    def stop(self) -> None:
        self._rounds.stop()

    def round(self) -> list[str]:
        """Take back what is to be taken back; of which residents it was.

        Raises
        ------
        StoreError, psycopg.Error
            The database is away, or refuses.
        """
        back, ended = self._back, list[str]()
        if not back:
            return ended
        with connect(self._dsn, "detect", statement_timeout_s=_STATEMENT_S, autocommit=True) as connection:
            for subject, back_s in back.items():
                with changing(connection, BY):
                    ended += edit.take_away_back(connection, self._who(subject), datetime.fromtimestamp(back_s, UTC))
        for resident_id in ended:
            self._log.info("away.taken_back", resident_id=resident_id)
        return ended

    def _who(self, subject: str) -> list[str]:
        kind, _, name = subject.partition(":")
        if kind == "resident":
            return [name]
        return [one.resident_id for one in people_of(self._registry(), subject)]
