"""Readings as columns: the one form from decode to storage and to the core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

SINGLE = 0
"""``element`` of a reading that is not part of a list; phases and targets count from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBatch:
    """n readings, one per row; all arrays have shape (n,).

    Attributes
    ----------
    device : int32
        The registry's number of the device.
    signal : int16
        ``Signal.number``.
    element : int8
        0, or the 1-based place in a list (phases).
    observed_s : float64
        The device's time in seconds since 1970; the received time where the device has no clock.
    received_s : float64
        Our time in seconds since 1970.
    value : float64
        In the signal's unit; states and events are 0 or 1. Never NaN.
    """

    device: NDArray[np.int32]
    signal: NDArray[np.int16]
    element: NDArray[np.int8]
    observed_s: NDArray[np.float64]
    received_s: NDArray[np.float64]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.value)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> ReadingBatch:
        """The given rows as a batch of their own."""
        return ReadingBatch(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @staticmethod
    def empty() -> ReadingBatch:
        return ReadingBatch(
            device=np.empty(0, np.int32),
            signal=np.empty(0, np.int16),
            element=np.empty(0, np.int8),
            observed_s=np.empty(0),
            received_s=np.empty(0),
            value=np.empty(0),
        )

    @staticmethod
    def concatenate(batches: Sequence[ReadingBatch]) -> ReadingBatch:
        """All rows of ``batches``, in their order."""
        if not batches:
            return ReadingBatch.empty()
        if len(batches) == 1:
            return batches[0]
        return ReadingBatch(
            **{
                field.name: np.concatenate([getattr(batch, field.name) for batch in batches])
                for field in fields(ReadingBatch)
            }
        )
