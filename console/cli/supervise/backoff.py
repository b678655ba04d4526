"""When a program that ended may start again."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_DELAY_S = 0.5
STABLE_S = 30.0


@dataclass(slots=True)
class Backoff:
    """No delay the first time, then 0.5 s doubling up to ``cap_s``; a run of 30 s starts it all over."""

    cap_s: float
    failures: int = 0

    def ended(self, ran_s: float) -> float:
        """Take note of an end after ``ran_s``; the delay in seconds before the next start."""
        if ran_s >= STABLE_S:
            self.failures = 0
        self.failures += 1
        if self.failures == 1:
            return 0.0
        return float(min(self.cap_s, FIRST_DELAY_S * 2.0 ** min(self.failures - 2, 20)))
