"""Telemetry that cannot be used: counted in full, shown by samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

SAMPLES = 100
"""Kept of one gateway and reason until the next drain; a flood is counted, not stored."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record, a table's row or a whole pack that was set aside; ``raw`` is its JSON, or its bytes as they came."""

    gateway_id: str
    reason: str
    detail: str
    raw: bytes


@dataclass(slots=True)
class Rejects:
    """What was refused: ``counts`` of readings by gateway and reason, and samples."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: list[Reject] = field(default_factory=list)
    _sampled: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, gateway_id: str, reason: str, detail: str, raw: Callable[[], bytes], count: int = 1) -> None:
        """Take note of ``count`` readings; ``raw`` is asked only when a sample is kept."""
        self.count(gateway_id, reason, count)
        key = gateway_id, reason
        if self._sampled[key] < SAMPLES:
            self._sampled[key] += 1
            self.samples.append(Reject(gateway_id, reason, detail, raw()))

    def count(self, gateway_id: str, reason: str, count: int) -> None:
        """Take note of ``count`` readings without a sample."""
        self.counts[gateway_id, reason] += count
