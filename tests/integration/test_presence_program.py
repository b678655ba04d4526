"""``alarms`` as a process: presence and drills over a real broker, with kills in between; drills in a real history."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from alarms.journal.journal import Journal
from alarms.projection.projector import project
from ingest.mqtt import Message, Session
from ingest.registry.model import Device
from ingest.registry.source import write_copy
from ingest.store.connection import connect
from ingest.wire import pack, topics
from ingest.wire.senml import Record
from ingest.wire.signals import Kind
from tests.alarm_stories import REGISTRY, Desk
from tests.mqtt_person import Person
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram

Eventually = Callable[..., None]
REPLIES = "anxin/v1/console/t/replies"
HOME = msgspec.structs.replace(
    REGISTRY,
    devices=(
        *REGISTRY.devices,
        Device(
            device_id="here-201", number=9, site_id="pine", gateway_id="gw-pine", kind=Kind.BUTTON,
            profile="presence_button", room_id="r201",
        ),
    ),
)  # fmt: skip
ROOM = topics.presence("pine", "r201")


@pytest.fixture
def alarms(broker: RunningBroker, short_path: Path) -> Iterator[RunningProgram]:
    data = short_path / "d"
    (data / "alarms").mkdir(parents=True)
    write_copy(data / "alarms" / "registry.json", HOME)
    program = RunningProgram("alarms", broker, data)
    program.start()
    yield program
    if program.is_running:
        program.kill()


class Ward:
    """Speaks as the platform's own gateway does and hears what a console hears."""

    def __init__(self, broker: RunningBroker) -> None:
        acks = topics.ack(0, "detect", "alarms")
        self.detect = Session(broker.account("detect"), "test-detect", subscriptions=[acks], clean=True)
        self.console = Session(
            broker.account("console"),
            "test-console",
            subscriptions=[topics.EVERY_ALARM, topics.EVERY_PRESENCE, "anxin/v1/console/#"],
            clean=True,
        )
        self.kept: dict[str, dict[str, Any]] = {}
        self.replies: list[dict[str, Any]] = []
        self.seq = -1
        self.acknowledged = -1
        self._waiting: dict[int, bytes] = {}
        for session in (self.detect, self.console):
            session.start()

    def say(self, device: str, signal: str, value: bool | str = True) -> None:
        self.seq += 1
        text = {"vs": value} if isinstance(value, str) else {"vb": value}
        record = Record(bn=f"{device}/", n=signal, t=time.time(), **text)  # type: ignore[arg-type]
        self._waiting[self.seq] = pack.encode(pack.Pack(boot="b1", seq=self.seq, records=[record]))

    def is_journaled(self) -> bool:
        self.listen()
        for seq, payload in self._waiting.items():
            if seq > self.acknowledged:
                self.detect.publish(topics.up(0, "detect", topics.Lane.ALARM), payload)
                time.sleep(0.1)
        return self.acknowledged == self.seq

    def listen(self) -> None:
        for item in self.detect.take(1000, 0.01):
            if isinstance(item, Message):
                self.detect.acknowledge([item])
                self.acknowledged = max(self.acknowledged, msgspec.json.decode(item.payload)["alarm"])
        for item in self.console.take(1000, 0.01):
            if isinstance(item, Message):
                self.console.acknowledge([item])
                self._hear(item)

    @property
    def alarms(self) -> list[dict[str, Any]]:
        self.listen()
        return [state for topic, state in self.kept.items() if topic != ROOM]

    @property
    def room(self) -> dict[str, Any] | None:
        self.listen()
        return self.kept.get(ROOM)

    def stop(self) -> None:
        self.detect.stop()
        self.console.stop()

    def _hear(self, message: Message) -> None:
        if message.topic == REPLIES:
            self.replies.append(msgspec.json.decode(message.payload))
        elif message.payload:
            self.kept[message.topic] = msgspec.json.decode(message.payload)
        else:
            self.kept.pop(message.topic, None)


@pytest.fixture
def ward(broker: RunningBroker) -> Iterator[Ward]:
    found = Ward(broker)
    yield found
    found.stop()


