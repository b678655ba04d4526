"""Migrations on a real database: forward, once, checked; partitions, hours, boards and row security."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from ingest.registry import edit
from ingest.registry.model import Device, Gateway, Room, Site
from ingest.store import partitions
from ingest.store.batch import Batch
from ingest.store.connection import connect, deadline
from ingest.store.errors import MigrationError, TransientStoreError
from ingest.store.frame import Extra, Frame, wide_table
from ingest.store.housekeeping import keep_house
from ingest.store.last_values import LastValues
from ingest.store.migrate import Backend, backend_of, migrate, pending, read
from ingest.store.tables import HOURLY_KINDS, READING_TABLES, is_double, table_of
from ingest.store.write import BatchWriter
from ingest.wire.signals import BY_NAME, Kind, columns

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
Connection = psycopg.Connection[Any]


@pytest.fixture
def store(database: str) -> Iterator[Connection]:
    with connect(database, "test", autocommit=True) as connection:
        yield connection


def ask(connection: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query, values).fetchall()


def plain_only(connection: Connection) -> None:
    if backend_of(connection) is not Backend.PLAIN:
        pytest.skip("this database runs on TimescaleDB, which keeps its own chunks and hours")


def timescale_only(connection: Connection) -> None:
    if backend_of(connection) is not Backend.TIMESCALEDB:
        pytest.skip("this database runs on native partitions: TimescaleDB is not on the server")


def meter(connection: Connection, at: datetime, power_w: float, device: int = 1) -> None:
    connection.execute(
        "INSERT INTO reading_meter (time, device_number, received_at, power_w) VALUES (%s, %s, %s, %s)",
        (at, device, at, power_w),
    )


def test_the_chain_is_applied_once(bare_database: str) -> None:
    done = migrate(bare_database)
    with connect(bare_database, "test") as connection:
        wanted = [m.name for m in read() if m.requires in (None, backend_of(connection))]
        assert done == wanted
        assert pending(connection) == []
    assert migrate(bare_database) == []


def test_of_several_programs_that_migrate_at_once_one_does_the_work(bare_database: str) -> None:
    results: list[list[str]] = []
    threads = [threading.Thread(target=lambda: results.append(migrate(bare_database))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, results)) == [False, False, False, True]


def test_history_is_not_rewritten(bare_database: str, tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE one (a int);")
    (tmp_path / "0003_third.sql").write_text("-- transaction: no\nCREATE TABLE three (a int);\nSELECT 1;\n")
    # the real chain makes schema g, which the grants need
    with connect(bare_database, "test", autocommit=True) as connection:
        connection.execute("CREATE SCHEMA g")
        for table in READING_TABLES:
            connection.execute(f"CREATE TABLE {table} (time timestamptz) PARTITION BY RANGE (time)")
            connection.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
    assert migrate(bare_database, tmp_path) == ["0001_first.sql", "0003_third.sql"]
    (tmp_path / "0002_second.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationError, match=r"0002_second\.sql comes before 0003_third\.sql"):
        migrate(bare_database, tmp_path)
    (tmp_path / "0002_second.sql").unlink()
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE one (a bigint);")
    with pytest.raises(MigrationError, match=r"0001_first\.sql was changed"):
        migrate(bare_database, tmp_path)
    (tmp_path / "0001_first.sql").unlink()
    with pytest.raises(MigrationError, match="newer version"):
        migrate(bare_database, tmp_path)


def test_a_file_that_fails_leaves_nothing_behind(bare_database: str, tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE one (a int); SELECT nonsense;")
    with pytest.raises(MigrationError, match=r"0001_first\.sql fails.*nonsense"):
        migrate(bare_database, tmp_path)
    with connect(bare_database, "test") as connection:
        assert ask(connection, "SELECT to_regclass('one')") == [(None,)]


def test_an_unreachable_database_is_a_matter_of_time() -> None:
    with pytest.raises(TransientStoreError):
        migrate("postgresql://nobody@127.0.0.1:1/none")


def test_the_database_has_the_columns_of_the_signals(store: Connection) -> None:
    for kind in Kind:
        rows = ask(
            store,
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
            " AND column_name NOT IN ('time', 'device_number', 'received_at')",
            table_of(kind),
        )
        assert dict(rows) == {s.name: "double precision" if is_double(s) else "real" for s in columns(kind)}


def test_a_reading_without_a_day_of_its_own_is_not_lost(store: Connection) -> None:
    plain_only(store)
    long_ago = NOW - timedelta(days=40)
    partitions.prepare(store, NOW)
    meter(store, long_ago, 1.0)
    meter(store, NOW + timedelta(days=30), 2.0)
    assert ask(store, "SELECT count(*) FROM reading_meter_default") == [(2,)]
    made = partitions.settle_default(store, NOW, keep_days=100)
    assert f"reading_meter_{long_ago:%Y%m%d}" in made
    assert ask(store, "SELECT count(*) FROM reading_meter_default") == [(0,)]
    assert ask(store, "SELECT power_w FROM reading_meter ORDER BY 1") == [(1.0,), (2.0,)]


def test_old_days_are_dropped_and_coming_days_are_there(store: Connection) -> None:
    plain_only(store)
    for days in (10, 99, 101, 150):
        meter(store, NOW - timedelta(days=days), float(days))
    keep_house(store, NOW, 100)
    assert ask(store, "SELECT power_w FROM reading_meter ORDER BY 1") == [(10.0,), (99.0,)]
    done = keep_house(store, NOW + timedelta(days=50), 100)
    assert done.partitions_dropped > 0
    assert ask(store, "SELECT power_w FROM reading_meter ORDER BY 1") == [(10.0,)]
    names = [f"reading_meter_{NOW + timedelta(days=50 + ahead):%Y%m%d}" for ahead in range(partitions.AHEAD_DAYS + 1)]
    assert all(ask(store, "SELECT to_regclass(%s)", day) != [(None,)] for day in names)


def test_hours_are_right_before_and_after_they_are_rolled_up_and_follow_late_data(store: Connection) -> None:
    plain_only(store)

    def hours() -> list[tuple[Any, ...]]:
        return ask(store, "SELECT hour, readings, power_w_avg, power_w_min, power_w_max FROM meter_hour ORDER BY hour")

    hour = NOW.replace(minute=0)
    meter(store, hour - timedelta(hours=2), 10.0)
    meter(store, hour - timedelta(hours=2) + timedelta(minutes=59), 20.0)
    meter(store, hour + timedelta(minutes=5), 30.0)
    expected = [(hour - timedelta(hours=2), 2, 15.0, 10.0, 20.0), (hour, 1, 30.0, 30.0, 30.0)]
    assert hours() == expected
    assert keep_house(store, NOW, 100).hours_rolled_up > 0
    assert hours() == expected
    assert ask(store, "SELECT count(*) FROM meter_hour_stored") == [(1,)]
    meter(store, hour - timedelta(hours=2) + timedelta(minutes=1), 60.0)
    assert hours() == expected
    store.execute("INSERT INTO rollup_stale (kind, hour) VALUES ('meter', %s)", (hour - timedelta(hours=2),))
    assert keep_house(store, NOW, 100).hours_rolled_up == 1
    assert hours()[0] == (hour - timedelta(hours=2), 3, 30.0, 10.0, 60.0)
    assert ask(store, "SELECT count(*) FROM rollup_stale") == [(0,)]


def test_with_timescaledb_every_table_is_compressed_kept_and_rolled_up(store: Connection) -> None:
    timescale_only(store)
    tables = ask(store, "SELECT hypertable_name FROM timescaledb_information.hypertables WHERE compression_enabled")
    assert {name for (name,) in tables} >= set(READING_TABLES)
    keep_house(store, NOW, 120)
    kept = ask(
        store,
        "SELECT hypertable_name, config ->> 'drop_after' FROM timescaledb_information.jobs"
        " WHERE proc_name = 'policy_retention' AND hypertable_name = ANY (%s)",
        list(READING_TABLES),
    )
    assert dict(kept) == dict.fromkeys(READING_TABLES, "120 days")
    views = ask(
        store, "SELECT view_name FROM timescaledb_information.continuous_aggregates WHERE NOT materialized_only"
    )
    assert {name for (name,) in views} == {f"{kind}_hour" for kind in HOURLY_KINDS}


def test_with_timescaledb_late_halves_of_rows_reach_compressed_chunks_and_hours(
    store: Connection, database: str
) -> None:
    timescale_only(store)
    at = (datetime.now(UTC) - timedelta(days=20)).replace(minute=10, second=0, microsecond=0)
    for minute in range(30):
        meter(store, at + timedelta(minutes=minute), 10.0)
    chunks = ask(store, "SELECT compress_chunk(c)::text FROM show_chunks('reading_meter') AS c")
    assert len(chunks) in (1, 2)
    store.execute("CALL refresh_continuous_aggregate('meter_hour', NULL, NULL)")
    writer = BatchWriter(database, {})
    column_of = wide_table(Kind.METER).column_of
    value = np.full((2, len(wide_table(Kind.METER).columns)), np.nan)
    value[0, column_of[BY_NAME["voltage_v"].number]] = 230.0
    value[1, column_of[BY_NAME["power_w"].number]] = 40.0
    time_us = np.array([round((at + timedelta(minutes=minute)).timestamp() * 1e6) for minute in (3, 30)], np.int64)
    frame = Frame(kind=Kind.METER, device=np.array([1, 1], np.int32), time_us=time_us, received_us=time_us, value=value)
    stored = writer.store(
        Batch(frames=[frame], extra=Extra.empty()), LastValues(), datetime.now(UTC), again=False, last_limit=0
    )
    writer.close()
    assert stored.refused == 0
    assert ask(store, "SELECT count(*), count(voltage_v), max(power_w) FROM reading_meter") == [(31, 1, 40.0)]
    store.execute("CALL refresh_continuous_aggregate('meter_hour', NULL, NULL)")
    assert ask(store, "SELECT sum(readings), max(power_w_max) FROM meter_hour") == [(31, 40.0)]


def test_every_kind_has_hours(store: Connection) -> None:
    for kind in HOURLY_KINDS:
        assert ask(store, f"SELECT * FROM {kind}_hour") == []
        assert ask(store, f"SELECT * FROM g.{kind}_hour") == []


def furnish(connection: Connection) -> None:
    for site_id, shard in (("north", 1), ("south", 2)):
        edit.add_site(connection, Site(site_id=site_id, name=site_id.title(), shard=shard))
        edit.add_gateway(connection, Gateway(gateway_id=f"gw-{site_id}", site_id=site_id))
        edit.add_room(connection, Room(room_id=f"r-{site_id}", site_id=site_id, name="101"))
        device = edit.add_device(
            connection,
            Device(
                device_id=f"meter-{site_id}",
                number=0,
                site_id=site_id,
                gateway_id=f"gw-{site_id}",
                kind=Kind.METER,
                profile="meter",
                room_id=f"r-{site_id}",
            ),
        )
        meter(connection, NOW, 5.0, device.number)
        connection.execute(
            "INSERT INTO alarm (alarm_id, version, site_id, rule, subject, kind, priority, condition, response,"
            " raised_at, received_at, acknowledged_at, state)"
            " VALUES (%s, 1, %s, 'help_call', 'd', 'help_call', 'emergency', 'active', 'acknowledged',"
            " %s, %s, %s, '{}')",
            (f"a-{site_id}", site_id, NOW, NOW, NOW + timedelta(seconds=12)),
        )
        connection.execute(
            "INSERT INTO alarm_log (log_id, alarm_id, at, event) VALUES (%s, %s, %s, 'raised')",
            (shard, f"a-{site_id}", NOW),
        )


def test_boards_see_schema_g_and_nothing_else(store: Connection) -> None:
    furnish(store)
    store.execute("SET ROLE grafana_ro")
    assert ask(store, "SELECT acknowledge_s FROM g.response_time ORDER BY site") == [(12.0,), (12.0,)]
    assert ask(store, "SELECT site, room, power_w_max FROM g.meter_hour ORDER BY site") == [
        ("North", "101", 5.0),
        ("South", "101", 5.0),
    ]
    tables = ask(store, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    views = ask(store, "SELECT viewname FROM pg_views WHERE schemaname = 'public'")
    for (name,) in tables + views:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            store.execute(f'SELECT * FROM public."{name}" LIMIT 1')
    for (name,) in ask(store, "SELECT viewname FROM pg_views WHERE schemaname = 'g'"):
        ask(store, f"SELECT * FROM g.{name} LIMIT 1")
        with pytest.raises(psycopg.Error):
            store.execute(f"DELETE FROM g.{name}")
    store.execute("RESET ROLE")


def test_a_reader_who_is_named_sees_its_own_sites_only(store: Connection, database: str) -> None:
    furnish(store)
    reader = f"reader_{store.info.backend_pid}"
    store.execute(f"CREATE ROLE {reader} LOGIN IN ROLE grafana_ro")
    store.execute(f"GRANT SELECT ON alarm, alarm_log, site, device TO {reader}")
    try:
        store.execute("INSERT INTO board_reader (role_name, site_id) VALUES (%s, 'south')", (reader,))
        with psycopg.connect(psycopg.conninfo.make_conninfo(database, user=reader), autocommit=True) as theirs:
            for (name,) in ask(
                store,
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = 'g' AND column_name = 'site_id'",
            ):
                assert {row[0] for row in ask(theirs, f"SELECT site_id FROM g.{name}")} <= {"south"}, name
            assert ask(theirs, "SELECT alarm_id FROM g.open_alarm") == [("a-south",)]
            assert ask(theirs, "SELECT site FROM g.meter_hour") == [("South",)]
            assert ask(theirs, "SELECT site_id FROM alarm") == [("south",)]
            assert ask(theirs, "SELECT alarm_id FROM alarm_log") == [("a-south",)]
            assert ask(theirs, "SELECT device_id FROM device") == [("meter-south",)]
    finally:
        store.execute(f"DROP OWNED BY {reader}")
        store.execute(f"DROP ROLE {reader}")


def test_a_statement_that_never_answers_is_given_up(database: str, store: Connection) -> None:
    store.execute("SET statement_timeout = 0")
    with pytest.raises(psycopg.OperationalError), deadline(store, 0.2):
        store.execute("SELECT pg_sleep(60)")
