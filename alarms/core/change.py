"""A slot's change, and the samples of a round on their way to the slots and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alarms.core.intake import Samples
from alarms.core.latch import Flips
from alarms.core.plan import Feed


@dataclass(frozen=True, slots=True)
class Change:
    """One slot's change; ``row`` is the place in the batch, -1 from ``tick``."""

    row: int
    slot: int
    raised: bool
    at_s: float


def fed(feed: Feed, samples: Samples) -> Iterator[tuple[NDArray[np.int64], NDArray[np.intp] | slice]]:
    """The slots that the samples go to, layer by layer, and which samples those are."""
    if not feed.layers:
        return
    reached = feed.reached[samples.input]
    rows = slice(None) if reached.all() else np.flatnonzero(reached)
    inputs = samples.input[rows]
    if not inputs.size:
        return
    yield feed.layers[0][inputs], rows
    for layer in feed.layers[1:]:
        slot = layer[inputs]
        deeper = np.flatnonzero(slot >= 0)
        if deeper.size:
            yield slot[deeper], deeper if isinstance(rows, slice) else rows[deeper]


def moved(found: list[Flips], rows: NDArray[np.intp] | slice) -> list[Flips]:
    """The same changes with their rows counted in the samples and not among those that were fed."""
    if isinstance(rows, slice):
        return found
    return [replace(flips, row=rows[flips.row]) for flips in found]


def changes(flips: Flips, rows: list[int]) -> list[Change]:
    """One by one; ``rows`` are the places in the batch, one of each flip."""
    return [
        Change(*change)
        for change in zip(rows, flips.slot.tolist(), flips.raised.tolist(), flips.at_s.tolist(), strict=True)
    ]
