"""Is all well? ``alarms`` asks, a relative answers on the family page, the question ends: with every real part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm, Disposition, Flag
from ingest.registry import edit, edit_family
from ingest.registry.family_model import Consent, Share
from ingest.registry.model import Contact, Resident, Site, User
from tests.answering_home import AnsweringHome, running_home
from tests.running_system import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.database, pytest.mark.once]
Eventually = Callable[..., None]


def relative(home: AnsweringHome, contact: Contact) -> None:
    """Somebody with an account, who takes part in check-ins and with whom routine is shared."""
    with home.connect() as connection:
        edit.add_user(connection, User(user_id=contact.user_id or "", name=contact.name, role="family", language="en"))
        edit.add_contact(connection, contact)
        for share in (Share.ROUTINE, Share.CHECK_IN, Share.HELPERS):
            word = Consent(
                resident_id=contact.resident_id or "", contact_id=contact.contact_id, share=share, given=True,
                by="herself", recorded_by="chen", at=datetime.now(UTC),
            )  # fmt: skip
            edit_family.record_consent(connection, word)


@pytest.fixture(scope="module")
def one_home(database_server: str) -> Iterator[AnsweringHome]:
    with running_home(database_server) as home:
        with home.connect() as connection:
            edit.add_site(connection, Site(site_id="home1", name="王家", shard=8, kind="private_home"))
            for resident_id, name in (("zhou", "周桂英"), ("sun", "孙建国")):
                edit.add_resident(connection, Resident(resident_id=resident_id, site_id="home1", name=name))
        wang = Contact(contact_id="c1", site_id="pine", resident_id="wang", name="王丽", user_id="mei")
        relative(home, wang)
        for contact_id, resident_id, user_id in (("of-zhou", "zhou", "ling"), ("of-sun", "sun", "jun")):
            one = Contact(
                contact_id=contact_id, site_id="home1", resident_id=resident_id, name=user_id, user_id=user_id
            )
            relative(home, one)
        know = lambda: home.all_know(lambda registry: len(registry.consents) == 9)  # noqa: E731
        assert wait_for(know, 30), "both programs do not know the families"
        yield home


@pytest.fixture
def home(one_home: AnsweringHome, eventually: Eventually) -> Iterator[AnsweringHome]:
    yield one_home
    with one_home.connect() as connection:
        for resident_id in ("wang", "zhou", "sun"):
            edit.set_resident_away(connection, resident_id, away=False)
    nobody = lambda registry: not any(one.away for one in registry.residents)  # noqa: E731
    eventually(lambda: one_home.all_know(nobody), "they are back")
    one_home.tidy(eventually)


def asked(client: httpx.Client, words: str, eventually: Eventually) -> None:
    client.cookies.set("anxin_language", "en")
    eventually(lambda: words in client.get("/family").text, "the page asks")


def press(client: httpx.Client, path: str, **form: str) -> str:
    return client.post(f"/family/{path}", data=form, follow_redirects=True).text


def ended(home: AnsweringHome, question: Alarm, eventually: Eventually) -> Alarm:
    """The question once it is over, as the journal keeps it."""
    eventually(lambda: home.alarm() is None, "the question ends")
    journal = Journal(home.data / "alarms" / "journal.sqlite")
    try:
        known = journal.alarm(question.alarm_id)
    finally:
        journal.close()
    assert known is not None
    return known


def open_question(home: AnsweringHome) -> Alarm:
    alarm = home.alarm()
    assert alarm is not None
    assert alarm.flags == (Flag.QUESTION,)
    return alarm


def test_a_daughter_says_that_all_is_well_and_it_is_kept_that_she_did(
    home: AnsweringHome, eventually: Eventually
) -> None:
    with home.client("mei") as mei, home.client("zhao") as zhao:
        home.ask()
        asked(mei, "Is 王秀英 fine?", eventually)
        question = open_question(home)
        page = press(mei, "c1/check-in", word="fine")
        assert "Thank you. The question is answered." in page
        assert "Is 王秀英 fine?" not in page
        over = ended(home, question, eventually)
        assert over.resolved is not None
        assert (over.resolved.by, over.disposition) == ("contact:c1", Disposition.NO_NEED)
        shown = lambda: zhao.get(f"/api/v1/alarms/{question.alarm_id}").json()  # noqa: E731
        eventually(lambda: shown()["response"] == "resolved", "the desk sees it")
        assert "王丽" in zhao.get(f"/alarms/{question.alarm_id}/log").text


def test_not_at_home_ends_it_and_what_is_asked_just_after_that_too(home: AnsweringHome, eventually: Eventually) -> None:
    with home.client("mei") as mei:
        home.ask()
        asked(mei, "Is 王秀英 fine?", eventually)
        question = open_question(home)
        page = press(mei, "c1/away", away="yes")
        assert "Nobody watches for signs of life until" in page
        assert ended(home, question, eventually).disposition is Disposition.NO_NEED
        with home.connect() as connection:
            about = lambda: connection.execute("SELECT response FROM alarm WHERE resident_id = 'wang'").fetchall()  # noqa: E731
            before = len(about())
            home.ask()
            eventually(lambda: len(about()) > before, "it came, and is history")
            eventually(lambda: {row[0] for row in about()} == {"resolved"}, "nobody has to answer it")


def test_of_a_couple_each_family_answers_for_their_own(home: AnsweringHome, eventually: Eventually) -> None:
    with home.client("ling") as ling, home.client("jun") as jun:
        home.ask("site:home1")
        asked(ling, "Is all well in the home of 周桂英?", eventually)
        asked(jun, "Is all well in the home of 孙建国?", eventually)
        question = open_question(home)
        page = press(ling, "of-zhou/away", away="yes")
        assert "Thank you. The home is still watched: somebody else lives there." in page
        assert "孙建国" not in page
        assert open_question(home).alarm_id == question.alarm_id
        eventually(lambda: home.all_know(lambda known: known.resident["zhou"].away), "she is known to be out")
        assert open_question(home).version == question.version, "where he is nobody has said"
        press(jun, "of-sun/check-in", word="fine")
        over = ended(home, question, eventually)
        assert over.resolved is not None
        assert over.resolved.by == "contact:of-sun"
        eventually(lambda: "Is all well" not in ling.get("/family").text, "nobody is asked any more")
