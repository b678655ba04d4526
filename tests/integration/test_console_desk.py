"""The console over a real broker: live picture, feed without gaps, commands, lost races, roles."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from alarms.lifecycle.alarm import Condition, Flag, Priority, Response
from ingest.mqtt import Session
from ingest.registry.model import Badge, Output
from ingest.wire import topics
from tests.console_desk import (
    PASSWORD,
    Desk,
    FakeEngine,
    FeedReader,
    a_fire,
    a_registry,
    an_alarm,
    at_flat,
    running_desk,
)
from tests.running_broker import RunningBroker

pytestmark = pytest.mark.once

Eventually = Callable[..., None]


@pytest.fixture
def desk(broker: RunningBroker, short_path: Path) -> Iterator[Desk]:
    with running_desk(short_path, broker.account("console"), reply_s=1.5) as running:
        yield running


def _open_ids(client: httpx.Client) -> list[str]:
    return [alarm["alarm_id"] for alarm in client.get("/api/v1/alarms").json()["alarms"]]


def test_a_call_reaches_the_feed_within_milliseconds(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    with desk.client() as client:
        feed = FeedReader(client)
        eventually(lambda: feed.of("snapshot"), "the snapshot comes")
        delays = []
        for number in range(40):
            began = time.monotonic()
            engine.tell(an_alarm(f"a-{number}"))
            eventually(lambda n=number: len(feed.of("alarm")) > n, "the alarm comes")
            delays.append(feed.events[-1][3] - began)
        assert sorted(delays)[20] < 0.05, delays
        assert "webhook" not in str(feed.events), "a webhook's address is a secret"
        feed.stop()


def test_the_list_is_by_priority_then_by_age(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell(an_alarm("new", age_s=1))
    engine.tell(an_alarm("old", age_s=100))
    engine.tell(an_alarm("low", age_s=1000, priority="low"))
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["old", "new", "low"], "all three in order")


def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(
    desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    with desk.client() as client:
        seen: list[str] = []
        last_id = ""
        for turn in range(6):
            feed = FeedReader(client, last_id)
            if turn == 0:
                eventually(lambda f=feed: f.of("snapshot"), "the snapshot comes")
            for number in range(25):
                engine.tell(an_alarm(f"a-{turn}-{number}"))
            eventually(lambda f=feed: len(f.of("alarm")) >= 10, "some come")
            feed.stop()
            seen += [body["alarm"]["alarm_id"] for body in feed.of("alarm")]
            assert bool(feed.of("snapshot")) == (turn == 0), "only the first turn needs a snapshot"
            last_id = feed.last_id
        feed = FeedReader(client, last_id)
        eventually(lambda: len(seen) + len(feed.of("alarm")) >= 150, "the rest comes")
        feed.stop()
        seen += [body["alarm"]["alarm_id"] for body in feed.of("alarm")]
        told = [f"a-{turn}-{number}" for turn in range(6) for number in range(25)]
        assert seen == told, "each once, in order"


def test_after_a_restart_of_the_console_the_client_gets_a_fresh_snapshot_and_stays_logged_in(
    broker: RunningBroker, short_path: Path, engine: FakeEngine, eventually: Eventually
) -> None:
    with running_desk(short_path, broker.account("console")) as first:
        client = first.open_client()
        engine.tell(an_alarm())
        feed = FeedReader(client)
        eventually(lambda: feed.last_id, "the snapshot comes")
        feed.stop()
    with running_desk(short_path, broker.account("console")) as second:
        client.base_url = httpx.URL(second.url)
        again = FeedReader(client, feed.last_id)
        eventually(lambda: again.of("snapshot"), "another run, a fresh snapshot")
        eventually(lambda: _open_ids(client) == ["a-1"], "the broker has kept the alarm")
        again.stop()
        client.close()


def test_a_client_that_was_away_too_long_gets_a_fresh_snapshot(
    broker: RunningBroker, short_path: Path, engine: FakeEngine, eventually: Eventually
) -> None:
    with running_desk(short_path, broker.account("console"), ring=16) as desk, desk.client() as client:
        feed = FeedReader(client)
        eventually(lambda: feed.last_id, "the snapshot comes")
        feed.stop()
        for number in range(40):
            engine.tell(an_alarm(f"a-{number}"))
        eventually(lambda: len(_open_ids(client)) == 40, "all are open")
        again = FeedReader(client, feed.last_id)
        eventually(lambda: again.of("snapshot"), "a fresh snapshot")
        assert len(again.of("snapshot")[0]["alarms"]) == 40
        again.stop()


def test_acknowledge_attend_note_resolve(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell(an_alarm())
    with desk.client() as client:
        feed = FeedReader(client)
        eventually(lambda: _open_ids(client) == ["a-1"], "open")
        for verb, more, version in (
            ("acknowledge", {}, 1),
            ("attend", {}, 2),
            ("note", {"note": "喝了水"}, 3),
            ("resolve", {"disposition": "helped"}, 4),  # attended: reached in person
        ):
            answer = client.post(f"/api/v1/alarms/a-1/{verb}", json={"version": version, **more})
            assert answer.status_code == 200, answer.text
            assert answer.json()["version"] == version + 1
        eventually(lambda: feed.of("closed"), "the feed says that it is over")
        assert feed.of("closed")[0]["alarm"]["disposition"] == "helped"
        assert _open_ids(client) == []
        assert [command["by"] for command in engine.commands] == ["operator"] * 4
        feed.stop()


def test_a_call_ends_only_by_saying_how_the_person_was_reached(
    desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm())
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["a-1"], "open")
        assert client.get("/api/v1/alarms/a-1").json()["ask_reached"][0] == "helped"
        url, body = "/api/v1/alarms/a-1/resolve", {"version": 1, "disposition": "helped"}
        refused = client.post(url, json=body)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:anxin:problem:not_reached")
        assert "当面见到" in refused.json()["detail"]
        english = client.post(url, json=body, headers={"Cookie": f"{_cookie(client)}; anxin_language=en"})
        assert "how the person was reached" in english.json()["detail"]
        assert client.post(url, json={**body, "reached": "by_pigeon"}).status_code == 422
        assert client.post(url, json={**body, "reached": "spoken"}).status_code == 200
    assert engine.commands[-1]["reached"] == "spoken"


def test_a_fire_that_still_burns_is_refused_with_that_reason(
    desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(a_fire(condition=Condition.ACTIVE, cleared_at=None))
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["f-1"], "open")
        answer = client.post("/api/v1/alarms/f-1/resolve", json={"version": 1, "disposition": "helped"})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:anxin:problem:still_present")


def test_a_fire_needs_two_people_and_tells_the_second_who_was_first(
    desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(a_fire(needed=2))
    url = "/api/v1/alarms/f-1/acknowledge"
    with desk.client("lina") as lina, desk.client("operator") as other, desk.client("carer") as third:
        eventually(lambda: _open_ids(other) == ["f-1"], "open")
        assert lina.post(url, json={"version": 1}).status_code == 200
        again = lina.post(url, json={"version": 2})
        assert (again.status_code, again.json()["detail"]) == (409, "您已经接警。")
        at_once = other.post(url, json={"version": 1})
        assert at_once.status_code == 409
        assert "李娜" in at_once.json()["detail"]
        assert "需要 2 人" in at_once.json()["detail"]
        assert other.post(url, json={"version": 2}).status_code == 200
        eventually(lambda: other.get("/api/v1/alarms/f-1").json()["answered"], "two are enough")
        assert [taker["name"] for taker in other.get("/api/v1/alarms/f-1").json()["takers"]] == ["李娜", "Operator"]
        late = third.post(url, json={"version": 3})
        assert (late.status_code, late.json()["name"]) == (409, "李娜")


def test_a_lost_race_says_who_was_first_and_when(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell(an_alarm())
    with desk.client("lina") as lina, desk.client("operator") as other:
        eventually(lambda: _open_ids(other) == ["a-1"], "open")
        assert lina.post("/api/v1/alarms/a-1/acknowledge", json={"version": 1}).status_code == 200
        answer = other.post("/api/v1/alarms/a-1/acknowledge", json={"version": 1})
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["type"] == "urn:anxin:problem:conflict"
        assert (problem["by"], problem["name"], problem["response"]) == ("lina", "李娜", "acknowledged")
        assert problem["at"]
        assert "李娜" in problem["detail"]
        english = other.post(
            "/api/v1/alarms/a-1/acknowledge",
            json={"version": 1},
            headers={"Cookie": f"{_cookie(other)}; anxin_language=en"},
        )
        assert "acknowledged it" in english.json()["detail"]


def test_the_same_command_sent_twice_is_done_once(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell(an_alarm())
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["a-1"], "open")
        body = {"version": 1, "id": "7b0f2c1e-54c1-4be0-9c42-8b1c1f0e7a11"}
        for _ in range(2):
            assert client.post("/api/v1/alarms/a-1/acknowledge", json=body).json()["version"] == 2
        assert engine.alarms["a-1"].version == 2


def test_an_engine_that_does_not_answer_is_told(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell(an_alarm())
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["a-1"], "open")
        engine.deaf = True
        answer = client.post("/api/v1/alarms/a-1/acknowledge", json={"version": 1})
        assert (answer.status_code, answer.json()["type"]) == (504, "urn:anxin:problem:no_answer")


def test_resolving_needs_a_disposition(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell(an_alarm())
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["a-1"], "open")
        answer = client.post("/api/v1/alarms/a-1/resolve", json={"version": 1})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:anxin:problem:no_disposition")
        assert engine.commands == []


def test_the_broker_dies_and_comes_back(
    broker: RunningBroker, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm("stays"))
    engine.tell(an_alarm("goes"))
    with desk.client() as client:
        feed = FeedReader(client)
        eventually(lambda: len(_open_ids(client)) == 2, "both are open")
        eventually(lambda: desk.parts.live.linked, "the link is proved")
        broker.kill()
        eventually(lambda: {"linked": False} in feed.of("link"), "the feed says that the link is lost")
        assert len(_open_ids(client)) == 2, "what was known is kept"
        assert client.get("/readyz").status_code == 503
        broker.start()
        eventually(lambda: engine._session.connected, "the engine is back")
        for alarm in list(engine.alarms.values()):
            engine.tell(alarm)
        engine.tell(replace(engine.alarms["goes"], version=2, response=Response.RESOLVED))
        eventually(lambda: _open_ids(client) == ["stays"], "the picture is true again", 15)
        eventually(lambda: client.get("/readyz").status_code == 200, "ready again")
        feed.stop()


def test_an_alarm_that_ended_while_the_console_was_cut_off_is_closed(
    broker: RunningBroker, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm("goes"))
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["goes"], "open")
        desk.parts.live.apply_alarm("home", "ghost", msgspec.json.encode(an_alarm("ghost")), retained=False)
        broker.kill()
        broker.start()
        eventually(lambda: "ghost" not in _open_ids(client), "what the broker does not repeat is gone", 15)


def test_an_unreadable_state_is_an_alarm_and_not_a_gap(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell_raw("home", "odd", b'{"kind":"from the future"}')
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["odd"], "it is shown")
        alarm = client.get("/api/v1/alarms/odd").json()
        assert (alarm["kind"], alarm["priority"], alarm["flags"]) == ("unreadable", "high", ["unreadable"])
        assert "from the future" in client.get("/alarms/odd").text


def test_gateways_and_an_old_connections_last_will(
    broker: RunningBroker, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    session = Session(broker.account("admin"), "gateway-double", clean=True)
    session.start()
    eventually(lambda: session.connected, "connected")
    desk.parts.live.apply_status("gw-home", b'{"state":"online","boot":"b","at":200}')
    desk.parts.live.apply_status("gw-home", b'{"state":"offline","boot":"a","at":100}')
    with desk.client() as client:
        states = {g["gateway_id"]: g["state"] for g in client.get("/api/v1/gateways").json()["gateways"]}
        assert states == {"gw-home": "online", "gw-flat": "never"}
        desk.parts.live.apply_status("gw-home", b'{"state":"offline","boot":"b","at":200}')
        page = client.get("/sites").text
        assert "离线" in page
    session.stop()


def test_a_person_sees_only_the_sites_of_the_account(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell(an_alarm("at-home"))
    engine.tell(at_flat(an_alarm("at-flat")))
    with desk.client() as everybody, desk.client("only-flat") as client:
        eventually(lambda: len(_open_ids(everybody)) == 2, "both are open")
        feed = FeedReader(client)
        eventually(lambda: feed.of("snapshot"), "the snapshot comes")
        assert [a["alarm_id"] for a in feed.of("snapshot")[0]["alarms"]] == ["at-flat"]
        engine.tell(an_alarm("at-home-too"))
        engine.tell(at_flat(an_alarm("at-flat-too")))
        eventually(lambda: feed.of("alarm"), "the own site's comes")
        assert [body["alarm"]["alarm_id"] for body in feed.of("alarm")] == ["at-flat-too"]
        for path in ("/api/v1/alarms/at-home", "/alarms/at-home", "/alarms/at-home/panel"):
            assert client.get(path).status_code == 404
        assert client.post("/api/v1/alarms/at-home/acknowledge", json={"version": 1}).status_code == 404
        assert "305" not in client.get("/sites").text
        feed.stop()


def test_a_disabled_account_is_out_within_two_seconds(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    with desk.client() as client:
        feed = FeedReader(client)
        eventually(lambda: feed.of("snapshot"), "the snapshot comes")
        users = tuple(msgspec.structs.replace(u, disabled=u.user_id == "operator") for u in desk.registry.users)
        desk.change_registry(a_registry(users=users))
        eventually(lambda: feed.ended and feed.of("ended"), "the feed ends", 2)
        assert client.get("/api/v1/me").status_code == 401


def test_logging_out_ends_the_feed_of_the_same_session(desk: Desk, eventually: Eventually) -> None:
    with desk.client() as client:
        feed = FeedReader(client)
        eventually(lambda: feed.of("snapshot"), "the snapshot comes")
        assert client.post("/logout").status_code == 303
        eventually(lambda: feed.ended, "the feed ends", 2.5)


def test_a_new_password_ends_the_old_sessions(desk: Desk) -> None:
    with desk.client() as client:
        users = tuple(msgspec.structs.replace(u, password_hash="other") for u in desk.registry.users)
        desk.change_registry(a_registry(users=users))
        assert client.get("/api/v1/me").status_code == 401


def test_a_silent_engine_makes_the_list_stale(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    with desk.client() as client:
        feed = FeedReader(client)
        eventually(lambda: desk.parts.live.linked, "the engine answers")
        engine.deaf = True
        eventually(lambda: {"linked": False} in feed.of("link"), "the feed says that nobody answers", 15)
        assert client.get("/readyz").json() == {
            "ready": True,
            "broker": True,
            "alarms": True,
            "registry": True,
            "engine": False,
        }
        engine.deaf = False
        eventually(lambda: desk.parts.live.linked, "live again")
        feed.stop()


def test_the_feed_beats_when_nothing_happens(desk: Desk, eventually: Eventually) -> None:
    with desk.client() as client:
        feed = FeedReader(client)
        eventually(lambda: feed.of("beat") and feed.comments, "a beat and its comment", 7)
        feed.stop()


def test_the_page_of_a_hostile_name_shows_it_as_text(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    alarm = an_alarm(
        "evil", evidence={"text": evil, "series": [{"signal": evil, "unit": evil, "times_s": [1], "values": [2]}]}
    )
    engine.tell(
        replace(
            alarm, note=evil, identity=replace(alarm.identity, resident_name=evil, room_name=evil, resident_needs=evil)
        )
    )
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["evil"], "open")
        for path in ("/alarms/evil", "/alarms/evil/panel", "/alarms/evil/log"):
            page = client.get(path)
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "<img" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]


def test_without_a_database_the_pages_say_so_and_live_goes_on(
    desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm())
    with desk.client() as client:
        eventually(lambda: _open_ids(client) == ["a-1"], "open")
        assert "历史记录暂时无法读取" in client.get("/history").text
        assert "本地登记副本" in client.get("/devices").text
        assert "床头呼叫" in client.get("/devices").text
        assert client.get("/alarms/a-1/log").status_code == 200
        gone = client.get("/api/v1/alarms/not-there")
        assert (gone.status_code, gone.json()["type"]) == (503, "urn:anxin:problem:database_away")


def test_logging_in_by_password(desk: Desk) -> None:
    with httpx.Client(base_url=desk.url) as client:
        wrong = client.post("/login", data={"account": "operator", "password": "x"})
        unknown = client.post("/login", data={"account": "nobody", "password": "x"})
        assert (wrong.status_code, unknown.status_code) == (401, 401)
        assert wrong.text.replace("operator", "") == unknown.text.replace("nobody", ""), "nothing tells which exist"
        good = client.post("/login", data={"account": "operator", "password": PASSWORD})
        assert (good.status_code, good.headers["location"]) == (303, "/")
        cookie = good.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert client.get("/").status_code == 200


def test_many_wrong_passwords_cost_time(desk: Desk) -> None:
    with httpx.Client(base_url=desk.url) as client:
        answers = [client.post("/login", data={"account": "operator", "password": "x"}) for _ in range(7)]
        assert [a.status_code for a in answers] == [401] * 5 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 0
        right = client.post("/login", data={"account": "operator", "password": PASSWORD})
        assert right.status_code == 429, "the right password must wait too"


def test_a_login_link_works_once(desk: Desk) -> None:
    link = desk.login_link()
    with httpx.Client() as first, httpx.Client() as second:
        assert first.get(link).status_code == 303
        assert second.get(link).status_code == 401
        assert second.get(desk.url + "/login/once/guessed").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"X-CSRF-Token": "guessed"},
        {"X-CSRF-Token": ""},
    ],
)
def test_another_sites_page_cannot_act(desk: Desk, headers: dict[str, str]) -> None:
    with desk.client() as client:
        answer = client.post("/api/v1/alarms/a-1/acknowledge", json={"version": 1}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] in ("urn:anxin:problem:cross_site", "urn:anxin:problem:csrf")


def test_health_readiness_metrics_and_openapi(desk: Desk, eventually: Eventually) -> None:
    with desk.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        eventually(lambda: client.get("/readyz").status_code == 200, "ready")
        assert "anxin_console_open_alarms 0.0" in client.get("/metrics").text
        assert client.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 403
        document = client.get("/api/v1/openapi.json").json()
        assert "/api/v1/alarms/{alarm_id}/acknowledge" in document["paths"]


def test_errors_are_problem_documents_for_programs_and_pages_for_people(desk: Desk) -> None:
    with desk.client() as client:
        answer = client.get("/api/v1/nothing")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        page = client.get("/nothing")
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "没有这个页面" in page.text
        bad = client.post("/api/v1/alarms/a-1/acknowledge", json={"version": "x"})
        assert (bad.status_code, bad.json()["type"]) == (422, "urn:anxin:problem:invalid")
    with httpx.Client(base_url=desk.url) as stranger:
        assert stranger.get("/").headers["location"] == "/login"
        assert stranger.get("/api/v1/me").status_code == 401


def _cookie(client: httpx.Client) -> str:
    return f"anxin_session={client.cookies['anxin_session']}"


def test_topics_are_those_of_the_contract() -> None:
    assert topics.EVERY_ALARM == "anxin/v1/alarms/+/+"


def test_the_desk_says_who_is_in_the_room(desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    badges = (Badge(badge_id="18", site_id="home", name="夜班备用牌"),)
    desk.change_registry(a_registry(badges=badges))
    engine.tell(an_alarm())
    engine.tell_presence("home", "r305", ["lina", "badge:18"])
    with desk.client() as client:
        eventually(lambda: "夜班备用牌" in client.get("/alarms/a-1/panel").text, "the sheet says so")
        assert "李娜" in client.get("/alarms/a-1/panel").text
        assert "夜班备用牌" in client.get("/sites").text
        engine.tell_presence("home", "r305", [])
        eventually(lambda: "夜班备用牌" not in client.get("/sites").text, "they have left")
    with desk.client("only-flat") as client:
        assert "夜班备用牌" not in client.get("/sites").text


def test_the_sheet_of_a_pre_alarm_counts_down_and_asks_for_a_word(
    desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    until = datetime(2026, 3, 1, 12, 1, tzinfo=UTC)
    fire = a_fire(condition=Condition.ACTIVE, cleared_at=None, evidence={"stage": "pre_alarm"})
    engine.tell(replace(fire, flags=(Flag.PRE_ALARM,), priority=Priority.HIGH, verify_until=until))
    with desk.client() as client:
        eventually(lambda: "verify-band" in client.get("/alarms/f-1/panel").text, "the sheet says so")
        page = client.get("/alarms/f-1/panel").text
        assert f'data-until="{until.isoformat()}"' in page
        assert 'data-do="confirm_fire"' in page
        assert 'data-do="shelve"' not in page


def test_the_sheet_of_a_fire_lists_what_bore_it_out_and_what_it_switched(
    desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    output = Output(
        output_id="o1", site_id="home", name="二楼门禁", does="door_release", gateway_id="gw", native="zigbee2mqtt:Door"
    )
    desk.change_registry(a_registry(outputs=(output,)))
    by = {"what": "device", "id": "smoke-2", "name": "走廊烟感", "at_s": 1772338941.0, "independent": True}
    link = {
        "output_id": "o2",
        "name": "厨房电源",
        "does": "power_cut",
        "refused": True,
        "why": "feeds",
        "detail": "制氧机",
    }
    door = {"output_id": "o1", "name": "二楼门禁", "does": "door_release", "refused": False, "why": "two_triggers"}
    waits = door | {"output_id": "o3", "within_s": 15}
    moved = door | {"within_s": 15, "moved": True, "moved_at_s": 1772338950.0}
    still = door | {"output_id": "o4", "within_s": 15, "moved": False, "moved_at_s": 1772338956.0}
    links = [link, waits, moved, still]
    engine.tell(a_fire(evidence={"stage": "confirmed", "confirmed_by": [by], "linkage": links}))
    with desk.client() as client:
        eventually(lambda: "走廊烟感" in client.get("/alarms/f-1/panel").text, "the sheet says so")
        page = client.get("/alarms/f-1/panel").text
        states = ("等待动作反馈（15 秒）", "已动作", "15 秒内未动作")
        for said in ("厨房电源", "制氧机", "flag refused", 'data-link="o1"', "二楼门禁", *states):
            assert said in page
        assert 'data-do="confirm_fire"' not in page
        (row,) = client.get("/api/v1/alarms").json()["alarms"]
        assert (row["fire"], row["link_refused"]) == ("confirmed", True)
