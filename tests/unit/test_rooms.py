"""Which rooms are near each other, and what a door between two floors changes at the platform and at the gateway."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alarms.lifecycle.rooms import Rooms
from tests.fire_home import FireDesk, with_stair
from tests.unit.test_gateway_verification import Box

_NAMED = st.sampled_from(["kitchen", "corridor", "bathroom", "attic"])
_ROOM = _NAMED | st.none()


@given(_ROOM, _ROOM, st.lists(st.tuples(_NAMED, _NAMED)))
def test_doors_work_both_ways_and_only_add(one: str | None, other: str | None, doors: list[tuple[str, str]]) -> None:
    zone_of = {"kitchen": "ground", "corridor": "ground", "bathroom": "upper", "attic": None}
    rooms, without = Rooms(zone_of, doors), Rooms(zone_of)
    assert rooms.are_near(one, other) == rooms.are_near(other, one)
    assert rooms.are_near(one, other) >= without.are_near(one, other)
    zones = {zone_of.get(one or ""), zone_of.get(other or "")}
    assert without.are_near(one, other) == (None in zones or len(zones) == 1)


def test_a_detector_on_the_other_side_of_a_door_is_a_second_one() -> None:
    desk = FireDesk(with_stair())
    desk.record("corridor-smoke", "smoke", True)
    desk.record("bathroom-smoke", "smoke", True)
    for device in ("corridor-smoke", "bathroom-smoke"):
        assert desk.of(device).evidence["stage"] == "confirmed"


def test_without_the_door_both_floors_wait_by_themselves() -> None:
    desk = FireDesk()
    desk.record("corridor-smoke", "smoke", True)
    desk.record("bathroom-smoke", "smoke", True)
    assert [desk.of(device).is_pre_alarm for device in ("corridor-smoke", "bathroom-smoke")] == [True, True]


def test_a_door_leads_no_further_than_the_next_room() -> None:
    desk = FireDesk(with_stair())
    desk.record("kitchen-smoke", "smoke", True)
    desk.record("bathroom-smoke", "smoke", True)
    assert desk.of("kitchen-smoke").is_pre_alarm


def test_a_gateway_that_nobody_reaches_knows_the_door_too() -> None:
    box = Box(with_stair())
    box.says("corridor-smoke", "smoke")
    assert box.noise.sounds == []
    box.says("bathroom-smoke", "smoke")
    assert set(box.noise.sounds) == {"smoke corridor-smoke", "smoke bathroom-smoke"}


def test_a_gateway_without_the_door_lets_both_wait() -> None:
    box = Box()
    box.says("corridor-smoke", "smoke")
    box.says("bathroom-smoke", "smoke")
    assert box.noise.sounds == []
