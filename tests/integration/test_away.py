"""Away is set by whoever knows: a carer at the desk, a daughter on her phone; written down like every change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg
import pytest

from alarms.detect.returns import Returns
from ingest.registry import edit, edit_family
from ingest.registry.family_model import Consent, Share
from ingest.registry.model import Resident, Site, User
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


def away_and_back(home: SetupDesk, *, hours: float = 0) -> list[str]:
    """She is set as away, and so long after that there are signs of life."""
    home.beside(lambda connection: edit.set_resident_away(connection, "wang", away=True))
    went_at = home.registry.resident["wang"].away_at
    assert went_at is not None
    returns = Returns(home.database, lambda: home.registry)
    returns.tell({"resident:wang": went_at.timestamp() + hours * 3600})
    ended = returns.round()
    home.beside(lambda _: None)
    return ended


def test_signs_of_life_take_it_back_as_a_program_and_everybody_sees_it(home: SetupDesk) -> None:
    home.beside(carer)
    home.beside(son)
    assert away_and_back(home, hours=8) == ["wang"]
    assert not home.registry.resident["wang"].away
    assert changes(home)[-1] == ("anxin-detect", False)
    person = home.person("carer", "en")
    for path in ("/residents/wang", "/handover?site=home"):
        assert "watched again" in person.see(path)
    assert "Seems to be back" in person.see("/residents")
    page = home.person("lei", "en").see("/family")
    assert "Somebody seems to be back" in page
    assert "watched again" in page


def test_the_son_says_what_is_true(home: SetupDesk) -> None:
    home.beside(son)
    away_and_back(home, hours=8)
    lei = home.person("lei", "en")
    lei.client.post("/family/son/away", data={"away": "yes"})
    assert home.registry.resident["wang"].away, "it was a cleaner"
    assert "Somebody seems to be back" not in lei.see("/family")
    away_and_back(home, hours=8)
    lei.client.post("/family/son/away", data={"away": "no"})
    assert home.registry.resident["wang"].back_at is None
    assert "Somebody seems to be back" not in lei.see("/family")


def test_what_is_said_after_the_signs_of_life_stays(home: SetupDesk) -> None:
    assert away_and_back(home, hours=-1) == []
    assert home.registry.resident["wang"].away


def test_of_two_behind_one_door_nobody_is_away_any_more(home: SetupDesk) -> None:
    def couple(connection: psycopg.Connection) -> None:
        edit.add_site(connection, Site(site_id="flat", name="F", shard=4, kind="private_home"))
        for name in ("chen", "zhou"):
            edit.add_resident(connection, Resident(resident_id=name, site_id="flat", name=name, away=True))

    home.beside(couple)
    returns = Returns(home.database, lambda: home.registry)
    returns.tell({"site:flat": datetime.now(UTC).timestamp() + 60})
    assert sorted(returns.round()) == ["chen", "zhou"]
    assert returns.round() == []


def test_the_moment_of_away_stays_when_the_rest_of_the_entry_changes(home: SetupDesk) -> None:
    def known() -> Resident:
        return home.registry.resident["wang"]

    home.beside(lambda connection: edit.set_resident_away(connection, "wang", away=True))
    went_at = known().away_at
    home.beside(lambda connection: edit.add_resident(connection, msgspec.structs.replace(known(), needs="cane")))
    assert (known().needs, known().away_at) == ("cane", went_at)
    home.beside(lambda connection: edit.add_resident(connection, msgspec.structs.replace(known(), away=False)))
    assert known().away_at is None
