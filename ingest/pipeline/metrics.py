"""What the program counts: for Prometheus, and in sum for ``health.json``."""

from __future__ import annotations

from collections import Counter
from typing import Any

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client import Counter as Series

from ingest.pipeline.intake import Taken
from ingest.store.write import Stored


class Metrics:
    """Counters of one program. Changed by the storing thread, once per batch; ``left`` by the one that reads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.set_aside: Counter[str] = Counter()
        self.messages = 0
        self.repeats = 0
        self.packs_left = 0
        self.packs_lost = 0
        self.readings = 0
        self.rows = 0
        self.merged = 0
        self.failures = 0
        self._messages = Series("anxin_ingest_messages", "Messages taken in, repeats included", registry=self.registry)
        self._repeats = Series(
            "anxin_ingest_repeats", "Packs not used: repeats, or far ahead of a missing one", registry=self.registry
        )
        self._left = Series("anxin_ingest_left", "Packs left to the gateways' spools", registry=self.registry)
        self._lost = Series("anxin_ingest_lost", "Packs that no spool held and no memory took", registry=self.registry)
        self._readings = Series("anxin_ingest_readings", "Readings stored", registry=self.registry)
        self._rows = Series("anxin_ingest_rows", "Rows written by COPY", registry=self.registry)
        self._merged = Series("anxin_ingest_merged_rows", "Rows merged into what was there", registry=self.registry)
        self._set_aside = Series(
            "anxin_ingest_set_aside", "Readings set aside, by reason", ["reason"], registry=self.registry
        )
        self._failures = Series("anxin_ingest_store_failures", "Attempts to store that failed", registry=self.registry)
        self._seconds = Histogram(
            "anxin_ingest_store_seconds",
            "Time to store a batch",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )

    def stored(self, taken: Taken, stored: Stored, readings: int, seconds: float) -> None:
        """Count one batch that is durable now."""
        self.messages += len(taken.messages)
        self.repeats += taken.repeats
        self.readings += readings
        self.rows += stored.copied
        self.merged += stored.merged
        self._messages.inc(len(taken.messages))
        self._repeats.inc(taken.repeats)
        self._readings.inc(readings)
        self._rows.inc(stored.copied)
        self._merged.inc(stored.merged)
        self._seconds.observe(seconds)
        for (_, reason), count in taken.drained.rejects.counts.items():
            self._count_set_aside(reason, count)
        if stored.refused:
            self._count_set_aside("store_refused", stored.refused)

    def failed(self) -> None:
        """Count an attempt that did not store."""
        self.failures += 1
        self._failures.inc()

    def left(self, left: int, lost: int) -> None:
        """Count what was not read because the database is away and the memory full."""
        self.packs_left += left
        self.packs_lost += lost
        self._left.inc(left)
        self._lost.inc(lost)

    def facts(self) -> dict[str, Any]:  # Any: JSON values
        """The sums since the start."""
        return {
            "messages": self.messages,
            "repeats": self.repeats,
            "left_to_spools": self.packs_left,
            "lost": self.packs_lost,
            "readings": self.readings,
            "rows": self.rows,
            "merged_rows": self.merged,
            "store_failures": self.failures,
            "set_aside": dict(self.set_aside),
        }

    def _count_set_aside(self, reason: str, count: int) -> None:
        self.set_aside[reason] += count
        self._set_aside.labels(reason).inc(count)
