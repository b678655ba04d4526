"""Small twins of the sets of falls, in the very form of the real ones, and a detector that is easy to foresee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_sim.firmware.wearable import simulated_fall
from ingest.wire.motion import MotionWindow

SCALE_G = 1 / 256
Signal = NDArray[np.float64]


def still(seconds: float, rate_hz: float, *, knocks_s: Sequence[float] = (), knock_g: float = 4.0) -> Signal:
    """Upright and still, with single samples of ``knock_g`` at these moments; shape (n, 3), in g."""
    accel_g = np.tile([0.0, 1.0, 0.0], (round(seconds * rate_hz), 1))
    for at_s in knocks_s:
        accel_g[round(at_s * rate_hz)] = [0.0, knock_g, 0.0]
    return accel_g


def fallen(rate_hz: float, seed: int = 0) -> Signal:
    """Two upright seconds, then a simulated fall while walking and eight seconds of lying."""
    return np.concatenate([still(2, rate_hz), simulated_fall(np.random.default_rng(seed), rate_hz)])


def write_trials(path: Path, signals: Sequence[Signal], hz: float, **columns: Any) -> None:
    """A file of trials; ``columns`` come beside the samples, or in their place."""
    counts = [np.round(signal / SCALE_G).astype(np.int16) for signal in signals]
    end_to_end = np.concatenate([np.zeros((0, 3), np.int16), *counts])
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {
        "dxyz": np.diff(end_to_end, axis=0, prepend=np.zeros((1, 3), np.int16)).astype(np.int16).T,
        "off": np.cumsum([0, *map(len, counts)]),
        "scale_g": np.float64(SCALE_G),
        "rate_hz": np.float64(hz),
        "fall": np.array([code.startswith("F") or "Fall" in code for code in columns["code"]]),
    }
    arrays |= {name: np.array(column) for name, column in columns.items()}
    np.savez(path, **arrays)


def write_sets(folder: Path) -> None:
    """A folder for each set: a young person who falls and walks, an elder who sits; at the ankle nobody is asked."""
    sisfall = [still(6, 200), fallen(200), still(5, 200, knocks_s=(2.5,)), fallen(200, 3)]
    write_trials(
        folder / "sisfall" / "sisfall_any_name.npz",
        sisfall,
        200,
        subject=["SA01", "SA01", "SE02", "SA03"],
        age=np.array([23, 23, 66, 25], np.int16),
        code=["D01", "F01", "D07", "F13"],
        trial=np.array([1, 1, 1, 2], np.int16),
    )
    write_trials(
        folder / "weda_fall" / "weda.npz",
        [still(6, 50), fallen(50, 4), still(8, 50)],
        50,
        subject=["U01", "U01", "U21"],
        elder=[False, False, True],
        code=["D01", "F02", "D02"],
        trial=np.array([1, 1, 1], np.int16),
        fall_start_s=np.array([np.nan, 2.0, np.nan], np.float32),
        fall_end_s=np.array([np.nan, 5.0, np.nan], np.float32),
    )
    where = ["waist", "wrist", "chest", "ankle"]
    write_trials(
        folder / "umafall" / "tags.npz",
        [still(15, 20) for _ in where] + [fallen(20) for _ in where],
        20,
        subject=["S01"] * 4 + ["S02"] * 4,
        age=np.array([67] * 4 + [22] * 4, np.int16),
        code=["Walking"] * 4 + ["backwardFall"] * 4,
        trial=np.ones(8, np.int16),
        session=["2017-04-14_23-38-23"] * 8,
        position=where * 2,
    )
    write_trials(
        folder / "umafall" / "phone.npz",
        [fallen(200)],
        200,
        subject=["S02"],
        age=np.array([22], np.int16),
        code=["forwardFall"],
        trial=np.ones(1, np.int16),
        session=["2017-04-14_23-38-23"],
        position=["rightpocket"],
    )
    write_trials(
        folder / "assist_stairs" / "stairs.npz",
        [still(20, 128)],
        128,
        subject=["P03"],
        code=["stairs5"],
        position=["waist"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What ``LoudDetector`` tells."""

    wearer: int
    stage: str | None
    impact_at: float
    logit: float


@dataclass(slots=True)
class LoudDetector:
    """A blow of more than 2.5 g is a fall at once, confirmed two windows later; one of more than 1.5 g is told."""

    wearers: int
    model: Any = None
    heard: list[list[MotionWindow]] = field(default_factory=list)
    arrivals_s: list[float] = field(default_factory=list)
    falls: dict[int, list[tuple[float, float]]] = field(default_factory=dict)

    def update(self, windows: Sequence[tuple[int, MotionWindow]], now_s: float) -> list[Told]:
        self.heard = self.heard or [[] for _ in range(self.wearers)]
        self.arrivals_s.append(now_s)
        found = []
        for wearer, window in windows:
            self.heard[wearer].append(window)
            for impact_at, peak_g in self.falls.get(wearer, []):
                if 2 <= now_s - impact_at < 3:
                    found.append(Told(wearer=wearer, stage="confirmed", impact_at=impact_at, logit=peak_g))
            strength = np.linalg.norm(window.accel_g, axis=1)
            peak_g, impact_at = float(strength.max()), window.start_s + int(strength.argmax()) / window.rate_hz
            if peak_g > 1.5:
                stage = "suspected" if peak_g > 2.5 else None
                found.append(Told(wearer=wearer, stage=stage, impact_at=impact_at, logit=peak_g))
                if stage:
                    self.falls.setdefault(wearer, []).append((impact_at, peak_g))
        return found

    def tick(self, now_s: float) -> list[Told]:
        return []
