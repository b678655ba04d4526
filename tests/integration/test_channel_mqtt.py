"""A notice reaches a listener at a real broker, through the session that ``alarms`` uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from alarms.notify.message import Notice
from alarms.notify.mqtt import MqttTopic
from ingest.account import Account
from ingest.mqtt import Session
from tests.mqtt_person import Person
from tests.notices import a_notice
from tests.sim_broker import open_broker


def test_a_listener_gets_the_notice_and_it_is_not_kept(short_path: Path, eventually: Callable[..., None]) -> None:
    with open_broker(short_path) as broker:
        session = Session(Account(host=broker.host, port=broker.port, username="alarms", password=""), "alarms")
        session.start()
        try:
            with Person(broker.port) as display:
                assert display.may_subscribe("anxin/v1/notify/corridor-2")
                eventually(lambda: session.connected, "the session is connected")
                told = a_notice(answer_url="https://care.example/a/x1")
                MqttTopic(session.publish).send("corridor-2", told)
                display.wait(lambda: display.heard, "the notice arrives")
                ((topic, payload, retained),) = display.heard
                assert (topic, retained) == ("anxin/v1/notify/corridor-2", False)
                assert msgspec.json.decode(payload, type=Notice) == told
        finally:
            session.stop()
