"""Readings to inputs: which row is for whom, at what time, in rounds of one sample per input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from alarms.core.plan import COLUMNS, ELEMENTS, SIGNAL_SPAN
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

    def take(self, rows: NDArray[np.intp]) -> Samples:
        """Some of them."""
        return Samples(*(getattr(self, field.name)[rows] for field in fields(self)))


class Layout(Protocol):
    """Which input a (device, signal, element) is: ``first_input`` of the device and ``column`` beyond it, -1: none."""

    inputs: int
    first_input: NDArray[np.int64]
    column: NDArray[np.int16]
    column_base: NDArray[np.int32]


class Sensors:
    """The devices at ``places`` among ``devices``: each has an input for each of ``signals``.

    ``tells``, bool, shape (devices,): which they are.
    """

    def __init__(self, devices: int, places: Sequence[int], signals: Sequence[str]) -> None:
        self.inputs = len(places) * len(signals)
        self.first_input = np.zeros(devices, np.int64)
        self.first_input[places] = np.arange(len(places)) * len(signals)
        self.column = np.full(2 * COLUMNS, -1, np.int16)
        self.column[[BY_NAME[name].number * ELEMENTS for name in signals]] = np.arange(len(signals))
        self.column_base = np.full(devices, COLUMNS, np.int32)
        self.column_base[places] = 0
        self.tells = np.zeros(devices, np.bool_)
        self.tells[places] = True

    def own(self, rows: NDArray[np.int64], device: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The rows of these devices alone, and their places: a batch is mostly of others."""
        mine = self.tells[device]
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
        plan, part = self._plan, _side_by_side(rows)
        value, signal, element = batch.value[part], batch.signal[part], batch.element[part]
        if not (_within(signal, SIGNAL_SPAN) and _within(element, ELEMENTS)) or np.isnan(value).any():
            fits = (signal >= 0) & (signal < SIGNAL_SPAN) & (element >= 0) & (element < ELEMENTS) & ~np.isnan(value)
            rows, device, value, signal, element = rows[fits], device[fits], value[fits], signal[fits], element[fits]
        column = signal * np.int32(ELEMENTS) + element
        place = plan.column[plan.column_base[device] + column]
        wanted = place >= 0
        if not wanted.all():
            rows, device, place, value = rows[wanted], device[wanted], place[wanted], value[wanted]
        if not rows.size:
            return
        inputs = plan.first_input[device] + place
        part = _side_by_side(rows)
        received_s = batch.received_s[part]
        at_s = batch.observed_s[part]
        age_s = received_s - at_s
        if not (age_s.min() >= 0 and age_s.max() <= OLD_S):
            at_s = np.where((age_s >= 0) & (age_s <= OLD_S), at_s, received_s)
        for one in self._split(inputs if self._group is None else self._group[inputs]):
            yield from self._fresh(rows[one], inputs[one], at_s[one], received_s[one], value[one])

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
        if (inputs[1:] > inputs[:-1]).all() or self._is_single(inputs):
            yield slice(None)
        else:
            yield from in_rounds(inputs)

    def _is_single(self, inputs: NDArray[np.int64]) -> bool:
        places = np.arange(len(inputs), dtype=np.int32)
        self._order[inputs] = places
        return bool((self._order[inputs] == places).all())


def _side_by_side(rows: NDArray[np.int64]) -> NDArray[np.int64] | slice:
    """The same rows; as a slice, which costs nothing, where they are neighbours."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (rows[1:] > rows[:-1]).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def _within(numbers: NDArray[Any], end: int) -> bool:  # Any: any integers
    return not len(numbers) or bool(numbers.min() >= 0 and numbers.max() < end)


def in_rounds(keys: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The places of ``keys``: the first of each key, then the second of each, and so on."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    nth = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    by_round = np.argsort(nth, kind="stable")
    for rows in np.split(order[by_round], np.cumsum(np.bincount(nth))[:-1]):
        yield np.sort(rows)
