"""A scene: what a circuit's monitor reports, how it is set, and when there is something to alarm about."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_sim.errors import SimulatorError

Floats = NDArray[np.float64]
Series = Mapping[tuple[str, int], Floats]
"""(signal, element) -> a value per moment."""

_RANGES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "ranges.toml").read_text("utf-8"))  # Any: TOML values


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One circuit for a while.

    Attributes
    ----------
    kind : str
        What happens.
    at_s : float64, shape (n,)
        Moments of the reports, seconds from the scene's begin, ascending.
    series : mapping
        Each float64, shape (n,), in the signal's unit.
    begin_s : float or None
        When the fault begins, None: there is none.
    onset_s : float or None
        When it is first what must alarm.
    rules : tuple of str
        Any of them is the alarm that must come; of a scene without a fault none may.
    settings : mapping
        Rule to parameter to number: how the monitor of this circuit is set.
    """

    kind: str
    at_s: Floats
    series: Series
    begin_s: float | None = None
    onset_s: float | None = None
    rules: tuple[str, ...] = ()
    settings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


class Ranges:
    """The parameters of one kind, drawn from their committed ranges."""

    def __init__(self, kind: str, rng: np.random.Generator) -> None:
        if kind not in _RANGES:
            raise SimulatorError(f"no electrical scene is called {kind!r}: use {', '.join(sorted(_RANGES))}")
        self._table = _RANGES[kind]
        self.rng = rng

    def draw(self, name: str) -> float:
        """A number from the range: evenly by its logarithm where the range spans more than ten times."""
        low, high = self._table[name]["range"]
        if 0 < low * 10 < high:
            return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))
        return float(self.rng.uniform(low, high))

    def choose(self, name: str) -> float:
        """One of a list."""
        return float(self.rng.choice(self._table[name]["choice"]))


def first_second(over: NDArray[np.bool_], at_s: Floats) -> float | None:
    """The moment from which on it was over for a second without a break."""
    both = np.flatnonzero(over[:-1] & over[1:] & (np.diff(at_s) <= 1.0))
    return float(at_s[both[0]]) if both.size else None


def wander(rng: np.random.Generator, size: int, spread: float, keeps: float = 0.8) -> Floats:
    """Noise that remembers: a first-order autoregression with the given standard deviation."""
    out = np.empty(size)
    level = rng.normal(0, spread)
    steps = rng.normal(0, spread * np.sqrt(1 - keeps**2), size)
    for place, step in enumerate(steps):
        level = keeps * level + step
        out[place] = level
    return out
