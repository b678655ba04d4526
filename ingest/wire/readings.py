"""Packs to columns: names resolved, values checked, what cannot be used set aside with its reason.

The stated results are in docs/storage.md: a time more than ``AHEAD_S`` in the future or ``BEHIND_S`` in the past is
refused, a smaller lead is kept; without a clock the received time is used; a value must have the signal's type and be
physically possible. A device is known only to the gateways of its own site.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from ingest.wire.batch import ReadingBatch
from ingest.wire.directory import Directory, SiteDevices
from ingest.wire.errors import DecodeError
from ingest.wire.moments import AHEAD_S, BEHIND_S, has_clock, why_impossible
from ingest.wire.names import split_element
from ingest.wire.pack import Pack
from ingest.wire.rejects import Rejects
from ingest.wire.senml import Record
from ingest.wire.signals import BY_NAME, FALL_CODES, Signal, SignalClass
from ingest.wire.tables import Rows, TableReader

_MAX_TARGETS = 200_000  # of one site: a device may not fill the memory with names


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What was read since the last ``drain``: readings in rows (from tables), single readings, and what was refused."""

    rows: Sequence[Rows]
    batch: ReadingBatch
    rejects: Rejects

    def __len__(self) -> int:
        """Readings, counting the absent cells of rows."""
        return len(self.batch) + sum(len(rows) for rows in self.rows)

    def as_batch(self) -> ReadingBatch:
        """All of it as one batch, a row per reading: the single ones first, then the tables by their layout."""
        return ReadingBatch.concatenate([self.batch, *(rows.as_batch() for rows in self.rows)])


class Reader:
    """Collects the readings of many packs and gives them as columns.

    Packs are looked up when they are added, so a new directory counts from the next pack on.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._targets: dict[str, dict[str, _Target]] = {}
        self._columns = _Columns()
        self._tables = TableReader()
        self._rejects = Rejects()

    def __len__(self) -> int:
        """Readings waiting to be drained."""
        return len(self._columns.value) + self._tables.waiting

    def set_directory(self, directory: Directory) -> None:
        self._directory = directory
        self._targets = {}
        self._tables.forget_devices()

    def add(self, gateway_id: str, pack: Pack, received_s: float) -> None:
        """Read ``pack``, which the account ``gateway_id`` sent and we received at ``received_s``."""
        site = self._directory.gateways.get(gateway_id)
        if site is None or gateway_id in self._directory.revoked:
            reason = "unknown_gateway" if site is None else "revoked_gateway"
            count = len(pack.records) + sum(len(row) for table in pack.tables for row in table.v)
            self._rejects.add(gateway_id, reason, f"{count} readings", lambda: msgspec.json.encode(pack), count)
            return
        if pack.records:
            self._add_records(gateway_id, site, pack.records, received_s)
        for table in pack.tables:
            self._tables.add(gateway_id, site, table, received_s)

    def refuse(self, gateway_id: str, error: DecodeError, payload: bytes) -> None:
        """Take note of a message that could not be decoded at all."""
        self._rejects.add(gateway_id, error.reason, error.detail, lambda: payload)

    def drain(self) -> Drained:
        """Everything read since last time."""
        columns, self._columns = self._columns, _Columns()
        rows = self._tables.drain(self._rejects)
        rejects, self._rejects = self._rejects, Rejects()
        return Drained(rows=rows, batch=columns.batch(), rejects=rejects)

    def _add_records(self, gateway_id: str, site: SiteDevices, records: Sequence[Record], received_s: float) -> None:
        # the same rules as senml.resolve (a property test compares them), without an object per record
        targets = self._targets.setdefault(site.site_id, {})
        earliest, latest = received_s - BEHIND_S, received_s + AHEAD_S
        base_name, base_time, base_value = "", 0.0, 0.0
        for record in records:
            if record.bn is not None:
                base_name = record.bn
            if record.bt is not None:
                base_time = record.bt
            if record.bv is not None:
                base_value = record.bv
            name = base_name + record.n
            target = targets.get(name)
            number = record.v
            at = base_time if record.t is None else base_time + record.t
            if target is not None and number is not None and target.is_measure:
                value = number + base_value
                if target.low <= value <= target.high and earliest <= at <= latest:
                    self._columns.append(target, at, received_s, value)
                    continue
            self._add_with_care(gateway_id, site, record, name, base_value, at, received_s)

    def _add_with_care(
        self,
        gateway_id: str,
        site: SiteDevices,
        record: Record,
        name: str,
        base_value: float,
        at: float,
        received_s: float,
    ) -> None:
        """A record that is not simply a number of a known signal at a good time."""
        if not record.n and record.v is None and record.vb is None and record.vs is None:
            return  # base fields only
        try:
            target = self._target(site, name)
            value = _value(target.signal, record, base_value)
            observed_s = _moment(name, at, received_s)
        except DecodeError as error:
            self._rejects.add(gateway_id, error.reason, error.detail, lambda: _raw(name, record, base_value, at))
        else:
            self._columns.append(target, observed_s, received_s, value)

    def _target(self, site: SiteDevices, name: str) -> _Target:
        targets = self._targets[site.site_id]
        known = targets.get(name)
        if known is not None:
            return known
        device_id, slash, signal_name = name.partition("/")
        if not slash or not device_id or not signal_name:
            raise DecodeError("bad_name", f"{name!r} is not device/signal")
        device = site.devices.get(device_id)
        if device is None:
            raise DecodeError("unknown_device", device_id)
        base, element = split_element(signal_name)
        signal = BY_NAME.get(base)
        if signal is None:
            raise DecodeError("unknown_signal", signal_name)
        measure = signal.of is SignalClass.MEASURE
        target = _Target(device.number, signal.number, element, signal, signal.low, signal.high, measure)
        if len(targets) < _MAX_TARGETS:
            targets[name] = target
        return target


def resolve(directory: Directory, gateway_id: str, pack: Pack, received_s: float) -> tuple[ReadingBatch, Rejects]:
    """The readings of one pack and what was refused of it; for many packs a ``Reader`` is far quicker."""
    reader = Reader(directory)
    reader.add(gateway_id, pack, received_s)
    drained = reader.drain()
    return drained.as_batch(), drained.rejects


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a record's name leads."""

    device: int
    number: int
    element: int
    signal: Signal
    low: float
    high: float
    is_measure: bool


