"""Floor plans: what a picture may be, that a drawing is harmless, where rooms go by themselves."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from console.plans.errors import PictureError
from console.plans.floors import floor_of, floors_of, plan_of
from console.plans.grid import natural, proposal
from console.plans.picture import MOST_BYTES, picture_of
from console.plans.raster import LONGEST_SIDE
from console.plans.svg import DEEPEST, MOST_ELEMENTS
from console.setup.plan_places import UnreadablePlaceError, read_places
from console.setup.words import REFUSALS
from ingest.registry.checks_plan import check_plan
from ingest.registry.errors import InvalidEntryError
from ingest.registry.model import Room
from ingest.registry.plan_model import FloorPlan, PlanDevice, PlanRoom
from tests.console_desk import a_registry
from tests.plan_home import DRAWING, ENTITIES, HEAD, HOSTILE, hostile, photograph
from tests.setup_home import Typed


def refused(given: bytes) -> str:
    with pytest.raises(PictureError) as raised:
        picture_of(given)
    assert REFUSALS[raised.value.code] % raised.value.facts
    return raised.value.code


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_drawing_becomes_harmless(name: str) -> None:
    picture = picture_of(hostile(HOSTILE[name]))
    assert b'd="M1 1h198v98z"' in picture.content
    for element in ET.fromstring(picture.content).iter():
        assert re.fullmatch(r"\{http://www\.w3\.org/2000/svg\}(svg|g|path|rect|text|title)", element.tag), element.tag
        for key, value in element.attrib.items():
            assert not key.lower().startswith("on"), key
            assert not re.search(r"href|style|class|id$|base|filter|mask|\{", key), key
            assert not re.search(r"url|script|expression|data:|//|\\|&", value, re.IGNORECASE), value


@pytest.mark.parametrize("name", ENTITIES)
def test_a_drawing_with_entities_is_refused(name: str) -> None:
    assert refused(ENTITIES[name].format(HEAD).encode()) == "svg_entities"


def test_what_was_left_out_is_named() -> None:
    picture = picture_of(hostile(HOSTILE["a script"] + HOSTILE["a foreign object"]))
    assert set(picture.dropped) == {"script", "foreignObject"}
    assert picture_of(DRAWING).dropped == ()


def test_a_drawing_keeps_what_it_shows_and_its_shape() -> None:
    picture = picture_of(DRAWING)
    assert (picture.media_type, picture.width, picture.height) == ("image/svg+xml", 2000, 1000)
    assert b'fill="none" stroke="#333" stroke-width="6"' in picture.content
    assert b">Corridor</text>" in picture.content
    sized = b'<svg xmlns="http://www.w3.org/2000/svg" width="20cm" height="100mm"><g/></svg>'
    assert (picture_of(sized).width, picture_of(sized).height) == (2000, 1000)
    assert picture_of(DRAWING.decode().replace("utf-8", "utf-16").encode("utf-16")).content == picture.content


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"", "no_picture"),
        (b"GIF89a" + bytes(100), "picture_unknown"),
        (b"%PDF-1.7", "picture_unknown"),
        (b"<html><body/></html>", "picture_unknown"),
        (b'<svg viewBox="0 0 9 9"/>', "picture_unknown"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"', "svg_broken"),
        (HEAD.encode() + b"<g></svg>", "svg_broken"),
        (b'<?xml version="1.0" encoding="nonsense"?><svg/>', "svg_broken"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "svg_no_size"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 nan 9"/>', "svg_no_size"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 -5 9"/>', "svg_no_size"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 9"/>', "picture_lopsided"),
        (HEAD.encode() + b"<g>" * DEEPEST + b"</g>" * DEEPEST + b"</svg>", "svg_intricate"),
        (HEAD.encode() + b"<g/>" * MOST_ELEMENTS + b"</svg>", "svg_intricate"),
        (HEAD.encode() + b" " * 2_000_000 + b"</svg>", "picture_too_heavy"),
        (bytes(MOST_BYTES + 1), "picture_too_heavy"),
        (photograph(99, 500), "picture_too_small"),
        (photograph(9000, 150), "picture_lopsided"),
        (photograph()[:900], "picture_broken"),
        (photograph(8000, 7000, "JPEG", quality=1), "picture_too_large"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_word(given: bytes, code: str) -> None:
    assert refused(given) == code


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_drawn_anew_upright_and_without_what_it_told_of_its_owner(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "bedroom of Mrs Wang"
    picture = picture_of(photograph(800, 500, form, exif=exif) + b"<script>and more</script>")
    assert (picture.width, picture.height) == (500, 800)
    assert b"Mrs Wang" not in picture.content
    assert b"script" not in picture.content
    again = Image.open(BytesIO(picture.content))
    assert (again.format, again.size) == (form, (500, 800))


def test_a_large_photograph_is_made_smaller() -> None:
    picture = picture_of(photograph(6000, 4000, "JPEG"))
    assert (picture.width, picture.height) == (LONGEST_SIDE, LONGEST_SIDE * 2 // 3)


def rooms(count: int) -> list[Room]:
    return [Room(room_id=f"r{number}", site_id="home", name=f"{number} 室") for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 12, 13, 17, 30, 100, 500])
def test_every_room_has_a_place_of_its_own_on_a_proposed_plan(count: int) -> None:
    plan = proposal("home", "f1", rooms(count), ())
    check_plan(plan)
    assert [room.room_id for room in plan.rooms] == [f"r{number}" for number in range(1, count + 1)]
    for one in plan.rooms:
        for other in plan.rooms:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            apart = apart or one.y + one.height <= other.y or other.y + other.height <= one.y
            assert one is other or apart, (one, other)


def test_rooms_are_in_the_order_in_which_people_count() -> None:
    names = ["10 室", "9 室", "厨房", "101", "9A"]
    found = sorted((Room(room_id=name, site_id="home", name=name) for name in names), key=natural)
    assert [room.name for room in found] == ["9 室", "9A", "10 室", "101", "厨房"]


def test_devices_stand_in_their_rooms() -> None:
    registry = a_registry()
    floor = floor_of(registry, "floor3")
    assert floor is not None
    plan, saved = plan_of(registry, floor)
    assert not saved
    (button,) = plan.devices
    room = next(one for one in plan.rooms if one.room_id == "r305")
    assert room.x < button.x < room.x + room.width
    assert room.y < button.y < room.y + room.height


def test_a_home_without_floors_has_a_plan_too_and_a_room_that_moved_away_is_off_it() -> None:
    registry = a_registry()
    assert [floor.floor_id for floor in floors_of(registry, registry.sites)] == ["floor3", "@flat"]
    for unknown in ("nothing", "@nothing", "flat", "home"):
        assert floor_of(registry, unknown) is None
    placed = tuple(PlanRoom(room_id=one, x=0, y=0, width=0.1, height=0.1) for one in ("r305", "kitchen"))
    saved = FloorPlan(plan_id="floor3", site_id="home", zone_id="floor3", rooms=placed)
    floor = floor_of(a_registry(plans=(saved,)), "floor3")
    assert floor is not None
    plan, is_saved = plan_of(a_registry(plans=(saved,)), floor)
    assert (is_saved, [room.room_id for room in plan.rooms]) == (True, ["r305"])


def a_plan(**changes: object) -> FloorPlan:
    room = {"room_id": "a", "x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2} | changes
    return FloorPlan(plan_id="f1", site_id="home", zone_id="f1", rooms=(PlanRoom(**room),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (a_plan(x=-0.01), "outside_plan"),
        (a_plan(x=0.9), "outside_plan"),
        (a_plan(y=float("nan")), "outside_plan"),
        (a_plan(height=float("inf")), "outside_plan"),
        (a_plan(width=0.001), "too_small_on_plan"),
        (a_plan(width=-0.1), "outside_plan"),
        (FloorPlan(plan_id="f1", site_id="home", zone_id="f1", rooms=a_plan().rooms * 2), "placed_twice"),
        (FloorPlan(plan_id="f2", site_id="home", zone_id="f1"), "no_id"),
        (FloorPlan(plan_id="f1", site_id="home", zone_id="f1", width=0), "out_of_range"),
        (FloorPlan(plan_id="f1", site_id="home", zone_id="f1", image="../../etc/passwd"), "no_image"),
        (FloorPlan(plan_id="@home", site_id="home", image="0" * 64, media_type="text/html"), "not_listed"),
        (
            FloorPlan(plan_id="@home", site_id="home", devices=(PlanDevice(device_id="d", x=1.5, y=0),)),
            "outside_plan",
        ),
    ],
)
def test_a_wrong_plan_is_refused(plan: FloorPlan, code: str) -> None:
    check_plan(a_plan())
    with pytest.raises(InvalidEntryError) as raised:
        check_plan(plan)
    assert raised.value.code == code


def test_places_are_read_as_they_were_typed() -> None:
    given = Typed(
        room=["a", "b"], x=["66.67", ""], y=["0", ""], width=["33.34", ""], height=["100", ""], device=["d"],
        device_x=["50"], device_y=["12.5"],
    )  # fmt: skip
    placed, devices = read_places(given)
    assert placed == (PlanRoom(room_id="a", x=0.6667, y=0.0, width=0.3333, height=1.0),)
    assert devices == (PlanDevice(device_id="d", x=0.5, y=0.125),)


@pytest.mark.parametrize(
    "given",
    [
        Typed(room=["a"], x=["1"], y=["1"], width=["1"], height=[]),
        Typed(room=["a"], x=["1"], y=[""], width=["1"], height=["1"]),
        Typed(room=["a"], x=["one"], y=["1"], width=["1"], height=["1"]),
        Typed(room=["a"], x=["nan"], y=["1"], width=["1"], height=["1"]),
        Typed(device=["a"] * 9999, device_x=["1"] * 9999, device_y=["1"] * 9999),
    ],
)
def test_places_that_no_browser_sends_are_refused(given: Typed) -> None:
    with pytest.raises(UnreadablePlaceError):
        read_places(given)
