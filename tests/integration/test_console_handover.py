"""The hand-over on a real database, and beside one that is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from alarms.lifecycle.alarm import Act, Disposition
from ingest.registry import edit
from ingest.registry.model import Device
from ingest.wire.signals import Kind
from tests.console_desk import Desk, a_registry, an_alarm, running_desk
from tests.console_history import NOWHERE, ended, project

pytestmark = pytest.mark.once


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    with psycopg.connect(database) as connection:
        for site in a_registry().sites:
            edit.add_site(connection, site)
    with running_desk(tmp_path, NOWHERE, database=database) as running:
        yield running


def test_a_note_goes_from_one_shift_to_the_next_until_somebody_has_done_it(desk: Desk) -> None:
    with desk.client() as night:
        csrf = night.headers["X-CSRF-Token"]
        form = {"csrf": csrf, "site": "home", "note": "305 室半夜要测血压\n<b>别忘了</b>"}
        assert night.post("/handover/note", data=form).status_code == 303
        page = night.get("/handover?site=home").text
        assert "305 室半夜要测血压" in page
        assert "<b>别忘了</b>" not in page
    with desk.client("carer") as day:
        page = day.get("/handover?site=home").text
        (note_id,) = re.findall(r'name="note_id" value="(\d+)"', page)
        form = {"csrf": day.headers["X-CSRF-Token"], "site": "home", "note_id": note_id}
        assert day.post("/handover/done", data=form).status_code == 303
        assert day.post("/handover/done", data=form).status_code == 303, "a second time changes nothing"
        page = day.get("/handover?site=home").text
        assert 'class="done"' in page
        assert 'name="note_id"' not in page
        assert day.post("/handover/take", data=form).status_code == 303
        assert "上次接班" in day.get("/handover?site=home").text


def test_the_page_says_what_happened_and_how_fast(desk: Desk, database: str) -> None:
    quick, slow = ended(an_alarm("quick", age_s=3600)), an_alarm("slow", age_s=1800)
    late = Act(by="lina", at=slow.received_at)
    slow = replace(ended(slow), acknowledged=replace(late, at=ended(slow).resolved.at), note="电话打不通")  # type: ignore[union-attr]  # it has ended
    project(database, quick, slow)
    with desk.client() as client:
        page = client.get("/handover?site=home&span=day").text
        assert "/alarms/slow" in page
        assert "/alarms/quick" not in page, "nothing about it stands out"
        assert "电话打不通" in page
        client.cookies.set("anxin_language", "en")
        page = client.get("/handover?site=home&span=day").text
        assert "Urgent, answered late or not yet" in page


def test_a_sprinkler_without_a_test_is_a_task_until_a_flow_was_one(desk: Desk, database: str) -> None:
    switch = Device(
        device_id="flow-1", number=1, site_id="home", gateway_id="gw", kind=Kind.WATER, profile="flow_switch"
    )
    desk.change_registry(a_registry(devices=(switch,)))
    with desk.client() as client:
        page = client.get("/handover?site=home").text
        assert "待完成的喷淋试水" in page
        assert "没有试水记录" in page
        flow = an_alarm("flow", age_s=3600)
        flow = replace(flow, rule="water_flow", identity=replace(flow.identity, device_id="flow-1"))
        project(database, replace(ended(flow), disposition=Disposition.TEST))
        assert "待完成的喷淋试水" not in client.get("/handover?site=home").text


def test_a_site_of_others_cannot_be_written_to(desk: Desk) -> None:
    with desk.client("only-flat") as client:
        form = {"csrf": client.headers["X-CSRF-Token"], "site": "home", "note": "x", "note_id": "1"}
        for path in ("note", "done", "take"):
            assert client.post(f"/handover/{path}", data=form).status_code == 404
        assert "幸福里" not in client.get("/handover?site=home").text


def test_with_the_database_away_nothing_typed_is_lost(tmp_path: Path) -> None:
    with running_desk(tmp_path, NOWHERE) as desk, desk.client() as client:
        page = client.get("/handover?site=home")
        assert page.status_code == 200
        assert "数据库" in page.text
        form = {"csrf": client.headers["X-CSRF-Token"], "site": "home", "note": "305 室半夜要测血压"}
        refused = client.post("/handover/note", data=form)
        assert refused.status_code == 503
        assert "305 室半夜要测血压" in refused.text
