"""The registry in PostgreSQL, in memory and in the local copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from ingest.registry import edit, removing, source
from ingest.registry.errors import ConflictingEntryError, InvalidEntryError, UnknownEntryError
from ingest.registry.follower import RegistryFollower
from ingest.registry.model import (
    Badge,
    Contact,
    Device,
    Doorway,
    Gateway,
    Output,
    Registry,
    Resident,
    Room,
    Site,
    User,
    Zone,
)
from ingest.wire.signals import Kind

pytestmark = pytest.mark.database
Connection = psycopg.Connection[Any]
HOME = Site(site_id="home", name="安心之家", shard=7, thresholds={"overheat": {"limit_c": 57.0}})


@pytest.fixture
def registry(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        edit.add_site(connection, HOME)
        edit.add_zone(connection, Zone(zone_id="floor-1", site_id="home", name="1F"))
        edit.add_room(connection, Room(room_id="r101", site_id="home", name="101", zone_id="floor-1"))
        edit.add_resident(connection, Resident(resident_id="li", site_id="home", name="李奶奶", room_id="r101"))
        edit.add_contact(connection, Contact(contact_id="c1", site_id="home", name="女儿", resident_id="li"))
        edit.add_gateway(connection, Gateway(gateway_id="gw", site_id="home"))
        edit.add_user(
            connection, User(user_id="op", name="Op", role="operator", password_hash="hash", site_ids=("home",))
        )
        yield connection


def pendant(device_id: str = "sos", **more: Any) -> Device:
    given: dict[str, Any] = {
        "number": 0,
        "site_id": "home",
        "gateway_id": "gw",
        "kind": Kind.BUTTON,
        "profile": "button",
        "native": "zigbee2mqtt:SOS",
        "room_id": "r101",
        "resident_id": "li",
    }
    return Device(device_id=device_id, **(given | more))


def test_what_is_added_is_loaded_as_it_was(registry: Connection) -> None:
    device = edit.add_device(registry, pendant())
    loaded = source.load(registry)
    assert loaded.sites == (HOME,)
    assert loaded.device == {"sos": device}
    assert loaded.user["op"].site_ids == ("home",)
    assert loaded.zones[0].name == "1F"
    assert [contact.name for contact in loaded.contacts_of("home", "li")] == ["女儿"]
    assert loaded.version == source.version(registry)


def test_adding_again_changes_and_keeps_number_and_password(registry: Connection) -> None:
    first = edit.add_device(registry, pendant())
    second = edit.add_device(registry, pendant(name="Bedside"))
    assert second.number == first.number
    edit.add_user(registry, User(user_id="op", name="Operator", role="supervisor"))
    user = edit.get_user(registry, "op")
    assert user is not None
    assert (user.role, user.password_hash) == ("supervisor", "hash")


def test_a_swapped_device_leaves_its_place_to_the_new_one(registry: Connection) -> None:
    old = edit.add_device(registry, pendant())
    new = edit.swap_device(registry, "sos", "sos-2")
    assert (new.room_id, new.resident_id, new.native) == ("r101", "li", "zigbee2mqtt:SOS")
    assert new.number != old.number
    left = edit.get_device(registry, "sos")
    assert left is not None
    assert (left.out_of_service, left.room_id, left.resident_id, left.native) == (True, None, None, "")


def test_people_and_things_move(registry: Connection) -> None:
    edit.add_device(registry, pendant())
    edit.add_room(registry, Room(room_id="r102", site_id="home", name="102"))
    edit.move_device(registry, "sos", "r102")
    edit.assign_device(registry, "sos", None)
    edit.set_resident_away(registry, "li", away=True)
    edit.set_device_thresholds(registry, "sos", {"no_data": {"after_s": 60}})
    edit.set_room_thresholds(registry, "r102", {"climate": {"high_c": 30}})
    edit.set_site_thresholds(registry, "home", {})
    edit.revoke_gateway(registry, "gw")
    edit.set_user_password(registry, "op", "other")
    edit.set_user_disabled(registry, "op", disabled=True)
    now = source.load(registry)
    assert (now.device["sos"].room_id, now.device["sos"].resident_id) == ("r102", None)
    assert now.device["sos"].thresholds == {"no_data": {"after_s": 60}}
    assert now.room["r102"].thresholds == {"climate": {"high_c": 30}}
    assert now.site["home"].thresholds == {}
    assert now.resident["li"].away
    assert now.gateway["gw"].revoked
    assert (now.user["op"].password_hash, now.user["op"].disabled) == ("other", True)


def test_wrong_changes_are_refused_in_words(registry: Connection) -> None:
    edit.add_device(registry, pendant())
    with pytest.raises(UnknownEntryError, match="unknown site: 'nowhere'"):
        edit.add_gateway(registry, Gateway(gateway_id="g2", site_id="nowhere"))
    with pytest.raises(UnknownEntryError, match="unknown gateway: 'g9'"):
        edit.add_device(registry, pendant("x", gateway_id="g9", native=""))
    with pytest.raises(UnknownEntryError, match="unknown room: 'r999'"):
        edit.move_device(registry, "sos", "r999")
    with pytest.raises(UnknownEntryError, match="unknown device: 'none'"):
        edit.assign_device(registry, "none", None)
    with pytest.raises(ConflictingEntryError, match="shard never changes"):
        edit.add_site(registry, Site(site_id="home", name="x", shard=8))
    with pytest.raises(ConflictingEntryError):
        edit.add_site(registry, Site(site_id="far", name="x", shard=64))
    with pytest.raises(ConflictingEntryError, match="already exists"):
        edit.add_device(registry, pendant("sos-2"))
    with pytest.raises(ConflictingEntryError, match="itself"):
        edit.swap_device(registry, "sos", "sos")


def test_changes_of_a_caller_are_one_transaction(registry: Connection, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("SELECT 1")
        edit.add_room(connection, Room(room_id="r1", site_id="home", name="1"))
        connection.rollback()
    assert "r1" not in source.load(registry).room
    with psycopg.connect(database) as connection, connection.transaction():
        edit.add_room(connection, Room(room_id="r3", site_id="home", name="3"))
        with pytest.raises(UnknownEntryError):
            edit.move_device(connection, "none", None)
    assert "r3" in source.load(registry).room


def test_a_program_follows_and_starts_from_its_copy_without_the_database(
    registry: Connection, database: str, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    copy = tmp_path / "p" / "registry.json"
    heard: list[Registry] = []
    follower = RegistryFollower(database, copy)
    assert follower.current == Registry()
    follower.subscribe(heard.append)
    follower.start()
    eventually(lambda: follower.current.sites, "the registry comes")
    edit.add_room(registry, Room(room_id="r9", site_id="home", name="9"))
    eventually(lambda: "r9" in follower.current.room, "the change comes")
    follower.stop()
    assert heard[-1] is follower.current
    assert copy.stat().st_mode & 0o777 == 0o600
    alone = RegistryFollower("postgresql://nobody@127.0.0.1:1/none", copy)
    alone.start()
    assert alone.current == follower.current
    alone.stop()
    none = RegistryFollower("", copy)
    none.start()
    none.stop()
    assert none.current == follower.current


def test_a_broken_copy_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "registry.json").write_bytes(b"\xff{")
    assert source.read_copy(tmp_path / "registry.json") == Registry()


def test_an_output_stands_at_its_site_and_does_something_that_is_known(registry: Connection) -> None:
    siren = Output(
        output_id="o1", site_id="home", name="警号", does="siren", gateway_id="gw", native="zigbee2mqtt:Siren"
    )
    edit.add_output(registry, siren)
    changed = msgspec.structs.replace(siren, does="power_cut", feeds="电梯")
    edit.add_output(registry, changed)
    assert source.load(registry).output == {"o1": changed}
    for wrong in ({"does": "explode"}, {"native": "relay"}, {"name": " "}):
        with pytest.raises(InvalidEntryError):
            edit.add_output(registry, msgspec.structs.replace(siren, **wrong))
    edit.remove_output(registry, "o1")
    assert source.load(registry).outputs == ()


def test_what_says_that_an_output_has_moved_is_a_state_of_a_device_behind_the_same_gateway(
    registry: Connection,
) -> None:
    edit.add_gateway(registry, Gateway(gateway_id="gw-2", site_id="home"))
    contact = Device(
        device_id="contact", number=0, site_id="home", gateway_id="gw", kind=Kind.AMBIENT, profile="contact_sensor"
    )
    edit.add_device(registry, contact)
    door = Output(
        output_id="door", site_id="home", name="门禁", does="door_release", gateway_id="gw", native="zigbee2mqtt:Door",
        feedback_device_id="contact", feedback_signal="contact_open:2", feedback_s=8,
    )  # fmt: skip
    edit.add_output(registry, door)
    assert source.load(registry).output == {"door": door}
    for wrong in (
        {"feedback_signal": ""},
        {"feedback_device_id": None},
        {"feedback_signal": "temp_c"},
        {"feedback_s": 0},
    ):
        with pytest.raises(InvalidEntryError):
            edit.add_output(registry, msgspec.structs.replace(door, **wrong))
    with pytest.raises(ConflictingEntryError, match="another gateway"):
        edit.add_output(registry, msgspec.structs.replace(door, gateway_id="gw-2"))
    with pytest.raises(UnknownEntryError):
        edit.add_output(registry, msgspec.structs.replace(door, feedback_device_id="nobody"))


def test_a_door_joins_two_rooms_of_one_site_once(registry: Connection) -> None:
    edit.add_room(registry, Room(room_id="r102", site_id="home", name="102"))
    door = Doorway(doorway_id="d1", site_id="home", name="101 – 102", room_id="r101", other_room_id="r102")
    edit.add_doorway(registry, msgspec.structs.replace(door, room_id="r102", other_room_id="r101"))
    assert source.load(registry).doorways == (door,), "either way round it is the same door"
    with pytest.raises(ConflictingEntryError) as taken:
        edit.add_doorway(registry, msgspec.structs.replace(door, doorway_id="d2"))
    assert (taken.value.code, taken.value.field) == ("doorway_taken", "other_room_id")
    with pytest.raises(InvalidEntryError):
        edit.add_doorway(registry, msgspec.structs.replace(door, other_room_id="r101"))
    with pytest.raises(UnknownEntryError):
        edit.add_doorway(registry, msgspec.structs.replace(door, doorway_id="d3", other_room_id="r999"))
    removing.remove_room(registry, "r102")
    assert source.load(registry).doorways == (), "a door into nothing goes with its room"


def test_a_badge_has_an_owner_or_a_name_and_stays_at_its_site(registry: Connection) -> None:
    own, spare = Badge(badge_id="17", site_id="home", user_id="op"), Badge(badge_id="18", site_id="home", name="备用")
    edit.add_badge(registry, own)
    edit.add_badge(registry, spare)
    before = source.version(registry)
    edit.add_badge(registry, msgspec.structs.replace(spare, name="夜班备用"))
    assert source.version(registry) > before
    assert source.load(registry).badge == {"17": own, "18": msgspec.structs.replace(spare, name="夜班备用")}
    with pytest.raises(UnknownEntryError, match="nobody"):
        edit.add_badge(registry, Badge(badge_id="19", site_id="home", user_id="nobody"))
    for wrong in (Badge(badge_id="two words", site_id="home", name="x"), Badge(badge_id="20", site_id="home")):
        with pytest.raises(InvalidEntryError):
            edit.add_badge(registry, wrong)
    edit.remove_badge(registry, "17")
    assert list(source.load(registry).badge) == ["18"]
