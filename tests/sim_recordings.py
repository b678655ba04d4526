"""Small synthetic twins of the recordings, in the very form of the real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from firmware_sim.firmware.wearable import simulated_fall

SCALE_G = 1 / 256


def write_twins(directory: Path) -> None:
    """A folder per data set with one small file."""
    for name in ("sisfall", "nist_smoke", "house_power"):
        (directory / name).mkdir()
    _falls(directory / "sisfall" / "twin.npz")
    _fire(directory / "nist_smoke" / "TWIN01.npz")
    _power(directory / "house_power" / "Twin_House1.npz")


def _falls(path: Path) -> None:
    """A still recording and a fall after it, stored as differences that wrap."""
    still = np.tile([0.0, 1.0, 0.0], (400, 1))
    fall = simulated_fall(np.random.default_rng(2), 200)
    counts = np.round(np.concatenate([still, fall]) / SCALE_G).astype(np.int16)
    deltas = np.diff(counts, axis=0, prepend=np.zeros((1, 3), np.int16)).astype(np.int16)
    np.savez(
        path,
        dxyz=deltas.T,
        off=np.array([0, 400, 400 + len(fall)]),
        scale_g=np.float64(SCALE_G),
        rate_hz=np.float64(200),
        subject=np.array(["SA01", "SA01"]),
        code=np.array(["D01", "F01"]),
        trial=np.array([1, 1], np.int16),
        fall=np.array([False, True]),
    )


def _fire(path: Path) -> None:
    time_s = np.arange(0, 122, 2.0)
    density = np.clip((time_s - 20) / 80, 0, 1)
    data = np.column_stack([time_s, 22 + density * 20, density, 0.05 + density * 0.1])
    np.savez(
        path,
        columns=np.array(["TIME", "TCC_1", "SMC_1", "GASC_1"]),
        data=data.astype(np.float32),
        alarm_device=np.array(["Ion1A", "Pho9Z", "Pho1C", "Pho3C"]),
        alarm_time_s=np.array([24, 30, 60, 80], np.float32),
    )


def _power(path: Path) -> None:
    """Two days, the first with a gap in its morning."""
    minute = np.arange(20_000 * 1440, 20_002 * 1440, dtype=np.int32)
    watts = np.full((len(minute), 2), 120, np.int16)
    watts[6 * 60 + 30, 0] = -1
    watts[1440 + 7 * 60 : 1440 + 7 * 60 + 4, 0] = 2000
    np.savez(path, minute=minute, watts=watts, channels=np.array(["aggregate", "kettle"]))
