"""Putting an alarm aside over a real broker: with a reason and an end, by two people for an emergency, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from alarms.lifecycle.alarm import AlarmKind, Priority, Suppressed, Suppression
from alarms.lifecycle.events import ShelfOver
from tests.console_desk import PASSWORD, Desk, FakeEngine, FeedReader, an_alarm, at_flat, running_desk
from tests.running_broker import RunningBroker

pytestmark = pytest.mark.once

Eventually = Callable[..., None]
_URL = "/api/v1/alarms/a-1/shelve"


@pytest.fixture
def desk(broker: RunningBroker, short_path: Path) -> Iterator[Desk]:
    with running_desk(short_path, broker.account("console"), reply_s=1.5) as running:
        yield running


@pytest.fixture
def client(desk: Desk) -> Iterator[httpx.Client]:
    with desk.client() as opened:
        yield opened


def _body(hours: float = 1, note: str = "烟感维修中", **more: Any) -> dict[str, Any]:
    until = datetime.now(UTC) + timedelta(hours=hours)
    return {"version": 1, "until": until.isoformat(), "note": note, **more}


def _second(account: str = "lina", password: str = PASSWORD) -> dict[str, dict[str, str]]:
    return {"second": {"account": account, "password": password}}


def _problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).removeprefix("urn:anxin:problem:")


def _is_open(client: httpx.Client, alarm_id: str = "a-1") -> bool:
    return alarm_id in [alarm["alarm_id"] for alarm in client.get("/api/v1/alarms").json()["alarms"]]


def test_an_emergency_is_put_aside_by_two_and_rings_again_at_its_end(
    client: httpx.Client, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm())
    eventually(lambda: _is_open(client), "open")
    assert _problem(client.post(_URL, json=_body())) == (409, "needs_second")
    assert _problem(client.post(_URL, json=_body(**_second("operator")))) == (422, "needs_second")
    assert _problem(client.post(_URL, json=_body(**_second(password="guessed")))) == (422, "wrong_second")
    assert [command for command in engine.commands if command.get("second")] == [], "nobody has agreed yet"
    feed = FeedReader(client)
    eventually(lambda: feed.of("snapshot"), "the snapshot comes")
    assert client.post(_URL, json=_body(**_second())).status_code == 200
    eventually(lambda: feed.of("alarm"), "the feed tells it")
    aside = feed.of("alarm")[-1]["alarm"]["suppressed"]
    assert (aside["how"], aside["reason"]) == ("shelved", "烟感维修中")
    assert (aside["name"], aside["second_name"]) == ("Operator", "李娜")
    assert "password" not in engine.commands[-1]
    assert PASSWORD not in str(engine.commands), "the password stays in the console"
    page = client.get("/alarms/a-1/panel").text
    for text in ("搁置", "烟感维修中", "Operator + 李娜", "取消搁置"):
        assert text in page
    engine.happen("a-1", ShelfOver())
    eventually(lambda: len(feed.of("alarm")) == 2, "its end comes")
    again = feed.of("alarm")[-1]["alarm"]
    assert (again["response"], again["suppressed"], again["round"]) == ("new", None, 1)
    feed.stop()


def test_below_an_emergency_one_person_is_enough_and_anybody_may_take_it_back(
    desk: Desk, client: httpx.Client, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm(kind=AlarmKind.FAULT, priority=Priority.MEDIUM))
    eventually(lambda: _is_open(client), "open")
    assert client.post(_URL, json=_body()).status_code == 200
    assert _problem(client.post(_URL, json={**_body(), "version": 2})) == (409, "aside_already")
    with desk.client("carer") as carer:
        assert carer.post("/api/v1/alarms/a-1/unshelve", json={"version": 2}).status_code == 200
    assert engine.alarms["a-1"].suppressed is None
    assert _problem(client.post("/api/v1/alarms/a-1/unshelve", json={"version": 3})) == (409, "not_aside")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (_body(note=""), 409, "no_reason"),
        (_body(note="   "), 409, "no_reason"),
        (_body(hours=24.5), 409, "too_long"),
        (_body(hours=-1), 409, "too_long"),
        ({**_body(), "until": "2026-03-01T12:00:00"}, 422, "invalid"),
        ({**_body(), "until": "tomorrow"}, 422, "invalid"),
        ({"version": 1, "note": "x"}, 422, "invalid"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    client: httpx.Client, engine: FakeEngine, eventually: Eventually, body: dict[str, Any], status: int, code: str
) -> None:
    engine.tell(an_alarm(priority=Priority.HIGH))
    eventually(lambda: _is_open(client), "open")
    assert _problem(client.post(_URL, json=body)) == (status, code)
    assert engine.alarms["a-1"].suppressed is None


def test_a_carer_may_agree_but_not_put_aside(
    desk: Desk, client: httpx.Client, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm())
    eventually(lambda: _is_open(client), "open")
    with desk.client("carer") as carer:
        assert _problem(carer.post(_URL, json=_body(**_second()))) == (403, "forbidden")
        assert 'id="shelve"' not in carer.get("/").text
    assert client.post(_URL, json=_body(**_second("carer"))).status_code == 200


@pytest.mark.parametrize("account", ["installer", "family", "only-flat"])
def test_somebody_who_may_not_answer_there_cannot_agree(
    client: httpx.Client, engine: FakeEngine, eventually: Eventually, account: str
) -> None:
    engine.tell(an_alarm())
    eventually(lambda: _is_open(client), "open")
    assert _problem(client.post(_URL, json=_body(**_second(account)))) == (422, "second_may_not")
    assert engine.commands == []


def test_guessing_the_second_persons_password_costs_time_as_the_login_does(
    desk: Desk, client: httpx.Client, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm())
    eventually(lambda: _is_open(client), "open")
    answers = [client.post(_URL, json=_body(**_second(password=f"guess-{n}"))) for n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert client.post(_URL, json=_body(**_second())).status_code == 429, "the right password must wait too"
    with httpx.Client(base_url=desk.url) as stranger:
        login = stranger.post("/login", data={"account": "lina", "password": PASSWORD})
        assert login.status_code == 429, "one throttle for both ways"
    assert client.get("/api/v1/me").status_code == 200, "who asks stays logged in"


def test_a_disabled_account_cannot_agree(
    desk: Desk, client: httpx.Client, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm())
    eventually(lambda: _is_open(client), "open")
    users = tuple(msgspec.structs.replace(u, disabled=u.user_id == "lina") for u in desk.registry.users)
    desk.change_registry(msgspec.structs.replace(desk.registry, users=users))
    assert _problem(client.post(_URL, json=_body(**_second()))) == (422, "wrong_second")


def test_an_alarm_of_another_site_is_not_put_aside(
    desk: Desk, client: httpx.Client, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(at_flat(an_alarm("at-flat")))
    engine.tell(an_alarm())
    eventually(lambda: _is_open(client), "open")
    with desk.client("only-flat") as flat:
        assert flat.post("/api/v1/alarms/a-1/unshelve", json={"version": 1}).status_code == 404


def test_the_sites_page_counts_what_is_put_aside_apart(
    client: httpx.Client, engine: FakeEngine, eventually: Eventually
) -> None:
    now = datetime.now(UTC)
    work = Suppressed(
        how=Suppression.PLANNED, reason="消防检修", by="supervisor", at=now, until=now + timedelta(hours=2)
    )
    engine.tell(replace(an_alarm(), suppressed=work))
    eventually(lambda: _is_open(client), "open")
    page = client.get("/sites").text
    assert "搁置 <strong>1</strong>" in page
    assert 'tally"><svg' not in page, "it counts with none of the priorities"
    panel = client.get("/alarms/a-1/panel").text
    assert "计划作业" in panel
    assert "消防检修" in panel
