"""Wet-pipe sprinkler systems: pressure, flow, pump, valve and tank, many scenes at once, with what truly happened.

A pipe with a little trapped air is fed through an alarm check valve from a main (or a pump, once it runs) and drained
by whatever is open at its end. Flows are in litres per second, pressures in kPa above the atmosphere, times in seconds.

- An opening lets ``K * sqrt(p)`` pass. A sprinkler of nominal K 80 passes 80 L/min at 1 bar (GB 5135.1, ISO 6182-1);
  an end-of-line test valve ends in the same orifice (GB 50084-2017, 6.5.2).
- A flow indicator moves at 15 to 37.5 L/min (GB 5135.7); each has its own limit in between.
- The trapped air is an isothermal spring: its compliance is ``volume / absolute pressure``. Through the check valve a
  rise of the main's pressure pushes water into it, which is what a surge is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ATMOSPHERE_KPA = 101.325
K80 = 80 / 60 / 10
"""L/s per root of a kPa."""

NEVER = np.inf
STEP_S = 0.1

RANGES: dict[str, tuple[float, float]] = {
    "main_kpa": (250, 600),
    "air_l": (5, 20),
    "flow_limit_l_s": (15 / 60, 37.5 / 60),
    "inlet_l_s": (1.0, 2.0),  # through the riser at 1 kPa
    "surge_kpa": (40, 150),
    "surge_rise_s": (1, 12),
    "surge_every_s": (60, 300),
    "leak_l_s": (0.02, 0.08),  # at 100 kPa: at no pressure of these as much as moves an indicator
    "pump_kpa": (700, 900),
    "pump_delay_s": (3, 10),
    "tank_l": (12_000, 36_000),
}
"""What the scenes are drawn from, uniformly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenes:
    """What happens in each scene; float64, shape (n,), seconds after the beginning, ``NEVER`` where it does not.

    ``opened_at``: a sprinkler bursts. ``leak_at``: a joint begins to drip. ``test_from``, ``test_to``: an engineer
    opens the end-of-line test valve. ``shut_at``, ``reopened_at``: somebody turns the zone's valve. ``surges``: bool,
    whether the main's pressure surges.
    """

    seed: int
    opened_at: Floats
    leak_at: Floats
    test_from: Floats
    test_to: Floats
    shut_at: Floats
    reopened_at: Floats
    surges: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the devices of each scene sense, once a second; shape (seconds, n).

    ``moved_s``: for how long without a break the indicator has moved.
    """

    pressure_kpa: Floats
    flow: NDArray[np.bool_]
    pump: NDArray[np.bool_]
    valve: NDArray[np.bool_]
    tank_pct: Floats

    @property
    def moved_s(self) -> NDArray[np.int64]:
        """Seconds, int64: how long without a break the indicator has moved by then."""
        lasted = np.zeros(self.flow.shape, np.int64)
        for second, moves in enumerate(self.flow):
            lasted[second] = np.where(moves, (lasted[second - 1] if second else 0) + 1, 0)
        return lasted


def scenes(seed: int, size: int, *, seconds: float) -> Scenes:
    """Systems to which one thing happens, or nothing: a fire, a leak, a test, a valve that is turned; most surge."""
    rng = np.random.default_rng([seed, 1])
    what = rng.integers(0, 5, size)
    at = rng.uniform(0.2, 0.6, size) * seconds
    lasts = rng.uniform(60, 180, size)

    def when(number: int, moment: Floats) -> Floats:
        return np.where(what == number, moment, NEVER)

    return Scenes(
        seed=seed,
        opened_at=when(1, at),
        leak_at=when(2, at),
        test_from=when(3, at),
        test_to=when(3, at + lasts),
        shut_at=when(4, at),
        reopened_at=when(4, at + lasts),
        surges=rng.random(size) < 0.8,
    )


def run(scenes: Scenes, *, seconds: int) -> Course:
    """Let ``seconds`` pass."""
    systems = _Systems(scenes, seconds)
    size = len(scenes.opened_at)
    pressure = np.zeros((seconds, size))
    flow, pump, valve = (np.zeros((seconds, size), np.bool_) for _ in range(3))
    tank = np.zeros((seconds, size))
    for second in range(seconds):
        systems.pass_second(second)
        pressure[second], flow[second], pump[second] = systems.pressure, systems.moves, systems.pump
        valve[second], tank[second] = systems.is_open(second), systems.tank_pct
    return Course(pressure_kpa=pressure, flow=flow, pump=pump, valve=valve, tank_pct=tank)


def flow_through(k: Floats | float, pressure_kpa: Floats) -> Floats:
    """What an opening lets pass, in L/s; ``k`` in L/s per root of a kPa."""
    passed: Floats = k * np.sqrt(np.maximum(pressure_kpa, 0))
    return passed


class _Systems:
    """The state of all scenes at one moment."""

    def __init__(self, scenes: Scenes, seconds: int) -> None:
        size = len(scenes.opened_at)
        rng = np.random.default_rng([scenes.seed, 2])
        drawn = {name: rng.uniform(low, high, size) for name, (low, high) in RANGES.items()}
        self._scenes, self._drawn = scenes, drawn
        self._surge_kpa = _surges(rng, drawn, scenes.surges, seconds)
        self.pressure = drawn["main_kpa"].copy()
        self.pump = np.zeros(size, np.bool_)
        self.moves = np.zeros(size, np.bool_)
        self._low_s = np.zeros(size)
        self._used_l = np.zeros(size)

    @property
    def tank_pct(self) -> Floats:
        left: Floats = 100 * (1 - np.minimum(1, self._used_l / self._drawn["tank_l"]))
        return left

    def is_open(self, at_s: float) -> NDArray[np.bool_]:
        """Whether the zone's valve is."""
        shut = (self._scenes.shut_at <= at_s) & (at_s < self._scenes.reopened_at)
        return ~shut

    def pass_second(self, second: int) -> None:
        """From ``second`` to the next one; the indicator tells what it saw at its end."""
        drawn = self._drawn
        entered = np.zeros(len(self.pressure))
        for part in range(round(1 / STEP_S)):
            at_s = second + part * STEP_S
            before, after = self._surge_kpa[second], self._surge_kpa[second + 1]
            surge = before + (after - before) * part * STEP_S
            feed = np.where(self.pump & (self.tank_pct > 0), drawn["pump_kpa"], drawn["main_kpa"]) + surge
            compliance = drawn["air_l"] / (self.pressure + ATMOSPHERE_KPA)
            out = self._out(at_s)
            wish = drawn["inlet_l_s"] * np.sqrt(np.maximum(feed - self.pressure, 0))
            most = compliance * np.maximum(feed - self.pressure, 0) / STEP_S + out  # not past the feed's own pressure
            entering = np.where(self.is_open(at_s), np.minimum(wish, most), 0.0)
            change = (entering - out) * STEP_S / compliance
            self.pressure = np.maximum(self.pressure + change, 0.0)
            entered += entering * STEP_S
        self.moves = entered >= drawn["flow_limit_l_s"]
        self._used_l += np.where(self.pump, entered, 0.0)
        self._low_s = np.where(self.pressure < 0.8 * drawn["main_kpa"], self._low_s + 1, 0.0)
        self.pump |= self._low_s > drawn["pump_delay_s"]

    def _out(self, at_s: float) -> Floats:
        scenes = self._scenes
        tested = (scenes.test_from <= at_s) & (at_s < scenes.test_to)
        opening = K80 * ((scenes.opened_at <= at_s).astype(np.float64) + tested)
        leak = np.where(scenes.leak_at <= at_s, self._drawn["leak_l_s"] / 10, 0.0)
        return flow_through(opening + leak, self.pressure)


def _surges(rng: np.random.Generator, drawn: dict[str, Floats], surge: NDArray[np.bool_], seconds: int) -> Floats:
    """How far the main is over its usual pressure, each second: it rises fast and falls back slowly."""
    size = len(surge)
    at = np.arange(seconds + 1, dtype=np.float64)[:, np.newaxis]
    phase = rng.uniform(0, 1, size)
    into = (at / drawn["surge_every_s"] + phase) % 1 * drawn["surge_every_s"]
    rise_s = drawn["surge_rise_s"]
    up = np.where(into < rise_s, into / rise_s, np.exp(-(into - rise_s) / 40))
    return np.where(surge, drawn["surge_kpa"] * up, 0.0)
