"""A thread that works with the database in rounds; the database may be slow, or away as long as it likes."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg

from ingest.log import Log
from ingest.store.errors import StoreError


class Rounds:
    """Does ``work`` again and again in a thread of its own, until it is stopped.

    Parameters
    ----------
    work : callable
        One round. A StoreError or psycopg.Error ends that round alone.
    name : str
        The thread's.
    first_s, every_s, after_failure_s : float
        Seconds to the first round, after a round, and after one that failed.
    stop_within_s : float
        So long ``stop`` waits for a round that is under way.
    failed : str
        The line in ``log`` for a round that failed.
    """

    def __init__(
        self,
        work: Callable[[], object],
        *,
        name: str,
        every_s: float,
        after_failure_s: float,
        stop_within_s: float,
        log: Log,
        failed: str,
        first_s: float = 0.0,
    ) -> None:
        self._work = work
        self._first_s, self._every_s, self._after_failure_s = first_s, every_s, after_failure_s
        self._stop_within_s = stop_within_s
        self._log, self._failed = log, failed
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """No further round; one that is under way may look at ``stopping``."""
        self.stopping.set()
        if self._thread.ident is not None:
            self._thread.join(self._stop_within_s)

    def _run(self) -> None:
        pause_s = self._first_s
        while not self.stopping.wait(pause_s):
            pause_s = self._every_s
            try:
                self._work()
            except (StoreError, psycopg.Error) as error:
                self._log.warning(self._failed, error=error)
                pause_s = self._after_failure_s
