"""Scenarios on a real broker, with a small stand-in for the platform that answers presses with alarms."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from firmware_sim.connection import BrokerAddress, Connection
from firmware_sim.places import demo_places
from firmware_sim.run import list_scenarios, run_scenario
from ingest.wire import topics
from tests.sim_broker import OpenBroker, open_broker

pytestmark = [pytest.mark.broker, pytest.mark.once]


class AnsweringPlatform:
    """Turns native presses and last wills into alarms as the platform would, told as retained states."""

    def __init__(self, broker: OpenBroker) -> None:
        self.heard: list[str] = []
        self._open: dict[str, dict[str, object]] = {}
        self._devices = {
            (place.gateway_id, device.native_name): (place, device)
            for place in demo_places()
            for device in place.devices
        }
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="platform")
        self._client.on_message = self._on_message
        self._client.connect(broker.host, broker.port)
        self._client.subscribe([("native/#", 1), (topics.every_gateway("status"), 1)])
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def raise_alarm(self, site_id: str, kind: str, device_id: str = "", subject: str = "", room: str = "") -> None:
        key = f"{kind}|{device_id}|{subject}"
        state = self._open.setdefault(
            key,
            {
                "alarm_id": str(uuid.uuid4()),
                "version": 0,
                "rule": kind,
                "subject": subject or device_id,
                "kind": kind,
                "priority": "emergency" if kind in {"help_call", "fire"} else "medium",
                "response": "new",
                "identity": {"site_id": site_id, "device_id": device_id, "room_id": room or None},
                "count": 0,
            },
        )
        state["version"] = int(str(state["version"])) + 1
        state["count"] = int(str(state["count"])) + 1
        self._client.publish(topics.alarm(site_id, str(state["alarm_id"])), msgspec.json.encode(state), 1, retain=True)

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        self.heard.append(message.topic)
        gateway = topics.parse_gateway(message.topic)
        if gateway is not None:
            if json.loads(message.payload)["state"] == "offline":
                place = next(p for p in demo_places() if p.gateway_id == gateway.gateway_id)
                self.raise_alarm(place.site_id, "fault", subject=f"gateway:{gateway.gateway_id}")
            return
        _, gateway_id, rest = message.topic.split("/", 2)
        name = rest.removeprefix("zigbee2mqtt/").removesuffix("/online")
        known = self._devices.get((gateway_id, name))
        if known is None:
            return
        place, device = known
        if b'"action":"emergency"' in message.payload:
            self.raise_alarm(place.site_id, "help_call", device.device_id, room=device.room_id or "")
        elif rest.endswith("/online") and message.payload == b"false":
            self.raise_alarm(place.site_id, "fault", device.device_id)


@pytest.fixture
def real_broker(tmp_path: Path) -> Iterator[OpenBroker]:
    with open_broker(tmp_path) as broker:
        yield broker


@pytest.fixture
def platform(real_broker: OpenBroker) -> Iterator[AnsweringPlatform]:
    answering = AnsweringPlatform(real_broker)
    yield answering
    answering.close()


@pytest.fixture
def address(real_broker: OpenBroker) -> BrokerAddress:
    return BrokerAddress(host=real_broker.host, port=real_broker.port)


def results(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    report = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert report["command"] == "sim run"
    rows = report["results"]
    assert isinstance(rows, list)
    return rows


def test_a_press_is_answered_and_timed(
    platform: AnsweringPlatform, address: BrokerAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_scenario("press", address, as_json=True) == 0
    (row,) = results(capsys)
    assert row["came"] is True
    assert 0 <= float(str(row["after_s"])) < 2
    assert row["device"] == "demo-huaiyin:201-button"


def test_without_an_answer_the_run_fails_and_says_what_is_missing(
    address: BrokerAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_scenario("press", address, as_json=True) == 1
    captured = capsys.readouterr()
    assert "MISSING  help call of room 201" in captured.err
    assert json.loads(captured.out)["passed"] is False


def test_an_emergency_that_nobody_expected_fails_the_run(
    platform: AnsweringPlatform, address: BrokerAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    surprise = threading.Timer(
        0.8, lambda: platform.raise_alarm("demo-huaiyin", "fire", "demo-huaiyin:201-smoke", room="demo-huaiyin:201")
    )
    surprise.start()
    assert run_scenario("press", address, as_json=True) == 1
    assert [row["what"] for row in results(capsys)] == ["help call of room 201", "unexpected emergency"]


def test_an_alarm_from_before_the_run_is_no_answer_but_counts_on(
    platform: AnsweringPlatform, address: BrokerAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_scenario("press", address) == 0
    assert run_scenario("press", address) == 0


def test_a_flood_of_calls_is_one_alarm_per_button(
    platform: AnsweringPlatform, address: BrokerAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_scenario("flood", address, as_json=True) == 0
    rows = results(capsys)
    assert len(rows) == 56
    assert len({row["alarm_id"] for row in rows}) == 56


def test_a_gateway_that_vanishes_is_told_by_its_will(
    platform: AnsweringPlatform, address: BrokerAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_scenario("gateway_lost", address, as_json=True) == 0
    (row,) = results(capsys)
    assert row["kinds"] == ["fault"]


def test_in_a_power_cut_the_meters_will_is_told(
    platform: AnsweringPlatform, address: BrokerAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_scenario("power_cut", address, speed=5) == 0
    assert any(topic.endswith("/online") for topic in platform.heard)


def test_homes_stay_alive_until_told_to_stop(platform: AnsweringPlatform, address: BrokerAddress) -> None:
    stop = threading.Event()
    ended: list[int] = []
    run = threading.Thread(
        target=lambda: ended.append(run_scenario("power_cut", address, speed=20, stay=True, stop=stop))
    )
    run.start()
    run.join(4)
    assert run.is_alive()
    stop.set()
    run.join(10)
    assert ended == [0]


def test_a_broken_connection_tells_its_will_and_a_closed_one_does_not(
    real_broker: OpenBroker, address: BrokerAddress, eventually: Callable[..., None]
) -> None:
    told: list[str] = []
    ear = Connection(address, "ear", subscription="will/#", on_message=lambda topic, _p, _r: told.append(topic))
    Connection(address, "polite", will=("will/polite", b"x")).close()
    Connection(address, "rude", will=("will/rude", b"x")).break_off()
    eventually(lambda: told, "the will is told")
    ear.close()
    assert told == ["will/rude"]


def test_a_broker_that_is_not_there_is_said_in_words(free_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_scenario("press", BrokerAddress(host="127.0.0.1", port=free_port)) == 1
    assert "cannot be reached" in capsys.readouterr().err
    assert run_scenario("tea_time", BrokerAddress(host="127.0.0.1", port=free_port)) == 2


def test_the_list_names_every_scenario() -> None:
    assert {"press", "demo", "nursing_day", "gateway_lost", "flood", "power_cut"} <= {n for n, _ in list_scenarios()}
