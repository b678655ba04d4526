"""Readings in the form of the wide tables: one row per device and moment, merged and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ingest.store.tables import is_double, table_of
from ingest.wire.signals import SIGNALS, Kind, Signal, columns

KINDS: tuple[Kind, ...] = tuple(Kind)
_NO_COLUMN = -1
_MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class WideTable:
    """The wide table of a kind; ``column_of`` leads from a signal's number to its column, or to -1."""

    kind: Kind
    name: str
    columns: tuple[Signal, ...]
    double: tuple[bool, ...]
    column_of: NDArray[np.intp]


@cache
def wide_table(kind: Kind) -> WideTable:
    """The description of the wide table of ``kind``."""
    signals = columns(kind)
    column_of = np.full(max(signal.number for signal in SIGNALS) + 1, _NO_COLUMN, np.intp)
    for column, signal in enumerate(signals):
        column_of[signal.number] = column
    return WideTable(kind, table_of(kind), signals, tuple(is_double(signal) for signal in signals), column_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Rows of one wide table.

    Attributes
    ----------
    device : int32, shape (n,)
    time_us, received_us : int64, shape (n,)
        Microseconds since 1970.
    value : float64, shape (n, columns of the kind)
        NaN where the row has no such reading.
    """

    kind: Kind
    device: NDArray[np.int32]
    time_us: NDArray[np.int64]
    received_us: NDArray[np.int64]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.device)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Frame:
        """The given rows as a frame of their own."""
        return Frame(
            kind=self.kind,
            device=self.device[rows],
            time_us=self.time_us[rows],
            received_us=self.received_us[rows],
            value=self.value[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Rows of ``reading_extra``: one reading each; all arrays have shape (n,)."""

    device: NDArray[np.int32]
    signal: NDArray[np.int16]
    element: NDArray[np.int16]
    time_us: NDArray[np.int64]
    received_us: NDArray[np.int64]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.device)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Extra:
        """The given rows by themselves."""
        return Extra(
            device=self.device[rows],
            signal=self.signal[rows],
            element=self.element[rows],
            time_us=self.time_us[rows],
            received_us=self.received_us[rows],
            value=self.value[rows],
        )

    @staticmethod
    def empty() -> Extra:
        return Extra(
            device=np.empty(0, np.int32),
            signal=np.empty(0, np.int16),
            element=np.empty(0, np.int16),
            time_us=np.empty(0, np.int64),
            received_us=np.empty(0, np.int64),
            value=np.empty(0),
        )


def microseconds(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole microseconds, as PostgreSQL keeps them."""
    return np.rint(seconds * _MICROSECONDS).astype(np.int64)


def merge(parts: Sequence[Frame]) -> Frame:
    """One frame of ``parts``, sorted by device and time, one row for each.

    Rows of one moment are laid over each other; of two values in one column the first that came counts.
    """
    joined = _join(parts)
    order = np.lexsort((joined.time_us, joined.device))
    frame = joined.take(order)
    starts = _starts(frame.device, frame.time_us)
    if len(starts) == len(frame):
        return frame
    rows = len(frame)
    place = np.where(np.isnan(frame.value), rows, np.arange(rows)[:, None])
    first = np.minimum.reduceat(place, starts, axis=0)
    padded = np.vstack([frame.value, np.full((1, frame.value.shape[1]), np.nan)])
    return Frame(
        kind=frame.kind,
        device=frame.device[starts],
        time_us=frame.time_us[starts],
        received_us=frame.received_us[starts],
        value=np.take_along_axis(padded, first, axis=0),
    )


def merge_extra(parts: Sequence[Extra]) -> Extra:
    """One ``Extra`` of ``parts``, sorted, one row per reading: of two the first that came counts."""
    names = Extra.__dataclass_fields__
    joined = Extra(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
    order = np.lexsort((joined.time_us, joined.element, joined.signal, joined.device))
    extra = joined.take(order)
    return extra.take(_starts(extra.device, extra.signal, extra.element, extra.time_us))


def _join(parts: Sequence[Frame]) -> Frame:
    if len(parts) == 1:
        return parts[0]
    return Frame(
        kind=parts[0].kind,
        device=np.concatenate([part.device for part in parts]),
        time_us=np.concatenate([part.time_us for part in parts]),
        received_us=np.concatenate([part.received_us for part in parts]),
        value=np.concatenate([part.value for part in parts]),
    )


def _starts(*keys: NDArray[np.int16] | NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.intp]:
    """Where a new key begins in sorted columns."""
    if not len(keys[0]):
        return np.empty(0, np.intp)
    new = np.ones(len(keys[0]), np.bool_)
    new[1:] = False
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.nonzero(new)[0]
