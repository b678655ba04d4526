"""Which samples change nothing: those within the limits of an input of which nothing stands and nothing is due."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from alarms.core.intake import Samples
from alarms.core.plan import Feed, Plan
from alarms.core.rules import RuleType

TYPES = (RuleType.LIMIT, RuleType.DURATION, RuleType.OUTSIDE)
"""They judge the last value alone: of a calm one there is nothing to remember."""

_MARGIN = 1e-9
"""A band ends before its limits by this share of them, so that it does not matter how a rule rounds."""


class Calm:
    """Per input the open band in which none of its slots of ``TYPES`` is over its limit, and whether one is active.

    Parameters
    ----------
    feeds : iterable of Feed
        Those of ``TYPES``.

    Attributes
    ----------
    low, high : float64, shape (inputs,)
        In the signal's unit; -inf and inf where no such rule reads the input.
    stirred : bool, shape (inputs,)
        Whether one of the slots was active after it was last judged.
    """

    def __init__(self, plan: Plan, feeds: Iterable[Feed]) -> None:
        self._layers = [layer for feed in feeds for layer in feed.layers]
        self.low: NDArray[np.float64] = np.full(plan.inputs, -np.inf)
        self.high: NDArray[np.float64] = np.full(plan.inputs, np.inf)
        self.stirred: NDArray[np.bool_] = np.zeros(plan.inputs, np.bool_)
        above, below = plan.sign > 0, plan.sign < 0
        outside = plan.type_is(RuleType.OUTSIDE)
        for layer in self._layers:
            row = np.flatnonzero(layer >= 0)
            slot = layer[row]
            limit = plan.limit[slot] - _MARGIN * (np.abs(plan.limit[slot]) + np.abs(plan.norm[slot]))
            highest = np.where(above[slot], plan.norm[slot] + limit, np.inf)
            lowest = np.where(outside[slot], plan.norm[slot] - limit, np.where(below[slot], -limit, -np.inf))
            self.high[row] = np.minimum(self.high[row], highest)
            self.low[row] = np.maximum(self.low[row], lowest)

    def awake(self, samples: Samples) -> NDArray[np.intp]:
        """The rows of the samples that must be judged."""
        value, row = samples.value, samples.input
        calm = (value > self.low[row]) & (value < self.high[row]) & ~self.stirred[row]
        return np.flatnonzero(~calm)

    def settle(self, row: NDArray[np.int64], active: NDArray[np.bool_]) -> None:
        """These inputs were judged; ``active``: bool, shape (slots,)."""
        stirred = np.zeros(len(row), np.bool_)
        for layer in self._layers:
            slot = layer[row]
            stirred |= (slot >= 0) & active[slot]
        self.stirred[row] = stirred

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.low.nbytes + self.high.nbytes + self.stirred.nbytes
