"""Slow twin of a dose: one device, the whole history anew for every question."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

LATE_S, CATCH_UP_S = 5.0, 10.0


@dataclass
class NaiveDose:
    """``curve``: concentrations and seconds, ascending and descending."""

    curve: list[tuple[float, float]]
    share: float
    half_life: float
    clear: float
    off: float
    samples: list[tuple[float, float]] = field(default_factory=list)
    raised: bool = False
    due: float = math.inf
    fire: float = math.inf
    changed: float = -math.inf

    def take(self, at: float, received: float, value: float) -> list[tuple[bool, float]]:
        self.samples.append((at, value))
        found = self.settle(at)
        if self.raised:
            self.due = min(self.due, at + self.off) if value < self.clear else math.inf
        else:
            speed = self.speed(value)
            self.due = at + max(self.share - self.dose(), 0) / speed if speed else math.inf
        self.fire = max(self.due, received + CATCH_UP_S) if received - at > LATE_S else self.due
        return found + self.settle(at)

    def settle(self, at: float) -> list[tuple[bool, float]]:
        return self._flip() if self.due <= at else []

    def tick(self, now: float) -> list[tuple[bool, float]]:
        return self._flip() if self.fire <= now else []

    def dose(self) -> float:
        """At the last sample."""
        dose = 0.0
        for (at, value), (then, _) in zip(self.samples, self.samples[1:], strict=False):
            speed = self.speed(value)
            dose = min(dose + speed * (then - at), 1) if speed else dose * 0.5 ** ((then - at) / self.half_life)
        return dose

    def speed(self, value: float) -> float:
        """What is added in a second at this concentration."""
        if value < self.curve[0][0]:
            return 0.0
        for (low, slow), (high, fast) in zip(self.curve, self.curve[1:], strict=False):
            if value < high:
                way = math.log(value / low) / math.log(high / low)
                return 1 / (slow * (fast / slow) ** way)
        return 1 / self.curve[-1][1]

    def _flip(self) -> list[tuple[bool, float]]:
        self.changed = max(self.due, self.changed)
        self.raised, self.due, self.fire = not self.raised, math.inf, math.inf
        return [(self.raised, self.changed)]
