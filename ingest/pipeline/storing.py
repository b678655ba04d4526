"""The thread that stores: one batch at a time, kept until the database has it, whatever that takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from ingest.clock import Clock
from ingest.log import Log
from ingest.pipeline.allowance import Allowance
from ingest.pipeline.intake import Taken
from ingest.pipeline.metrics import Metrics
from ingest.store.batch import Batch, SetAside
from ingest.store.errors import StoreError
from ingest.store.frame import Extra
from ingest.store.framing import frames_of
from ingest.store.last_values import LastValues
from ingest.store.recent import RecentKeys
from ingest.store.write import BatchWriter, Stored
from ingest.wire import topics
from ingest.wire.signals import Kind
from ingest.wire.topics import Lane

_RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)
_GOODBYE_S = 5.0
STUCK_S = 2.0
"""A database that takes nothing for so long is away."""
_LAST_VALUES_AT_ONCE = 20_000


class Storing:
    """Takes one batch, stores it, tells ``on_stored``; busy meanwhile. Ends within seconds of ``stop``."""

    def __init__(
        self,
        dsn: str,
        clock: Clock,
        metrics: Metrics,
        on_stored: Callable[[Taken], None],
        *,
        statement_s: float,
        last_value_s: float,
    ) -> None:
        self._dsn = dsn
        self._clock = clock
        self._metrics = metrics
        self._on_stored = on_stored
        self._statement_s = statement_s
        self._last_value_s = last_value_s
        self._log = Log("ingest")
        self._changed = threading.Condition()
        self._given: Taken | None = None
        self._given_s = 0.0
        self._stop_by: float | None = None
        self._writer: BatchWriter | None = None
        self._recent: dict[Kind | None, RecentKeys] = {}
        self._last_values = LastValues()
        self._last_values_due = time.monotonic() + last_value_s
        self._allowance = Allowance()
        self._thread = threading.Thread(target=self._run, name="storing", daemon=True)
        self.failing_since: float | None = None

    @property
    def busy(self) -> bool:
        """Whether a batch is not stored yet."""
        return self._given is not None

    @property
    def is_stuck(self) -> bool:
        """Whether the database has not taken the batch in hand for so long that it must be away."""
        return self._given is not None and time.monotonic() - self._given_s > STUCK_S

    @property
    def alive(self) -> bool:
        """False when the thread has ended by an error of the program."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def give(self, taken: Taken) -> None:
        """Store ``taken``; only when not ``busy``."""
        with self._changed:
            assert self._given is None, "one batch at a time"
            self._given, self._given_s = taken, time.monotonic()
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> None:
        """Wait until not busy, but not longer."""
        with self._changed:
            self._changed.wait_for(lambda: self._given is None, timeout_s)

    def stop(self) -> None:
        """Store what was given and the newest values, unless the database is away; then end."""
        with self._changed:
            self._stop_by = time.monotonic() + _GOODBYE_S
            self._changed.notify_all()
        self._thread.join(_GOODBYE_S + 2 * self._statement_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._given is not None or self._stop_by is not None, 1.0)
                taken = self._given
            if taken is not None:
                if self._store(taken):
                    self._on_stored(taken)
                with self._changed:
                    self._given = None
                    self._changed.notify_all()
            elif self._stop_by is not None or time.monotonic() >= self._last_values_due:
                self._write_last_values()
            if self._stop_by is not None and self._given is None:
                break
        if self._writer is not None:
            self._writer.close()

    def _store(self, taken: Taken) -> bool:
        started = time.monotonic()
        frames, extra = frames_of(taken.drained, taken.kind_of_number)
        readings = len(extra) + sum(int(np.count_nonzero(~np.isnan(frame.value))) for frame in frames)
        self._last_values.note(frames, extra)
        batch = Batch(frames=frames, extra=extra, lanes=taken.lanes, set_aside=self._samples(taken))
        stored = self._insist(batch)
        if stored is None:
            return False
        self._metrics.stored(taken, stored, readings, time.monotonic() - started)
        return True

    def _write_last_values(self) -> None:
        while self._last_values.has_news:
            stored = self._attempt(Batch(extra=Extra.empty()), again=False, all_values=True)
            if stored is None or stored.last_values < _LAST_VALUES_AT_ONCE:
                break
        self._last_values_due = time.monotonic() + self._last_value_s

    def _insist(self, batch: Batch) -> Stored | None:
        """Try until stored; None when it is time to end first."""
        attempts = 0
        while True:
            stored = self._attempt(batch, again=attempts > 0, all_values=False)
            if stored is not None:
                return stored
            pause_s = _RETRY_S[min(attempts, len(_RETRY_S) - 1)]
            attempts += 1
            with self._changed:
                if self._stop_by is not None and time.monotonic() + pause_s >= self._stop_by:
                    return None
                self._changed.wait_for(lambda: self._stop_by is not None, pause_s)

    def _attempt(self, batch: Batch, *, again: bool, all_values: bool) -> Stored | None:
        due = all_values or time.monotonic() >= self._last_values_due
        try:
            if self._writer is None:
                self._writer = BatchWriter(self._dsn, self._recent, timeout_s=self._statement_s)
            stored = self._writer.store(
                batch,
                self._last_values,
                self._clock.now(),
                again=again,
                last_limit=_LAST_VALUES_AT_ONCE if due else 0,
            )
        except StoreError as error:
            self._fail(error)
            return None
        if self.failing_since is not None:
            self._log.info("store.back", after_s=round(time.monotonic() - self.failing_since, 1))
            self.failing_since = None
        # more than one helping of values comes with the next batches
        if due and stored.last_values < _LAST_VALUES_AT_ONCE:
            self._last_values_due = time.monotonic() + self._last_value_s
        return stored

    def _fail(self, error: StoreError) -> None:
        self._metrics.failed()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self.failing_since is None:
            self.failing_since = time.monotonic()
            self._log.warning("store.away", error=error)

    def _samples(self, taken: Taken) -> list[SetAside]:
        now = self._clock.now()
        rows = []
        for reject in taken.drained.rejects.samples:
            if self._allowance.allows(reject.gateway_id, reject.reason, now.timestamp()):
                topic = topics.up(taken.shard_of[reject.gateway_id], reject.gateway_id, Lane.DATA)
                rows.append(SetAside(now, reject.gateway_id, topic, reject.reason, reject.detail, reject.raw))
        return rows
