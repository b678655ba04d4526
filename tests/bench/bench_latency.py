"""From a press at the broker to the bytes on the console's feed, while telemetry runs: ``anxin bench latency``.

The whole product runs as ``anxin up`` runs it. Capacity is measured first, with the same programs on the same machine:
what is acknowledged when every gateway sends as fast as it may. Then presses are timed at shares of that load, each
from the call of ``publish`` to the arrival of the alarm's bytes on a Server-Sent Events connection.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ingest.account import Account
from ingest.mqtt import Session
from ingest.registry import edit
from ingest.registry.model import Device, Gateway, Site
from ingest.wire import pack, topics
from ingest.wire.senml import Record
from ingest.wire.signals import Kind
from tests.bench import burst as bursts
from tests.bench.burst import Provider
from tests.bench.flood import Orders, Outcome, devices_of, readings_in
from tests.bench.pixels import measure
from tests.running_system import RunningSystem, wait_for

SHAPE = "pack50"
GATEWAYS = 100
PRESSER = "bench-presser"
CALLS = ("help_call",)
HAZARDS = ("smoke", "water_flow", "electrical_trip")
_PRESS_EVERY_S = 0.05
_CAPACITY_S = 8.0
_MOST_PACKS = 20_000  # of one gateway: they are made ready before; without a database a window of them is sent


def run(
    presses: int = 200,
    loads: Sequence[int] = (0, 50),
    *,
    database: str = "up",
    outage_s: float = 0.0,
    silent: int = 0,
    pixels: int = 0,
    hazards: int = 0,
    burst: int = 0,
    broker: str = "mosquitto",
) -> dict[str, Any]:
    """A row for each load in % of capacity; ``database`` is ``up``, ``stopped`` or ``hung`` while the presses run.

    With an outage, presses go on for at least ``outage_s`` seconds. ``pixels`` more presses are timed until they stand
    on a real browser's screen. ``hazards`` gives another row for each load, of so many alarms of smoke, water flow and
    electricity in turn. Then ``silent`` gateways hang, one after the other:
    a row each with the time until their loss is on the feed.
    ``burst`` times a thousand alarms come in one second: a row each with the delay of the first message about each.
    """
    with tempfile.TemporaryDirectory(prefix="anxin-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        provider = Provider()
        duty = {"ANXIN_ALARMS_DUTY_WEBHOOKS": json.dumps([provider.url])} if burst else {}
        system = RunningSystem(Path(folder) / "d", broker=broker, settings=duty)
        system.start()
        try:
            _wait(system.is_ready, 90, "everything runs")
            accounts = _furnish(system)
            cookie = system.log_in(_eventually)
            capacity = _flood(system, accounts, seconds=_CAPACITY_S, rate=0.0) if any(loads) else 0.0
            rows = []
            for load in loads:
                kinds = [(CALLS, presses), (HAZARDS, hazards)] if hazards else [(CALLS, presses)]
                every_s = sum(max(count * _PRESS_EVERY_S * 1.3, outage_s) + pixels * 0.5 for _, count in kinds)
                seconds = every_s + 6
                rate = capacity * load / 100
                with system.database_away(database), _background(system, accounts, rate, seconds):
                    rows += [
                        {"load_percent": load, "database": database, "signals": list(signals)}
                        | _presses(system, cookie, count, outage_s, pixels, signals)
                        for signals, count in kinds
                    ]
            rows += [{"silent_gateway": account[0]} | _hang(system, cookie, account) for account in accounts[:silent]]
            rows += [_burst(system, provider) for _ in range(burst)]
        finally:
            system.stop()
            provider.stop()
    settings = {
        "capacity_packs_per_s": round(capacity),
        "capacity_readings_per_s": round(capacity * readings_in(SHAPE)),
        "shape": SHAPE,
        "gateways": GATEWAYS,
        "broker": broker,
        "cores": os.cpu_count(),
        "outage_s": outage_s,
    }
    return {"settings": settings, "results": rows}


def _presses(
    system: RunningSystem, cookie: str, presses: int, outage_s: float, pixels: int, signals: Sequence[str]
) -> dict[str, Any]:
    feed = _Feed(system.console_port, cookie)
    presser = _Presser(system, signals)
    end = time.monotonic() + outage_s
    while len(presser.sent) < presses or time.monotonic() < end:
        presser.press()
        time.sleep(_PRESS_EVERY_S if not outage_s else max(_PRESS_EVERY_S, outage_s / presses))
    sent = dict(presser.sent)
    wait_for(lambda: len(feed.heard.keys() & sent.keys()) == len(sent), 10)
    feed.close()
    found = [(feed.heard[device] - at) * 1000 for device, at in sent.items() if device in feed.heard]
    row: dict[str, Any] = {"presses": len(sent), "missed": len(sent) - len(found), **_spread(found)}
    if pixels:
        url = f"http://127.0.0.1:{system.console_port}/"
        shown = _spread(measure(url, cookie, presser.press, pixels))
        row |= {f"pixels_{name}": value for name, value in shown.items()} | {"pixels_presses": pixels}
    presser.stop()
    return row


def _spread(taken_ms: Sequence[float]) -> dict[str, float]:
    median, most, longest = np.percentile(np.array(taken_ms), [50, 99, 100])
    return {"p50_ms": round(float(median), 2), "p99_ms": round(float(most), 2), "max_ms": round(float(longest), 2)}


class _Presser:
    """A gateway with a new device for every press, of ``signals`` in turn; ``sent`` is when each was published."""

    def __init__(self, system: RunningSystem, signals: Sequence[str] = CALLS) -> None:
        self._signals = signals
        password = (system.data / "presser").read_text()
        account = Account(host="127.0.0.1", port=system.broker_port, username=PRESSER, password=password)
        self._session = Session(account, PRESSER, clean=True)
        self._session.start()
        _wait(lambda: self._session.connected, 10, "the presser is connected")
        self._boot, self._run = secrets.token_hex(8), secrets.token_hex(3)
        self.sent: dict[str, float] = {}

    def press(self, device: str = "", signal: str = "") -> None:
        number = len(self.sent)
        signal = signal or self._signals[number % len(self._signals)]
        device = device or f"bench-{self._run}-{number:06d}"
        record = Record(bn=f"{device}/", n=signal, vb=True, t=time.time())
        payload = pack.encode(pack.Pack(boot=self._boot, seq=number, floor=number, records=[record]))
        self.sent[device] = time.perf_counter()
        self._session.publish(topics.up(0, PRESSER, topics.Lane.ALARM), payload)

    def stop(self) -> None:
        self._session.stop()


def _burst(system: RunningSystem, provider: Provider) -> dict[str, Any]:
    presser = _Presser(system)
    row = bursts.measure(presser.press, provider, wait_for)
    presser.stop()
    return row


def _hang(system: RunningSystem, cookie: str, account: tuple[str, int, str]) -> dict[str, Any]:
    """Seconds from a gateway's last sign of life to its loss on the feed."""
    gateway_id, _, password = account
    feed = _Feed(system.console_port, cookie, mark=f'"rule":"gateway_lost","subject":"gateway:{gateway_id}')
    argv = [sys.executable, "-m", "tests.bench.silent_gateway", str(system.broker_port), gateway_id, password]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        silent_s = float(child.stdout.readline())
        shown = wait_for(lambda: feed.heard, 60)
        child.kill()
    feed.close()
    after_s = [time.time() - (time.perf_counter() - at) - silent_s for at in feed.heard.values()]
    return {"shown_after_s": round(after_s[0], 1) if shown else None}


