"""What a rule makes of its signal before the latch compares it with the limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from alarms.core.saved import Array, matching


class Stage(Protocol):
    """Turns the samples of one type of rule into the numbers that its latch judges.

    ``STATE`` names the arrays that a restart needs, with one row per slot; ``SAME`` those parameters that give them
    their meaning: a slot whose parameter was set anew begins anew.
    """

    STATE: tuple[str, ...]
    SAME: tuple[str, ...]

    def update(
        self, slot: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Take one sample of each slot, not older than its last one; never NaN."""

    def clock_set(self, by_s: float) -> None:
        """The clock of the samples was set."""

    def nbytes(self) -> int:
        """Bytes of all arrays."""


def saved(name: str, stage: Stage, keys: NDArray[np.int64]) -> dict[str, Array]:
    """The stage's arrays to be kept, with the names of its slots."""
    kept = {f"{name}.{part}": getattr(stage, part) for part in (*stage.STATE, *stage.SAME)}
    return {f"{name}.keys": keys, **kept}


def restore(name: str, stage: Stage, keys: NDArray[np.int64], arrays: Mapping[str, Array]) -> None:
    """Take over the slots that are still there; a state of before this stage was built holds none."""
    if f"{name}.keys" not in arrays:
        return
    here, there = matching(keys, arrays[f"{name}.keys"])
    for part in stage.SAME:
        same = getattr(stage, part)[here] == arrays[f"{name}.{part}"][there]
        here, there = here[same], there[same]
    for part in stage.STATE:
        getattr(stage, part)[here] = arrays[f"{name}.{part}"][there]


def array_bytes(stage: Any) -> int:  # Any: whatever holds arrays
    """Bytes of all arrays that an object holds itself."""
    return sum(value.nbytes for value in vars(stage).values() if isinstance(value, np.ndarray))
