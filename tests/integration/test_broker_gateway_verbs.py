"""``anxin gateway add`` and ``revoke`` on a real broker and a real database."""

from __future__ import annotations

import stat

import pytest

from console.cli.exit_codes import CommandError, MissingPartError
from console.cli.gateway_verbs import add_gateway, add_native_account, gateway_id_of, revoke_gateway
from console.cli.where import Where
from gateway import credentials
from ingest.registry import edit
from ingest.registry.model import Gateway, Site
from ingest.store.connection import connect
from tests import parts
from tests.mqtt_person import Person
from tests.running_broker import RunningBroker


@pytest.fixture
def where(broker: RunningBroker, database: str) -> Where:
    with connect(database, "test") as connection:
        edit.add_site(connection, Site(site_id="harbour", name="海港", shard=0x2A))
        edit.add_site(connection, Site(site_id="hill", name="山上", shard=0x2B))
    return Where(data=broker.data, broker_host=broker.host, broker_port=broker.port, broker_ca=None, database=database)


def revoked(where: Where, gateway_id: str) -> bool:
    with connect(where.database, "test") as connection:
        found = edit.get_gateway(connection, gateway_id)
    assert found is not None
    return found.revoked


def test_a_box_elsewhere_gets_all_that_it_needs(where: Where) -> None:
    given = add_gateway(where, "home-7", "harbour", host="anxin.example").as_json()
    assert given["gateway_id"] == given["username"] == "home-7"
    assert given["topic_prefix"] == "anxin/v1/gw/2a/home-7"
    assert (given["host"], given["port"]) == ("anxin.example", where.broker_port)
    assert len(bytes.fromhex(str(given["config_key"]))) == 32
    assert not (where.data / "gateway" / "home-7").exists()
    with Person(where.broker_port, "home-7", str(given["password"])) as gateway:
        assert gateway.may_subscribe(f"{given['topic_prefix']}/down/#")
    with pytest.raises(CommandError, match="there already"):
        add_gateway(where, "home-7", "harbour")
    with Person(where.broker_port, "home-7", str(given["password"])) as gateway:
        assert gateway.is_in


def test_a_gateway_of_this_machine_has_its_credentials_in_a_private_file(where: Where) -> None:
    given = add_gateway(where, "home-7", "harbour", here=True)
    file = where.data / "gateway" / "home-7" / credentials.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = credentials.read(file)
    assert (kept.gateway_id, kept.site_id, kept.shard) == ("home-7", "harbour", 0x2A)
    assert (kept.password, kept.config_key) == (given.password, given.config_key)
    with pytest.raises(CommandError, match="there already"):
        add_gateway(where, "home-7", "harbour", here=True)
    file.unlink()  # ended before the file was written: asked again, it is made whole
    again = add_gateway(where, "home-7", "harbour", here=True)
    with Person(where.broker_port, "home-7", again.password) as gateway:
        assert gateway.is_in


def test_a_gateway_that_the_console_has_registered_is_let_in_and_keeps_its_name(where: Where) -> None:
    with connect(where.database, "test") as connection:
        edit.add_gateway(connection, Gateway(gateway_id="home-7", site_id="harbour", name="三楼"))
    given = add_gateway(where, "home-7", "harbour")
    with Person(where.broker_port, "home-7", given.password) as gateway:
        assert gateway.is_in
    with connect(where.database, "test") as connection:
        known = edit.get_gateway(connection, "home-7")
    assert known is not None
    assert known.name == "三楼"
    with pytest.raises(CommandError, match="there already"):
        add_gateway(where, "home-7", "harbour")


