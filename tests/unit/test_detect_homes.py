"""Whose movements a device tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import Any

from alarms.core.home import Home
from alarms.detect.homes import Homes
from ingest.registry.family_model import CheckIn, CheckInWord
from ingest.registry.model import Device, Registry, Resident, Room, Site
from ingest.wire.signals import Kind


@dataclass
class House:
    """A site with residents, by name in their rooms, and the home of a device in it."""

    kind: str
    residents: dict[str, str]
    away: tuple[str, ...] = ()
    check_ins: tuple[CheckIn, ...] = ()
    went: dict[str, datetime] = field(default_factory=dict)

    def home(self, room: str | None = None, whose: str | None = None) -> Home:
        given: dict[str, Any] = {"site_id": "s", "gateway_id": "g", "kind": Kind.AMBIENT, "profile": "motion_sensor"}
        device = Device(device_id="d", number=1, room_id=room, resident_id=whose, **given)
        registry = Registry(
            sites=(Site(site_id="s", name="S", shard=0, kind=self.kind, timezone="Asia/Urumqi"),),
            rooms=tuple(Room(room_id=name, site_id="s", name=name) for name in ("bath", "101", "102")),
            residents=tuple(
                Resident(
                    resident_id=name,
                    site_id="s",
                    name=name,
                    room_id=where,
                    away=name in self.away,
                    away_at=self.went.get(name),
                )
                for name, where in self.residents.items()
            ),
            devices=(device,),
            check_ins=self.check_ins,
        )
        return Homes(registry).of(device)


def test_in_the_private_home_of_one_every_sensor_is_about_them() -> None:
    house = House("private_home", {"li": "101"})
    home = Home(resident_id="li", home_id="s", subject="resident:li", timezone="Asia/Urumqi")
    assert house.home("bath") == house.home() == home


def test_where_several_live_only_their_own_sensors_tell_who_moves() -> None:
    house = House("private_home", {"li": "101", "wang": "102"}, away=("li",))
    assert house.home("101").resident_id is None
    own = Home(resident_id="li", away=True, home_id="s", subject="resident:li", timezone="Asia/Urumqi")
    assert house.home("bath", whose="li") == own
    assert house.home("bath").subject == "site:s", "of two nobody knows whose silence it is"
    assert not house.home("bath").away


def test_in_a_nursing_home_a_sensor_is_about_the_only_resident_of_its_room() -> None:
    house = House("nursing_home", {"li": "101", "wang": "102", "chen": "102"}, away=("wang", "chen"))
    assert house.home("101").resident_id == "li"
    assert (house.home("102").resident_id, house.home("102").away) == (None, True)
    assert (house.home("101").home_id, house.home("102").home_id) == ("101", "102"), "behind one door each"
    assert house.home("bath") == House("nursing_home", {"li": "101"}).home("bath") == Home(timezone="Asia/Urumqi")
    assert house.home("102").subject == "room:102"


def test_a_home_is_away_since_the_last_of_them_went() -> None:
    house = House("private_home", {"li": "101", "wang": "102"}, away=("li", "wang"))
    assert house.home("bath").away_at_s == inf, "nobody knows since when"
    went = {"li": datetime(2026, 3, 1, tzinfo=UTC), "wang": datetime(2026, 3, 4, tzinfo=UTC)}
    house.went = went
    assert house.home("bath").away_at_s == went["wang"].timestamp()


def test_who_says_that_all_is_well_says_it_of_every_device_of_the_home() -> None:
    asked, fine = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (8, 9))
    words = ((CheckInWord.ASKED, asked), (CheckInWord.FINE, fine))
    said = tuple(CheckIn(resident_id="li", contact_id="c", word=word, at=at) for word, at in words)
    house = House("private_home", {"li": "101", "wang": "102"}, check_ins=said)
    assert house.home("bath").well_at_s == fine.timestamp()
    assert House("private_home", {"li": "101"}, check_ins=said[:1]).home().well_at_s == -float("inf")
