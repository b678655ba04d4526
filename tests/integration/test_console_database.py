"""The pages on a real PostgreSQL, and beside one that is stopped or hung."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from alarms.lifecycle.alarm import Disposition
from console.auth.tokens import create_login_link
from ingest.registry import source
from ingest.wire.signals import BY_NAME
from tests.console_desk import Desk, a_registry, an_alarm, at_flat, running_desk
from tests.console_history import NOWHERE, ended, project
from tests.running_broker import RunningBroker

Eventually = Callable[..., None]


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path, NOWHERE, database=database) as running:
        yield running


def test_the_history_is_found_filtered_and_turned_over(desk: Desk, database: str) -> None:
    project(database, *(ended(an_alarm(f"a-{n:03}", age_s=3600 * n)) for n in range(60)))
    project(database, ended(at_flat(an_alarm("at-flat", age_s=5)), Disposition.FALSE_ALARM))
    with desk.client() as client:
        first = client.get("/history").text
        assert first.count("/alarms/") == 50
        assert "误报" in first
        assert "李娜" in first
        following = first.split('href="/history?')[1].split('"')[0].replace("&amp;", "&")
        assert client.get(f"/history?{following}").text.count("/alarms/") == 11
        assert client.get("/history?site=flat").text.count("/alarms/") == 1
        assert client.get("/history?text=陈建国").text.count("/alarms/") == 1
        assert client.get("/history?kind=fire").text.count("/alarms/") == 0
        assert client.get("/history?text=%25").text.count("/alarms/") == 0, "a percent sign is only a sign"
        day = (datetime.now(UTC) - timedelta(days=400)).date()
        assert client.get(f"/history?until={day}").text.count("/alarms/") == 0
        assert client.get("/history?since=nonsense&before=nonsense").status_code == 200
        rows = client.get("/history", headers={"HX-Request": "true", "HX-Target": "rows"}).text
        assert "<html" not in rows
    with desk.client("only-flat") as client:
        assert client.get("/history").text.count("/alarms/") == 1
        assert client.get("/alarms/a-001").status_code == 404
        assert client.get("/alarms/at-flat").status_code == 200


def test_a_closed_alarm_shows_its_log_and_who_was_told(desk: Desk, database: str) -> None:
    alarm = ended(an_alarm())
    project(database, alarm)
    with psycopg.connect(database) as connection:
        for number, (event, by, detail) in enumerate(
            [
                ("Raised", "system", "{}"),
                ("sent", "system", "{}"),
                ("not_sent", "system", '{"reason":"rota_gap","step":0}'),
                ("Note", "lina", '{"note":"喝了水"}'),
                ("Assign", "lina", '{"to":"user:supervisor"}'),
                ("Shelve", "lina", '{"note":"烟感维修","second":"operator","until":"2025-03-01T08:00:00+00:00"}'),
                ("ShelfOver", "system", "{}"),
                ("Cleared", "system", '{"because":"fire_over"}'),
                ("Resolve", "lina", '{"disposition":"helped","reached":"spoken"}'),
            ]
        ):
            connection.execute(
                "INSERT INTO alarm_log (log_id, alarm_id, at, event, by, detail) VALUES (%s, 'a-1', now(), %s, %s, %s)",
                (number + 1, event, by, detail),
            )
        connection.execute(
            "INSERT INTO notification (send_key, alarm_id, step, round, target, channel, due_at, sent_at, result)"
            " VALUES ('k', 'a-1', 0, 0, '王磊', 'webhook', now(), now(), 'sent')"
        )
    with desk.client() as client:
        page = client.get("/alarms/a-1/log").text
        for text in ("喝了水", "李娜", "王磊", "webhook", "无人值班：已通知所有人"):
            assert text in page
        for text in (
            "Supervisor",
            "李娜 + Operator",
            "至 2025-03-01 16:00",
            "烟感维修",
            "搁置到时",
            "现场已帮助 · 已与本人通话",
            "火警已结束",
        ):
            assert text in page, text
        assert "无法读取" not in page
        assert client.get("/api/v1/alarms/a-1").json()["disposition"] == "helped"
        assert len(client.get("/api/v1/alarms/a-1/log").json()["log"]) == 9


def test_devices_tell_when_they_were_last_heard(desk: Desk, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO site (site_id, name, shard) VALUES ('home', 'Home', 3)")
        connection.execute("INSERT INTO gateway (gateway_id, site_id) VALUES ('gw-home', 'home')")
        connection.execute(
            "INSERT INTO device (device_id, number, site_id, gateway_id, kind, profile)"
            " VALUES ('sos-305', 1, 'home', 'gw-home', 'button', 'button')"
        )
        connection.execute(
            "INSERT INTO last_value (device_number, signal, element, time, received_at, value)"
            " VALUES (1, %s, 0, now(), now(), 12)",
            (BY_NAME["battery_pct"].number,),
        )
    with desk.client() as client:
        page = client.get("/devices").text
        assert "12 %" in page
        assert "电量低" in page
        assert "从未上线" in page, "the other device"
        assert "本地登记副本" not in page


def test_a_hung_database_costs_a_page_two_seconds_and_the_feed_nothing(
    broker: RunningBroker, short_path: Path, eventually: Eventually
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:
        dsn = f"host=127.0.0.1 port={hung.getsockname()[1]} dbname=x user=x"
        with running_desk(short_path, broker.account("console"), database=dsn) as desk, desk.client() as client:
            eventually(lambda: client.get("/readyz").status_code == 200, "ready without it")
            began = time.monotonic()
            slow = desk.open_client("lina")
            assert "暂时无法读取" in slow.get("/history").text
            assert time.monotonic() - began < 4
            began = time.monotonic()
            assert "暂时无法读取" in slow.get("/history").text, "at once: it is known now"
            assert time.monotonic() - began < 1
            assert client.get("/").status_code == 200
            slow.close()


def test_the_program_starts_from_its_local_copy_and_ends_cleanly(
    broker: RunningBroker, short_path: Path, free_port: int, eventually: Eventually
) -> None:
    source.write_copy(short_path / "console" / "registry.json", a_registry())
    environment = os.environ | {
        "ANXIN_DATA": str(short_path),
        "ANXIN_BROKER_PORT": str(broker.port),
        "ANXIN_DATABASE": "host=127.0.0.1 port=9 dbname=x connect_timeout=1",
        "ANXIN_CONSOLE_PORT": str(free_port),
        "ANXIN_CONSOLE_PASSWORD": broker.passwords["console"],
    }
    program = subprocess.Popen([sys.executable, "-m", "console.program"], env=environment, stderr=subprocess.PIPE)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{free_port}") as client:
            eventually(lambda: _is_ready(client), "ready with the database away", 20)
            assert client.get(create_login_link(short_path, "operator")).status_code == 303
            with client.stream("GET", "/api/v1/feed") as feed:
                assert feed.status_code == 200
                program.send_signal(signal.SIGTERM)
                began = time.monotonic()
                _, errors = program.communicate(timeout=10)
        assert program.returncode == 0, errors.decode()
        assert time.monotonic() - began < 5, "an open feed does not hold up the end"
        assert b"Traceback" not in errors, errors.decode()
    finally:
        program.kill()
        program.wait()


def test_a_wrong_setting_is_said_in_words() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console.program"],
        env=os.environ | {"ANXIN_CONSOLE_PORT": "0"},
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert b"console.port" in done.stderr


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_supervisor_takes_the_filtered_history_along_as_a_file(desk: Desk, database: str) -> None:
    project(database, *(ended(an_alarm(f"a-{n:04}", age_s=60 * n)) for n in range(1100)))
    project(database, ended(at_flat(an_alarm("at-flat", age_s=5)), Disposition.FALSE_ALARM))
    with desk.client("supervisor") as client:
        file = client.get("/history.csv")
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        assert 'filename="anxin-alarms-' in file.headers["content-disposition"]
        assert len(file.text.splitlines()) == 1102, "every page of it"
        few = client.get("/history.csv?site=flat").text.splitlines()
        assert len(few) == 2
        assert "误报" in few[1]
        assert client.get("/history.xlsx?site=flat").content.startswith(b"PK")
        assert "/history.xlsx?site=flat" in client.get("/history?site=flat").text
    with desk.client() as client:
        assert client.get("/history.csv").status_code == 403
        assert "history.csv" not in client.get("/history").text
