"""The loop of ``alarms`` around a full disk, a message that breaks it, and a provider that fails."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alarms.core.profiles import load_profiles
from alarms.engine import site_configs
from alarms.engine.engine import Engine
from alarms.engine.gateways import GatewayWatch
from alarms.engine.intake import Intake
from alarms.engine.loop import Loop
from alarms.engine.memory import MemoryPath
from alarms.engine.outcomes import outcome_to_sent
from alarms.journal.journal import Journal
from alarms.notify.dispatcher import Dispatcher, Outcome, Task
from alarms.notify.message import Notice, notice
from ingest.mqtt import Item, Message
from ingest.wire import pack, site_config, topics
from ingest.wire.senml import Record
from tests.alarm_stories import DUTY, REGISTRY, START, Desk
from tests.loop_house import Heard
from tests.moved_clock import MovedClock


class HeardSession(Heard):
    """Knows which of what was said are alarms."""

    def alarms(self) -> list[dict[str, Any]]:
        found = [(topics.parse_alarm(topic), payload) for topic, payload, _ in self.published]
        return [msgspec.json.decode(payload) for alarm, payload in found if alarm is not None and payload]


class RememberedChannel:
    def __init__(self) -> None:
        self.sent: list[Notice] = []

    def send(self, address: str, notice: Notice) -> str:
        assert address == DUTY
        self.sent.append(notice)
        return "ok"


class House:
    """A loop over a real journal, with our own ports at its ends."""

    def __init__(self, folder: Path) -> None:
        self.clock = MovedClock(START)
        self.session = HeardSession()
        self.channel = RememberedChannel()
        self.journal = Journal(folder / "journal.sqlite")
        intake = Intake(load_profiles(), late_after_s=900)

        def engine_over(journal: Journal) -> Engine:
            return Engine(journal, intake, [DUTY], test_limit_s=300)

        self.engine = engine_over(self.journal)
        self.engine.registry = REGISTRY
        self.dispatcher = Dispatcher({"webhook": self.channel}, lambda _: None, workers=1)
        self.dispatcher.start()
        self.loop = Loop(
            journal=self.journal,
            engine=self.engine,
            gateways=GatewayWatch(self.journal, self.engine, 3, 15),
            session=self.session,  # type: ignore[arg-type]  # the two methods that the loop uses
            dispatcher=self.dispatcher,
            clock=self.clock,
            config_key=Ed25519PrivateKey.generate(),
            broker_grace_s=10,
            memory=MemoryPath(engine_over),
        )

    def press(self, device: str = "sos-201", seq: int = 0) -> Message:
        record = Record(bn=f"{device}/", n="help_call", vb=True, t=START.timestamp())
        payload = pack.encode(pack.Pack(boot="b", seq=seq, records=[record]))
        topic = topics.up(7, "gw-pine", topics.Lane.ALARM)
        return Message(topic, payload, False, START.timestamp(), 1, seq + 1, 1)

    def turn(self, *items: Item) -> None:
        self.loop.turn(list(items))

    def fill_the_disk(self) -> None:
        pages = self.journal._db.execute("PRAGMA page_count").fetchone()[0]
        self.journal._db.execute(f"PRAGMA max_page_count = {pages}")
        # what free pages are left is taken by rows of no meaning
        filler = "INSERT INTO testing VALUES (hex(randomblob(500)), 0)"
        with pytest.raises(sqlite3.OperationalError, match="full"):
            while True:
                self.journal._db.execute(filler)

    def make_room(self) -> None:
        self.journal._db.execute("PRAGMA max_page_count = 1000000")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_with_a_full_disk_the_call_still_goes_out_and_says_that_it_is_not_journaled(house: House) -> None:
    house.fill_the_disk()
    press = house.press()
    house.turn(press)
    (alarm,) = house.session.alarms()
    assert alarm["flags"] == ["not_journaled"]
    assert alarm["identity"]["room_name"] == "201"
    house.dispatcher.stop()
    assert [notice.alarm_id for notice in house.channel.sent] == [alarm["alarm_id"]]
    assert house.session.acknowledged == [], "the spool keeps it"
    assert not any("/down/ack/" in topic for topic, _, _ in house.session.published)

    house.make_room()
    house.turn(press)
    journaled = house.session.alarms()[-1]
    assert (journaled["alarm_id"], journaled["flags"]) == (alarm["alarm_id"], [])
    assert press in house.session.acknowledged
    assert [found.alarm_id for found in house.journal.open_alarms()] == [alarm["alarm_id"]]
    assert any("/down/ack/alarms" in topic for topic, _, _ in house.session.published)


def test_a_press_on_an_open_alarm_counts_on_it_in_memory_too(house: House) -> None:
    house.turn(house.press(seq=0))
    (alarm,) = house.journal.open_alarms()
    house.journal._db.execute("PRAGMA query_only = 1")
    house.turn(house.press(seq=1))
    (told,) = [one for one in house.session.alarms() if one["flags"] == ["not_journaled"]]
    assert (told["alarm_id"], told["count"]) == (alarm.alarm_id, 2)
    house.journal._db.execute("PRAGMA query_only = 0")
    house.turn()
    assert [one.count for one in house.journal.open_alarms()] == [2]
    assert house.session.alarms()[-1]["flags"] == []


def test_a_message_that_breaks_the_engine_is_told_as_unreadable_and_its_neighbours_live(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Intake.read

    def broken(self: Intake, pack: Any, gateway_id: str, registry: Any, received_at: datetime) -> Any:
        if pack.seq == 1:
            raise ZeroDivisionError("a bug nobody thought of")
        return read(self, pack, gateway_id, registry, received_at)

    monkeypatch.setattr(Intake, "read", broken)
    house.turn(house.press(seq=0), house.press("smoke-202", seq=1), house.press("pendant-9", seq=2))
    assert sorted(alarm["kind"] for alarm in house.session.alarms()) == ["help_call", "help_call", "unreadable"]
    assert len(house.session.acknowledged) == 3


def test_who_is_told_and_answered_in_one_turn_is_not_told_any_more(house: House) -> None:
    house.turn(house.press(seq=0))
    (alarm,) = house.journal.open_alarms()
    body = {"do": "attend", "by": "user:li", "id": "c1"}
    topic = topics.alarm_do("pine", alarm.alarm_id)

    def attend(number: int) -> Message:
        command = msgspec.json.encode(body | {"id": f"c{number}"})
        return Message(topic, command, False, START.timestamp(), 1, 90 + number, 1)

    house.turn(attend(1))
    house.turn(house.press(seq=1), attend(2))
    house.dispatcher.stop()
    assert [notice.reason for notice in house.channel.sent] == ["new_alarm"]
    dropped = [entry for entry in house.journal.entries_of(alarm.alarm_id) if entry.event == "not_sent"]
    assert [entry.detail["reason"] for entry in dropped][-1] == "answered_meanwhile"


def test_a_retained_alarm_that_the_journal_does_not_know_is_cleared(house: House) -> None:
    topic = topics.alarm("pine", "ghost")
    house.turn(Message(topic, b'{"alarm_id":"ghost"}', True, START.timestamp(), 1, 1, 1))
    assert (topic, b"", True) in house.session.published


def test_every_gateway_gets_its_site_signed_and_thresholds_laid_over_each_other() -> None:
    site, room = REGISTRY.sites[0], REGISTRY.rooms[1]
    registry = msgspec.structs.replace(
        REGISTRY,
        sites=(
            msgspec.structs.replace(site, thresholds={"co_high": {"limit": 40, "on_s": 5}}),
            *REGISTRY.sites[1:],
        ),
        rooms=(REGISTRY.rooms[0], msgspec.structs.replace(room, thresholds={"co_high": {"limit": 30}})),
    )
    key = Ed25519PrivateKey.generate()
    messages = dict(site_configs.messages(registry, key))
    body, signature = site_config.open_envelope(messages["anxin/v1/gw/07/gw-pine/down/config"])
    key.public_key().verify(signature, body)
    devices = {device.device_id: device for device in site_config.decode(body).devices}
    assert set(devices) == {"sos-201", "smoke-202"}
    assert devices["smoke-202"].thresholds == {"co_high": {"limit": 30, "on_s": 5}}


@pytest.mark.parametrize(
    ("ok", "permanent", "attempt", "low_s", "high_s"),
    [
        (True, False, 1, None, None),
        (False, True, 1, None, None),
        (False, False, 1, 0.4, 0.6),
        (False, False, 9, 24, 36),
    ],
)
def test_a_failed_send_is_tried_again_later_and_later(
    ok: bool, permanent: bool, attempt: int, low_s: float | None, high_s: float | None
) -> None:
    desk = Desk()
    desk.record("sos-201", "help_call")
    text = notice(desk.only, "key", 0, "duty:0", "webhook", "new_alarm")
    task = Task(notice=text, channel="webhook", address=DUTY, urgent=True, attempt=attempt)
    sent = outcome_to_sent(Outcome(task=task, ok=ok, result="x", permanent=permanent), START)
    if low_s is None or high_s is None:
        assert sent.retry_at is None
    else:
        assert sent.retry_at is not None
        assert timedelta(seconds=low_s) <= sent.retry_at - START <= timedelta(seconds=high_s)


def test_a_message_names_no_one_in_full() -> None:
    desk = Desk()
    desk.record("sos-201", "help_call")
    text = msgspec.json.encode(notice(desk.only, "key", 0, "duty:0", "webhook", "new_alarm")).decode()
    assert "王**" in text
    assert "王秀英" not in text
    assert "助行器" not in text


def test_the_log_speaks_of_ids_and_never_of_people(capsys: pytest.CaptureFixture[str]) -> None:
    from ingest.log import start_logging

    start_logging()
    desk = Desk()
    desk.record("sos-201", "help_call")
    assert "王秀英" not in capsys.readouterr().err
