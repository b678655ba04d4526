"""The newest value of every signal: kept in memory with every batch, written now and then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest.store.arrays import Doubles, Ints, Moments, Smallints
from ingest.store.connection import Connection
from ingest.store.frame import Extra, Frame, wide_table
from ingest.store.queries import load
from ingest.wire.batch import SINGLE
from ingest.wire.signals import Kind

_SQL = load(Path(__file__).parent / "queries.sql")
_NEVER = np.iinfo(np.int64).min
T = TypeVar("T", bound=np.generic)


class LastValues:
    """Newest values by device and signal: ``note`` every batch, ``write`` what changed, ``written`` after a commit."""

    def __init__(self) -> None:
        self._wide: dict[Kind, _WideLast] = {}
        self._extra: dict[tuple[int, int, int], tuple[int, int, float]] = {}
        self._extra_news: set[tuple[int, int, int]] = set()
        self._pending: _Newest | None = None

    def note(self, frames: Sequence[Frame], extra: Extra) -> None:
        """Take in what was read; frames are sorted by device and time."""
        for frame in frames:
            if len(frame):
                self._wide.setdefault(frame.kind, _WideLast(frame.kind)).note(frame)
        columns = (extra.device, extra.signal, extra.element, extra.time_us, extra.received_us, extra.value)
        for device, signal, element, time_us, received_us, value in zip(*(c.tolist() for c in columns), strict=True):
            key = device, signal, element
            known = self._extra.get(key)
            if known is None or time_us > known[0]:
                self._extra[key] = time_us, received_us, value
                self._extra_news.add(key)

    def write(self, connection: Connection, limit: int) -> int:
        """Upsert at most ``limit`` values that changed since they were written; how many they were."""
        newest = self._pending = self._collect(limit)
        if len(newest.time_us):
            connection.execute(
                _SQL["upsert_last_values"],
                {
                    "time": Moments(newest.time_us),
                    "received": Moments(newest.received_us),
                    "value": Doubles(newest.value),
                    "device": Ints(newest.device),
                    "signal": Smallints(newest.signal),
                    "element": Smallints(newest.element),
                },
            )
        return len(newest.time_us)

    def written(self) -> None:
        """What ``write`` wrote is durable now."""
        if self._pending is None:
            return
        for kind, (row, column) in self._pending.cells.items():
            self._wide[kind].changed[row, column] = False
        self._extra_news.difference_update(self._pending.extra)
        self._pending = None

    @property
    def has_news(self) -> bool:
        """Whether anything waits to be written."""
        return bool(self._extra_news) or any(bool(wide.changed.any()) for wide in self._wide.values())

    def _collect(self, limit: int) -> _Newest:
        newest = _Newest()
        room = limit
        for kind, wide in self._wide.items():
            row, column = (places[:room] for places in np.nonzero(wide.changed))
            if len(row):
                newest.cells[kind] = row, column
                newest.add(
                    wide.device[row],
                    wide.signal[column],
                    np.full(len(row), SINGLE, np.int16),
                    wide.time_us[row, column],
                    wide.received_us[row, column],
                    wide.value[row, column],
                )
            room -= len(row)
        newest.extra = list(self._extra_news)[:room]
        if newest.extra:
            keys = np.array(newest.extra, np.int64)
            facts = [self._extra[key] for key in newest.extra]
            newest.add(
                keys[:, 0],
                keys[:, 1],
                keys[:, 2],
                np.array([fact[0] for fact in facts], np.int64),
                np.array([fact[1] for fact in facts], np.int64),
                np.array([fact[2] for fact in facts], np.float64),
            )
        return newest


@dataclass(slots=True)
class _Newest:
    """Values about to be written, and where they stand in memory."""

    cells: dict[Kind, tuple[NDArray[np.intp], NDArray[np.intp]]] = field(default_factory=dict)
    extra: list[tuple[int, int, int]] = field(default_factory=list)
    device: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    signal: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    element: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    time_us: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    received_us: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    value: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def add(
        self,
        device: NDArray[np.integer],
        signal: NDArray[np.integer],
        element: NDArray[np.integer],
        time_us: NDArray[np.int64],
        received_us: NDArray[np.int64],
        value: NDArray[np.float64],
    ) -> None:
        self.device = np.concatenate([self.device, device])
        self.signal = np.concatenate([self.signal, signal])
        self.element = np.concatenate([self.element, element])
        self.time_us = np.concatenate([self.time_us, time_us])
        self.received_us = np.concatenate([self.received_us, received_us])
        self.value = np.concatenate([self.value, value])


class _WideLast:
    """The newest values of one wide table: a row per device, a column per signal."""

    def __init__(self, kind: Kind) -> None:
        self.signal = np.array([signal.number for signal in wide_table(kind).columns], np.int16)
        self.device = np.empty(0, np.int32)
        self.time_us = np.empty((0, len(self.signal)), np.int64)
        self.received_us = np.empty((0, len(self.signal)), np.int64)
        self.value = np.empty((0, len(self.signal)))
        self.changed = np.empty((0, len(self.signal)), np.bool_)
        self._row_of = np.empty(0, np.intp)  # by device number
        self._rows = 0

    def note(self, frame: Frame) -> None:
        starts = np.nonzero(np.concatenate([[True], frame.device[1:] != frame.device[:-1]]))[0]
        # the last row of each device that has a value in the column
        place = np.where(np.isnan(frame.value), -1, np.arange(len(frame))[:, None])
        last = np.maximum.reduceat(place, starts, axis=0)
        rows = self._place(frame.device[starts])
        time_us = np.where(last >= 0, frame.time_us[last], _NEVER)
        newer = time_us > self.time_us[rows]
        which, column = np.nonzero(newer)
        row, source = rows[which], last[which, column]
        self.time_us[row, column] = time_us[which, column]
        self.received_us[row, column] = frame.received_us[source]
        self.value[row, column] = frame.value[source, column]
        self.changed[row, column] = True

    def _place(self, device: NDArray[np.int32]) -> NDArray[np.intp]:
        """The rows of ``device``, each number once; new ones get a row."""
        highest = int(device.max())
        if highest >= len(self._row_of):
            self._row_of = _grown(self._row_of, 2 * highest + 1, -1)
        new = device[self._row_of[device] < 0]
        if len(new):
            end = self._rows + len(new)
            if end > len(self.device):
                room = 2 * end
                self.device = _grown(self.device, room, 0)
                self.time_us = _grown(self.time_us, room, _NEVER)
                self.received_us = _grown(self.received_us, room, 0)
                self.value = _grown(self.value, room, 0)
                self.changed = _grown(self.changed, room, 0)
            self._row_of[new] = np.arange(self._rows, end)
            self.device[self._rows : end] = new
            self._rows = end
        rows: NDArray[np.intp] = self._row_of[device]
        return rows


def _grown(values: NDArray[T], length: int, filler: int) -> NDArray[T]:
    grown = np.full((length, *values.shape[1:]), filler, values.dtype)
    grown[: len(values)] = values
    return grown
