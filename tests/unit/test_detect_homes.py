"""Whose movements a device tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alarms.core.home import Home
from alarms.detect.homes import Homes
from ingest.registry.model import Device, Registry, Resident, Room, Site
from ingest.wire.signals import Kind


@dataclass
class House:
    """A site with residents, by name in their rooms, and the home of a device in it."""

    kind: str
    residents: dict[str, str]
    away: tuple[str, ...] = ()

    def home(self, room: str | None = None, whose: str | None = None) -> Home:
        given: dict[str, Any] = {"site_id": "s", "gateway_id": "g", "kind": Kind.AMBIENT, "profile": "motion_sensor"}
        device = Device(device_id="d", number=1, room_id=room, resident_id=whose, **given)
        registry = Registry(
            sites=(Site(site_id="s", name="S", shard=0, kind=self.kind, timezone="Asia/Urumqi"),),
            rooms=tuple(Room(room_id=name, site_id="s", name=name) for name in ("bath", "101", "102")),
            residents=tuple(
                Resident(resident_id=name, site_id="s", name=name, room_id=where, away=name in self.away)
                for name, where in self.residents.items()
            ),
            devices=(device,),
        )
        return Homes(registry).of(device)


def test_in_the_private_home_of_one_every_sensor_is_about_them() -> None:
    house = House("private_home", {"li": "101"})
    assert house.home("bath") == house.home() == Home(resident_id="li", home_id="s", timezone="Asia/Urumqi")


def test_where_several_live_only_their_own_sensors_tell_who_moves() -> None:
    house = House("private_home", {"li": "101", "wang": "102"}, away=("li",))
    assert house.home("101").resident_id is None
    assert house.home("bath", whose="li") == Home(resident_id="li", away=True, home_id="s", timezone="Asia/Urumqi")
    assert not house.home("bath").away


def test_in_a_nursing_home_a_sensor_is_about_the_only_resident_of_its_room() -> None:
    house = House("nursing_home", {"li": "101", "wang": "102", "chen": "102"}, away=("wang", "chen"))
    assert house.home("101").resident_id == "li"
    assert (house.home("102").resident_id, house.home("102").away) == (None, True)
    assert (house.home("101").home_id, house.home("102").home_id) == ("101", "102"), "behind one door each"
    assert house.home("bath") == House("nursing_home", {"li": "101"}).home("bath") == Home(timezone="Asia/Urumqi")
