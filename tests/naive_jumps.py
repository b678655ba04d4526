"""Slow twins of sensors that are broken: one sensor, one sample at a time, from the whole history."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from alarms.core import jumps

PARTS = 8


@dataclass
class NaiveJumps:
    """When a sensor is broken, and what is believed of it."""

    jump: float
    within: float
    count: int
    window: float
    low: float
    high: float
    inside: list[tuple[float, float]] = field(default_factory=list)
    leaps: list[tuple[float, float]] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    restless: list[tuple[float, float]] = field(default_factory=list)

    def take(self, at: float, value: float, repeated: bool) -> tuple[float, float, bool]:
        """Until when it is broken (-inf: nothing new), what it stays at, whether it is out of its range."""
        until = -math.inf
        outside = not self.low <= value <= self.high
        then, last = self.inside[-1] if self.inside else (-math.inf, self.low)
        if outside:
            until = at + self.window
        elif abs(value - last) >= self.jump and not repeated and at - then <= self.within:
            before = self.leaps[-1] if self.leaps else (-math.inf, 0.0)
            self.leaps.append((at, value - last))
            if before[1] * (value - last) < 0 and at - before[0] <= self.within:
                self.back.append(at)
                if len(self.back) >= self.count:
                    until = self.back[-self.count] + self.window
        if not outside:
            self.inside.append((at, value))
        stays = last if outside else value
        if self.leaps and at - self.leaps[-1][0] <= self.window:
            self.restless.append((at, stays))
            width = jumps.STAYS_S / PARTS
            newest = math.floor(at / width)
            stays = min(old for moment, old in self.restless if math.floor(moment / width) > newest - PARTS)
        return until, stays, outside


@dataclass
class NaiveFrozen:
    """For how long a value has been the same."""

    samples: list[tuple[float, float]] = field(default_factory=list)

    def take(self, at: float, value: float) -> float:
        self.samples.append((at, value))
        since = at
        for then, old in reversed(self.samples):
            if old != value:
                break
            since = then
        return at - since
