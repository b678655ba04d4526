"""Reading packs in bulk gives what reading them one by one gives, and what the slow twin says."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.store.frame import KINDS, Frame, merge, wide_table
from ingest.store.framing import frames_of
from ingest.wire import pack, senml
from ingest.wire.batch import ReadingBatch
from ingest.wire.directory import Directory, KnownDevice, SiteDevices
from ingest.wire.errors import DecodeError
from ingest.wire.moments import AHEAD_S, BEHIND_S
from ingest.wire.names import split_element
from ingest.wire.pack import Pack, Table
from ingest.wire.readings import Reader, resolve
from ingest.wire.senml import Record
from ingest.wire.signals import BY_NAME, FALL_CODES, Kind, SignalClass, columns

NOW = 1_763_781_000.0
DEVICES = {
    "m1": KnownDevice(1, Kind.METER),
    "m2": KnownDevice(2, Kind.METER),
    "w": KnownDevice(3, Kind.WEARABLE),
    "b": KnownDevice(4, Kind.BUTTON),
}
DIRECTORY = Directory(gateways={"gw": SiteDevices("s", DEVICES)})
KIND_OF_NUMBER = np.array([-1, *(KINDS.index(DEVICES[name].kind) for name in ("m1", "m2", "w", "b"))], np.int8)

names = st.sampled_from(["power_w", "voltage_v", "switch_on", "current_a:2", "fall", "battery_pct", "colour", "steps"])
devices = st.sampled_from(["m1", "m2", "w", "b", "stranger"])
numbers = st.one_of(
    st.sampled_from([0.0, 1.0, 0.5, -1.0, 2.0, 230.0, 1e12]), st.floats(-1e6, 1e6, allow_nan=False, width=32)
)
offsets = st.sampled_from([0.0, 1.0, -5.0, AHEAD_S - 1, AHEAD_S + 1, -BEHIND_S - 1, -BEHIND_S + 1])
bases = st.sampled_from([0.0, 12.0, NOW, NOW - 10, 2.0**41])

records = st.lists(
    st.builds(
        Record,
        n=st.one_of(st.just(""), names, st.builds("{}/{}".format, devices, names)),
        bn=st.one_of(st.none(), st.builds("{}/".format, devices), st.just("")),
        bt=st.one_of(st.none(), bases),
        bv=st.one_of(st.none(), st.sampled_from([0.0, 1.0, -3.5])),
        v=st.one_of(st.none(), numbers),
        vb=st.one_of(st.none(), st.booleans()),
        vs=st.one_of(st.none(), st.sampled_from(["none", "confirmed", "high"])),
        t=st.one_of(st.none(), offsets),
    ),
    max_size=12,
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    signals = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    rows = draw(st.integers(0, 5))
    one = rows == 1 or draw(st.booleans())
    ids = draw(st.lists(devices, min_size=1 if one else rows, max_size=1 if one else rows))
    cells = st.one_of(st.none(), numbers)
    return Table(
        d=ids,
        n=signals,
        v=[[draw(cells) for _ in signals] for _ in range(rows)],
        bt=draw(bases),
        t=draw(st.one_of(st.just([]), st.lists(offsets, min_size=rows, max_size=rows))),
    )


packs = st.lists(st.builds(Pack, boot=st.just("b"), records=records, tables=st.lists(tables(), max_size=3)), max_size=5)
Reading = tuple[int, int, int, float, float]


def readings(batch: ReadingBatch) -> Counter[Reading]:
    return Counter(
        zip(
            batch.device.tolist(),
            batch.signal.tolist(),
            batch.element.tolist(),
            batch.observed_s.tolist(),
            batch.value.tolist(),
            strict=True,
        )
    )


def naive(one: Pack) -> tuple[Counter[Reading], int]:
    """The readings of a pack and how many were refused, step by step."""
    found: Counter[Reading] = Counter()
    refused = 0
    for resolved in senml.resolve(one.records):
        reading = None
        if not isinstance(resolved, DecodeError):
            reading = naive_one(resolved.device, resolved.signal, resolved.value, resolved.at)
        if reading is None:
            refused += 1
        else:
            found[reading] += 1
    for table in one.tables:
        for row, cells in enumerate(table.v):
            at = table.bt + (table.t[row] if table.t else 0.0)
            device = table.d[row if len(table.d) > 1 else 0]
            for name, value in zip(table.n, cells, strict=True):
                if value is not None:
                    clock = at if senml.ABSOLUTE_S <= at < 2.0**40 else math.nan
                    reading = naive_one(device, name, value, clock)
                    if reading is None:
                        refused += 1
                    else:
                        found[reading] += 1
    return found, refused


def naive_one(device_id: str, name: str, value: Any, at: float) -> Reading | None:
    device = DEVICES.get(device_id)
    base, element = split_element(name)
    signal = BY_NAME.get(base)
    at = NOW if math.isnan(at) else at
    if device is None or signal is None or at > NOW + AHEAD_S or at < NOW - BEHIND_S:
        return None
    if isinstance(value, str):
        if signal.name != "fall" or value not in FALL_CODES:
            return None
        value = FALL_CODES[value]
    if isinstance(value, bool) and signal.of is SignalClass.MEASURE:
        return None
    if not signal.low <= value <= signal.high or (signal.of is not SignalClass.MEASURE and value != int(value)):
        return None
    return device.number, signal.number, element, at, float(value)


@given(packs)
def test_reading_agrees_with_the_slow_twin(given_packs: list[Pack]) -> None:
    for one in given_packs:
        batch, rejects = resolve(DIRECTORY, "gw", one, NOW)
        found, refused = naive(one)
        assert readings(batch) == found
        assert sum(rejects.counts.values()) == refused


@given(packs)
def test_many_packs_at_once_are_the_same_as_one_by_one(given_packs: list[Pack]) -> None:
    reader = Reader(DIRECTORY)
    alone: Counter[Reading] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    for one in given_packs:
        reader.add("gw", one, NOW)
        batch, rejects = resolve(DIRECTORY, "gw", one, NOW)
        alone += readings(batch)
        refused += rejects.counts
    drained = reader.drain()
    assert readings(drained.as_batch()) == alone
    assert drained.rejects.counts == refused
    assert len(reader) == 0


@given(packs)
def test_every_reading_finds_its_cell(given_packs: list[Pack]) -> None:
    reader = Reader(DIRECTORY)
    for one in given_packs:
        reader.add("gw", one, NOW)
    drained = reader.drain()
    frames, extra = frames_of(drained, KIND_OF_NUMBER)
    cells = {
        (device, signal, 0, time_us)
        for frame in frames
        for device, time_us, row in zip(frame.device.tolist(), frame.time_us.tolist(), frame.value, strict=True)
        for signal, value in zip([s.number for s in columns(frame.kind)], row.tolist(), strict=True)
        if not math.isnan(value)
    } | set(
        zip(extra.device.tolist(), extra.signal.tolist(), extra.element.tolist(), extra.time_us.tolist(), strict=True)
    )
    assert cells == {
        (device, signal, element, round(at * 1e6)) for device, signal, element, at, _ in readings(drained.as_batch())
    }
    for frame in frames:
        keys = list(zip(frame.device.tolist(), frame.time_us.tolist(), strict=True))
        assert keys == sorted(set(keys))
        assert not np.isnan(frame.value).all(axis=1).any()


meter_rows = st.lists(
    st.tuples(
        st.integers(1, 3), st.integers(0, 3), st.lists(st.sampled_from([None, 1.0, 2.0]), min_size=3, max_size=3)
    ),
    max_size=20,
)


def frame_of(rows: list[tuple[int, int, list[float | None]]]) -> Frame:
    value = np.full((len(rows), len(wide_table(Kind.METER).columns)), np.nan)
    for row, (_, _, cells) in enumerate(rows):
        value[row, :3] = [math.nan if cell is None else cell for cell in cells]
    time_us = np.array([time for _, time, _ in rows], np.int64)
    return Frame(
        kind=Kind.METER,
        device=np.array([device for device, _, _ in rows], np.int32),
        time_us=time_us,
        received_us=time_us,
        value=value,
    )


@given(meter_rows)
def test_rows_are_merged_cell_by_cell_and_the_first_value_stays(
    rows: list[tuple[int, int, list[float | None]]],
) -> None:
    wanted: dict[tuple[int, int], list[float | None]] = {}
    for device, time, cells in rows:
        kept = wanted.setdefault((device, time), [None] * 3)
        wanted[device, time] = [new if old is None else old for old, new in zip(kept, cells, strict=True)]
    half = len(rows) // 2
    merged = merge([frame_of(rows[:half]), frame_of(rows[half:])])
    found = {
        (device, time): [None if math.isnan(cell) else cell for cell in row]
        for device, time, row in zip(
            merged.device.tolist(), merged.time_us.tolist(), merged.value[:, :3].tolist(), strict=True
        )
    }
    assert found == wanted
    assert list(found) == sorted(wanted)


@given(packs)
def test_packs_survive_their_own_encoding(given_packs: list[Pack]) -> None:
    for one in given_packs:
        assert readings(resolve(DIRECTORY, "gw", pack.decode(pack.encode(one)), NOW)[0]) == readings(
            resolve(DIRECTORY, "gw", one, NOW)[0]
        )


@given(st.binary(max_size=200))
def test_no_bytes_are_an_error_of_the_program(payload: bytes) -> None:
    reader = Reader(DIRECTORY)
    try:
        reader.add("gw", pack.decode(payload), NOW)
    except DecodeError as error:
        reader.refuse("gw", error, payload)
    reader.drain()
