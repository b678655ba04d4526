"""A slow twin of what a room's detectors say together: one detector, one sample, one number at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from alarms.core.fire.model import FireModel, Look

SIGNALS = ("obscuration_db_m", "temp_c", "co_ppm", "humidity_pct")
CLEAN = {"obscuration_db_m": 0.1, "temp_c": 45.0, "co_ppm": 10.0, "humidity_pct": 100.0}
CALM = {"obscuration_db_m": 0.03, "temp_c": math.inf, "co_ppm": 6.0, "humidity_pct": math.inf}
LEARN_H = {"obscuration_db_m": (2, 48), "temp_c": (1 / 6, 1 / 6), "co_ppm": (1, 24), "humidity_pct": (0.5, 0.5)}
FAST_S, SLOW_S, HEARD_S = 4.0, 30.0, 4 * 3600.0


@dataclass
class NaiveLevel:
    """One signal of one detector."""

    signal: str
    fast: float = math.nan
    slow: float = math.nan
    usual: float = math.nan
    at: float = -math.inf
    stirred: bool = False

    def take(self, at: float, value: float) -> None:
        passed = at - self.at
        if math.isnan(self.fast):
            self.fast = self.slow = value
            self.usual = min(value, CLEAN[self.signal])
            passed = 0.0
        self.fast += (value - self.fast) * passed / (FAST_S + passed)
        self.slow += (value - self.slow) * passed / (SLOW_S + passed)
        self.stirred = self.fast - self.usual > CALM[self.signal]
        learn_s = 3600.0 * LEARN_H[self.signal][self.stirred]
        self.usual = min(self.usual + (self.fast - self.usual) * passed / (learn_s + passed), CLEAN[self.signal])
        self.at = at

    @property
    def above(self) -> float:
        return self.fast - self.usual

    @property
    def rise_min(self) -> float:
        return (self.fast - self.slow) * 60.0 / (SLOW_S - FAST_S)


@dataclass
class NaiveRoom:
    """What a room looks like."""

    model: FireModel
    cloudy: bool
    levels: dict[tuple[int, str], NaiveLevel] = field(default_factory=dict)
    since: float | None = None

    def take(self, detector: int, signal: str, at: float, value: float) -> dict[Look, float] | None:
        """How likely each look is now; None while the room is calm."""
        level = self.levels.setdefault((detector, signal), NaiveLevel(signal))
        level.take(at, value)
        if not any(one.stirred for one in self.levels.values()):
            self.since = None
            return None
        self.since = at if self.since is None else min(self.since, at)
        heard = [one for one in self.levels.values() if at - one.at <= HEARD_S]
        known = [name for name in SIGNALS if any(one.signal == name for one in heard)]
        above = {name: max((one.above for one in heard if one.signal == name), default=0.0) for name in SIGNALS}
        rise = {name: max((one.rise_min for one in heard if one.signal == name), default=0.0) for name in SIGNALS}
        smoke, smoke_rise = math.asinh(above[SIGNALS[0]] / 0.05), math.asinh(rise[SIGNALS[0]] / 0.2)
        heat, heat_rise = math.asinh(above[SIGNALS[1]] / 3), math.asinh(rise[SIGNALS[1]] / 3)
        co, co_rise = math.asinh(above[SIGNALS[2]] / 8), math.asinh(rise[SIGNALS[2]] / 10)
        humid, humid_rise = math.asinh(above[SIGNALS[3]] / 5), math.asinh(rise[SIGNALS[3]] / 5)
        found = [
            smoke, smoke_rise, heat, heat_rise, co, co_rise, humid, humid_rise, smoke * heat, smoke * heat_rise,
            smoke * co, smoke * humid, heat * co, heat * humid, smoke**2, heat_rise**2,
            math.log1p((at - self.since) / 30),
        ]  # fmt: skip
        head = next((one for one in self.model.heads if sorted(one.signals) == sorted(known)), None)
        if head is None:  # what was not calm is not heard any more
            return dict.fromkeys(self.model.looks, 0.0)
        comparable = [
            max(-6.0, min(6.0, (value - center) / spread))
            for value, center, spread in zip(found, head.center, head.spread, strict=True)
        ]
        before = self.model.cloudy if self.cloudy else self.model.elsewhere
        score = [
            math.exp(sum(w * x for w, x in zip(row, comparable, strict=True)) + bias) * beforehand
            for row, bias, beforehand in zip(head.weights, head.bias, before, strict=True)
        ]
        return {look: one / sum(score) for look, one in zip(self.model.looks, score, strict=True)}