@pytest.mark.broker
def test_a_carer_comes_and_leaves_with_kills_and_a_lost_broker_in_between(
    alarms: RunningProgram, broker: RunningBroker, ward: Ward, eventually: Eventually, short_path: Path
) -> None:
    ward.say("sos-201", "help_call")
    eventually(ward.is_journaled, "the press is journaled")
    ward.say("here-201", "staff_present", "17")
    eventually(ward.is_journaled, "the carer is journaled")
    eventually(lambda: ward.room is not None, "the console knows who is in the room")
    assert ward.room is not None
    assert ward.room["by"] == ["badge:17"]
    eventually(lambda: [a["response"] for a in ward.alarms] == ["attended"], "the call is attended")
    assert ward.alarms[0]["attended"]["by"] == "badge:17"
    alarms.kill()
    broker.kill()
    for left_behind in broker.data.glob("**/mosquitto.db"):
        left_behind.unlink()
    ward.kept.clear()
    broker.start()
    alarms.start()
    eventually(lambda: ward.room is not None and len(ward.alarms) == 1, "everything is there again", within_s=25)
    ward.say("here-201", "staff_present", value=False)
    eventually(ward.is_journaled, "the carer has left")
    eventually(lambda: ward.room is None and ward.alarms == [], "nobody is there and nothing is open")
    journal = Journal(short_path / "d" / "alarms" / "journal.sqlite")
    (done,) = {entry.state.alarm_id: entry.state for entry in journal.entries(0, 1000) if entry.state}.values()
    journal.close()
    assert (done.reached, done.resolved.by if done.resolved else "") == ("at_origin", "badge:17")


@pytest.mark.broker
def test_a_room_that_the_broker_remembers_and_nobody_knows_is_taken_back(
    alarms: RunningProgram, broker: RunningBroker, ward: Ward, eventually: Eventually
) -> None:
    alarms.kill()
    stale = msgspec.json.encode({"site_id": "pine", "room_id": "r201", "by": ["badge:9"]})
    with Person(broker.port, "alarms", broker.passwords["alarms"]) as old:
        old.say(ROOM, stale, retain=True)
    eventually(lambda: ward.room is not None, "the broker keeps an old state")
    alarms.start()
    eventually(lambda: ward.room is None, "it is taken back", within_s=20)


@pytest.mark.broker
def test_a_drill_by_the_consoles_account_is_answered_and_shown_and_nobody_else_may_order_one(
    alarms: RunningProgram, broker: RunningBroker, ward: Ward, eventually: Eventually
) -> None:
    drill = {"do": "drill", "by": "kong", "kind": "fire", "device_id": "smoke-202", "reply_to": REPLIES}
    with Person(broker.port, "detect", broker.passwords["detect"]) as stranger:
        stranger.say(topics.site_do("pine"), msgspec.json.encode(drill | {"id": "d-0"}))

    def is_answered() -> bool:
        ward.console.publish(topics.site_do("pine"), msgspec.json.encode(drill | {"id": "d-1"}))
        time.sleep(0.1)
        ward.listen()
        return bool(ward.replies)

    eventually(is_answered, "the drill is answered")
    assert (ward.replies[0]["id"], ward.replies[0]["ok"]) == ("d-1", True)
    eventually(lambda: len(ward.alarms) == 1, "one drill is on the desk")
    shown = ward.alarms[0]
    assert (shown["alarm_id"], shown["flags"], shown["evidence"]["drill"]) == (
        ward.replies[0]["alarm_id"],
        ["drill"],
        {"by": "kong"},
    )
    ward.say("smoke-202", "smoke")
    eventually(ward.is_journaled, "real smoke in the middle of it")
    eventually(lambda: sorted(a["flags"] for a in ward.alarms) == [[], ["drill"]], "it is another alarm")


@pytest.mark.database
def test_drills_and_tests_are_in_the_history_and_in_no_figure(database: str) -> None:
    desk = Desk(HOME)
    body = {"do": "drill", "by": "kong", "id": "d-1", "kind": "fire", "device_id": "smoke-202"}
    desk._turn(lambda out: desk.engine.site_command("pine", msgspec.json.encode(body), desk.now, out))
    desk.record("sos-201", "call_test")
    desk.record("smoke-202", "smoke")
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("INSERT INTO site (site_id, name, shard) VALUES ('pine', '青松养老院', 7)")
    with connect(database, "projection") as connection:
        project(connection, desk.journal.entries(0, 1000))
        connection.commit()
    with psycopg.connect(database) as reader:
        marks = set(reader.execute("SELECT kind, test, drill FROM alarm").fetchall())
        counted = {
            view: reader.execute(f"SELECT kind FROM g.{view}").fetchall() for view in ("answer", "response_time")
        }
        standing = reader.execute("SELECT count(*) FROM g.open_alarm WHERE drill").fetchone()
    assert marks == {("fire", False, True), ("test", True, False), ("fire", False, False)}
    assert counted == {"answer": [("fire",)], "response_time": [("fire",)]}
    assert standing == (1,)
