"""What the watcher counts: for Prometheus, and of the last hour for ``health.json``."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client import Counter as Series

from console.watch.canary import Leg

_HOUR_S = 3600.0
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """Counters of one program; ``ping`` is called by the dead man's thread, all else by the loop's."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self._passed = Series("anxin_watch_passed", "Canary presses that came through", registry=own)
        self._missed = Series("anxin_watch_missed", "Canary presses missed, by leg", ["leg"], registry=own)
        self._in_a_row = Gauge("anxin_watch_misses", "Canary presses missed in a row", registry=own)
        self._seconds = Histogram(
            "anxin_watch_seconds", "From the press until it was seen, by leg", ["leg"], buckets=_BUCKETS, registry=own
        )
        self._pings = Series("anxin_watch_pings", "Pings to the outside watcher, by outcome", ["outcome"], registry=own)
        for leg in Leg:
            self._missed.labels(leg)
            self._seconds.labels(leg)
        self._hour: deque[tuple[float, float]] = deque()
        self.pings: Counter[str] = Counter()

    def passed(self, seen: Mapping[Leg, float], now_s: float) -> None:
        """Count a press that came through."""
        self._passed.inc()
        self._in_a_row.set(0)
        for leg, after_s in seen.items():
            self._seconds.labels(leg).observe(after_s)
        self._hour.append((now_s, seen[Leg.FEED]))

    def missed(self, leg: Leg, misses: int) -> None:
        """Count a press that was missed."""
        self._missed.labels(leg).inc()
        self._in_a_row.set(misses)

    def ping(self, outcome: str) -> None:
        self._pings.labels(outcome).inc()
        self.pings[outcome] += 1

    def last_hour(self, now_s: float) -> dict[str, Any]:  # Any: JSON values
        """The latency from press to feed over the last hour, by nearest rank."""
        while self._hour and self._hour[0][0] < now_s - _HOUR_S:
            self._hour.popleft()
        took = sorted(after_s for _, after_s in self._hour)
        if not took:
            return {}
        return {f"p{share}_ms": round(1000 * took[math.ceil(len(took) * share / 100) - 1], 1) for share in (50, 99)}