@dataclass(slots=True)
class _Columns:
    """Growing columns of single readings, in the machine's own types, which numpy takes as they are."""

    device: array[int] = field(default_factory=lambda: array("i"))
    signal: array[int] = field(default_factory=lambda: array("h"))
    element: array[int] = field(default_factory=lambda: array("b"))
    observed_s: array[float] = field(default_factory=lambda: array("d"))
    received_s: array[float] = field(default_factory=lambda: array("d"))
    value: array[float] = field(default_factory=lambda: array("d"))

    def append(self, target: _Target, observed_s: float, received_s: float, value: float) -> None:
        self.device.append(target.device)
        self.signal.append(target.number)
        self.element.append(target.element)
        self.observed_s.append(observed_s)
        self.received_s.append(received_s)
        self.value.append(value)

    def batch(self) -> ReadingBatch:
        return ReadingBatch(
            device=np.frombuffer(self.device, np.int32),
            signal=np.frombuffer(self.signal, np.int16),
            element=np.frombuffer(self.element, np.int8),
            observed_s=np.frombuffer(self.observed_s, np.float64),
            received_s=np.frombuffer(self.received_s, np.float64),
            value=np.frombuffer(self.value, np.float64),
        )


def _value(signal: Signal, record: Record, base_value: float) -> float:
    value: float
    if record.v is not None:
        value = record.v + base_value
        if not math.isfinite(value):
            raise DecodeError("not_finite", f"{signal.name} is {value}")
        if not signal.low <= value <= signal.high:
            raise DecodeError("out_of_range", f"{signal.name} is {value}, possible is {signal.low} to {signal.high}")
        if signal.of is not SignalClass.MEASURE and value != int(value):
            raise DecodeError("wrong_type", f"{signal.name} is {value}, not a whole number")
        return value
    if record.vb is not None:
        if signal.of is SignalClass.MEASURE:
            raise DecodeError("wrong_type", f"{signal.name} is a number, not {record.vb}")
        return 1.0 if record.vb else 0.0
    if record.vs is None:
        raise DecodeError("no_value", f"{signal.name} has none of v, vb, vs")
    if signal.name != "fall" or record.vs not in FALL_CODES:
        raise DecodeError("wrong_type", f"{signal.name} is {record.vs[:40]!r}")
    return float(FALL_CODES[record.vs])


def _moment(name: str, at: float, received_s: float) -> float:
    if not has_clock(at):
        return received_s
    reason = why_impossible(at, received_s)
    if reason is not None:
        raise DecodeError(reason, f"{name} at {at}")
    return at


def _raw(name: str, record: Record, base_value: float, at: float) -> bytes:
    """The record by itself, with its base fields applied."""
    value = None if record.v is None else record.v + base_value
    alone = msgspec.structs.replace(record, n=name, v=value, t=at or None, bn=None, bt=None, bv=None)
    return msgspec.json.encode([alone])
