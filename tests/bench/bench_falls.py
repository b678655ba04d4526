"""The fall detector over ten thousand wearers: one second of everybody's samples at a time."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.engine import Core, CoreDevice
from alarms.core.profiles import load_profiles
from ingest.wire.motion import MotionWindow, Placement

WEARERS = 10_000
RATE_HZ = 50.0
RANGE_G = 8.0
START_S = 1_700_000_000.0
WARM_UP_S = 12

CROWDS: dict[str, tuple[float, float]] = {
    "asleep": (0.0, 0.0),
    "everyday": (0.2, 0.02),
    "all walking": (1.0, 0.02),
    "all in a hurry": (1.0, 0.5),
}
"""Which share of the wearers walks, and with which chance each of them knocks against something in a second."""


class Crowd:
    """Wearers at all placements, each with a window of one second at each tick."""

    def __init__(self, walking: float, knocking: float, wearers: int) -> None:
        self._random = np.random.default_rng(7)
        devices = [
            CoreDevice(device_id=f"w{n}", number=n, profile="wearable", gateway_id=f"g{n // 100}")
            for n in range(1, wearers + 1)
        ]
        self.core = Core(load_profiles(), devices, "platform")
        self._walks = self._random.random(wearers) < walking
        self._knocking = knocking
        self._phase = self._random.random((wearers, 1))
        places = (Placement.WAIST, Placement.WRIST, Placement.NECK, Placement.POCKET)
        self._places = [places[int(place)] for place in self._random.integers(0, len(places), wearers)]

    def windows(self, second: int) -> list[tuple[int, MotionWindow]]:
        """A second of everybody: gravity, noise, steps, and here and there a knock."""
        counts = self._counts(second)
        return [
            (
                row + 1,
                MotionWindow(
                    boot="bench", seq=second, floor=0, device_id=f"w{row + 1}", placement=self._places[row],
                    start_s=START_S + second, rate_hz=RATE_HZ, range_g=RANGE_G, counts=counts[row],
                ),
            )
            for row in range(len(counts))
        ]  # fmt: skip

    def _counts(self, second: int) -> NDArray[np.int16]:
        wearers, samples = len(self._walks), int(RATE_HZ)
        at_s = second + np.arange(samples) / RATE_HZ
        accel_g = self._random.normal(0, 0.01, (wearers, samples, 3)).astype(np.float32)
        accel_g[..., 1] += 1
        accel_g[..., 1] += self._walks[:, None] * 0.3 * np.sin(2 * np.pi * (1.8 * at_s + self._phase))
        knocked = np.flatnonzero(self._walks & (self._random.random(wearers) < self._knocking))
        accel_g[knocked, self._random.integers(0, samples, len(knocked))] *= 3
        return (accel_g * (32768 / RANGE_G)).astype(np.int16)


def run(*, wearers: int = WEARERS, rounds: int = 20) -> dict[str, Any]:  # Any: the rows of `anxin bench core --json`
    """Measure every crowd."""
    settings = {"wearers": wearers, "rate_hz": RATE_HZ, "rounds": rounds}
    return {"settings": settings, "results": [_measured(name, wearers, rounds) for name in CROWDS]}


def _measured(name: str, wearers: int, rounds: int) -> dict[str, Any]:  # Any: a row
    crowd = Crowd(*CROWDS[name], wearers)
    spent_ms, judgements = [], 0
    for second in range(WARM_UP_S + rounds):
        windows = crowd.windows(second)
        began = time.perf_counter()
        told = crowd.core.update_motion(windows, START_S + second + 1)
        if second >= WARM_UP_S:
            spent_ms.append((time.perf_counter() - began) * 1000)
            judgements += len(told)
    return {
        "rules": f"falls, {name}",
        "signals": wearers,
        "tick_ms_median": round(float(np.median(spent_ms)), 1),
        "tick_ms_p99": round(float(np.percentile(spent_ms, 99)), 1),
        "bytes_per_signal": round(crowd.core.nbytes() / wearers),
        "judgements": judgements,
    }
