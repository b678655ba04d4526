"""How much telemetry is stored durably on this machine, by load shape: ``python -m tests.bench.bench_ingest``.

A real Mosquitto, a real PostgreSQL (a connection string, or the embedded one) and the program ``ingest`` as a process;
the generator's CPU is reported apart. A pack counts when ingest has acknowledged it, which it does after the commit.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
import psutil
import psycopg

from console.cli.broker_admin import BrokerAdmin
from ingest.health import FILE, read_health
from ingest.registry import edit
from ingest.registry.model import Device, Gateway, Site
from ingest.store.migrate import backend_of, migrate
from ingest.wire.signals import Kind
from tests import parts
from tests.bench.flood import Orders, Outcome, devices_of, readings_in
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram

SHAPES = ("pack50", "pack10", "single")
_HIGHEST = {"pack50": 40_000, "pack10": 80_000, "single": 150_000}  # packs a second that packets are made ready for
_SITES = 10


def run(
    shapes: Sequence[str] = SHAPES,
    *,
    seconds: float = 10.0,
    gateways: int = 100,
    window: int = 400,
    dsn: str = "",
    detect: bool = False,
) -> dict[str, Any]:
    """Measure ``shapes`` one after the other.

    ``window``: packs that one gateway sends ahead of their acknowledgement. ``detect``: let the detectors listen too.
    """
    rows = []
    backend = ""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="anxin-", dir="/tmp")))
        directory.chmod(0o755)
        server = dsn or stack.enter_context(_embedded(directory))
        for shape in shapes:
            with _database(server) as database:
                migrate(database)
                with psycopg.connect(database) as connection:
                    backend = backend_of(connection)
                rows.append(_measure(directory / shape, database, shape, seconds, gateways, window, with_detect=detect))
    settings = {
        "seconds": seconds,
        "gateways": gateways,
        "window": window,
        "detect": detect,
        "backend": backend,
        "database": "given" if dsn else "embedded",
        "cores": os.cpu_count(),
    }
    return {"settings": settings, "results": rows}


def _measure(
    data: Path, database: str, shape: str, seconds: float, gateways: int, window: int, *, with_detect: bool
) -> dict[str, Any]:
    data.mkdir()
    broker = RunningBroker(data, parts.free_port(), "mosquitto")
    broker.start()
    programs = [RunningProgram(name, broker, data, database=database) for name in ("ingest", "detect")]
    try:
        accounts = _furnish(database, broker, shape, gateways)
        for program in programs[: 1 + with_detect]:
            program.start()
            _wait_until_up(data, program)
        with psycopg.connect(database) as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        watched = {"broker": [broker.pid], "ingest": [programs[0].pid], "database": _servers(database)}
        if with_detect:
            watched["detect"] = [programs[1].pid]
        before = {name: _cpu_s(pids) for name, pids in watched.items()}
        outcome = _flood(
            Orders(
                host=broker.host,
                port=broker.port,
                shape=shape,
                gateways=accounts,
                packs=min(math.ceil(_HIGHEST[shape] * seconds / gateways), 60_000),
                seconds=seconds,
                window=window,
                start_s=math.floor(datetime.now(UTC).timestamp()) - 7200.0,
                step_s=0.001,
            )
        )
        watched["database"] = sorted({*watched["database"], *_servers(database)})
        spent = {name: _cpu_s(pids) - before[name] for name, pids in watched.items()}
        stored, rows, distinct = _count(database)
        return _row(shape, outcome, spent, stored, rows - distinct, _rss_mb(programs[0].pid))
    finally:
        for program in programs:
            if program.is_running:
                program.stop()
        broker.kill()


def _row(
    shape: str, outcome: Outcome, spent: dict[str, float], stored: int, duplicated: int, rss_mb: float
) -> dict[str, Any]:
    readings = outcome.packs * readings_in(shape)
    sent = (outcome.packs + outcome.missing) * readings_in(shape)
    return {
        "shape": shape,
        "messages_per_s": round(outcome.packs / outcome.seconds),
        "readings_per_s": round(readings / outcome.seconds),
        "lost": sent - stored,
        "duplicated": duplicated,
        "cpu_s_per_million": {name: round(cpu_s / readings * 1e6, 3) for name, cpu_s in spent.items()},
        "generator_cpu_s_per_million": round(outcome.cpu_s / readings * 1e6, 3),
        "readings": readings,
        "seconds": round(outcome.seconds, 2),
        "cores_busy": {
            name: round(cpu_s / outcome.seconds, 2) for name, cpu_s in [*spent.items(), ("generator", outcome.cpu_s)]
        },
        "ingest_rss_mb": rss_mb,
    }


def _furnish(database: str, broker: RunningBroker, shape: str, gateways: int) -> list[tuple[str, int, str]]:
    accounts = []
    with (
        psycopg.connect(database) as connection,
        BrokerAdmin(broker.host, broker.port, "admin", broker.passwords["admin"]) as admin,
    ):
        for site in range(_SITES):
            edit.add_site(connection, Site(site_id=f"site-{site}", name=f"Site {site}", shard=site))
        for i in range(gateways):
            gateway_id, site = f"gw-{i:03d}", i % _SITES
            edit.add_gateway(connection, Gateway(gateway_id=gateway_id, site_id=f"site-{site}"))
            for device_id in devices_of(i, shape):
                device = Device(
                    device_id=device_id,
                    number=0,
                    site_id=f"site-{site}",
                    gateway_id=gateway_id,
                    kind=Kind.METER,
                    profile="meter",
                )
                edit.add_device(connection, device)
            admin.add_gateway(gateway_id, site, "secret")
            accounts.append((gateway_id, site, "secret"))
    return accounts


def _flood(orders: Orders) -> Outcome:
    child = subprocess.run(
        [sys.executable, "-m", "tests.bench.flood"],
        input=msgspec.json.encode(orders),
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=orders.seconds + 180,
    )
    return msgspec.json.decode(child.stdout, type=Outcome)


def _wait_until_up(data: Path, program: RunningProgram) -> None:
    end = time.monotonic() + 30
    while not (read_health(data / program.name / FILE) or {}).get("broker"):
        if not program.is_running or time.monotonic() > end:
            raise RuntimeError(f"{program.name} does not start:\n{program.log.read_text()}")
        time.sleep(0.05)


def _servers(database: str) -> list[int]:
    """The processes of the database's server; none where it is on another machine."""
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        try:
            parent = psutil.Process(row[0]).parent()
        except psutil.NoSuchProcess:
            return []
        return [] if parent is None else [parent.pid, *(child.pid for child in parent.children())]


