"""Columnar tables of packs to rows of numbers: names are resolved once per layout, values checked in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, repeat

import msgspec
import numpy as np
from numpy.typing import NDArray

from ingest.wire.batch import ReadingBatch
from ingest.wire.directory import SiteDevices
from ingest.wire.moments import ABSURD_S, AHEAD_S, BEHIND_S
from ingest.wire.names import split_element
from ingest.wire.pack import Table
from ingest.wire.rejects import SAMPLES, Rejects
from ingest.wire.senml import ABSOLUTE_S
from ingest.wire.signals import BY_NAME, Signal, SignalClass

UNKNOWN = -1
_ALL = -1  # all columns of a row
_MAX_LAYOUTS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of the same signals, one device and moment each.

    Attributes
    ----------
    device : int32, shape (n,)
    observed_s, received_s : float64, shape (n,)
        Seconds since 1970; the received time where the device has no clock.
    signal : int16, shape (c,)
        ``Signal.number`` of the columns.
    element : int8, shape (c,)
    value : float64, shape (n, c)
        NaN where a row has no such reading.
    """

    device: NDArray[np.int32]
    observed_s: NDArray[np.float64]
    received_s: NDArray[np.float64]
    signal: NDArray[np.int16]
    element: NDArray[np.int8]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        """Cells, absent ones included."""
        return int(self.value.size)

    def as_batch(self) -> ReadingBatch:
        """A row per reading, by device and then by column."""
        row, column = np.nonzero(~np.isnan(self.value))
        return ReadingBatch(
            device=self.device[row],
            signal=self.signal[column],
            element=self.element[column],
            observed_s=self.observed_s[row],
            received_s=self.received_s[row],
            value=self.value[row, column],
        )


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A table that waits to be read; ``device`` has the number of each row, or ``UNKNOWN``."""

    gateway_id: str
    table: Table
    received_s: float
    device: NDArray[np.int32]


@dataclass(slots=True)
class _Layout:
    """Tables with the same signal names, whoever sent them, waiting to be read together."""

    names: list[str]
    column: NDArray[np.intp]  # the known columns
    unknown: NDArray[np.intp]  # the others
    signal: NDArray[np.int16]
    element: NDArray[np.int8]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    whole: NDArray[np.bool_]
    waiting: list[_Waiting] = field(default_factory=list)


class TableReader:
    """Collects tables and reads all of one layout in one go."""

    def __init__(self) -> None:
        self.waiting = 0
        self._layouts: dict[tuple[str, ...], _Layout] = {}
        self._devices: dict[tuple[str, tuple[str, ...]], NDArray[np.int32]] = {}
        self._busy: list[_Layout] = []

    def forget_devices(self) -> None:
        """The directory has changed: look devices up again."""
        self._devices = {}

    def add(self, gateway_id: str, site: SiteDevices, table: Table, received_s: float) -> None:
        names = tuple(table.n)
        layout = self._layouts.get(names)
        if layout is None:
            if len(self._layouts) >= _MAX_LAYOUTS:
                self._layouts = {}
            layout = self._layouts[names] = _resolve_names(table.n)
        key = site.site_id, tuple(table.d)
        device = self._devices.get(key)
        if device is None:
            if len(self._devices) >= _MAX_LAYOUTS:
                self._devices = {}
            device = self._devices[key] = _resolve_devices(site, table.d)
        rows = len(table.v)
        if len(device) != rows:
            device = np.repeat(device, rows)
        if not layout.waiting:
            self._busy.append(layout)
        layout.waiting.append(_Waiting(gateway_id, table, received_s, device))
        self.waiting += rows * len(names)

    def drain(self, rejects: Rejects) -> list[Rows]:
        """The rows of all waiting tables; what is refused goes to ``rejects``."""
        busy, self._busy, self.waiting = self._busy, [], 0
        read = []
        for layout in busy:
            waiting, layout.waiting = layout.waiting, []
            rows = _Reading(layout, waiting, rejects).rows()
            if rows is not None:
                read.append(rows)
        return read


class _Reading:
    """The tables of one layout on their way to rows."""

    def __init__(self, layout: _Layout, waiting: Sequence[_Waiting], rejects: Rejects) -> None:
        self._layout = layout
        self._waiting = waiting
        self._rejects = rejects
        tables = [one.table for one in waiting]
        self._counts = [len(table.v) for table in tables]
        self._value = _numbers([row for table in tables for row in table.v], len(layout.names))
        self._device = np.concatenate([one.device for one in waiting])
        self._received_s = np.repeat([one.received_s for one in waiting], self._counts)
        self._sent_s = self._times(tables)

    def rows(self) -> Rows | None:
        layout = self._layout
        good = self._device != UNKNOWN
        if not good.all():
            self._refuse_rows(~good, "unknown_device")
        clock = (self._sent_s >= ABSOLUTE_S) & (self._sent_s < ABSURD_S)
        observed_s = np.where(clock, self._sent_s, self._received_s)
        future, old = observed_s > self._received_s + AHEAD_S, observed_s < self._received_s - BEHIND_S
        for wrong, reason in ((future & good, "future_time"), (old & good, "too_old")):
            if wrong.any():
                self._refuse_rows(wrong, reason)
                good &= ~wrong
        if len(layout.unknown):
            present = ~np.isnan(self._value[:, layout.unknown]) & good[:, None]
            self._refuse_cells(present, layout.unknown, "unknown_signal")
        value = self._value[:, layout.column]
        with np.errstate(invalid="ignore"):
            odd = layout.whole & (value != np.floor(value)) & ~np.isnan(value)
            impossible = (value < layout.low) | (value > layout.high)
        for cells, reason in (
            (impossible & good[:, None], "out_of_range"),
            (odd & ~impossible & good[:, None], "wrong_type"),
        ):
            if cells.any():
                self._refuse_cells(cells, layout.column, reason)
                value[cells] = np.nan
        if not good.all():
            value, observed_s = value[good], observed_s[good]
        if not value.size:
            return None
        return Rows(
            device=self._device[good],
            observed_s=observed_s,
            received_s=self._received_s[good],
            signal=layout.signal,
            element=layout.element,
            value=value,
        )

    def _times(self, tables: Sequence[Table]) -> NDArray[np.float64]:
        sent_s = np.repeat([table.bt for table in tables], self._counts)
        if any(table.t for table in tables):
            sent_s += np.fromiter(
                chain.from_iterable(table.t or repeat(0.0, len(table.v)) for table in tables), np.float64, len(sent_s)
            )
        return sent_s

    def _refuse_rows(self, wrong: NDArray[np.bool_], reason: str) -> None:
        present = np.count_nonzero(~np.isnan(self._value), axis=1)
        rows = np.nonzero(wrong & (present > 0))[0]
        self._refuse(rows, np.full(len(rows), _ALL), present[rows], reason)

    def _refuse_cells(self, wrong: NDArray[np.bool_], columns: NDArray[np.intp], reason: str) -> None:
        rows, places = np.nonzero(wrong)
        self._refuse(rows, columns[places], np.ones(len(rows), np.int64), reason)

    def _refuse(
        self, rows: NDArray[np.intp], columns: NDArray[np.intp], counts: NDArray[np.int64], reason: str
    ) -> None:
        """Samples of the first, and the number of all: a flood costs no more than that."""
        ends = np.cumsum(self._counts)
        origins = np.searchsorted(ends, rows, side="right")
        for row, column, origin, count in zip(
            *(values[:SAMPLES].tolist() for values in (rows, columns, origins, counts)), strict=True
        ):
            table = self._waiting[origin].table
            place = row - int(ends[origin]) + self._counts[origin]
            names = table.n if column == _ALL else [table.n[column]]
            device = table.d[place if len(table.d) > 1 else 0]
            detail = device if column == _ALL else f"{device}/{names[0]}"
            self._rejects.add(
                self._waiting[origin].gateway_id, reason, detail, partial(_raw, table, place, names), count
            )
        rest = np.bincount(origins[SAMPLES:], weights=counts[SAMPLES:])
        for origin in np.nonzero(rest)[0].tolist():
            self._rejects.count(self._waiting[origin].gateway_id, reason, int(rest[origin]))


def _numbers(rows: list[list[float | None]], columns: int) -> NDArray[np.float64]:
    """The cells as an array, absent ones as NaN."""
    count = len(rows) * columns
    try:
        cells: NDArray[np.float64] = np.fromiter(chain.from_iterable(rows), np.float64, count)
    except TypeError:  # a None somewhere: the slower way
        cells = np.array(rows, dtype=np.float64)
    return cells.reshape(len(rows), columns)


def _resolve_devices(site: SiteDevices, device_ids: Sequence[str]) -> NDArray[np.int32]:
    known = [site.devices.get(device_id) for device_id in device_ids]
    return np.array([UNKNOWN if device is None else device.number for device in known], np.int32)


def _resolve_names(names: list[str]) -> _Layout:
    columns: list[int] = []
    signals: list[Signal] = []
    elements: list[int] = []
    for column, name in enumerate(names):
        base, element = split_element(name)
        signal = BY_NAME.get(base)
        # of a name that stands twice the first counts
        if signal is not None and (signal, element) not in zip(signals, elements, strict=True):
            columns.append(column)
            signals.append(signal)
            elements.append(element)
    return _Layout(
        names=names,
        column=np.array(columns, np.intp),
        unknown=np.array([column for column in range(len(names)) if column not in columns], np.intp),
        signal=np.array([signal.number for signal in signals], np.int16),
        element=np.array(elements, np.int8),
        low=np.array([signal.low for signal in signals], np.float64),
        high=np.array([signal.high for signal in signals], np.float64),
        whole=np.array([signal.of is not SignalClass.MEASURE for signal in signals], np.bool_),
    )


def _raw(table: Table, place: int, names: Sequence[str]) -> bytes:
    """One row as a table of its own, with the columns that were refused."""
    columns = [table.n.index(name) for name in names]
    return msgspec.json.encode(
        Table(
            d=[table.d[place if len(table.d) > 1 else 0]],
            n=list(names),
            v=[[table.v[place][column] for column in columns]],
            bt=table.bt,
            t=[table.t[place]] if table.t else [],
        )
    )
