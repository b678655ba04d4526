"""What is sent when: windows, acknowledgements, back-off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.spool import Spool
from gateway.uplink import Uplink
from ingest.log import Log
from ingest.wire import topics
from ingest.wire.pack import decode
from ingest.wire.topics import Lane
from ingest.wire.window import SIZES

BODY = b'"records":[]'


class Broker:
    """Notes what is published; refuses while it is away."""

    def __init__(self) -> None:
        self.is_there = True
        self.published: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        if self.is_there:
            self.published.append((topic, payload))
        return self.is_there

    def taken(self) -> list[tuple[str, int, int]]:
        """Lane, seq and floor of the packs since the last call."""
        packs = [(topic.rpartition("/")[2], decode(payload)) for topic, payload in self.published if "/up/" in topic]
        self.published.clear()
        return [(lane, pack.seq, pack.floor) for lane, pack in packs]


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(None, max_bytes=10**9)


@pytest.fixture
def uplink(broker: Broker, spool: Spool) -> Uplink:
    uplink = Uplink(broker, 7, "g1", 1.0, lambda: 1_763_781_000.0, Log("test"))
    uplink.attach(spool)
    return uplink


def ack(uplink: Uplink, spool: Spool, consumer: str, now_s: float, **seqs: int) -> None:
    uplink.acknowledged(consumer, json.dumps({"boot": spool.boot, **seqs}).encode(), now_s)


def test_alarms_go_first_and_no_more_than_the_window(broker: Broker, spool: Spool, uplink: Uplink) -> None:
    for _ in range(50):
        spool.append(Lane.DATA, BODY)
    spool.append(Lane.ALARM, BODY)
    uplink.send(0.0)
    sent = broker.taken()
    assert sent[0] == ("alarm", 0, 0)
    assert [seq for lane, seq, _ in sent if lane == "data"] == list(range(SIZES[Lane.DATA]))


def test_telemetry_waits_for_both_consumers(broker: Broker, spool: Spool, uplink: Uplink) -> None:
    for _ in range(3):
        spool.append(Lane.DATA, BODY)
    uplink.send(0.0)
    ack(uplink, spool, "ingest", 0.1, data=2)
    assert spool.count(Lane.DATA) == 3
    ack(uplink, spool, "detect", 0.2, data=1)
    assert spool.count(Lane.DATA) == 1
    ack(uplink, spool, "alarms", 0.3, data=2)
    assert spool.count(Lane.DATA) == 1, "alarms has no say about telemetry"


def test_without_progress_the_lowest_unacknowledged_is_sent_again_after_two_seconds(
    broker: Broker, spool: Spool, uplink: Uplink
) -> None:
    for _ in range(3):
        spool.append(Lane.ALARM, BODY)
    uplink.send(0.0)
    ack(uplink, spool, "alarms", 0.5, alarm=0)
    broker.taken()
    uplink.send(2.0)
    assert broker.taken() == []
    uplink.send(2.5)
    assert broker.taken() == [("alarm", 1, 1), ("alarm", 2, 1)]
    uplink.send(5.0)
    assert broker.taken() == [], "the second wait is longer"
    uplink.send(6.5)
    assert broker.taken() == [("alarm", 1, 1), ("alarm", 2, 1)]


def test_a_consumer_that_is_away_gets_ever_less_telemetry_but_every_new_alarm(
    broker: Broker, spool: Spool, uplink: Uplink
) -> None:
    for _ in range(100):
        spool.append(Lane.DATA, BODY)
    counts, now_s = [], 0.0
    for _ in range(6):
        uplink.send(now_s)
        counts.append(len(broker.taken()))
        due_s = uplink.due_s()
        assert due_s is not None
        now_s = due_s
    assert counts == [32, 16, 8, 4, 2, 1]
    spool.append(Lane.ALARM, BODY)
    uplink.send(now_s - 0.5)
    assert broker.taken() == [("alarm", 0, 0)]
    ack(uplink, spool, "ingest", now_s, data=0)
    ack(uplink, spool, "detect", now_s, data=0)
    uplink.send(now_s)
    assert len(broker.taken()) == 32


def test_a_new_connection_begins_with_the_status_and_the_lowest_unacknowledged(
    broker: Broker, spool: Spool, uplink: Uplink
) -> None:
    spool.append(Lane.ALARM, BODY)
    uplink.send(0.0)
    broker.is_there = False
    spool.append(Lane.ALARM, BODY)
    uplink.send(0.1)
    broker.is_there = True
    broker.published.clear()
    uplink.connected(0.2)
    uplink.send(0.2)
    topic, payload = broker.published[0]
    assert topic == topics.status(7, "g1")
    assert json.loads(payload) == {"state": "online", "boot": spool.boot, "at": 1.0}
    assert broker.taken() == [("alarm", 0, 0), ("alarm", 1, 0)]


def test_an_acknowledgement_of_another_boot_releases_nothing(broker: Broker, spool: Spool, uplink: Uplink) -> None:
    spool.append(Lane.ALARM, BODY)
    uplink.send(0.0)
    uplink.acknowledged("alarms", b'{"boot":"other","alarm":0}', 0.1)
    uplink.acknowledged("alarms", b"{", 0.1)
    uplink.acknowledged("alarms", b"\xff\xfe", 0.1)
    assert spool.count(Lane.ALARM) == 1
    ack(uplink, spool, "alarms", 0.1, alarm=0)
    assert spool.count(Lane.ALARM) == 0


def test_a_spool_that_was_put_back_from_an_older_copy_takes_another_boot_and_loses_no_press(
    broker: Broker, spool: Spool, uplink: Uplink
) -> None:
    for _ in range(3):
        spool.append(Lane.ALARM, BODY)
    before = spool.boot
    uplink.send(0.0)
    broker.published.clear()
    ack(uplink, spool, "alarms", 0.1, alarm=120)  # it had 121 packs of this boot: new ones would look like repeats
    assert spool.boot != before
    assert spool.count(Lane.ALARM) == 3
    uplink.send(0.2)
    topic, payload = broker.published[0]
    assert (topic, json.loads(payload)["boot"]) == (topics.status(7, "g1"), spool.boot)
    boots = {decode(payload).boot for topic, payload in broker.published if "/up/" in topic}
    assert boots == {spool.boot}
    assert broker.taken() == [("alarm", 0, 0), ("alarm", 1, 0), ("alarm", 2, 0)]
    uplink.acknowledged("alarms", json.dumps({"boot": before, "alarm": 2}).encode(), 0.3)
    assert spool.count(Lane.ALARM) == 3
    ack(uplink, spool, "alarms", 0.4, alarm=2)
    assert spool.count(Lane.ALARM) == 0
