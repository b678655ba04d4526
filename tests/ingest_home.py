"""A place with a gateway and devices, and the program ``ingest`` over a real broker and a real database."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg
from pydantic import SecretStr

from ingest.account import Account
from ingest.mqtt import Connected, Message, Session
from ingest.pipeline.program import Ingest
from ingest.pipeline.settings import IngestSettings
from ingest.registry import edit
from ingest.registry.model import Device, Gateway, Site
from ingest.settings import ConnectionSettings
from ingest.wire import topics
from ingest.wire.signals import Kind

SITE, GATEWAY, SHARD = "home", "gw-home", 5
PROFILE = "meter"


def furnish(dsn: str, meters: int = 3) -> dict[str, int]:
    """A site with one gateway, some meters, a room sensor and a pendant; the devices' numbers."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        edit.add_site(connection, Site(site_id=SITE, name="Home", shard=SHARD))
        edit.add_site(connection, Site(site_id="other", name="Other home", shard=6))
        edit.add_gateway(connection, Gateway(gateway_id=GATEWAY, site_id=SITE))
        edit.add_gateway(connection, Gateway(gateway_id="gw-other", site_id="other"))
        kinds = {f"meter-{i}": Kind.METER for i in range(meters)} | {"room": Kind.AMBIENT, "pendant": Kind.BUTTON}
        return {
            device_id: edit.add_device(
                connection,
                Device(device_id=device_id, number=0, site_id=SITE, gateway_id=GATEWAY, kind=kind, profile=PROFILE),
            ).number
            for device_id, kind in kinds.items()
        }


class TalkingGateway:
    """A gateway that sends what a test says and hears its acknowledgements."""

    def __init__(self, account: Account, gateway_id: str = GATEWAY, shard: int = SHARD) -> None:
        self.topic = topics.up(shard, gateway_id, topics.Lane.DATA)
        self.acknowledged: dict[str, int] = {}
        self._session = Session(
            account, f"test-{gateway_id}", subscriptions=[topics.ack(shard, gateway_id, "ingest")], clean=True
        )
        self._stopping = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._session.start()
        self._listener.start()
        assert self._ready.wait(10), "the gateway is not let in"
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.join(5)
        self._session.stop()

    def say(self, seq: int, records: Sequence[Mapping[str, Any]] = (), boot: str = "boot1", **more: Any) -> None:
        body = {"boot": boot, "seq": seq, "floor": 0, "sent_at": time.time(), "records": list(records), **more}
        self.say_bytes(json.dumps(body).encode())

    def say_bytes(self, payload: bytes) -> None:
        end = time.monotonic() + 10
        while not self._session.publish(self.topic, payload):
            assert time.monotonic() < end, "the gateway has no connection"
            time.sleep(0.05)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            for item in self._session.take(100, 0.1):
                if isinstance(item, Connected):
                    self._ready.set()
                if isinstance(item, Message):
                    body = json.loads(item.payload)
                    self.acknowledged[body["boot"]] = body["data"]
                    self._session.acknowledge([item])


@contextmanager
def running_ingest(dsn: str, broker: Any, data: Path, **settings: Any) -> Iterator[Ingest]:
    """The program in a thread of this process."""
    account = broker.account("ingest")
    connection = ConnectionSettings.load(data=data, broker_host=broker.host, broker_port=broker.port, database=dsn)
    given = {"password": SecretStr(account.password), "flush_s": 0.05, "last_value_s": 1, "statement_s": 2} | settings
    program = Ingest(connection, IngestSettings.load(**given))
    stopping = threading.Event()
    thread = threading.Thread(target=program.run, args=(stopping,), daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not program.listens:
        assert time.monotonic() < end, "ingest does not listen"
        time.sleep(0.02)
    try:
        yield program
    finally:
        stopping.set()
        thread.join(20)
        assert not thread.is_alive(), "ingest does not end"


def record(device: str, signal: str, value: float | bool | str, at: float | None = None) -> dict[str, Any]:
    """One SenML record."""
    name = {float: "v", int: "v", bool: "vb", str: "vs"}[type(value)]
    return {"n": f"{device}/{signal}", name: value} | ({} if at is None else {"t": at})
