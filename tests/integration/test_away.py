"""Away is set by whoever knows: a carer at the desk, a daughter on her phone; written down like every change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from ingest.registry import edit, edit_family
from ingest.registry.family_model import Consent, Share
from ingest.registry.model import Resident, User
from tests.setup_home import SetupDesk, furnish, setup_desk

pytestmark = [pytest.mark.database, pytest.mark.once]


@pytest.fixture
def home(database: str, short_path: Path) -> Iterator[SetupDesk]:
    furnish(database)
    with setup_desk(database, short_path) as running:
        yield running


def carer(connection: psycopg.Connection) -> None:
    edit.add_user(connection, User(user_id="carer", name="Li", role="carer", site_ids=("home",)))
    edit.add_resident(connection, Resident(resident_id="chen", site_id="flat", name="陈建国"))


def son(connection: psycopg.Connection) -> None:
    """He has an account and takes part in check-ins."""
    edit.add_user(connection, User(user_id="lei", name="王磊", role="family", language="en"))
    edit_family.link_account(connection, "son", "lei")
    word = Consent(
        resident_id="wang", contact_id="son", share=Share.CHECK_IN, given=True, by="王丽", recorded_by="operator",
        at=datetime.now(UTC),
    )  # fmt: skip
    edit_family.record_consent(connection, word)


def changes(home: SetupDesk) -> list[tuple[str, bool]]:
    """Who set her as away, or as back."""
    with psycopg.connect(home.database) as connection:
        rows = connection.execute(
            "SELECT by, (after->>'away')::boolean FROM registry_change"
            " WHERE what = 'resident' AND entry_id = 'wang' AND before IS NOT NULL ORDER BY change_id"
        )
        return [(row[0], row[1]) for row in rows.fetchall()]


def test_a_carer_sets_her_as_away_and_as_back_on_her_page(home: SetupDesk) -> None:
    home.beside(carer)
    person = home.person("carer", "en")
    assert "Set as away" in person.see("/residents/wang")
    done = person.client.post("/residents/wang/away", data={"away": "yes"})
    assert done.headers["location"] == "/residents/wang"
    page = person.see("/residents/wang")
    assert "Resident is away" in page
    assert "Back again" in page
    person.client.post("/residents/wang/away", data={"away": "no"})
    assert not home.registry.resident["wang"].away
    assert changes(home) == [("carer", True), ("carer", False)]


def test_from_a_question_one_comes_back_to_it(home: SetupDesk) -> None:
    home.beside(carer)
    client = home.person("carer").client
    done = client.post("/residents/wang/away", data={"away": "yes", "alarm_id": "q-1"})
    assert done.headers["location"] == "/alarms/q-1"
    assert client.post("/residents/wang/away", data={"away": "yes", "alarm_id": "//other"}).status_code == 422
    assert client.post("/residents/wang/away", data={"away": "perhaps"}).status_code == 422


def test_who_does_not_answer_alarms_there_sets_nobody_as_away(home: SetupDesk) -> None:
    home.beside(carer)
    assert home.person("installer").client.post("/residents/wang/away", data={"away": "yes"}).status_code == 403
    assert home.person("carer").client.post("/residents/chen/away", data={"away": "yes"}).status_code == 404
    assert not any(resident.away for resident in home.registry.residents)


def test_a_son_who_takes_part_in_check_ins_sets_her_as_away_and_as_back(home: SetupDesk) -> None:
    home.beside(son)
    lei = home.person("lei", "en")
    lei.client.follow_redirects = True
    assert "Not at home for a while" in lei.see("/family")
    page = lei.client.post("/family/son/away", data={"away": "yes"}).text
    assert "Nobody watches for signs of life until" in page
    assert "Back at home" in page
    assert home.registry.check_ins == (), "nobody had asked how she is"
    page = lei.client.post("/family/son/away", data={"away": "no"}).text
    assert "The watch goes on." in page
    assert changes(home) == [("lei", True), ("lei", False)]
