"""Which devices of a flat tell of its resident's day."""

from __future__ import annotations

import pytest

from alarms.core.profiles import load_profiles
from alarms.routine.sensors import sensors_by_site
from ingest.registry.model import Device, Gateway, Registry, Resident, Room, Site
from ingest.wire.signals import Kind


def moves(profile: str) -> list[bool]:
    registry = Registry(
        version=1,
        sites=(Site(site_id="flat", name="Flat", shard=1, kind="private_home"),),
        rooms=(Room(room_id="hall", site_id="flat", name="Hall", use="living"),),
        residents=(Resident(resident_id="li", site_id="flat", name="Li"),),
        gateways=(Gateway(gateway_id="gw", site_id="flat"),),
        devices=(
            Device(
                device_id="one", number=1, site_id="flat", gateway_id="gw", kind=Kind.AMBIENT, profile=profile,
                room_id="hall",
            ),
        ),
    )  # fmt: skip
    return [sensor.moves for sensor in sensors_by_site(registry, load_profiles()).get("flat", ())]


@pytest.mark.parametrize("profile", ["motion_sensor", "door_contact", "entrance_door", "bed_sensor", "fall_radar"])
def test_who_moves_or_opens_a_door_is_noticed(profile: str) -> None:
    assert moves(profile) == [True]


@pytest.mark.parametrize(("profile", "found"), [("ambient", [False]), ("smoke_alarm", [])])
def test_what_tells_of_no_movement_counts_none(profile: str, found: list[bool]) -> None:
    assert moves(profile) == found
