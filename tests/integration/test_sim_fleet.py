"""The fleet on a real broker: what it spooled arrives exactly once at the journal, whoever is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from firmware_sim.fleet_spool import held_packs, spooled_presses
from ingest.wire import pack, topics
from ingest.wire.lane import LanePosition
from ingest.wire.topics import Lane
from tests.children import PATIENCE_S
from tests.sim_broker import OpenBroker, open_broker

pytestmark = [pytest.mark.broker, pytest.mark.once]

GATEWAYS = 12


class Acknowledging:
    """Alarms, ingest and detect in one: takes packs once, acknowledges them cumulatively."""

    def __init__(self, broker: OpenBroker) -> None:
        self.presses: list[tuple[str, str, int, str]] = []
        self.readings = 0
        self.statuses: dict[str, str] = {}
        self.deaf = False
        self._lanes: dict[tuple[str, str, str], LanePosition] = {}
        self._lock = threading.Lock()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="consumer")
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: paho.Client, *_rest: object) -> None:
        client.subscribe([(topics.every_gateway(leaf), 1) for leaf in ("up/alarm", "up/data", "status")])

    def _on_message(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if self.deaf:
            return
        topic = topics.parse_gateway(message.topic)
        assert topic is not None
        if topic.leaf == "status":
            self.statuses[topic.gateway_id] = json.loads(message.payload)["state"]
            return
        content = pack.decode(message.payload)
        assert content.boot is not None
        lane = topic.lane
        position = self._lanes.setdefault((topic.gateway_id, content.boot, str(lane)), LanePosition())
        if position.accept(content.seq, content.floor):
            with self._lock:
                self._keep(topic.gateway_id, content)
        consumers = ("alarms",) if lane is Lane.ALARM else ("ingest", "detect")
        for consumer in consumers:
            body = {"boot": content.boot, str(lane): position.position}
            client.publish(topics.ack(topic.shard, topic.gateway_id, consumer), msgspec.json.encode(body), 1)

    def _keep(self, gateway_id: str, content: pack.Pack) -> None:
        for record in content.records:
            assert record.n == "help_call"
            assert record.bn is not None
            self.presses.append((gateway_id, str(content.boot), content.seq, record.bn.rstrip("/")))
        self.readings += sum(len(row) for table in content.tables for row in table.v)


class RunningFleet:
    """The program itself, in a process of its own; it can be killed and started again."""

    def __init__(self, directory: Path, broker: OpenBroker, **options: object) -> None:
        self.directory = directory
        credentials = directory / "credentials.json"
        directory.mkdir(exist_ok=True)
        credentials.write_bytes(
            msgspec.json.encode({f"gw-{i:03d}": {"password": "", "shard": i % 64} for i in range(GATEWAYS)})
        )
        given = {"gateways": GATEWAYS, "readings": 600, "presses": 20, "seed": 3, "drain": 10, **options}
        self._command = [sys.executable, "-m", "firmware_sim.fleet", "--dir", str(directory)]
        self._command += ["--credentials", str(credentials), "--port", str(broker.port)]
        for name, value in given.items():
            self._command += [f"--{name.replace('_', '-')}", str(value)]
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def finish(self) -> dict[str, float]:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=PATIENCE_S)
        summary = json.loads(out.strip().splitlines()[-1])
        assert isinstance(summary, dict)
        return summary

    @property
    def spooled(self) -> int:
        try:
            return len(spooled_presses(self.directory))
        except Exception:  # noqa: BLE001 - the file is not there yet
            return 0


@pytest.fixture
def real_broker(tmp_path: Path) -> Iterator[OpenBroker]:
    with open_broker(tmp_path) as broker:
        yield broker


@pytest.fixture
def consumer(real_broker: OpenBroker) -> Iterator[Acknowledging]:
    acknowledging = Acknowledging(real_broker)
    yield acknowledging
    acknowledging.close()


@pytest.fixture
def fleet(tmp_path: Path, real_broker: OpenBroker) -> Iterator[RunningFleet]:
    running = RunningFleet(tmp_path / "fleet", real_broker)
    yield running
    running.kill()


def each_once(fleet: RunningFleet, consumer: Acknowledging) -> None:
    spooled = [(p.gateway_id, p.boot, p.seq, p.device_id) for p in spooled_presses(fleet.directory)]
    assert len(spooled) == len(set(spooled))
    assert sorted(consumer.presses) == sorted(spooled)


def test_everything_arrives_and_is_released(
    fleet: RunningFleet, consumer: Acknowledging, eventually: Callable[..., None]
) -> None:
    fleet.start()
    eventually(lambda: len(consumer.presses) > 20 and consumer.readings > 1000, "presses and readings arrive", 20)
    assert set(consumer.statuses.values()) == {"online"}
    summary = fleet.finish()
    assert summary["held"] == 0
    assert summary["presses"] == len(consumer.presses)
    each_once(fleet, consumer)
    eventually(lambda: set(consumer.statuses.values()) == {"offline"}, "they say goodbye")


def test_a_fleet_that_is_killed_goes_on_with_the_same_boots(
    fleet: RunningFleet, consumer: Acknowledging, eventually: Callable[..., None]
) -> None:
    for kill in range(1, 4):
        fleet.start()
        eventually(lambda want=kill * 15: fleet.spooled > want, "presses are spooled", 20)
        fleet.kill()
        eventually(lambda: "offline" in consumer.statuses.values(), "the wills are told")
    fleet.start()
    eventually(lambda: set(consumer.statuses.values()) == {"online"}, "all are back", 20)
    fleet.finish()
    each_once(fleet, consumer)
    assert len({boot for _, boot, _, _ in consumer.presses}) <= GATEWAYS
    assert held_packs(fleet.directory) == 0


def test_a_broker_that_dies_and_forgets_everything_loses_nothing(
    fleet: RunningFleet, consumer: Acknowledging, real_broker: OpenBroker, eventually: Callable[..., None]
) -> None:
    fleet.start()
    for _ in range(2):
        before = len(consumer.presses)
        eventually(lambda want=before: len(consumer.presses) > want + 10, "presses arrive", 20)
        real_broker.kill()
        spooled = fleet.spooled
        eventually(lambda want=spooled: fleet.spooled > want + 10, "presses are spooled without a broker", 20)
        real_broker.start()
    eventually(lambda: fleet.spooled <= len(consumer.presses) + 5, "the backlog has arrived", 30)
    summary = fleet.finish()
    assert summary["held"] == 0
    each_once(fleet, consumer)


def test_a_deaf_platform_gets_it_all_later(
    fleet: RunningFleet, consumer: Acknowledging, eventually: Callable[..., None]
) -> None:
    consumer.deaf = True
    fleet.start()
    eventually(lambda: fleet.spooled > 40, "presses are spooled", 20)
    assert consumer.presses == []
    consumer.deaf = False
    eventually(lambda: len(consumer.presses) > 40, "they are sent again", 30)
    fleet.finish()
    each_once(fleet, consumer)


def test_too_few_accounts_are_refused_in_words(tmp_path: Path, real_broker: OpenBroker) -> None:
    running = RunningFleet(tmp_path / "fleet", real_broker, gateways=GATEWAYS + 1)
    running.start()
    assert running.process is not None
    running.process.communicate(timeout=20)
    assert running.process.returncode == 2


def test_the_wire_is_idle_when_nothing_happens(
    tmp_path: Path, real_broker: OpenBroker, consumer: Acknowledging, eventually: Callable[..., None]
) -> None:
    running = RunningFleet(tmp_path / "fleet", real_broker, readings=0, presses=0)
    running.start()
    eventually(lambda: len(consumer.statuses) == GATEWAYS, "all are connected", 20)
    begun = time.monotonic()
    eventually(lambda: time.monotonic() - begun > 2, "two quiet seconds")
    summary = running.finish()
    assert summary["connects"] == GATEWAYS
    assert summary["cpu_s"] < 1.5
