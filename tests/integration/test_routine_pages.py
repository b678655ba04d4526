"""Where notes about the routine are shown: to staff on the card and in the API, to relatives as far as it is shared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ingest.registry.family_model import Share
from tests.console_desk import Desk, running_desk
from tests.console_history import NOWHERE
from tests.routine_pages import furnish

pytestmark = pytest.mark.database

ZH, EN = (
    "夜间活动 6 次（其中如厕 4 次），近四周常为 1 次，持续 3 天。",
    "Up 6 times in the night (4 visits to the bathroom);",
)


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path, NOWHERE, database=database) as running:
        yield running


def test_the_card_has_the_notes_in_both_languages_what_goes_on_first(desk: Desk, database: str) -> None:
    furnish(desk, database)
    with desk.client() as client:
        client.cookies.set("anxin_language", "zh")
        card = client.get("/residents/wang/card").text
        assert ZH in card
        assert card.index("夜间起身增多") < card.index("灶具无人看管")
        assert "这是提示，不是报警" in card
        client.cookies.set("anxin_language", "en")
        assert EN in client.get("/residents/wang").text
        assert "Routine" not in client.get("/residents/chen").text


def test_the_api_lists_notes_and_days_under_the_resident(desk: Desk, database: str) -> None:
    furnish(desk, database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO routine_day (resident_id, day, drawn_at, sensors, heard_h, night_up)"
            " VALUES ('wang', '2025-11-25', now(), '{1}', 24, 1), ('wang', '2025-11-26', now(), '{1}', 24, 6)"
        )
    with desk.client() as client:
        said = client.get("/api/v1/residents/wang/routine").json()
        night = next(note for note in said["notes"] if note["kind"] == "night")
        assert (night["now"], night["usual"], night["until"], night["sure"]) == (6, 1, None, "clear")
        assert night["words"]["zh"] == ZH
        assert [(day["day"], day["night_up"], day["cold_h"]) for day in said["days"]] == [
            ("2025-11-25", 1, None),
            ("2025-11-26", 6, None),
        ]
        assert client.get("/api/v1/residents/nobody/routine").status_code == 404
    with desk.client("only-flat") as client:
        assert client.get("/api/v1/residents/wang/routine").status_code == 404
    with desk.client("mei") as client:
        assert client.get("/api/v1/residents/wang/routine").status_code == 403


@pytest.mark.parametrize("shared", [(Share.ROUTINE,), tuple(set(Share) - {Share.ROUTINE})])
def test_a_relative_sees_them_only_where_the_routine_is_shared(
    desk: Desk, database: str, shared: tuple[Share, ...]
) -> None:
    furnish(desk, database, *shared)
    with desk.client("mei") as client:
        client.cookies.set("anxin_language", "zh")
        page = client.get("/family").text
        assert (ZH in page) == (Share.ROUTINE in shared)
        assert ("作息</h2>" in page) == (Share.ROUTINE in shared)


def test_a_note_that_ended_long_ago_is_shown_to_nobody(desk: Desk, database: str) -> None:
    furnish(desk, database, Share.ROUTINE)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE routine_note SET since = '2025-01-01', seen = '2025-01-02', until = '2025-01-05'")
    with desk.client("mei") as client:
        assert ZH not in client.get("/family").text
    with desk.client() as client:
        assert client.get("/api/v1/residents/wang/routine").json()["notes"] == []
