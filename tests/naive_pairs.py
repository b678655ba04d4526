"""Slow twin of the rules about two things that belong together: one group, one sample at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

LATE_S, CATCH_UP_S = 5.0, 10.0


@dataclass
class NaivePair:
    """One device's rule: ``signal`` past its limit for ``hold_s`` while nobody of the group tells ``other``."""

    device: int
    signal: str
    other: str
    hold_s: float
    limit: float = 0.5
    hysteresis: float = 0.0
    below: bool = False
    over: bool = False
    raised: bool = False
    due: float = math.inf
    fire: float = math.inf
    changed: float = -math.inf

    def settle(self, at: float) -> list[tuple[bool, float]]:
        return self._flip() if self.due <= at else []

    def tick(self, now: float) -> list[tuple[bool, float]]:
        return self._flip() if self.fire <= now else []

    def look(self, said: dict[tuple[int, str], float], at: float, received: float) -> list[tuple[bool, float]]:
        told = [value for (_, name), value in said.items() if name == self.other]
        lacks = self.over and bool(told) and max(told) < 0.5
        found = self.settle(at)
        wants, delay = (not lacks, 0.0) if self.raised else (lacks, self.hold_s)
        self.due = min(self.due, at + delay) if wants else math.inf
        self.fire = max(self.due, received + CATCH_UP_S) if received - at > LATE_S else self.due
        return found + self.settle(at)

    def own(self, value: float) -> None:
        turned, limit = (-value, -self.limit) if self.below else (value, self.limit)
        self.over = turned >= (limit - self.hysteresis if self.over else limit)

    def side(self, value: float) -> int:
        turned, limit = (-value, -self.limit) if self.below else (value, self.limit)
        return (turned >= limit) + (turned >= limit - self.hysteresis)

    def _flip(self) -> list[tuple[bool, float]]:
        self.changed = max(self.due, self.changed)
        self.raised, self.due, self.fire = not self.raised, math.inf, math.inf
        return [(self.raised, self.changed)]


@dataclass
class NaiveGroup:
    """The devices behind one gateway."""

    pairs: list[NaivePair]
    said: dict[tuple[int, str], float] = field(default_factory=dict)
    seen: dict[tuple[int, str], float] = field(default_factory=dict)
    sides: dict[tuple[int, str], tuple[bool, list[int]]] = field(default_factory=dict)
    newest: float = -math.inf

    def take(
        self, device: int, signal: str, at: float, received: float, value: float
    ) -> list[tuple[NaivePair, bool, float]]:
        key = (device, signal)
        if at < self.seen.get(key, -math.inf):
            return []
        self.seen[key] = at
        sides = (value >= 0.5, [pair.side(value) for pair in self.pairs if (pair.device, pair.signal) == key])
        if self.sides.get(key) == sides:
            return []
        self.sides[key] = sides
        self.said[key] = value
        self.newest = max(self.newest, at)
        for pair in self.pairs:
            if (pair.device, pair.signal) == key:
                pair.own(value)
        return [
            (pair, raised, when) for pair in self.pairs for raised, when in pair.look(self.said, self.newest, received)
        ]

    def tick(self, now: float) -> list[tuple[NaivePair, bool, float]]:
        return [(pair, raised, when) for pair in self.pairs for raised, when in pair.tick(now)]
