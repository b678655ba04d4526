"""The thread that keeps the store's house: partitions, hours, retention."""

from __future__ import annotations

import threading

import psycopg

from ingest.clock import Clock
from ingest.log import Log
from ingest.store.connection import connect, deadline
from ingest.store.errors import StoreError
from ingest.store.housekeeping import keep_house

_EVERY_S = 300.0
_RETRY_S = 30.0
_STATEMENT_S = 60.0
_ROUND_S = 600.0


class Upkeep:
    """Runs a round at the start and then every few minutes, over a connection of its own each time."""

    def __init__(self, dsn: str, clock: Clock, keep_days: int) -> None:
        self._dsn = dsn
        self._clock = clock
        self._keep_days = keep_days
        self._log = Log("ingest")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the present statement; a round that is cut short is repeated at the next start."""
        self._stopping.set()
        self._thread.join(5)

    def _run(self) -> None:
        pause_s = 0.0
        while not self._stopping.wait(pause_s):
            pause_s = _EVERY_S if self._round() else _RETRY_S

    def _round(self) -> bool:
        try:
            with (
                connect(self._dsn, "upkeep", statement_timeout_s=_STATEMENT_S, autocommit=True) as connection,
                deadline(connection, _ROUND_S),
            ):
                done = keep_house(connection, self._clock.now(), self._keep_days)
        except (StoreError, psycopg.Error) as error:
            self._log.warning("upkeep.failed", error=error)
            return False
        if done.partitions_made or done.partitions_dropped or done.hours_rolled_up:
            self._log.info(
                "upkeep.done",
                partitions_made=done.partitions_made,
                partitions_dropped=done.partitions_dropped,
                hours=done.hours_rolled_up,
            )
        return True
