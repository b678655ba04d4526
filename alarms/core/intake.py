"""Readings to inputs: which row is for whom, at what time, in rounds of one sample per input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alarms.core.plan import COLUMNS, ELEMENTS
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

OLD_S = 86_400.0
"""A sample's own time further back than this is not believed: the received time is used."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples of different inputs; all arrays have shape (k,).

    Attributes
    ----------
    row : int64
        The place in the batch.
    input : int64
        Each at most once.
    at_s : float64
        The time that rules use: the device's, but never later than received and at most a day earlier.
    received_s : float64
        Our time.
    value : float64
        Never NaN.
    repeated : bool
        The input's last sample had this time too.
    """

    row: NDArray[np.int64]
    input: NDArray[np.int64]
    at_s: NDArray[np.float64]
    received_s: NDArray[np.float64]
    value: NDArray[np.float64]
    repeated: NDArray[np.bool_]


class Layout(Protocol):
    """Which input a (device, signal, element) is: ``first_input`` of the device and ``column`` beyond it, -1: none."""

    inputs: int
    first_input: NDArray[np.int64]
    column: NDArray[np.int16]
    column_base: NDArray[np.int32]


class Sensors:
    """The devices at ``places`` among ``devices``: each has an input for each of ``signals``."""

    def __init__(self, devices: int, places: Sequence[int], signals: Sequence[str]) -> None:
        self.inputs = len(places) * len(signals)
        self.first_input = np.zeros(devices, np.int64)
        self.first_input[places] = np.arange(len(places)) * len(signals)
        self.column = np.full(2 * COLUMNS, -1, np.int16)
        self.column[[BY_NAME[name].number * ELEMENTS for name in signals]] = np.arange(len(signals))
        self.column_base = np.full(devices, COLUMNS, np.int32)
        self.column_base[places] = 0
        self._tells = np.zeros(devices, np.bool_)
        self._tells[places] = True

    def own(self, rows: NDArray[np.int64], device: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The rows of these devices alone, and their places: a batch is mostly of others."""
        mine = self._tells[device]
        return rows[mine], device[mine]


class Intake:
    """Remembers each input's newest time, ``seen_at`` (float64, -inf: none), and drops what is older or NaN.

    ``group``, int64, shape (inputs,): inputs of the same group come one in a round, too.
    """

    def __init__(self, plan: Layout, group: NDArray[np.int64] | None = None) -> None:
        self._plan = plan
        self._group = group
        self._order = np.zeros(plan.inputs, np.int32)
        self.seen_at: NDArray[np.float64] = np.full(plan.inputs, -np.inf)

    def rounds(self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]) -> Iterator[Samples]:
        """The judged rows, in as many rounds as the most frequent input has samples."""
        plan = self._plan
        value = batch.value[rows]
        column = batch.signal[rows] * np.int32(ELEMENTS) + batch.element[rows]
        fits = (column >= 0) & (column < COLUMNS) & (batch.element[rows] < ELEMENTS) & ~np.isnan(value)
        if not fits.all():
            rows, device, value, column = rows[fits], device[fits], value[fits], column[fits]
        place = plan.column[plan.column_base[device] + column]
        wanted = place >= 0
        if not wanted.all():
            rows, device, place, value = rows[wanted], device[wanted], place[wanted], value[wanted]
        if not rows.size:
            return
        inputs = plan.first_input[device] + place
        received_s = batch.received_s[rows]
        at_s = batch.observed_s[rows]
        believed = (at_s <= received_s) & (at_s >= received_s - OLD_S)
        if not believed.all():
            at_s = np.where(believed, at_s, received_s)
        for part in self._split(inputs if self._group is None else self._group[inputs]):
            yield from self._fresh(rows[part], inputs[part], at_s[part], received_s[part], value[part])

    def clock_set(self, by_s: float) -> None:
        """Set back: what comes now is not older than what came before."""
        self.seen_at += min(by_s, 0.0)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.seen_at.nbytes + self._order.nbytes

    def _fresh(
        self,
        rows: NDArray[np.int64],
        inputs: NDArray[np.int64],
        at_s: NDArray[np.float64],
        received_s: NDArray[np.float64],
        value: NDArray[np.float64],
    ) -> Iterator[Samples]:
        seen_at = self.seen_at[inputs]
        fresh = at_s >= seen_at
        if not fresh.all():
            rows, inputs, at_s, received_s, value = (
                rows[fresh], inputs[fresh], at_s[fresh], received_s[fresh], value[fresh],
            )  # fmt: skip
            seen_at = seen_at[fresh]
        if rows.size:
            self.seen_at[inputs] = at_s
            yield Samples(rows, inputs, at_s, received_s, value, at_s == seen_at)

    def _split(self, inputs: NDArray[np.int64]) -> Iterator[NDArray[np.int64] | slice]:
        """Rows in rounds: the first of each input, then the second of each, and so on."""
        places = np.arange(len(inputs), dtype=np.int32)
        self._order[inputs] = places
        if (self._order[inputs] == places).all():
            yield slice(None)
            return
        yield from in_rounds(inputs)


def in_rounds(keys: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The places of ``keys``: the first of each key, then the second of each, and so on."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    nth = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    by_round = np.argsort(nth, kind="stable")
    for rows in np.split(order[by_round], np.cumsum(np.bincount(nth))[:-1]):
        yield np.sort(rows)
