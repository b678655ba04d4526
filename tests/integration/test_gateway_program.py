"""The gateway program at a real broker: nothing that was spooled is lost, alarms come first, the site is warned."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.mqtt import Message, Session
from ingest.wire import motion, topics
from ingest.wire.motion import MotionWindow, Placement
from ingest.wire.signals import Kind
from ingest.wire.site_config import ConfiguredDevice, ConfiguredOutput, SiteConfig
from ingest.wire.topics import Lane
from tests.gateway_home import DEVICES, SHARD, GatewayHome, Platform
from tests.running_broker import RunningBroker

Eventually = Callable[..., None]


@pytest.fixture
def home(broker: RunningBroker, short_path: Path) -> Iterator[GatewayHome]:
    home = GatewayHome(broker, short_path / "site", "g1")
    yield home
    home.close()


@pytest.fixture
def alarms(broker: RunningBroker) -> Iterator[Platform]:
    platform = Platform(broker, "alarms", Lane.ALARM)
    yield platform
    platform.close()


@pytest.fixture
def telemetry(broker: RunningBroker) -> Iterator[tuple[Platform, Platform]]:
    ingest = Platform(broker, "ingest", Lane.DATA)
    detect = Platform(broker, "detect", Lane.DATA, Lane.MOTION)
    yield ingest, detect
    ingest.close()
    detect.close()


def configure(home: GatewayHome, alarms: Platform, gateway_id: str = "g1") -> None:
    alarms.publish(topics.config(SHARD, gateway_id), home.configuration(gateway_id), retain=True)


def begin(home: GatewayHome, alarms: Platform, eventually: Eventually) -> None:
    home.start()
    configure(home, alarms)
    eventually(lambda: "config.taken" in home.log, "the gateway knows its devices")
    eventually(lambda: home.listens("g1"), "the gateway listens to them")


def command(alarms: Platform, **body: object) -> None:
    full = {"expires_at": time.time() + 60, "nonce": f"n{time.time_ns()}"} | body
    alarms.publish(topics.command(SHARD, "g1"), json.dumps(full).encode())


def test_a_press_reaches_the_platform_with_the_registered_device(
    home: GatewayHome, alarms: Platform, eventually: Eventually
) -> None:
    begin(home, alarms, eventually)
    home.press("g1")
    home.tell("g1", "zigbee2mqtt/SOS room 101/action", "emergency")
    eventually(lambda: "help_call" in alarms.signals("g1"), "the call arrives")
    ((_, record),) = [pair for pair in alarms.records if pair[1].signal == "help_call"]
    assert record.device == "101-button"
    assert abs(record.at - time.time()) < 5
    assert home.siren("g1") == "on help_call 101-button"
    assert alarms.status[-1]["state"] == "online"


def test_a_stranger_is_heard_before_any_configuration_and_the_siren_sounds(
    home: GatewayHome, alarms: Platform, telemetry: tuple[Platform, Platform], eventually: Eventually
) -> None:
    ingest, _ = telemetry
    home.start()
    eventually(lambda: home.listens("g1"), "the gateway listens")
    home.press("g1", "Unknown pendant")
    home.tell("g1", "zigbee2mqtt/厨房烟感", '{"smoke":true,"temperature":41.5}')
    home.tell("g1", "zigbee2mqtt/Cord/action", b"\xff\xfe")
    eventually(lambda: len(alarms.values("g1", "help_call")) == 2, "both calls arrive")
    eventually(lambda: alarms.values("g1", "smoke") == [True], "the smoke arrives")
    eventually(lambda: ingest.values("g1", "temp_c") == [41.5], "telemetry of a stranger is forwarded too")
    assert all(record.device.startswith("native-zigbee2mqtt-") for _, record in alarms.records)
    assert home.siren("g1").startswith("on ")


def test_only_changes_of_a_state_are_told_and_every_press(
    home: GatewayHome, alarms: Platform, eventually: Eventually
) -> None:
    begin(home, alarms, eventually)
    for value in (False, False, True, True, False):
        home.tell("g1", "zigbee2mqtt/Smoke kitchen", json.dumps({"smoke": value}))
    for _ in range(3):
        home.press("g1")
    eventually(lambda: len(alarms.values("g1", "help_call")) == 3, "three presses arrive")
    assert alarms.values("g1", "smoke") == [False, True, False]


def test_old_retained_states_raise_nothing(home: GatewayHome, alarms: Platform, eventually: Eventually) -> None:
    home.tell("g1", "zigbee2mqtt/Smoke kitchen", '{"smoke":true}', retain=True)
    home.tell("g1", "zigbee2mqtt/SOS room 101", '{"action":"emergency"}', retain=True)
    old = '{"smoke":true,"last_seen":"2020-01-01T00:00:00Z"}'
    home.tell("g1", "zigbee2mqtt/Smoke hall", old, retain=True)
    home.start()
    eventually(lambda: home.listens("g1"), "the gateway listens")
    home.press("g1")
    eventually(lambda: alarms.signals("g1"), "the live press arrives")
    assert alarms.signals("g1") == ["help_call"]


def test_a_heat_alarm_is_judged_on_the_spot(home: GatewayHome, alarms: Platform, eventually: Eventually) -> None:
    begin(home, alarms, eventually)
    for temp_c in (24.0, 70.0):
        home.tell("g1", "zigbee2mqtt/Heat kitchen", json.dumps({"temperature": temp_c}))
    eventually(lambda: "judge/heat_high" in alarms.signals("g1"), "the core's judgement arrives", within_s=20)
    assert alarms.values("g1", "judge/heat_high") == [True]
    assert home.siren("g1").startswith("on ")


def test_nothing_is_lost_while_the_broker_is_killed_and_consumers_are_away(
    broker: RunningBroker, home: GatewayHome, eventually: Eventually
) -> None:
    home.start()
    eventually(lambda: home.listens("g1"), "the gateway listens")
    for _ in range(5):
        home.press("g1")
        home.tell("g1", "zigbee2mqtt/Kettle", '{"power":12.5,"state":"ON"}')
    alarms = Platform(broker, "alarms", Lane.ALARM, acknowledges=False)
    try:
        eventually(lambda: len(alarms.values("g1", "help_call")) == 5, "the platform hears, but does not acknowledge")
        broker.kill()
        broker.start()
        eventually(lambda: home.listens("g1", 2), "the gateway is back", within_s=20)
        for _ in range(5):
            home.press("g1")
        eventually(lambda: len(alarms.values("g1", "help_call")) == 10, "the rest arrives", within_s=20)
        home.kill()
        first = list(alarms.packs)
        home.start()
        eventually(lambda: len(alarms.packs) > len(first), "the new process sends again", within_s=20)
        assert {boot for _, _, boot, _ in alarms.packs} == {first[0][2]}
        alarms.acknowledges = True
        eventually(lambda: alarms.packs[-1][3] == max(seq for *_, seq in alarms.packs), "the last pack comes")
    finally:
        alarms.close()
    assert len(alarms.values("g1", "help_call")) == 10
    # the spool's order is the order of the presses; a broker that was killed may hand them over in another one
    spooled = sorted((seq, record.at) for seq, record in alarms.spooled if record.signal == "help_call")
    assert [at for _, at in spooled] == sorted(at for _, at in spooled)
    assert home.stop() == 0


def test_the_alarm_comes_before_a_backlog_of_telemetry(
    broker: RunningBroker, home: GatewayHome, eventually: Eventually
) -> None:
    home.start()
    eventually(lambda: home.listens("g1"), "the gateway listens")
    ingest = Platform(broker, "ingest", Lane.DATA, acknowledges=False)
    alarms = Platform(broker, "alarms", Lane.ALARM)
    try:
        sent: list[int] = []

        def is_full() -> bool:
            sent.append(len(sent))
            home.tell("g1", "zigbee2mqtt/Kettle", json.dumps({"power": float(len(sent))}))
            return "uplink.stalled gateway_id=g1 lane=data" in home.log

        eventually(is_full, "the gateway stops sending", within_s=30)
        eventually(lambda: is_full() and len(sent) > 300, "a backlog grows", within_s=30)
        home.press("g1")
        eventually(lambda: alarms.signals("g1") == ["help_call"], "the call passes the backlog", within_s=2)
        assert 1 < len({pack[3] for pack in ingest.packs}) <= 32, "no more than the window is on its way"
    finally:
        ingest.close()
        alarms.close()


def test_telemetry_is_released_when_ingest_and_detect_have_it(
    home: GatewayHome, telemetry: tuple[Platform, Platform], eventually: Eventually
) -> None:
    ingest, detect = telemetry
    detect.acknowledges = False
    home.start()
    eventually(lambda: home.listens("g1"), "the gateway listens")
    home.tell("g1", "shellypro3em-01/status/em:0", '{"id":0,"a_voltage":230,"b_voltage":231,"c_voltage":232}')
    eventually(lambda: ingest.values("g1", "voltage_v:3") == [232.0], "phases arrive as elements")
    eventually(lambda: len(ingest.packs) >= 2, "one consumer is not enough: it is sent again", within_s=60)
    detect.acknowledges = True
    eventually(lambda: len(detect.packs) >= 3, "and once more", within_s=60)
    sent = len(detect.packs)
    home.tell("g1", "shellypro3em-01/status/em:0", '{"id":0,"a_voltage":229}')
    eventually(lambda: 229.0 in ingest.values("g1", "voltage_v:1"), "the next pack arrives")
    assert len(detect.packs) <= sent + 2
    assert len(ingest.values("g1", "voltage_v:3")) == 1


def test_a_motion_window_gets_the_gateways_boot_and_seq(
    home: GatewayHome, telemetry: tuple[Platform, Platform], eventually: Eventually
) -> None:
    _, detect = telemetry
    home.start()
    eventually(lambda: home.listens("g1"), "the gateway listens")
    window = MotionWindow(
        boot="native",
        seq=9,
        floor=0,
        device_id="belt",
        placement=Placement.WAIST,
        start_s=time.time(),
        rate_hz=50,
        range_g=8,
        counts=np.ones((100, 3), np.int16),
    )
    home.tell("g1", "motion/belt", motion.encode(window))
    eventually(lambda: detect.windows, "the window arrives")
    arrived = motion.decode(detect.windows[0].payload)
    assert (arrived.device_id, arrived.seq) == ("native-motion-belt", 0)
    assert arrived.boot != "native"
    assert np.array_equal(arrived.counts, window.counts)


def test_the_platform_lights_the_lamp_and_silences_the_siren(
    home: GatewayHome, broker: RunningBroker, alarms: Platform, eventually: Eventually
) -> None:
    begin(home, alarms, eventually)
    lamp = Session(
        broker.account("native-g1", home.native_passwords["g1"]), "lamp", subscriptions=("native/g1/+/+/set",)
    )
    lamp.start()
    seen: list[bytes] = []
    try:
        home.press("g1")
        eventually(lambda: home.siren("g1").startswith("on"), "the siren sounds")
        eventually(lambda: alarms.signals("g1"), "the call arrives")
        eventually(lambda: lamp.connected, "the pendant listens")

        def lit() -> bool:
            command(alarms, cmd="lamp", device_id="101-button", lamp="received")
            items = lamp.take(10, 0.3)
            seen.extend(item.payload for item in items if isinstance(item, Message))
            return bool(seen)

        eventually(lit, "the wearer's lamp says received")
        assert json.loads(seen[0]) == {"lamp": "received"}
        command(alarms, cmd="siren", device_id="101-button", alarm="help_call", on=False, expires_at=1.0)
        command(alarms, cmd="siren", device_id="101-button", alarm="help_call", on=False)
        eventually(lambda: home.siren("g1") == "off", "the siren is silent")
        eventually(lambda: "reason=expired" in home.log, "an expired command is refused")
        command(alarms, cmd="test")
        eventually(lambda: alarms.values("g1", "call_test") == [True], "a test goes the whole way")
    finally:
        lamp.stop()


def test_an_output_that_was_asked_for_is_told_when_its_feedback_has_moved(
    home: GatewayHome, alarms: Platform, eventually: Eventually
) -> None:
    power = ConfiguredOutput(
        output_id="power-1", does="power_cut", native="zigbee2mqtt:Cut", feedback_device_id="101-meter",
        feedback_signal="switch_on", feedback_on=False,
    )  # fmt: skip
    home.start()
    config = SiteConfig(version=1, site_id="home", gateway_id="g1", devices=DEVICES, outputs=(power,))
    alarms.publish(topics.config(SHARD, "g1"), home.signed(config), retain=True)
    eventually(lambda: "config.taken" in home.log, "the gateway knows its outputs")
    eventually(lambda: home.listens("g1"), "the gateway listens to its devices")
    home.tell("g1", "senml/101-meter", '[{"bn":"101-meter/","n":"switch_on","vb":true}]')
    command(alarms, cmd="output", output_id="power-1", does="power_cut")
    eventually(lambda: "output.asked" in home.log, "it is switched")
    home.tell("g1", "senml/101-meter", '[{"bn":"101-meter/","n":"switch_on","vb":false}]')
    eventually(lambda: alarms.values("g1", "judge/output_moved") == [True], "the platform hears that it has moved")


def test_a_forged_configuration_is_refused_and_the_good_one_survives_a_restart_without_a_broker(
    home: GatewayHome, broker: RunningBroker, alarms: Platform, eventually: Eventually
) -> None:
    home.start()
    configure(home, alarms)
    eventually(lambda: "config.taken" in home.log, "the good one is taken")
    forged = home.configuration("g1", version=9, key=Ed25519PrivateKey.generate())
    alarms.publish(topics.config(SHARD, "g1"), forged)
    eventually(lambda: "config.refused" in home.log, "the forged one is refused")
    assert home.stop() == 0
    eventually(lambda: alarms.status[-1]["state"] == "offline", "the gateway said goodbye")
    broker.kill()
    home.start()
    eventually(lambda: home.log.count("gateway.started") == 2, "it starts without a broker")
    broker.start()
    eventually(lambda: home.listens("g1", 2), "it is back", within_s=20)
    home.press("g1")
    eventually(lambda: alarms.signals("g1"), "the call arrives", within_s=20)
    assert alarms.records[0][1].device == "101-button"


def test_gateways_come_and_go_without_a_restart_and_do_not_disturb_each_other(
    home: GatewayHome, alarms: Platform, eventually: Eventually
) -> None:
    home.start()
    eventually(lambda: home.listens("g1"), "the first one runs")
    broken = home.data / "gateway" / "broken"
    broken.mkdir()
    (broken / "credentials.json").write_text("{")
    home.add("g2")
    spool = home.data / "gateway" / "g2" / "spool.sqlite"
    eventually(lambda: home.listens("g2"), "the second one is picked up")
    assert spool.exists()
    eventually(lambda: "credentials.refused" in home.log, "the broken one is named")
    home.press("g1")
    home.press("g2")
    eventually(lambda: alarms.signals("g1") and alarms.signals("g2"), "both are heard", within_s=60)
    (home.data / "gateway" / "g2" / "credentials.json").unlink()
    eventually(lambda: "gateway.stopped gateway_id=g2" in home.log, "a revoked one stops", within_s=60)
    home.press("g1")
    eventually(lambda: len(alarms.signals("g1")) == 2, "the other goes on")


def test_the_last_will_says_offline_when_the_gateway_is_killed(
    home: GatewayHome, alarms: Platform, eventually: Eventually
) -> None:
    home.start()
    eventually(lambda: alarms.status and alarms.status[-1]["state"] == "online", "online")
    home.kill()
    eventually(lambda: alarms.status[-1]["state"] == "offline", "offline", within_s=20)
    assert alarms.status[-1]["boot"] == alarms.status[0]["boot"]


def test_many_presses_in_a_second_all_arrive(home: GatewayHome, alarms: Platform, eventually: Eventually) -> None:
    home.start()
    eventually(lambda: home.listens("g1"), "the gateway listens")
    for _ in range(500):
        home.press("g1")
    eventually(lambda: len(alarms.values("g1", "help_call")) == 500, "all of them", within_s=20)


def test_a_gateway_that_is_killed_while_a_smoke_alarm_is_verified_sounds_in_time(
    home: GatewayHome, alarms: Platform, broker: RunningBroker, eventually: Eventually
) -> None:
    hour = datetime.now(UTC).hour
    by_day = {"kitchen_s": 4, "night_from_h": (hour + 8) % 24, "night_to_h": (hour + 9) % 24}
    kitchen = ConfiguredDevice(
        device_id="kitchen-smoke",
        number=2,
        native="zigbee2mqtt:Smoke kitchen",
        kind=Kind.FIRE,
        profile="smoke_alarm",
        use="kitchen",
        thresholds={"fire_verification": by_day},
    )
    config = SiteConfig(version=1, site_id="home", gateway_id="g1", timezone="UTC", devices=(kitchen,))
    home.start()
    alarms.publish(topics.config(SHARD, "g1"), home.signed(config), retain=True)
    eventually(lambda: home.listens("g1") and "config.taken" in home.log, "the gateway knows its devices")
    home.tell("g1", "zigbee2mqtt/Smoke kitchen", '{"smoke":true}')
    eventually(lambda: alarms.values("g1", "smoke") == [True], "the smoke is told at once")
    assert home.siren("g1") == ""
    home.kill()
    broker.kill()  # nobody beyond the gateway can be reached
    home.start()
    eventually(lambda: home.siren("g1") == "on smoke kitchen-smoke", "the siren sounds when the time is over")
    broker.start()
