"""A home with a gateway: the real program, its devices at a real broker, and consumers that acknowledge."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.cli.broker_admin import BrokerAdmin
from ingest.mqtt import Message, Session
from ingest.wire import site_config, topics
from ingest.wire.lane import LanePosition
from ingest.wire.pack import decode
from ingest.wire.senml import Resolved, resolve
from ingest.wire.signals import Kind
from ingest.wire.site_config import ConfiguredDevice, SiteConfig
from ingest.wire.topics import Lane
from tests.running_broker import RunningBroker

SHARD = 7
DEVICES = (
    ConfiguredDevice(
        device_id="101-button", number=1, native="zigbee2mqtt:SOS room 101", kind=Kind.BUTTON, profile="sos_button"
    ),
    ConfiguredDevice(
        device_id="kitchen-smoke", number=2, native="zigbee2mqtt:Smoke kitchen", kind=Kind.FIRE, profile="smoke_alarm"
    ),
    ConfiguredDevice(
        device_id="kitchen-heat", number=3, native="zigbee2mqtt:Heat kitchen", kind=Kind.FIRE, profile="heat_alarm"
    ),
    ConfiguredDevice(
        device_id="101-meter", number=4, native="shelly_gen2:shellypro3em-01", kind=Kind.METER, profile="meter"
    ),
)


class GatewayHome:
    """One or more gateways in one process, and what a tester does at the site and on the platform."""

    def __init__(self, broker: RunningBroker, data: Path, *gateway_ids: str) -> None:
        self.broker = broker
        self.data = data
        self.key = Ed25519PrivateKey.generate()
        self.native_passwords: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._hands: dict[str, Session] = {}
        (data / "gateway").mkdir(parents=True, exist_ok=True)
        for gateway_id in gateway_ids:
            self.add(gateway_id)

    def add(self, gateway_id: str) -> None:
        """Register a gateway at the broker and give it its credentials."""
        password, native = secrets.token_hex(8), secrets.token_hex(8)
        with BrokerAdmin(self.broker.host, self.broker.port, "admin", self.broker.passwords["admin"]) as admin:
            admin.add_gateway(gateway_id, SHARD, password)
            admin.add_native(gateway_id, native)
        self.native_passwords[gateway_id] = native
        directory = self.data / "gateway" / gateway_id
        directory.mkdir(parents=True, exist_ok=True)
        body = {
            "gateway_id": gateway_id,
            "site_id": "home",
            "shard": SHARD,
            "username": gateway_id,
            "password": password,
            "config_key": self.key.public_key().public_bytes_raw().hex(),
        }
        draft = directory / "credentials.new"
        draft.write_text(json.dumps(body))
        draft.rename(directory / "credentials.json")

    def configuration(self, gateway_id: str, version: int = 1, key: Ed25519PrivateKey | None = None) -> bytes:
        """The signed message with this home's devices."""
        return self.signed(SiteConfig(version=version, site_id="home", gateway_id=gateway_id, devices=DEVICES), key)

    def signed(self, config: SiteConfig, key: Ed25519PrivateKey | None = None) -> bytes:
        """The message of any configuration."""
        signed = site_config.encode(config)
        return site_config.envelope(signed, (key or self.key).sign(signed).hex())

    def start(self) -> None:
        environment = os.environ | {
            "ANXIN_DATA": str(self.data),
            "ANXIN_BROKER_HOST": self.broker.host,
            "ANXIN_BROKER_PORT": str(self.broker.port),
            "ANXIN_GATEWAY_GATHER_S": "0.1",
        }
        with (self.data / "gateway.log").open("ab") as log:
            argv = [sys.executable, "-m", "gateway.program"]
            self._process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """As by ``kill -9``."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)

    def close(self) -> None:
        for hand in self._hands.values():
            hand.stop()
        if self._process is not None and self._process.poll() is None:
            self.kill()

    @property
    def log(self) -> str:
        return (self.data / "gateway.log").read_text()

    def listens(self, gateway_id: str, times: int = 1) -> bool:
        """True when the gateway has connected to its devices' broker so often."""
        return self.log.count(f"native.listening gateway_id={gateway_id}") >= times

    def tell(self, gateway_id: str, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """A native device publishes, as soon as the broker can be reached."""
        if gateway_id not in self._hands:
            account = self.broker.account(f"native-{gateway_id}", self.native_passwords[gateway_id])
            self._hands[gateway_id] = Session(account, f"hand-{gateway_id}")
            self._hands[gateway_id].start()
        body = payload.encode() if isinstance(payload, str) else payload
        end = time.monotonic() + 10
        while not self._hands[gateway_id].publish(f"native/{gateway_id}/{topic}", body, retain=retain):
            assert time.monotonic() < end, "the native device reaches no broker"
            time.sleep(0.02)

    def press(self, gateway_id: str, name: str = "SOS room 101") -> None:
        self.tell(gateway_id, f"zigbee2mqtt/{name}", '{"action":"emergency","battery":null,"linkquality":90}')

    def siren(self, gateway_id: str) -> str:
        path = self.data / "gateway" / gateway_id / "siren"
        return path.read_text().strip() if path.exists() else ""


class Platform:
    """A consumer that notes every pack and acknowledges what it was told to."""

    def __init__(self, broker: RunningBroker, name: str, *lanes: Lane, acknowledges: bool = True) -> None:
        self.name = name
        self.acknowledges = acknowledges
        self.records: list[tuple[str, Resolved]] = []
        self.packs: list[tuple[str, Lane, str, int]] = []
        self.spooled: list[tuple[int, Resolved]] = []  # with the seq of their pack
        self.windows: list[Message] = []
        self.status: list[dict[str, Any]] = []
        self._positions: dict[tuple[str, str, Lane], LanePosition] = defaultdict(LanePosition)
        filters = [topics.every_gateway(f"up/{lane}") for lane in lanes] + [topics.every_gateway("status")]
        self._session = Session(broker.account(name), f"test-{name}-{secrets.token_hex(3)}", subscriptions=filters)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._session.start()
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._session.stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        end = time.monotonic() + 10
        while not self._session.publish(topic, payload, retain=retain):
            assert time.monotonic() < end, "the platform reaches no broker"
            time.sleep(0.02)

    def signals(self, gateway_id: str) -> list[str]:
        return [record.signal for sender, record in list(self.records) if sender == gateway_id]

    def values(self, gateway_id: str, signal: str) -> list[Any]:
        return [r.value for sender, r in list(self.records) if sender == gateway_id and r.signal == signal]

    def _run(self) -> None:
        while not self._ending.is_set():
            for item in self._session.take(100, 0.1):
                if isinstance(item, Message):
                    self._message(item)
                    self._session.acknowledge([item])

    def _message(self, message: Message) -> None:
        parsed = topics.parse_gateway(message.topic)
        assert parsed is not None
        if parsed.leaf == "status":
            self.status.append(json.loads(message.payload) if message.payload else {})
            return
        lane = parsed.lane
        assert lane is not None
        if lane is Lane.MOTION:
            self.windows.append(message)
            return
        pack = decode(message.payload)
        assert pack.boot is not None
        self.packs.append((parsed.gateway_id, lane, pack.boot, pack.seq))
        position = self._positions[parsed.gateway_id, pack.boot, lane]
        if position.accept(pack.seq, pack.floor):
            resolved = [record for record in resolve(pack.records) if isinstance(record, Resolved)]
            self.records += [(parsed.gateway_id, record) for record in resolved]
            self.spooled += [(pack.seq, record) for record in resolved]
            for table in pack.tables:
                for row, values in enumerate(table.v):
                    device = table.d[row if len(table.d) > 1 else 0]
                    at = table.bt + (table.t[row] if table.t else 0)
                    self.records += [
                        (parsed.gateway_id, Resolved(device, name, value, at))
                        for name, value in zip(table.n, values, strict=True)
                        if value is not None
                    ]
        if self.acknowledges:
            topic = topics.ack(parsed.shard, parsed.gateway_id, self.name)
            self._session.publish(topic, json.dumps({"boot": pack.boot, str(lane): position.position}).encode())
