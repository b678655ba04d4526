"""Readings to rows of the wide tables: merged by device and moment, encoded for COPY, newest values kept."""

from __future__ import annotations

import struct

import numpy as np

from ingest.store.bulk import encode, encode_extra
from ingest.store.frame import KINDS, Extra, Frame, merge, wide_table
from ingest.store.framing import frames_of
from ingest.store.recent import RecentKeys
from ingest.wire.batch import ReadingBatch
from ingest.wire.readings import Drained
from ingest.wire.rejects import Rejects
from ingest.wire.signals import BY_NAME, Kind

METER = wide_table(Kind.METER)
KIND_OF_NUMBER = np.array([-1, *[KINDS.index(kind) for kind in (Kind.METER, Kind.METER, Kind.BUTTON)]], np.int8)
POWER, VOLTAGE, ENERGY = (METER.column_of[BY_NAME[name].number] for name in ("power_w", "voltage_v", "energy_kwh"))


def drained(*readings: tuple[int, str, int, float, float]) -> Drained:
    device, signal, element, at_s, value = zip(*readings, strict=True)
    batch = ReadingBatch(
        device=np.array(device, np.int32),
        signal=np.array([BY_NAME[name].number for name in signal], np.int16),
        element=np.array(element, np.int8),
        observed_s=np.array(at_s, np.float64),
        received_s=np.array(at_s, np.float64) + 1,
        value=np.array(value, np.float64),
    )
    return Drained(rows=[], batch=batch, rejects=Rejects())


def frame(*rows: tuple[int, int, dict[int, float]]) -> Frame:
    value = np.full((len(rows), len(METER.columns)), np.nan)
    for row, (_, _, cells) in enumerate(rows):
        for column, cell in cells.items():
            value[row, column] = cell
    time_us = np.array([time for _, time, _ in rows], np.int64)
    return Frame(
        kind=Kind.METER,
        device=np.array([device for device, _, _ in rows], np.int32),
        time_us=time_us,
        received_us=time_us + 1,
        value=value,
    )


def test_signals_of_one_moment_become_one_row() -> None:
    frames, extra = frames_of(
        drained((2, "power_w", 0, 10, 5), (1, "power_w", 0, 10, 7), (2, "voltage_v", 0, 10, 230)), KIND_OF_NUMBER
    )
    (meters,) = frames
    assert meters.device.tolist() == [1, 2]
    assert meters.value[1, [POWER, VOLTAGE]].tolist() == [5, 230]
    assert np.isnan(meters.value[0, VOLTAGE])
    assert not len(extra)


def test_lists_and_signals_without_a_column_go_to_the_side_table() -> None:
    frames, extra = frames_of(
        drained((1, "current_a", 2, 10, 5), (3, "battery_pct", 0, 11, 80), (1, "rssi_dbm", 0, 10, -70)),
        KIND_OF_NUMBER,
    )
    assert frames == []
    assert extra.device.tolist() == [1, 1, 3]
    assert extra.element.tolist() == [2, 0, 0]


def test_of_two_values_for_one_cell_the_first_that_came_counts() -> None:
    merged = merge([frame((1, 5, {POWER: 1.0})), frame((1, 5, {POWER: 2.0, VOLTAGE: 230.0})), frame((1, 4, {}))])
    assert merged.time_us.tolist() == [4, 5]
    assert merged.value[1, [POWER, VOLTAGE]].tolist() == [1.0, 230.0]


def test_rows_with_gaps_are_encoded_without_bytes_for_them() -> None:
    stream = encode(frame((1, 946_684_800_000_001, {POWER: 1.5}), (2, 946_684_800_000_002, {ENERGY: 2.5})))
    assert stream.startswith(b"PGCOPY\n\xff\r\n\0")
    assert stream.endswith(b"\xff\xff")
    assert struct.pack(">iq", 8, 1) in stream
    assert struct.pack(">if", 4, 1.5) in stream
    assert struct.pack(">id", 8, 2.5) in stream
    assert stream.count(struct.pack(">h", 3 + len(METER.columns))) == 2
    nulls = 2 * (len(METER.columns) - 1)
    assert stream.count(struct.pack(">i", -1)) == nulls


def test_an_empty_frame_is_an_empty_stream() -> None:
    assert len(encode(frame())) == 19 + 2
    assert len(encode_extra(Extra.empty())) == 19 + 2


def test_the_window_knows_recent_keys_and_no_others() -> None:
    window = RecentKeys()
    first = frame((1, 5, {POWER: 1}), (2, 5, {POWER: 1}))
    assert not window.seen(first).any()
    again = frame((1, 5, {VOLTAGE: 1}), (1, 6, {POWER: 1}), (2, 5, {POWER: 1}))
    assert window.seen(again).tolist() == [True, False, True]
