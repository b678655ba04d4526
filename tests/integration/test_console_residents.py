"""A resident's card on a real database, and beside one that is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from alarms.lifecycle.alarm import Disposition
from tests.console_desk import Desk, an_alarm, running_desk
from tests.console_history import NOWHERE, ended, project

pytestmark = pytest.mark.once


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path, NOWHERE, database=database) as running:
        yield running


def test_the_card_has_needs_contacts_earlier_alarms_and_the_day(desk: Desk, database: str) -> None:
    project(database, ended(an_alarm("a-1", age_s=3600), Disposition.FALSE_ALARM))
    with psycopg.connect(database) as connection:
        for minutes, motion, bed in ((20, 1, 0), (25, 1, 0), (600, 0, 1), (3000, 1, 0)):
            at = datetime.now(UTC) - timedelta(minutes=minutes)
            connection.execute(
                "INSERT INTO reading_ambient (time, device_number, received_at, motion, bed_occupied)"
                " VALUES (%s, 1, now(), %s, %s)",
                (at, motion, bed),
            )
    with desk.client() as client:
        page = client.get("/residents/wang").text
        assert "助听器；行走需搀扶" in page
        assert 'href="tel:13800000001"' in page
        assert "/alarms/a-1" in page
        assert "误报" in page
        assert page.count("rhythm-moved") == 1, "both movements are of one half hour; the old one is not of this day"
        assert page.count("rhythm-bed") == 1
        card = client.get("/residents/wang/card").text
        assert "<html" not in card
        assert "rhythm-moved" in card
        found = client.get("/residents?text=305").text
        assert "王秀英" in found
        assert "陈建国" not in found


def test_alarms_of_a_room_of_two_are_on_the_cards_of_both(desk: Desk, database: str) -> None:
    together = an_alarm("of-both", age_s=3600, subject="room:r305")
    nobodys = replace(together.identity, resident_id=None, resident_name="")
    project(database, ended(replace(together, identity=nobodys), Disposition.HELPED))
    next_door = an_alarm("of-306", age_s=7200, subject="room:r306")
    project(database, ended(replace(next_door, identity=nobodys), Disposition.HELPED))
    project(database, ended(an_alarm("of-wang", age_s=9000), Disposition.FALSE_ALARM))
    with desk.client() as client:
        page = client.get("/residents/wang").text
        assert page.index("/alarms/of-both") < page.index("/alarms/of-wang")
        assert "/alarms/of-306" not in page
        assert "/alarms/of-both" not in client.get("/residents/chen").text


def test_a_resident_of_another_site_is_nobody(desk: Desk) -> None:
    with desk.client("only-flat") as client:
        assert client.get("/residents/wang").status_code == 404
        assert "王秀英" not in client.get("/residents").text
        assert client.get("/residents/chen").status_code == 200
        assert client.get("/residents/nobody").status_code == 404


def test_without_the_database_the_card_still_says_whom_to_call(tmp_path: Path) -> None:
    with running_desk(tmp_path, NOWHERE) as desk, desk.client() as client:
        page = client.get("/residents/wang").text
        assert 'href="tel:13800000001"' in page
        assert "暂时" in page
