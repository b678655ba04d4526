"""``detect`` as a process at a real broker: it judges, is killed, goes on; nothing is told twice, nothing never."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from console.cli.broker_admin import BrokerAdmin
from firmware_sim.firmware.wearable import simulated_fall
from ingest.account import Account
from ingest.health import read_health
from ingest.mqtt import Connected, Message, Session
from ingest.registry.model import Device, Gateway, Registry, Room, Site
from ingest.registry.source import write_copy
from ingest.wire import motion, topics
from ingest.wire.motion import MotionWindow, Placement
from ingest.wire.signals import Kind
from ingest.wire.topics import Lane
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram

pytestmark = pytest.mark.broker
Eventually = Callable[..., None]

GATEWAY, SHARD = "gw-home", 5
DOOR = {"door_open_long": {"hold_s": 1}}
REGISTRY = Registry(
    version=3,
    sites=(Site(site_id="home", name="Home", shard=SHARD, thresholds=DOOR),),
    rooms=(Room(room_id="r1", site_id="home", name="Kitchen"),),
    gateways=(Gateway(gateway_id=GATEWAY, site_id="home"),),
    devices=(
        Device(
            device_id="door", number=1, site_id="home", gateway_id=GATEWAY, kind=Kind.AMBIENT, profile="door_contact"
        ),
        Device(device_id="belt", number=2, site_id="home", gateway_id=GATEWAY, kind=Kind.WEARABLE, profile="wearable"),
        Device(
            device_id="tank", number=3, site_id="home", gateway_id=GATEWAY, kind=Kind.WATER, profile="flow_switch",
            thresholds={"tank_low": {"on_s": 0}},
        ),
    ),
)  # fmt: skip


class Ear:
    """A client that says things and remembers what it hears, by topic."""

    def __init__(self, account: Account, name: str, *filters: str) -> None:
        self._session = Session(account, f"test-{name}", subscriptions=filters, clean=True)
        self._stopping = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._ready = threading.Event()
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def __enter__(self) -> Self:
        self._session.start()
        self._listener.start()
        assert self._ready.wait(10), "not let in"
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.join(5)
        self._session.stop()

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        end = time.monotonic() + 10
        while not self._session.publish(topic, payload, retain=retain):
            assert time.monotonic() < end, "no connection"
            time.sleep(0.05)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            for item in self._session.take(100, 0.1):
                if isinstance(item, Connected):
                    self._ready.set()
                if isinstance(item, Message):
                    self.heard.append((item.topic, json.loads(item.payload)))
                    self._session.acknowledge([item])


class HomeGateway(Ear):
    """The gateway of the home; packs with given seqs, and what ``detect`` has acknowledged."""

    def send(self, seq: int, *records: dict[str, Any], boot: str = "boot1") -> None:
        body = {"boot": boot, "seq": seq, "floor": 0, "sent_at": time.time(), "records": list(records)}
        self.say(topics.up(SHARD, GATEWAY, Lane.DATA), json.dumps(body).encode())

    def fall(self, seq: int, rate_hz: float = 50.0) -> None:
        upright = np.tile([0.0, 1.0, 0.0], (200, 1))
        accel_g = np.concatenate([upright, simulated_fall(np.random.default_rng(3), rate_hz)])
        window = MotionWindow(
            boot="boot1", seq=seq, floor=0, device_id="belt", placement=Placement.WAIST,
            start_s=time.time() - len(accel_g) / rate_hz, rate_hz=rate_hz, range_g=8.0,
            counts=np.round(np.clip(accel_g, -7.9, 7.9) * 32768 / 8).astype(np.int16),
        )  # fmt: skip
        self.say(topics.up(SHARD, GATEWAY, Lane.MOTION), motion.encode(window))

    def acknowledged(self, lane: str) -> int | None:
        found = [body[lane] for _, body in self.heard if lane in body]
        return found[-1] if found else None


class AlarmsEnd(Ear):
    """Stands in for ``alarms``: hears judgements and acknowledges when told to."""

    def judgements(self) -> list[tuple[str, str, bool]]:
        """Device, rule and raised of every record heard, once per pack."""
        packs = {(body["boot"], body["seq"]): body for _, body in self.heard}
        return [
            (record["bn"].rstrip("/"), record["n"].removeprefix("judge/"), record["vb"])
            for _, body in sorted(packs.items(), key=lambda item: item[0])
            for record in body["records"]
        ]

    def acknowledge(self) -> None:
        newest = max(body["seq"] for _, body in self.heard)
        ack = {"boot": self.heard[-1][1]["boot"], "alarm": newest}
        self.say(topics.ack(0, "detect", "alarms"), json.dumps(ack).encode())


@pytest.fixture
def gateway(broker: RunningBroker) -> Iterator[HomeGateway]:
    with BrokerAdmin(broker.host, broker.port, "admin", broker.passwords["admin"]) as admin:
        admin.add_gateway(GATEWAY, SHARD, "secret")
    account = broker.account(GATEWAY, "secret")
    with HomeGateway(account, "gateway", topics.ack(SHARD, GATEWAY, "detect")) as talking:
        yield talking


@pytest.fixture
def alarms(broker: RunningBroker) -> Iterator[AlarmsEnd]:
    with AlarmsEnd(broker.account("alarms"), "alarms", topics.up(0, "detect", Lane.ALARM)) as listening:
        yield listening


@pytest.fixture
def detect(broker: RunningBroker, short_path: Path, eventually: Eventually) -> Iterator[RunningProgram]:
    program = RunningProgram("detect", broker, short_path / "d")
    write_copy(short_path / "d" / "detect" / "registry.json", REGISTRY)
    program.start()
    eventually(lambda: _health(program).get("broker"), "detect is at the broker", within_s=20)
    yield program
    if program.is_running:
        program.kill()


def test_an_open_door_is_judged_when_its_time_has_come_and_telemetry_is_acknowledged(
    gateway: HomeGateway, alarms: AlarmsEnd, detect: RunningProgram, eventually: Eventually
) -> None:
    begin = time.time()
    gateway.send(0, {"n": "door/contact_open", "vb": True, "t": begin})
    eventually(lambda: gateway.acknowledged("data") == 0, "the pack is acknowledged")
    eventually(alarms.judgements, "a judgement comes")
    assert alarms.judgements() == [("door", "door_open_long", True)]
    assert 0.9 < time.time() - begin < 3
    record = alarms.heard[0][1]["records"][0]
    assert record["t"] == pytest.approx(begin + 1, abs=0.01)
    assert record["ev"]["series"][0]["values"] == [1]
    assert "门窗" in record["ev"]["text_zh"]


def test_a_fall_in_the_motion_lane_is_told(
    gateway: HomeGateway, alarms: AlarmsEnd, detect: RunningProgram, eventually: Eventually
) -> None:
    gateway.fall(0)
    eventually(lambda: len(alarms.judgements()) == 2, "it is suspected and confirmed")
    assert alarms.judgements() == [("belt", "fall_impact", True)] * 2
    eventually(lambda: gateway.acknowledged("motion") == 0, "the window is acknowledged")


def test_a_judgement_comes_again_until_it_is_acknowledged_also_after_a_kill(
    gateway: HomeGateway, alarms: AlarmsEnd, detect: RunningProgram, eventually: Eventually
) -> None:
    gateway.send(0, {"n": "tank/tank_level_pct", "v": 10})
    eventually(lambda: len(alarms.heard) >= 2, "the judgement is sent again")
    detect.kill()
    before = len(alarms.heard)
    detect.start()
    eventually(lambda: len(alarms.heard) > before, "it is sent again by the next life")
    assert alarms.judgements() == [("tank", "tank_low", True)]
    alarms.acknowledge()
    eventually(lambda: _health(detect).get("judgements_waiting") == 0, "nothing waits")


def test_a_killed_detect_goes_on_with_a_running_delay_and_judges_no_pack_twice(
    gateway: HomeGateway, alarms: AlarmsEnd, detect: RunningProgram, eventually: Eventually
) -> None:
    gateway.send(0, {"n": "door/contact_open", "vb": True, "t": time.time()})
    eventually(lambda: gateway.acknowledged("data") == 0, "the pack is acknowledged")
    detect.kill()
    detect.start()
    eventually(lambda: alarms.judgements() == [("door", "door_open_long", True)], "the delay ran on")
    gateway.send(0, {"n": "door/contact_open", "vb": False})  # the same seq again: a repeat, whatever is in it
    gateway.send(1, {"n": "tank/tank_level_pct", "v": 10})
    eventually(lambda: gateway.acknowledged("data") == 1, "the next pack is acknowledged")
    eventually(lambda: len(alarms.judgements()) == 2, "it is judged")
    assert alarms.judgements()[1] == ("tank", "tank_low", True)


def test_what_cannot_be_read_is_acknowledged_and_counted_and_the_stream_goes_on(
    gateway: HomeGateway, alarms: AlarmsEnd, detect: RunningProgram, eventually: Eventually
) -> None:
    gateway.say(topics.up(SHARD, GATEWAY, Lane.DATA), b'{"boot":"boot1","seq":0,"records":[{"n":7}]}')
    gateway.say(topics.up(SHARD, GATEWAY, Lane.MOTION), b"nothing")
    gateway.send(1, {"n": "stranger/power_w", "v": 1}, {"n": "tank/tank_level_pct", "v": 10})
    eventually(lambda: gateway.acknowledged("data") == 1, "both packs are acknowledged")
    assert alarms.judgements() == [("tank", "tank_low", True)]
    eventually(lambda: _health(detect).get("refused", {}).get("unknown_device") == 1, "it is counted")


def test_without_a_registry_it_acknowledges_and_forgets_nothing(
    gateway: HomeGateway, alarms: AlarmsEnd, detect: RunningProgram, short_path: Path, eventually: Eventually
) -> None:
    gateway.send(0, {"n": "tank/tank_level_pct", "v": 10})
    eventually(alarms.judgements, "a judgement comes")
    alarms.acknowledge()
    assert detect.stop() == 0
    copy = short_path / "d" / "detect" / "registry.json"
    copy.unlink()
    detect.start()
    gateway.send(1, {"n": "tank/tank_level_pct", "v": 90})
    eventually(lambda: gateway.acknowledged("data") == 1, "it is acknowledged all the same")
    assert _health(detect)["state"] == "waiting for a registry"
    assert detect.stop() == 0
    write_copy(copy, REGISTRY)
    detect.start()
    gateway.send(2, {"n": "tank/tank_level_pct", "v": 90})
    eventually(lambda: ("tank", "tank_low", False) in alarms.judgements(), "what stood before is cleared")


def test_a_broker_that_is_killed_loses_no_judgement(
    broker: RunningBroker, gateway: HomeGateway, alarms: AlarmsEnd, detect: RunningProgram, eventually: Eventually
) -> None:
    gateway.send(0, {"n": "door/contact_open", "vb": True, "t": time.time()})
    eventually(lambda: gateway.acknowledged("data") == 0, "the pack is acknowledged")
    broker.kill()
    eventually(lambda: not _health(detect).get("broker"), "detect has lost the broker")
    eventually(lambda: _health(detect).get("judgements_waiting") == 1, "it judges all the same")
    broker.start()
    eventually(lambda: alarms.judgements() == [("door", "door_open_long", True)], "the judgement arrives", within_s=20)


def _health(program: RunningProgram) -> dict[str, Any]:
    return read_health(program.log.parent / "detect" / "health.json") or {}
