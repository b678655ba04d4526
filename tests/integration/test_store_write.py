"""Batches into a real database: COPY, merging, newest values, positions; binary forms come back as they went in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from ingest.store.batch import Batch, LaneMove, SetAside
from ingest.store.errors import TransientStoreError
from ingest.store.frame import Extra, Frame, wide_table
from ingest.store.last_values import LastValues
from ingest.store.migrate import Backend
from ingest.store.write import BatchWriter
from ingest.wire.signals import BY_NAME, Kind

pytestmark = pytest.mark.database
NOW = datetime.now(UTC).replace(microsecond=123_456)
NOW_US = round(NOW.timestamp() * 1e6)
METER = wide_table(Kind.METER)


@pytest.fixture
def writer(database: str) -> Iterator[BatchWriter]:
    writer = BatchWriter(database, {})
    yield writer
    writer.close()


@pytest.fixture
def look(database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        yield connection


def meters(*rows: tuple[int, int, dict[str, float]]) -> Frame:
    """Rows of device, microseconds from ``NOW``, values."""
    value = np.full((len(rows), len(METER.columns)), np.nan)
    for row, (_, _, cells) in enumerate(rows):
        for name, cell in cells.items():
            value[row, METER.column_of[BY_NAME[name].number]] = cell
    time_us = np.array([NOW_US + time for _, time, _ in rows], np.int64)
    return Frame(
        kind=Kind.METER,
        device=np.array([device for device, _, _ in rows], np.int32),
        time_us=time_us,
        received_us=time_us + 1_000_000,
        value=value,
    )


def extras(*rows: tuple[int, str, int, int, float]) -> Extra:
    device, signal, element, time, value = zip(*rows, strict=True)
    time_us = np.array(time, np.int64) + NOW_US
    return Extra(
        device=np.array(device, np.int32),
        signal=np.array([BY_NAME[name].number for name in signal], np.int16),
        element=np.array(element, np.int16),
        time_us=time_us,
        received_us=time_us,
        value=np.array(value),
    )


def store(writer: BatchWriter, *frames: Frame, last: LastValues | None = None, **more: Any) -> Any:
    again = more.pop("again", False)
    batch = Batch(frames=frames, **({"extra": Extra.empty()} | more))
    return writer.store(batch, last or LastValues(), NOW, again=again, last_limit=1000 if last else 0)


def test_every_kind_and_every_pattern_of_gaps_comes_back_as_it_went_in(
    writer: BatchWriter, look: psycopg.Connection[Any]
) -> None:
    rng = np.random.default_rng(7)
    for kind in Kind:
        table = wide_table(kind)
        rows = 200
        value = rng.integers(-8000, 8000, (rows, len(table.columns))) / 8
        value[rng.random(value.shape) < 0.4] = np.nan
        time_us = NOW_US + np.arange(rows, dtype=np.int64)
        frame = Frame(
            kind=kind,
            device=np.arange(1, rows + 1, dtype=np.int32),
            time_us=time_us,
            received_us=time_us + 7,
            value=value,
        )
        assert store(writer, frame).copied == rows
        names = ", ".join(["device_number", "time", "received_at", *(signal.name for signal in table.columns)])
        for row, (device, time, received, *cells) in enumerate(
            look.execute(f"SELECT {names} FROM {table.name} ORDER BY device_number").fetchall()
        ):
            assert device == row + 1
            assert time == NOW + timedelta(microseconds=row)
            assert received == time + timedelta(microseconds=7)
            assert cells == [None if np.isnan(v) else v for v in value[row].tolist()]


def test_repeats_are_absorbed_whether_the_window_knows_them_or_not(
    writer: BatchWriter, look: psycopg.Connection[Any], database: str
) -> None:
    frame = meters((1, 0, {"power_w": 1.5}), (2, 0, {"power_w": 2.5}))
    extra = extras((1, "rssi_dbm", 0, 0, -60.0), (1, "current_a", 3, 0, 1.0))
    assert store(writer, frame, extra=extra).copied == 4
    assert store(writer, frame, extra=extra).merged == 4
    other = BatchWriter(database, {})
    assert store(other, frame, meters((3, 0, {"power_w": 3.5})), extra=extra).refused == 0
    other.close()
    assert look.execute("SELECT device_number, power_w FROM reading_meter ORDER BY 1").fetchall() == [
        (1, 1.5),
        (2, 2.5),
        (3, 3.5),
    ]
    assert look.execute("SELECT count(*) FROM reading_extra").fetchone() == (2,)


@pytest.mark.parametrize("again", [False, True])
def test_halves_of_a_row_are_joined_and_what_is_there_stays(
    writer: BatchWriter, look: psycopg.Connection[Any], again: bool
) -> None:
    store(writer, meters((1, 0, {"power_w": 1.5, "energy_kwh": 7.25})))
    store(writer, meters((1, 0, {"power_w": 9.0, "voltage_v": 230.0}), (1, 5, {"power_w": 2.0})), again=again)
    assert look.execute("SELECT power_w, energy_kwh, voltage_v FROM reading_meter ORDER BY time").fetchall() == [
        (1.5, 7.25, 230.0),
        (2.0, None, None),
    ]


def test_the_newest_value_wins_whatever_the_order(writer: BatchWriter, look: psycopg.Connection[Any]) -> None:
    last = LastValues()

    def write(*frames: Frame, extra: Extra | None = None) -> int:
        last.note(frames, extra or Extra.empty())
        return int(store(writer, *frames, last=last, extra=extra or Extra.empty()).last_values)

    first = meters((1, 0, {"power_w": 1.0, "voltage_v": 230.0}), (1, 10, {"power_w": 2.0}), (2, 0, {"power_w": 3.0}))
    assert write(first, extra=extras((1, "rssi_dbm", 0, 0, -60.0))) == 4
    assert not last.has_news
    assert write(meters((1, 5, {"power_w": 9.0}), (3, 0, {"power_w": 4.0}))) == 1
    assert write(meters((1, 11, {"power_w": 5.0})), extra=extras((1, "rssi_dbm", 0, -5, -90.0))) == 1
    rows = look.execute("SELECT device_number, signal, value FROM last_value ORDER BY 1, 2").fetchall()
    power, voltage, rssi = (BY_NAME[name].number for name in ("power_w", "voltage_v", "rssi_dbm"))
    assert rows == [(1, power, 5.0), (1, voltage, 230.0), (1, rssi, -60.0), (2, power, 3.0), (3, power, 4.0)]


def test_positions_and_what_was_set_aside_are_committed_with_the_rows(
    writer: BatchWriter, look: psycopg.Connection[Any]
) -> None:
    aside = SetAside(NOW, "gw", "t", "not_json", "odd \0 \ud800 text", b"\x00\xff")
    store(writer, lanes=[LaneMove("gw", "b", 4, (6, 9)), LaneMove("gw", "c", 0)], set_aside=[aside])
    store(writer, lanes=[LaneMove("gw", "b", 3)])
    assert look.execute("SELECT boot, position, ahead FROM lane_position ORDER BY 1").fetchall() == [
        ("b", 4, [6, 9]),
        ("c", 0, []),
    ]
    assert look.execute("SELECT detail, payload FROM quarantine").fetchall() == [("odd � ? text", b"\x00\xff")]


def test_rows_that_the_database_refuses_are_set_aside_alone(writer: BatchWriter, look: psycopg.Connection[Any]) -> None:
    look.execute("ALTER TABLE reading_meter ADD CONSTRAINT not_13 CHECK (power_w <> 13)")
    frame = meters(*((1, i, {"power_w": 13.0 if i in (0, 57, 99) else 1.0}) for i in range(100)))
    stored = store(writer, frame, lanes=[LaneMove("gw", "b", 0)])
    assert (stored.merged, stored.refused) == (97, 3)
    assert look.execute("SELECT count(*) FROM reading_meter").fetchone() == (97,)
    assert look.execute("SELECT count(*) FROM quarantine WHERE reason = 'store_refused'").fetchone() == (3,)
    assert look.execute("SELECT position FROM lane_position").fetchone() == (0,)


def test_a_batch_that_is_refused_as_a_whole_is_set_aside_in_pieces(
    writer: BatchWriter, look: psycopg.Connection[Any]
) -> None:
    look.execute("ALTER TABLE reading_meter ADD CONSTRAINT nothing CHECK (power_w IS NULL)")
    stored = store(writer, meters(*((1, i, {"power_w": 1.0}) for i in range(3000))))
    assert stored.refused == 3000
    pieces = look.execute("SELECT count(*) FROM quarantine").fetchone()
    assert pieces is not None
    assert 100 <= pieces[0] < 150


def test_late_rows_make_their_hours_stale(writer: BatchWriter, look: psycopg.Connection[Any]) -> None:
    if writer.backend is not Backend.PLAIN:
        pytest.skip("TimescaleDB follows late data by itself")
    hours = 3_600_000_000
    store(
        writer, meters((1, -30 * hours, {"power_w": 1.0}), (2, -30 * hours, {"power_w": 1.0}), (1, 0, {"power_w": 1}))
    )
    stale = look.execute("SELECT kind, hour FROM rollup_stale").fetchall()
    assert stale == [("meter", (NOW - timedelta(hours=30)).replace(minute=0, second=0, microsecond=0))]


def test_a_lost_connection_is_a_matter_of_time(writer: BatchWriter, look: psycopg.Connection[Any]) -> None:
    look.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'anxin-ingest' AND datname = current_database()"
    )
    with pytest.raises(TransientStoreError):
        store(writer, meters((1, 0, {"power_w": 1.0})))
