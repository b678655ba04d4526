"""Worn accelerometers whose samples, and whose judge, a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.falls import Falls
from alarms.core.motion.features import BEFORE
from alarms.core.motion.frames import PEAK
from ingest.wire.motion import MotionWindow, Placement

START = 1_763_781_000.0


@dataclass(slots=True)
class Stub:
    """A judge that finds ``logit`` in every window; ``peaks_g`` are the impacts that it was asked about."""

    logit: float = 1.0
    peaks_g: list[float] = field(default_factory=list)

    def logits(self, windows: NDArray[np.float32], placement: NDArray[np.int8]) -> NDArray[np.float64]:
        self.peaks_g += windows[:, BEFORE, PEAK].tolist()
        return np.full(len(windows), self.logit)


def falls_of(wearers: int = 1, **given: Any) -> Falls:
    """Wearers whose impacts are falls from a logit of 0 on, judged by a ``Stub`` unless ``model`` says otherwise."""
    numbers = {"turn_deg": 45.0, "still_g": 0.1, "still_s": 8.0}
    numbers |= {name: given.pop(name) for name in set(numbers) & set(given)}
    return Falls(
        limits=given.pop("limits", np.zeros((wearers, len(Placement)))),
        **{name: np.full(wearers, value) for name, value in numbers.items()},
        **{"model": Stub()} | given,
    )


def window(
    accel_g: Sequence[Sequence[float]] | NDArray[Any],
    start_s: float,
    rate_hz: float = 50.0,
    *,
    placement: Placement = Placement.WAIST,
    range_g: float = 16.0,
) -> MotionWindow:
    """Samples in g, shape (n, 3), as a device with this range sends them."""
    counts = np.clip(np.round(np.asarray(accel_g) * 32768 / range_g), -32768, 32767).astype(np.int16)
    return MotionWindow(
        boot="b", seq=1, floor=0, device_id="belt", placement=placement, start_s=start_s, rate_hz=rate_hz,
        range_g=range_g, counts=counts.reshape(-1, 3),
    )  # fmt: skip
