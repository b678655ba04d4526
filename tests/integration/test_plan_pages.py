"""Floor plans on a real database: drawn by two people, seen by whom they concern, and there without the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from msgspec.structs import replace as change

from console.cli.demo.places import write_devices, write_site
from console.cli.demo.plans import write_plans
from firmware_sim.places import demo_places
from ingest.registry import edit, edit_plan, source
from ingest.registry.model import Gateway, Registry
from tests.console_desk import Desk
from tests.console_history import NOWHERE
from tests.plan_home import DRAWING, furnish_floors, photograph
from tests.setup_home import Person, SetupDesk, fault_at, furnish, setup_desk, text_of

pytestmark = pytest.mark.once

Eventually = Callable[..., None]
FLOORS = "/setup/sites/house/floors"
PLAN = f"{FLOORS}/plan"
ONE = f"{PLAN}?id=house:f1"


@pytest.fixture
def home(database: str, tmp_path: Path) -> Iterator[SetupDesk]:
    furnish(database)
    furnish_floors(database)
    with setup_desk(database, tmp_path / "one") as running:
        yield running


def places(**changes: Any) -> dict[str, Any]:
    """What the page sends when two rooms and a button are placed."""
    values = {
        "id": "house:f1",
        "room": ["house:101", "house:102", "house:103"],
        "x": ["10", "40", ""],
        "y": ["10", "10", ""],
        "width": ["20", "20", ""],
        "height": ["30", "30.5", ""],
        "device": ["house-101"],
        "device_x": ["12"],
        "device_y": ["13"],
    }
    return values | changes


def save(person: Person, mark: str | None = None, **changes: Any) -> httpx.Response:
    seen = person.mark(ONE) if mark is None else mark
    return person.client.post(PLAN, data={"mark": seen, **places(**changes)})


def upload(person: Person, content: bytes, name: str = "plan.png", mark: str | None = None) -> httpx.Response:
    seen = person.mark(ONE) if mark is None else mark
    given = {"id": "house:f1", "mark": seen}
    return person.client.post(f"{PLAN}/picture", data=given, files={"picture": (name, content)})


def test_rooms_are_placed_and_shown(home: SetupDesk) -> None:
    admin = home.person()
    assert "还没有平面图：按格子显示" in admin.see(FLOORS)
    assert "按房间名称排列" in admin.see("/plans/house:f1"), "a floor without a plan is live all the same"
    assert save(admin).status_code == 303
    plan = home.registry.plan["house:f1"]
    assert [(room.room_id, room.x, room.height) for room in plan.rooms] == [
        ("house:101", 0.1, 0.3),
        ("house:102", 0.4, 0.305),
    ]
    page = admin.see("/plans/house:f1")
    assert "未摆放到图上： 103 房间" in page
    assert "5 个房间未摆放" in admin.see(FLOORS)
    assert "添加了 平面图" in admin.see("/setup/sites/house")
    board = admin.client.get("/plans/house:f1?part=board").text
    assert 'data-room="house:102" data-x="0.4"' in board
    assert "<html" not in board
    assert admin.client.post(f"{PLAN}/clear", data={"id": "house:f1", "mark": admin.mark(ONE), "what": "plan"})
    assert home.registry.plans == ()


def test_a_grid_is_proposed_and_nothing_saved_by_that(home: SetupDesk) -> None:
    admin = home.person()
    save(admin)
    answer = save(admin, propose="1")
    assert "已按格子排好，尚未保存" in text_of(answer)
    assert len(re.findall(r'name="width"[^>]* value="[\d.]+"', answer.text)) == 7
    assert len(home.registry.plan["house:f1"].rooms) == 2
    gate = admin.client.get(f"{PLAN}?id=@house")
    assert "大门" in text_of(gate), "rooms without a floor have a plan too"


REFUSED: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"x": ["90", "40", ""]}, 422, "超出了平面图"),
    ({"x": ["abc", "40", ""]}, 422, "无法识别"),
    ({"x": ["1e999", "40", ""]}, 422, "无法识别"),
    ({"x": ["10", "40"]}, 422, "无法识别"),
    ({"height": ["0.1", "30", ""]}, 422, "太小"),
    ({"room": ["house:101", "house:101", ""]}, 422, "重复"),
    ({"room": ["house:101", "home:203", ""]}, 409, "本场所"),
    ({"room": ["house:101", "house:201", ""]}, 409, "本场所"),
    ({"device": ["sos-203"]}, 409, "本场所"),
)


def test_what_cannot_be_is_refused_with_a_word(home: SetupDesk) -> None:
    admin = home.person()
    for changes, status, said in REFUSED:
        answer = save(admin, **changes)
        assert answer.status_code == status, changes
        assert said in text_of(answer), (changes, text_of(answer))
        assert home.registry.plans == (), changes


def test_who_saves_second_is_told(home: SetupDesk) -> None:
    first, second = home.person(), home.person("installer")
    seen = second.mark(ONE)
    assert save(first, mark=seen).status_code == 303
    answer = save(second, mark=seen, x=["50", "70", ""])
    assert answer.status_code == 409
    assert "其他人" in text_of(answer) or "别人" in text_of(answer), text_of(answer)
    assert answer.text.count("plan-ghost") == 2
    assert upload(second, DRAWING, mark=seen).status_code == 409
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', answer.text)
    assert mark is not None
    assert save(second, mark=mark[1], x=["50", "70", ""]).status_code == 303
    assert home.registry.plan["house:f1"].rooms[0].x == 0.5


def test_a_picture_is_kept_replaced_and_removed(home: SetupDesk, tmp_path: Path, eventually: Eventually) -> None:
    admin = home.person()
    save(admin)
    assert upload(admin, photograph(), "escape plan.txt").status_code == 303
    first = home.registry.plan["house:f1"]
    assert (first.media_type, first.width, first.height, first.rooms) == ("image/png", 800, 500, ())
    assert save(admin).status_code == 303
    assert upload(admin, DRAWING).status_code == 303
    second = home.registry.plan["house:f1"]
    assert (second.media_type, len(second.rooms)) == ("image/svg+xml", 2), "on another picture of the floor rooms stay"
    with psycopg.connect(home.database) as connection:
        assert connection.execute("SELECT image FROM plan_image").fetchall() == [(second.image,)]
    folder = tmp_path / "one" / "console" / "plans"
    eventually(lambda: [file.name for file in folder.iterdir()] == [second.image], "one file for one picture")
    admin.client.post(f"{PLAN}/clear", data={"id": "house:f1", "mark": admin.mark(ONE)})
    bare = home.registry.plan["house:f1"]
    assert (bare.image, len(bare.rooms)) == (None, 2)
    with psycopg.connect(home.database) as connection:
        assert connection.execute("SELECT image FROM plan_image").fetchall() == []


def test_a_picture_is_only_ever_a_picture(home: SetupDesk) -> None:
    admin = home.person()
    upload(admin, DRAWING)
    path = f"/plan-images/{home.registry.plan['house:f1'].image}"
    answer = admin.client.get(path, headers={"Sec-Fetch-Dest": "image"})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["content-disposition"] == "attachment"
    for destination in ("document", "iframe", "object", "embed", "script", "empty"):
        assert admin.client.get(path, headers={"Sec-Fetch-Dest": destination}).status_code == 403
    for wrong in ("0" * 64, "..%2fconsole.sqlite", "registry.json"):
        assert admin.client.get(f"/plan-images/{wrong}").status_code == 404


def test_an_upload_must_be_meant_and_of_a_bearable_size(home: SetupDesk) -> None:
    admin = home.person()
    assert upload(admin, b"").status_code == 422
    assert fault_at(upload(admin, b"nothing"), "picture") == "✕ 这不是可以显示的图片。请使用 PNG、JPEG、WebP 或 SVG。"
    token = admin.client.headers.pop("X-CSRF-Token")
    assert upload(admin, photograph(), mark="").status_code == 403
    answer = admin.client.post(
        f"{PLAN}/picture", data={"csrf": token, "id": "house:f1", "mark": ""}, files={"picture": photograph()}
    )
    assert answer.status_code == 303, "as a browser without scripts sends it"
    body = b"--x\r\n" + bytes(17_000_000)
    heavy = admin.client.post(
        f"{PLAN}/picture", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert heavy.status_code == 413
    unsaid = admin.client.post(
        f"{PLAN}/picture", content=iter([body[:99]]), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert unsaid.status_code == 413


def test_an_account_of_other_sites_sees_and_changes_nothing(home: SetupDesk) -> None:
    admin, stranger = home.person(), home.person("of-flat")
    upload(admin, DRAWING)
    image = home.registry.plan["house:f1"].image
    for path in ("/plans/house:f1", "/plans/house:f1?part=board", "/plans/@house", f"/plan-images/{image}", ONE):
        assert stranger.client.get(path).status_code == 404, path
    assert "槐荫" not in stranger.see("/plans")
    assert stranger.client.post(PLAN, data={"mark": "", **places()}).status_code == 404
    forged = stranger.client.post("/setup/sites/flat/floors/plan", data={"mark": "", **places()})
    assert forged.status_code == 404, "a floor of another site"
    assert home.registry.plan["house:f1"].rooms == ()


def test_a_floor_takes_its_plan_along(home: SetupDesk) -> None:
    admin = home.person()
    upload(admin, DRAWING)
    with psycopg.connect(home.database, autocommit=True) as connection:
        connection.execute("UPDATE room SET zone_id = NULL WHERE zone_id = 'house:f1'")
    assert admin.remove(FLOORS, "house:f1").status_code == 303
    assert home.registry.plans == ()


def test_plans_show_with_the_database_away_and_on_every_console(
    home: SetupDesk, tmp_path: Path, eventually: Eventually
) -> None:
    upload(home.person(), DRAWING)
    registry = home.registry
    image = registry.plan["house:f1"].image
    other = tmp_path / "two"
    with setup_desk(home.database, other) as second:
        eventually((other / "console" / "plans" / str(image)).exists, "the other console has fetched it")
        assert second.person().client.get(f"/plan-images/{image}").status_code == 200
    for folder in ("one", "two"):
        assert _alone(tmp_path / folder, registry, str(image)) == b"<svg xmlns"
    (other / "console" / "plans" / str(image)).write_bytes(b"not what its name says")
    assert _alone(other, registry, str(image)) == b"", "what is broken is not shown"


def test_the_registry_refuses_a_picture_that_was_never_stored(home: SetupDesk) -> None:
    upload(home.person(), DRAWING)
    with psycopg.connect(home.database, autocommit=True) as connection:
        plan = edit_plan.get_plan(connection, "house:f1")
        assert plan is not None
        assert source.load(connection).plan["house:f1"] == plan
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute("UPDATE floor_plan SET image = %s", ("0" * 64,))
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("UPDATE plan_image SET content = '\\x00'")


def test_the_demonstration_comes_with_its_floors_drawn(database: str) -> None:
    place = demo_places()[0]
    with psycopg.connect(database, autocommit=True) as connection:
        write_site(connection, place)
        edit.add_gateway(connection, Gateway(gateway_id=place.gateway_id, site_id=place.site_id))
        write_devices(connection, place)
        write_plans(connection, place, source.load(connection))
        drawn = source.load(connection)
        plan = drawn.plan[place.zones[0].zone_id]
        assert {room.room_id for one in drawn.plans for room in one.rooms} == {room.room_id for room in place.rooms}
        assert {one.device_id for each in drawn.plans for one in each.devices} == {
            one.device_id for one in place.devices
        }
        edit_plan.add_plan(connection, change(plan, rooms=plan.rooms[:1]))
        write_plans(connection, place, source.load(connection))
        kept = edit_plan.get_plan(connection, plan.plan_id)
        assert kept is not None
        assert len(kept.rooms) == 1, "what somebody has changed stays"


def _alone(folder: Path, registry: Registry, image: str) -> bytes:
    """The first bytes of a picture from a console without a database; empty: it has none."""
    desk = Desk(folder, NOWHERE)
    desk.registry = registry
    desk.start()
    try:
        with desk.client("operator") as client:
            assert client.get("/plans/house:f1").status_code == 200
            answer = client.get(f"/plan-images/{image}")
            return answer.content[:10] if answer.status_code == 200 else b""
    finally:
        desk.stop()
