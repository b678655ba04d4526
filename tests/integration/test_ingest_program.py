"""``ingest`` over a real broker and a real database: stored once, acknowledged after the commit, stopped by nothing."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from console.cli.broker_admin import BrokerAdmin
from ingest.health import read_health
from ingest.registry import edit
from ingest.registry.model import Device
from ingest.wire.signals import Kind
from tests.ingest_home import GATEWAY, PROFILE, SHARD, SITE, TalkingGateway, furnish, record, running_ingest
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram

pytestmark = [pytest.mark.broker, pytest.mark.database]
Eventually = Callable[..., None]


class Table:
    """What is in the database."""

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        return self.ask(query, *values)[0][0]

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def numbers(database: str) -> dict[str, int]:
    return furnish(database)


@pytest.fixture
def table(database: str, numbers: dict[str, int]) -> Iterator[Table]:
    looking = Table(database)
    yield looking
    looking.close()


@pytest.fixture
def gateway(broker: RunningBroker) -> Iterator[TalkingGateway]:
    with BrokerAdmin(broker.host, broker.port, "admin", broker.passwords["admin"]) as admin:
        admin.add_gateway(GATEWAY, SHARD, "secret")
    with TalkingGateway(broker.account(GATEWAY, "secret")) as talking:
        yield talking


def test_a_pack_is_stored_and_then_acknowledged(
    broker: RunningBroker,
    database: str,
    table: Table,
    gateway: TalkingGateway,
    numbers: dict[str, int],
    tmp_path: Path,
    eventually: Eventually,
) -> None:
    at = time.time() - 5
    with running_ingest(database, broker, tmp_path):
        gateway.say(
            0,
            [
                record("meter-0", "power_w", 120.5, at),
                record("meter-0", "energy_kwh", 4711.123456, at),
                record("meter-0", "current_a:2", 0.5, at),
                record("room", "motion", True, at),
                record("pendant", "battery_pct", 81, at),
            ],
        )
        eventually(lambda: gateway.acknowledged == {"boot1": 0}, "the pack is acknowledged")
        row = table.ask(
            "SELECT device_number, extract(epoch FROM time)::float, power_w, energy_kwh, voltage_v FROM reading_meter"
        )
        assert row == [(numbers["meter-0"], pytest.approx(at, abs=1e-6), 120.5, 4711.123456, None)]
        assert table.ask("SELECT device_number, motion FROM reading_ambient") == [(numbers["room"], 1.0)]
        assert table.ask("SELECT device_number, signal, element, value FROM reading_extra ORDER BY 1") == [
            (numbers["meter-0"], 62, 2, 0.5),
            (numbers["pendant"], 120, 0, 81.0),
        ]
        assert table.ask("SELECT gateway_id, boot, position, ahead FROM lane_position") == [(GATEWAY, "boot1", 0, [])]
        eventually(lambda: table.one("SELECT count(*) FROM last_value") == 5, "the newest values are written")
    assert table.one("SELECT battery_pct FROM device_health WHERE device_id = 'pendant'") == 81


def test_repeats_change_nothing_and_are_acknowledged_again(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    at = time.time()
    with running_ingest(database, broker, tmp_path) as program:
        for _ in range(50):
            gateway.say(0, [record("meter-0", "power_w", 1.0, at)])
        eventually(lambda: program._metrics.messages == 50, "all are taken in")
        eventually(lambda: gateway.acknowledged.get("boot1") == 0, "it is acknowledged")
        gateway.acknowledged.clear()
        gateway.say(0, [record("meter-0", "power_w", 1.0, at)])
        eventually(lambda: gateway.acknowledged.get("boot1") == 0, "it is acknowledged again")
        assert program._metrics.repeats == 50
    assert table.one("SELECT count(*) FROM reading_meter") == 1


def test_a_gap_is_not_acknowledged_until_it_is_filled(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    at = time.time() - 100
    with running_ingest(database, broker, tmp_path):
        gateway.say(0, [record("meter-0", "power_w", 0.0, at)])
        gateway.say(2, [record("meter-0", "power_w", 2.0, at + 2)])
        eventually(lambda: table.one("SELECT count(*) FROM reading_meter") == 2, "both are stored at once")
        assert gateway.acknowledged.get("boot1", 0) == 0
    # the position outlives the program
    with running_ingest(database, broker, tmp_path):
        gateway.say(2, [record("meter-0", "power_w", 2.0, at + 2)])
        gateway.say(1, [record("meter-0", "power_w", 1.0, at + 1)])
        eventually(lambda: gateway.acknowledged.get("boot1") == 2, "the gap is filled")
    assert table.one("SELECT count(*) FROM reading_meter") == 3


def test_bare_senml_is_absorbed_by_signal_and_time_and_halves_of_a_row_are_joined(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    at = time.time() - 5
    power = json.dumps([record("meter-0", "power_w", 5.0, at)]).encode()
    voltage = json.dumps([record("meter-0", "voltage_v", 230.0, at), record("meter-0", "rssi_dbm", -60.0, at)]).encode()
    with running_ingest(database, broker, tmp_path) as program:
        gateway.say_bytes(power)
        eventually(lambda: table.one("SELECT count(*) FROM reading_meter") == 1, "the first half")
        for payload in (power, voltage, power, voltage):
            gateway.say_bytes(payload)
            eventually(lambda: program._session.connected, "still connected")
        eventually(lambda: table.one("SELECT count(voltage_v) FROM reading_meter") == 1, "the second half")
    # a new program has no window of recent keys: the tables' own keys absorb it
    with running_ingest(database, broker, tmp_path) as program:
        gateway.say_bytes(power)
        gateway.say_bytes(voltage)
        eventually(lambda: program._metrics.messages == 2, "both are taken in again")
    assert table.ask("SELECT power_w, voltage_v FROM reading_meter") == [(5.0, 230.0)]
    assert table.one("SELECT count(*) FROM reading_extra") == 1


def test_what_cannot_be_used_is_set_aside_and_the_stream_goes_on(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    now = time.time()
    with running_ingest(database, broker, tmp_path) as program:
        gateway.say_bytes(b'{"boot":"boot1","seq":0,"records":"none"}')
        gateway.say_bytes(b"\xff\xfe garbage \x00")
        gateway.say(1, [record("meter-7", "power_w", 1.0), record("meter-0", "power_w", 1.0, now + 4000)])
        gateway.say(2, [{"n": "meter-0/\u0000", "v": 1.0}])
        gateway.say(3, [record("meter-0", "power_w", 7.0, now)])
        eventually(lambda: gateway.acknowledged.get("boot1") == 3, "refused packs are acknowledged too")
        assert program._metrics.set_aside["future_time"] == 1

        def health() -> dict[str, Any]:
            return read_health(tmp_path / "ingest" / "health.json") or {}

        eventually(lambda: health().get("set_aside", {}).get("future_time") == 1, "the doctor can see it")
        assert health()["broker"] is health()["database"] is True
    assert table.ask("SELECT reason, gateway_id, topic FROM quarantine ORDER BY reason") == [
        (reason, GATEWAY, gateway.topic)
        for reason in ("bad_senml", "future_time", "not_cbor", "unknown_device", "unknown_signal")
    ]
    assert table.one("SELECT payload FROM quarantine WHERE reason = 'not_cbor'") == b"\xff\xfe garbage \x00"
    assert table.one("SELECT power_w FROM reading_meter") == 7.0


def test_a_flood_of_garbage_is_counted_but_not_all_stored(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    with running_ingest(database, broker, tmp_path) as program:
        for _ in range(500):
            gateway.say_bytes(b"garbage")
        eventually(lambda: program._metrics.set_aside["not_cbor"] == 500, "all are counted")
    assert table.one("SELECT count(*) FROM quarantine") <= 110


def test_a_row_that_the_database_refuses_stops_nobody(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    table._connection.execute("ALTER TABLE reading_meter ADD CONSTRAINT no_666 CHECK (power_w <> 666)")
    at = time.time() - 100
    records = [record("meter-0", "power_w", 666.0 if i == 37 else float(i), at + i) for i in range(90)]
    with running_ingest(database, broker, tmp_path) as program:
        gateway.say(0, records)
        eventually(lambda: gateway.acknowledged.get("boot1") == 0, "the pack is acknowledged")
        assert program._metrics.set_aside["store_refused"] == 1
    assert table.one("SELECT count(*) FROM reading_meter") == 89
    (payload,) = table.ask("SELECT payload FROM quarantine WHERE reason = 'store_refused'")[0]
    assert 666.0 in json.loads(payload)["value"][0]


def test_a_new_device_is_known_within_seconds(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    with running_ingest(database, broker, tmp_path) as program:
        device = edit.add_device(
            table._connection,
            Device(device_id="new-meter", number=0, site_id=SITE, gateway_id=GATEWAY, kind=Kind.METER, profile=PROFILE),
        )
        eventually(lambda: "new-meter" in program._follower.current.device, "the registry is followed")
        gateway.say(0, [record("new-meter", "power_w", 3.0)])
        eventually(lambda: gateway.acknowledged.get("boot1") == 0, "the pack is acknowledged")
    assert table.ask("SELECT device_number FROM reading_meter") == [(device.number,)]


def test_a_database_that_goes_away_or_hangs_loses_nothing(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    at = time.time() - 100

    def servers() -> list[int]:
        return [
            row[0]
            for row in table.ask(
                "SELECT pid FROM pg_stat_activity"
                " WHERE application_name = 'anxin-ingest' AND datname = current_database()"
            )
        ]

    with running_ingest(database, broker, tmp_path, statement_s=1) as program:
        gateway.say(0, [record("meter-0", "power_w", 0.0, at)])
        eventually(lambda: gateway.acknowledged.get("boot1") == 0, "it works")
        table.ask("SELECT pg_terminate_backend(%s)", servers()[0])
        gateway.say(1, [record("meter-0", "power_w", 1.0, at + 1)])
        eventually(lambda: gateway.acknowledged.get("boot1") == 1, "it works over a new connection")
        # a lock that nobody gives back is as bad as a server that hangs
        with psycopg.connect(database) as other:
            other.execute("LOCK TABLE reading_meter IN ACCESS EXCLUSIVE MODE")
            for seq in range(2, 20):
                gateway.say(seq, [record("meter-0", "power_w", float(seq), at + seq)])
            eventually(lambda: program._metrics.failures > 1, "the statement is given up")
            assert gateway.acknowledged.get("boot1") == 1
        eventually(lambda: gateway.acknowledged.get("boot1") == 19, "all is stored when the lock is gone")
    assert table.ask("SELECT power_w::int FROM reading_meter ORDER BY time") == [(i,) for i in range(20)]


def test_with_its_memory_full_it_leaves_packs_to_the_spools_and_keeps_what_no_spool_holds(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    at = time.time() - 10_000

    def send(packs: int = 40) -> bool:
        done = gateway.acknowledged.get("boot1", -1)
        for seq in range(done + 1, packs):
            gateway.say(seq, [record("meter-0", "power_w", float(i), at + 100 * seq + i) for i in range(100)])
        return done == 39

    with running_ingest(database, broker, tmp_path, flush_readings=1000, statement_s=1) as program:
        with psycopg.connect(database) as other:
            other.execute("LOCK TABLE reading_meter IN ACCESS EXCLUSIVE MODE")
            send(1)
            eventually(lambda: program._storing.is_stuck, "the database takes nothing")
            eventually(lambda: send(20) or program._metrics.packs_left, "its memory is full", within_s=20)
            full = program._metrics.packs_left
            send()
            eventually(lambda: program._metrics.packs_left >= full + 40, "the rest is left to the spools")
            gateway.say_bytes(json.dumps([record("meter-1", "power_w", 7.0, at - 50)]).encode())
            send()
            assert "boot1" not in gateway.acknowledged
        eventually(lambda: "boot1" in gateway.acknowledged, "the database is back", within_s=20)
        assert gateway.acknowledged["boot1"] < 39
        eventually(send, "what was left comes again and is stored", within_s=30)
        assert program._metrics.packs_lost == 0
    assert table.one("SELECT count(*) FROM reading_meter WHERE time >= to_timestamp(%s)", at - 1) == 4000
    assert table.ask("SELECT power_w FROM reading_meter WHERE time < to_timestamp(%s)", at - 1) == [(7.0,)]


def test_a_stopped_server_process_is_left_behind(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    at = time.time() - 100
    with running_ingest(database, broker, tmp_path, statement_s=1):
        gateway.say(0, [record("meter-0", "power_w", 0.0, at)])
        eventually(lambda: gateway.acknowledged.get("boot1") == 0, "it works")
        pid = table.one(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'anxin-ingest' AND datname = current_database()"
        )
        try:
            os.kill(pid, signal.SIGSTOP)
        except (PermissionError, ProcessLookupError):
            pytest.skip("the server's processes are not ours to stop")
        try:
            gateway.say(1, [record("meter-0", "power_w", 1.0, at + 1)])
            eventually(lambda: gateway.acknowledged.get("boot1") == 1, "it works over a new connection", within_s=20)
        finally:
            os.kill(pid, signal.SIGCONT)
    assert table.one("SELECT count(*) FROM reading_meter") == 2


def test_the_process_is_killed_at_any_moment_and_nothing_is_lost_or_doubled(
    broker: RunningBroker, database: str, table: Table, gateway: TalkingGateway, tmp_path: Path, eventually: Eventually
) -> None:
    at = time.time() - 10_000
    program = RunningProgram("ingest", broker, tmp_path, database=database)
    packs = {
        seq: [record(f"meter-{seq % 3}", "power_w", float(seq), at + seq), record("meter-0", "rssi_dbm", 0.0, at + seq)]
        for seq in range(300)
    }

    def send() -> bool:
        done = gateway.acknowledged.get("boot1", -1)
        for seq in range(done + 1, min(done + 41, 300)):
            gateway.say(seq, packs[seq])
        time.sleep(0.1)
        return done == 299

    for _ in range(4):
        program.start()
        reached = gateway.acknowledged.get("boot1", -1)
        eventually(
            lambda reached=reached: send() or gateway.acknowledged.get("boot1", -1) > reached,
            "it goes on where it was",
            within_s=30,
        )
        program.kill()
    program.start()
    eventually(send, "all is acknowledged", within_s=60)
    assert program.stop() == 0
    assert table.ask("SELECT power_w::int FROM reading_meter ORDER BY time") == [(i,) for i in range(300)]
    assert table.one("SELECT count(*) FROM reading_extra") == 300


def test_without_a_database_it_says_so_and_ends(broker: RunningBroker, tmp_path: Path) -> None:
    program = RunningProgram("ingest", broker, tmp_path)
    program.start()
    assert program._process is not None
    assert program._process.wait(20) == 2
    assert "connection.database" in program.log.read_text()
