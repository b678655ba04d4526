"""The demonstration's places are whole, and every device of them has a model and a profile."""

from __future__ import annotations

import pytest

from alarms.core.profiles import load_profiles
from firmware_sim.firmware.build import firmware_for
from firmware_sim.firmware.device import Timeline
from firmware_sim.places import PlaceKind, demo_places
from ingest.wire.topics import SHARDS, valid_id


def test_one_home_of_24_rooms_and_six_private_ones() -> None:
    home, *private = demo_places()
    assert home.kind is PlaceKind.NURSING_HOME
    assert len(home.residents) == 24
    assert len(home.zones) == 2
    assert [place.kind for place in private] == [PlaceKind.PRIVATE_HOME] * 6
    assert len(home.only("wearable")) == 8


def test_ids_are_opaque_ascii_and_used_once() -> None:
    places = demo_places()
    devices = [device for place in places for device in place.devices]
    ids = [d.device_id for d in devices] + [place.gateway_id for place in places] + [place.site_id for place in places]
    ids += [room.room_id for place in places for room in place.rooms]
    assert len(ids) == len(set(ids))
    assert all(valid_id(text) for text in ids)
    assert all(0 <= place.shard < SHARDS for place in places)
    for place in places:
        natives = [device.native for device in place.devices]
        assert len(natives) == len(set(natives))


def test_references_lead_somewhere() -> None:
    for place in demo_places():
        rooms, people = {r.room_id for r in place.rooms}, {r.resident_id for r in place.residents}
        assert {d.room_id for d in place.devices} <= rooms | {None}
        assert {d.resident_id for d in place.devices} <= people | {None}
        assert {r.room_id for r in place.residents} <= rooms
        assert {c.resident_id for c in place.contacts} <= people | {None}


def test_no_phone_number_can_exist() -> None:
    numbers = [contact.phone for place in demo_places() for contact in place.contacts]
    assert all(number.startswith("100-") for number in numbers)


def test_every_device_has_a_model_and_its_profiles_kind() -> None:
    profiles = load_profiles()
    for place in demo_places():
        for device in place.devices:
            profile = profiles.profile(device.profile)
            assert profile is not None, device.profile
            assert profile.kind is device.kind, device.device_id
            assert set(device.thresholds) <= {rule.rule for rule in profile.rules}
            firmware_for(device, Timeline(simulated_s=0, world_s=0), 1)


def test_the_places_are_always_the_same() -> None:
    assert demo_places() == demo_places()


@pytest.mark.parametrize("name", ["王桂兰", "李秀英"])
def test_people_have_names(name: str) -> None:
    assert name in {resident.name for resident in demo_places()[0].residents}
