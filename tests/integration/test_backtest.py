"""``anxin backtest``: stored history through a rule once more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from click.testing import CliRunner, Result

from console.cli.main import anxin
from ingest.registry import edit
from ingest.registry.model import Gateway
from ingest.store.connection import connect
from ingest.store.stored import stored
from ingest.wire.signals import BY_NAME

pytestmark = [pytest.mark.database, pytest.mark.once]
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
YESTERDAY = TODAY - timedelta(days=1)


def home(site_id: str) -> dict[str, Any]:
    meter = {
        "device_id": f"{site_id}:meter", "number": 0, "site_id": site_id, "gateway_id": f"{site_id}-1",
        "kind": "meter", "profile": "meter", "native": f"meter:{site_id}",
    }  # fmt: skip
    return {"sites": [{"site_id": site_id, "name": site_id, "shard": 3}], "devices": [meter]}


@pytest.fixture
def house(database: str, tmp_path: Path) -> str:
    """Two homes; in the first one the cable is at 80 degC from 06:00 to 06:10 yesterday."""
    both = {key: [*home("north")[key], *home("south")[key]] for key in ("sites", "devices")}
    file = tmp_path / "house.json"
    for part in ({"sites": both["sites"]}, both):
        file.write_text(json.dumps(part), "utf-8")
        if part is both:
            with connect(database, "test") as connection:
                for site_id in ("north", "south"):
                    edit.add_gateway(connection, Gateway(gateway_id=f"{site_id}-1", site_id=site_id))
        done = CliRunner().invoke(
            anxin, ["registry", "import", str(file), "--data", str(tmp_path)], env={"ANXIN_DATABASE": database}
        )
        assert done.exit_code == 0, done.output
    begins = YESTERDAY + timedelta(hours=6)
    with psycopg.connect(database) as connection:
        numbers = dict(connection.execute("SELECT device_id, number FROM device").fetchall())
        for site_id, hot_c in (("north", 80.0), ("south", 40.0)):
            for minute in range(-10, 20):
                connection.execute(
                    "INSERT INTO reading_meter (time, device_number, received_at, power_w, cable_temp_c)"
                    " VALUES (%(at)s, %(device)s, %(at)s, 120.5, %(temp)s)",
                    {
                        "at": begins + timedelta(minutes=minute),
                        "device": numbers[f"{site_id}:meter"],
                        "temp": hot_c if 0 <= minute < 10 else 30.0,
                    },
                )
        connection.execute(
            "INSERT INTO reading_extra (time, value, device_number, signal, element) VALUES (%s, 90, %s, %s, 2)",
            (begins + timedelta(minutes=30), numbers["south:meter"], BY_NAME["cable_temp_c"].number),
        )
    return database


def run(database: str, tmp_path: Path, *words: str) -> Result:
    span = ["--from", f"{YESTERDAY:%Y-%m-%d}", "--to", f"{TODAY:%Y-%m-%d}", "--learn-days", "0"]
    words = ("backtest", *words, *span, "--data", str(tmp_path), "--json")
    return CliRunner().invoke(anxin, words, env={"ANXIN_DATABASE": database})


def results(done: Result) -> dict[str, Any]:
    assert done.exit_code == 0, done.output
    body: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return body


def test_what_a_rule_would_have_raised_is_shown_with_its_moments(house: str, tmp_path: Path) -> None:
    body = results(run(house, tmp_path, "cable_hot", "--site", "north"))
    assert [(row["subject"], row["raised"]) for row in body["results"]] == [
        ("north:meter", True),
        ("north:meter", False),
    ]
    assert body["results"][0]["at"] == f"{YESTERDAY:%Y-%m-%d}T06:00:01+00:00"
    assert body["results"][0]["text"] == "Cable temperature at or over 70 °C for 1 s"
    assert (body["raised"], body["days"]) == (1, 1.0)


def test_every_site_and_readings_of_phases_are_judged(house: str, tmp_path: Path) -> None:
    body = results(run(house, tmp_path, "cable_hot"))
    assert {row["subject"] for row in body["results"] if row["raised"]} == {"north:meter", "south:meter"}


def test_a_day_without_readings_is_a_quiet_day(house: str, tmp_path: Path) -> None:
    assert results(run(house, tmp_path, "inactivity"))["results"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nonsense",), "no single rule is called 'nonsense'"),
        (("smoke",), "reaches people by itself"),
        (("cable_hot", "--site", "nowhere"), "no site is called 'nowhere'"),
    ],
)
def test_what_cannot_be_is_named(house: str, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = run(house, tmp_path, *words)
    assert done.exit_code != 0
    assert said in str(done.exception) + done.output


def test_stored_readings_come_back_hour_by_hour_in_their_own_order(house: str) -> None:
    with connect(house, "test") as connection:
        hours = list(stored(connection, YESTERDAY, TODAY))
    assert [end for end, _ in hours] == [YESTERDAY + timedelta(hours=n) for n in range(1, 25)]
    full = [batch for _, batch in hours if len(batch)]
    assert sum(map(len, full)) == 2 * 30 * 2 + 1
    assert all((np.diff(batch.observed_s) >= 0).all() for batch in full)
