"""How many samples of set-aside telemetry are kept: a flood is counted, but cannot fill the disk."""

from __future__ import annotations

from dataclasses import dataclass

BURST = 100.0
PER_S = 10 / 60
_MAX_KEYS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class Allowance:
    """Of each gateway and reason ``BURST`` samples at once, then ten a minute."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def allows(self, gateway_id: str, reason: str, now_s: float) -> bool:
        """Whether one more sample may be kept; it counts."""
        bucket = self._buckets.get((gateway_id, reason))
        if bucket is None:
            if len(self._buckets) >= _MAX_KEYS:
                self._buckets.clear()
            bucket = self._buckets[gateway_id, reason] = _Bucket(BURST, now_s)
        bucket.tokens = min(BURST, bucket.tokens + (now_s - bucket.at_s) * PER_S)
        bucket.at_s = now_s
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