def _cpu_s(pids: Sequence[int]) -> float:
    spent = 0.0
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent += float(times.user) + float(times.system)
    return spent


def _rss_mb(pid: int) -> float:
    return round(float(psutil.Process(pid).memory_info().rss) / 1e6)


def _count(database: str) -> tuple[int, int, int]:
    """Stored readings, rows, distinct rows."""
    with psycopg.connect(database) as connection:
        # without statistics the planner takes the distinct rows for few and needs minutes for them
        connection.execute("ANALYZE reading_meter")
        row = connection.execute(
            "SELECT count(power_w) + count(voltage_v) + count(current_a) + count(energy_kwh) + count(power_factor),"
            " count(*), (SELECT count(*) FROM (SELECT DISTINCT device_number, time FROM reading_meter) AS one)"
            " FROM reading_meter"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


@contextmanager
def _embedded(directory: Path) -> Iterator[str]:
    child = subprocess.Popen([sys.executable, "-m", "console.cli.embedded.database", str(directory)])
    written = directory / "pg.dsn"
    end = time.monotonic() + 60
    try:
        while not written.exists():
            if child.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the embedded PostgreSQL did not start")
            time.sleep(0.05)
        yield written.read_text("utf-8").strip()
    finally:
        child.terminate()
        child.wait(30)


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield psycopg.conninfo.make_conninfo(server, dbname=name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@click.command()
@click.option("--shape", "shapes", multiple=True, type=click.Choice(SHAPES), help="load shape; all when left out")
@click.option("--seconds", default=10.0, show_default=True)
@click.option("--gateways", default=100, show_default=True)
@click.option("--window", default=400, show_default=True)
@click.option("--dsn", default="", help="a PostgreSQL to make databases in; the embedded one when left out")
@click.option("--detect", is_flag=True, help="let the detectors listen too")
def main(shapes: tuple[str, ...], seconds: float, gateways: int, window: int, dsn: str, *, detect: bool) -> None:
    """Measure and print one JSON object."""
    result = run(shapes or SHAPES, seconds=seconds, gateways=gateways, window=window, dsn=dsn, detect=detect)
    click.echo(json.dumps(result))


if __name__ == "__main__":
    main()