def test_native_devices_of_a_gateway_that_is_there(where: Where) -> None:
    gateway = add_gateway(where, "home-7", "harbour", here=True)
    native = add_native_account(where, "home-7", "harbour")
    assert (native.username, native.topic_prefix) == ("native-home-7", "native/home-7")
    with (
        Person(where.broker_port, gateway.username, gateway.password) as listener,
        Person(where.broker_port, native.username, native.password) as devices,
    ):
        assert listener.may_subscribe("native/home-7/#")
        devices.say("native/home-7/zigbee2mqtt/SOS", b"press")
        listener.wait(lambda: listener.heard, "the press")
        # asked again: the same account, and the devices stay connected
        assert add_native_account(where, "home-7", "harbour") == native
        assert devices.is_in
        assert listener.is_in
    with pytest.raises(CommandError, match="belongs to site harbour"):
        add_native_account(where, "home-7", "hill")


def test_native_devices_of_a_gateway_that_is_not_there_yet(where: Where) -> None:
    native = add_native_account(where, "Home 7", "harbour")
    assert native.gateway_id == "home-7"
    assert credentials.read(where.data / "gateway" / "home-7" / credentials.FILE).shard == 0x2A
    with Person(where.broker_port, native.username, native.password) as devices:
        assert devices.is_in
    assert not revoked(where, "home-7")


def test_a_revoked_gateway_is_out_everywhere_and_may_come_back_with_a_new_password(where: Where) -> None:
    gateway = add_gateway(where, "home-7", "harbour", here=True)
    native = add_native_account(where, "home-7", "harbour")
    revoke_gateway(where, "home-7")
    assert revoked(where, "home-7")
    assert not list((where.data / "gateway" / "home-7").glob("*.json"))
    for account in (gateway, native):
        with Person(where.broker_port, account.username, account.password) as person:
            assert person.refused is not None

    again = add_gateway(where, "home-7", "harbour")
    assert again.password != gateway.password
    assert not revoked(where, "home-7")
    with pytest.raises(CommandError, match="belongs to another site"):
        revoke_gateway(where, "home-7")
        add_gateway(where, "home-7", "hill")


def test_what_is_wrong_is_said_and_nothing_is_left_behind(where: Where, broker: RunningBroker) -> None:
    with pytest.raises(CommandError, match="no site 'nowhere'"):
        add_gateway(where, "home-7", "nowhere")
    with pytest.raises(CommandError, match="unknown gateway"):
        revoke_gateway(where, "home-9")
    broker.kill()
    with pytest.raises(CommandError, match="cannot be reached"):
        add_gateway(where, "home-7", "harbour")
    with connect(where.database, "test") as connection:
        assert edit.get_gateway(connection, "home-7") is None
    broker.start()
    offline = Where(
        data=where.data,
        broker_host=where.broker_host,
        broker_port=where.broker_port,
        broker_ca=None,
        database=f"host=127.0.0.1 port={parts.free_port()} connect_timeout=2",
    )
    with pytest.raises(MissingPartError):
        add_gateway(offline, "home-7", "harbour")


def test_without_the_database_a_gateway_is_shut_out_all_the_same(where: Where) -> None:
    gateway = add_gateway(where, "home-7", "harbour")
    offline = Where(
        data=where.data,
        broker_host=where.broker_host,
        broker_port=where.broker_port,
        broker_ca=None,
        database="",
    )
    with pytest.raises(CommandError, match="shut out at the broker, but not in the registry"):
        revoke_gateway(offline, "home-7")
    with Person(where.broker_port, gateway.username, gateway.password) as person:
        assert person.refused is not None


@pytest.mark.parametrize(
    ("name", "gateway_id"),
    [("home-7", "home-7"), ("Home 7", "home-7"), ("3楼 East", "3-east"), ("GW:1.a_b", "GW:1.a_b")],
)
def test_a_name_becomes_an_id(name: str, gateway_id: str) -> None:
    assert gateway_id_of(name) == gateway_id


@pytest.mark.parametrize("name", ["", "三楼", "admin", "alarms", "detect", "native-x", "#", "../.."])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="cannot be a gateway's name"):
        gateway_id_of(name)


def test_a_name_with_a_path_in_it_stays_in_the_data_directory() -> None:
    assert gateway_id_of("../../etc") == "etc"
    for name in ("..", "."):
        with pytest.raises(CommandError):
            gateway_id_of(name)
