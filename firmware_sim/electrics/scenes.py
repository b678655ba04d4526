"""Every electrical scene by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from firmware_sim.electrics import everyday, faults
from firmware_sim.electrics.scene import Ranges, Scene

FAULTS: Mapping[str, Callable[[Ranges], Scene]] = {
    "chafed_cable": faults.chafed_cable,
    "earth_leakage": faults.earth_leakage,
    "loose_terminal": faults.loose_terminal,
    "series_arc": faults.series_arc,
    "overload": faults.overload,
    "neutral_loss": faults.neutral_loss,
}
"""What must be told within three seconds of ``Scene.onset_s``."""

EVERYDAY: Mapping[str, Callable[[Ranges], Scene]] = {
    "humid_day": everyday.humid_day,
    "inrush": everyday.inrush,
    "arcing_loads": everyday.arcing_loads,
    "full_load": everyday.full_load,
}
"""What must not alarm."""


def scene(kind: str, seed: int) -> Scene:
    """The scene of that kind and seed.

    Raises
    ------
    SimulatorError
        There is no such kind.
    """
    ranges = Ranges(kind, np.random.default_rng((sum(kind.encode()), seed)))
    return {**FAULTS, **EVERYDAY}[kind](ranges)
