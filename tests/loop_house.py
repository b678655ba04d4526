"""The loop of ``alarms`` with our own ports at its ends: for stories about clocks, disks and restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alarms.core.profiles import load_profiles
from alarms.engine.engine import Engine
from alarms.engine.gateways import GatewayWatch
from alarms.engine.intake import Intake
from alarms.engine.loop import Loop
from alarms.engine.memory import MemoryPath
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm
from alarms.notify.dispatcher import Task
from ingest.mqtt import Connected, Item, Message
from ingest.registry.model import Device
from ingest.wire import pack, topics
from ingest.wire.senml import Record
from ingest.wire.signals import Kind
from tests.alarm_stories import DUTY, REGISTRY, START
from tests.moved_clock import MovedClock

PANEL = Device(
    device_id="panel-201", number=9, site_id="pine", gateway_id="gw-pine", kind=Kind.BUTTON,
    profile="presence_button", room_id="r201",
)  # fmt: skip
HOUSE = msgspec.structs.replace(REGISTRY, devices=(*REGISTRY.devices, PANEL))


class Heard:
    """Stands where the session stands and remembers what was said."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes, bool]] = []
        self.acknowledged: list[Message] = []

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        self.published.append((topic, payload, retain))
        return True

    def acknowledge(self, messages: Any) -> None:  # Any: an iterable of messages
        self.acknowledged += messages


class Handed:
    """Stands where the dispatcher stands: what was handed to it."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self._under_way: set[str] = set()

    def is_under_way(self, key: str) -> bool:
        return key in self._under_way

    def submit(self, task: Task) -> bool:
        if task.notice.key in self._under_way:
            return False
        self._under_way.add(task.notice.key)
        self.tasks.append(task)
        return True

    def done(self, key: str) -> None:
        self._under_way.discard(key)


class House:
    """The loop of ``alarms`` over a real journal, on a clock that is moved."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.sqlite"
        self.clock = MovedClock(START)
        self.handed = Handed()
        self.session = Heard()
        self.seq = -1
        self.start()

    def start(self) -> None:
        """A new process on the same file."""
        self.journal = Journal(self.path)
        intake = Intake(load_profiles(), late_after_s=900)

        def engine_over(journal: Journal) -> Engine:
            return Engine(journal, intake, [DUTY], test_limit_s=300)

        engine = engine_over(self.journal)
        engine.registry = HOUSE
        self.loop = Loop(
            journal=self.journal,
            engine=engine,
            gateways=GatewayWatch(self.journal, engine, 3, 15),
            session=self.session,  # type: ignore[arg-type]  # the words that the loop uses
            dispatcher=self.handed,  # type: ignore[arg-type]  # likewise
            clock=self.clock,
            config_key=Ed25519PrivateKey.generate(),
            broker_grace_s=10,
            memory=MemoryPath(engine_over),
        )
        self.turn(Connected(1, resumed=False))

    def turn(self, *items: Item) -> None:
        self.loop.turn(list(items))

    def wait(self, seconds: float) -> None:
        """Time passes, a turn every tenth of a second."""
        for _ in range(round(seconds * 10)):
            self.clock.forward(0.1)
            self.turn()

    def set_clock(self, seconds: float) -> None:
        self.clock.set_by(seconds)
        self.turn()

    def message(self, device: str, signal: str, value: bool = True) -> Message:
        self.seq += 1
        at_s = self.clock.now().timestamp()
        payload = pack.encode(
            pack.Pack(boot="b", seq=self.seq, records=[Record(bn=f"{device}/", n=signal, vb=value, t=at_s)])
        )
        return Message(topics.up(7, "gw-pine", topics.Lane.ALARM), payload, False, at_s, 1, self.seq + 1, 1)

    def say(self, device: str, signal: str, value: bool = True) -> None:
        self.turn(self.message(device, signal, value))

    def do(self, what: str, **more: Any) -> None:
        body = {"do": what, "by": "user:mei", "id": f"{what}-{self.clock.now()}", **more}
        topic = topics.alarm_do("pine", self.only.alarm_id)
        self.turn(Message(topic, msgspec.json.encode(body), False, self.clock.now().timestamp(), 1, 99, 1))

    @property
    def only(self) -> Alarm:
        (alarm,) = self.journal.open_alarms()
        return alarm

    @property
    def rules(self) -> list[str]:
        return [alarm.rule for alarm in self.journal.open_alarms()]
