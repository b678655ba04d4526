"""Slow twins of what electricity does: one circuit, one sample at a time, from the whole history."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from alarms.core import leakage, overload

Sample = tuple[float, float]
"""Moment and value."""


@dataclass
class NaiveOverload:
    """The heat of a circuit: two neighbouring samples warm it with their mean, or the smaller of two far apart."""

    rated: float
    tau_s: float
    samples: list[Sample] = field(default_factory=list)

    def take(self, at: float, value: float) -> float:
        self.samples.append((at, value))
        heat = 0.0
        for (then, before), (now, after) in zip(self.samples, self.samples[1:], strict=False):
            low, high = sorted((one / self.rated) * (one / self.rated) for one in (before, after))
            steady = low if high > overload.FAR * low else (high + low) / 2
            cooled = float(np.exp(-(now - then) / self.tau_s))
            heat = steady + (heat - steady) * cooled if now - then <= overload.GAP_S else 0.0
        return heat


@dataclass
class NaiveLeakage:
    """How far a residual current is beyond what alarms, with the natural leakage learned step by step."""

    setting: float
    rise: float
    hysteresis: float
    natural: float = 0.0
    seen: float = 0.0
    over: bool = False
    last: Sample | None = None

    def take(self, at: float, value: float) -> float:
        if self.last is None:
            self.natural = value
        elif not self.over and at - self.last[0] <= leakage.GAP_S:
            self._learn(at - self.last[0], self.last[1])
        known = self.seen >= leakage.LEARN_S
        beyond = value - min(self.natural if known else math.inf, self.setting - self.rise)
        clear = self.rise - min(self.hysteresis, self.rise / 2)
        self.over = beyond >= (clear if self.over else self.rise)
        self.last = (at, value)
        return beyond

    def _learn(self, passed: float, value: float) -> None:
        if self.seen < leakage.LEARN_S:
            speed = self.setting / max(self.seen, leakage._FIRST_S)
        else:
            speed = self.rise * (leakage.DAILY_SHARE / leakage.LEARN_S)
        if value > self.natural:
            self.natural = min(self.natural + speed * passed * 0.8, value)
        else:
            self.natural = max(self.natural - speed * passed * (1 - 0.8), value)
        self.seen = min(self.seen + passed, leakage.LEARN_S)