class _Feed:
    """One connection to ``/api/v1/feed``; ``heard`` is when each alarm first came, by what stands after ``mark``."""

    def __init__(self, port: int, cookie: str, mark: str = '"device_id":"bench-') -> None:
        self.heard: dict[str, float] = {}
        self._mark = mark.encode()
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        request = (
            f"GET /api/v1/feed HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nUser-Agent: tests\r\n\r\n"
        )
        self._socket.sendall(request.encode())
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the feed does not begin")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def _read(self) -> None:
        rest = b""
        while part := self._socket.recv(1 << 20):
            now = time.perf_counter()
            self._ready.set()
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                place = line.find(self._mark)
                if line.startswith(b"data:") and place >= 0:
                    device = line[place:].split(b'"', 4)[3].decode()
                    self.heard.setdefault(device, now)


def _furnish(system: RunningSystem) -> list[tuple[str, int, str]]:
    accounts = []
    admin = system.admin()
    with system.connect() as connection, connection.transaction():
        edit.add_site(connection, Site(site_id="bench", name="Bench", shard=0))
        for i in range(GATEWAYS):
            name = f"bench{i:03d}"
            edit.add_gateway(connection, Gateway(gateway_id=name, site_id="bench"))
            for device_id in devices_of(i, SHAPE):
                edit.add_device(
                    connection,
                    Device(
                        device_id=device_id,
                        number=0,
                        site_id="bench",
                        gateway_id=name,
                        kind=Kind.METER,
                        profile="meter",
                    ),
                )
            accounts.append((name, 0, secrets.token_hex(8)))
        edit.add_gateway(connection, Gateway(gateway_id=PRESSER, site_id="bench"))
    for name, shard, password in accounts:
        admin.add_gateway(name, shard, password)
    password = secrets.token_hex(8)
    admin.add_gateway(PRESSER, 0, password)
    (system.data / "presser").write_text(password)
    admin.close()
    time.sleep(3)  # the programs take the new registry within a second
    return accounts


def _orders(system: RunningSystem, accounts: list[tuple[str, int, str]], seconds: float, rate: float) -> Orders:
    per_gateway = int((rate or 20_000) * seconds / len(accounts)) + 10
    return Orders(
        host="127.0.0.1",
        port=system.broker_port,
        shape=SHAPE,
        gateways=accounts,
        packs=min(per_gateway, _MOST_PACKS),
        seconds=seconds,
        window=200,
        start_s=datetime.now(UTC).timestamp() - 3600,
        step_s=0.001,
        boot=secrets.token_hex(6),
        rate=rate,
    )


def _command() -> list[str]:
    return [sys.executable, "-m", "tests.bench.flood"]


def _flood(system: RunningSystem, accounts: list[tuple[str, int, str]], *, seconds: float, rate: float) -> float:
    """Packs a second that were stored."""
    child = subprocess.run(
        _command(),
        input=msgspec.json.encode(_orders(system, accounts, seconds, rate)),
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    outcome = msgspec.json.decode(child.stdout, type=Outcome)
    return outcome.packs / outcome.seconds


@contextmanager
def _background(
    system: RunningSystem, accounts: list[tuple[str, int, str]], rate: float, seconds: float
) -> Iterator[None]:
    """Telemetry at ``rate`` packs a second while the presses run."""
    if rate <= 0:
        yield
        return
    child = subprocess.Popen(
        _command(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2]
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(_orders(system, accounts, seconds, rate)))
    child.stdin.close()
    time.sleep(4)  # packets are made ready, connections stand
    try:
        yield
    finally:
        child.kill()
        child.wait()


def _wait(holds: Callable[[], object], within_s: float, what: str) -> None:
    if not wait_for(holds, within_s):
        raise RuntimeError(f"not within {within_s} s: {what}")


def _eventually(holds: Callable[[], object], what: str, within_s: float = 15) -> None:
    _wait(holds, within_s, what)


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
