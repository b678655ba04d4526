"""Which devices tell what of whose day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alarms.core.profiles import load_profiles
from alarms.routine.sensors import Sensor, sensors_by_site
from ingest.registry.model import Device, Registry, Resident, Room, Site
from ingest.wire.signals import Kind

_PROFILES = load_profiles()
_USES = ("bedroom", "bathroom", "kitchen", "living")


@dataclass
class House:
    """A site whose rooms are called after their use; residents and devices by the room they are in."""

    kind: str
    residents: Mapping[str, str]
    devices: Mapping[str, tuple[str, str]]
    out_of_service: tuple[str, ...] = ()

    def sensors(self, resident_id: str = "li") -> dict[str, Sensor]:
        kinds = {"cooker": Kind.METER, "sos_button": Kind.BUTTON}
        devices = tuple(
            Device(
                device_id=name, number=number, site_id="s", gateway_id="g", kind=kinds.get(profile, Kind.AMBIENT),
                profile=profile, room_id=room, out_of_service=name in self.out_of_service,
            )
            for number, (name, (profile, room)) in enumerate(self.devices.items())
        )  # fmt: skip
        registry = Registry(
            sites=(Site(site_id="s", name="S", shard=0, kind=self.kind),),
            rooms=tuple(Room(room_id=use, site_id="s", name=use, use=use) for use in _USES),
            residents=tuple(
                Resident(resident_id=name, site_id="s", name=name, room_id=room)
                for name, room in self.residents.items()
            ),
            devices=devices,
        )
        names = {device.number: device.device_id for device in devices}
        found = sensors_by_site(registry, _PROFILES).get("s", ())
        return {names[one.number]: one for one in found if one.resident_id == resident_id}


FLAT = {
    "pir-bedroom": ("motion_sensor", "bedroom"),
    "pir-bath": ("motion_sensor", "bathroom"),
    "bed": ("bed_sensor", "bedroom"),
    "climate": ("ambient", "living"),
    "hob": ("cooker", "kitchen"),
    "button": ("sos_button", "bedroom"),
}


def test_in_a_flat_of_one_every_sensor_tells_of_them() -> None:
    found = House("private_home", {"li": "bedroom"}, FLAT).sensors()
    assert set(found) == {"pir-bedroom", "pir-bath", "bed", "climate", "hob"}, "a button tells of no day"
    assert {name for name, one in found.items() if one.moves} == {"pir-bedroom", "pir-bath", "bed"}
    assert {name for name, one in found.items() if one.at_night} == {"pir-bath", "bed"}, "turning over is not being up"
    assert {name for name, one in found.items() if one.bath} == {"pir-bath"}
    assert {name for name, one in found.items() if one.lived_in} == {"pir-bedroom", "climate"}
    assert {name for name, one in found.items() if one.cooker} == {"hob"}
    assert (found["pir-bath"].hold_s, found["bed"].hold_s) == (1.5 * 14_400, 1.5 * 300)


def test_of_two_in_a_home_nobody_knows_who_moves_but_both_are_cold() -> None:
    house = House("private_home", {"li": "bedroom", "wang": "bedroom"}, FLAT)
    for resident_id in ("li", "wang"):
        found = house.sensors(resident_id)
        assert set(found) == {"pir-bedroom", "climate", "hob"}
        assert not any(one.moves for one in found.values())


def test_in_a_nursing_home_only_the_own_room_counts_and_there_the_bedroom_tells_of_the_night() -> None:
    found = House("nursing_home", {"li": "bedroom", "wang": "living"}, {k: FLAT[k] for k in ("pir-bedroom", "climate")})
    assert set(found.sensors()) == {"pir-bedroom"}
    assert found.sensors()["pir-bedroom"].at_night


def test_a_device_that_is_out_of_service_is_not_waited_for() -> None:
    assert "pir-bath" not in House("private_home", {"li": "bedroom"}, FLAT, ("pir-bath",)).sensors()
