"""Two daughters, each with her own elder: what each of them sees and can do, and that nothing leads to the other's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from alarms.lifecycle.alarm import Act, Alarm, AlarmKind, Priority, Response
from alarms.lifecycle.events import NotArrived
from ingest.registry.family_model import Consent, Share
from ingest.registry.model import Contact, Registry, User
from tests.console_desk import Desk, FakeEngine, a_question, a_registry, an_alarm, running_desk
from tests.running_broker import RunningBroker

pytestmark = [pytest.mark.broker, pytest.mark.once]
Eventually = Callable[..., None]
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
SHARED = (Share.CALLS, Share.PLACE, Share.HELPERS, Share.CHECK_IN)


def consent(share: Share, contact_id: str = "c1", *, given: bool = True) -> Consent:
    return Consent(
        resident_id="wang" if contact_id == "c1" else "chen",
        contact_id=contact_id,
        share=share,
        given=given,
        by="herself",
        recorded_by="supervisor",
        at=NOW,
    )


def families(*shared: Share) -> Registry:
    """Mei is Ms Wang's daughter, Lan is Mr Chen's; Ms Wang shares what is given."""
    registry = a_registry()
    mei = Contact(contact_id="c1", site_id="home", name="王丽", relation="女儿", resident_id="wang", user_id="mei")
    lan = Contact(contact_id="c2", site_id="flat", name="陈兰", relation="女儿", resident_id="chen", user_id="lan")
    people = (
        User(user_id="mei", name="王丽", role="family", password_hash="chosen"),
        User(user_id="lan", name="陈兰", role="family"),
    )
    return msgspec.structs.replace(
        registry,
        contacts=(mei, lan),
        users=(*registry.users, *people),
        consents=(*(consent(share) for share in shared), *(consent(share, "c2") for share in Share)),
    )


@pytest.fixture
def desk(broker: RunningBroker, short_path: Path) -> Iterator[Desk]:
    with running_desk(short_path, broker.account("console"), reply_s=1.5) as running:
        running.registry = families(*SHARED)
        yield running


@pytest.fixture
def mei(desk: Desk) -> Iterator[httpx.Client]:
    with desk.client("mei") as client:
        client.headers["Accept-Language"] = "en"
        client.cookies.set("anxin_language", "en")
        yield client


@pytest.fixture
def called(engine: FakeEngine, mei: httpx.Client, eventually: Eventually) -> Alarm:
    """Ms Wang has called, and her daughter's page shows it."""
    alarm = engine.tell(an_alarm())
    eventually(lambda: "An alarm is under way" in mei.get("/family").text, "the page shows it")
    return alarm


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of the first form about an alarm."""
    alarm_id, command_id = re.findall(r'name="(?:alarm_id|id)" value="([^"]+)"', page)[:2]
    return {"alarm_id": alarm_id, "id": command_id}


def set_out(client: httpx.Client, minutes: int = 20) -> httpx.Response:
    form = form_of(client.get("/family").text)
    return client.post("/family/c1/set-out", data={**form, "minutes": str(minutes)}, follow_redirects=True)


def test_a_daughter_who_logs_in_comes_to_her_mother_and_to_nothing_else(mei: httpx.Client, desk: Desk) -> None:
    with httpx.Client(base_url=desk.url) as stranger:
        assert stranger.get(desk.login_link("mei")).headers["location"] == "/family"
    page = mei.get("/family").text
    assert "王秀英" in page
    assert "陈建国" not in page
    assert "Nothing is under way" in page
    assert mei.get("/family/c1").status_code == 200


def test_an_alarm_its_helpers_and_its_end_are_shown_in_words_without_names(
    mei: httpx.Client, engine: FakeEngine, called: Alarm, eventually: Eventually
) -> None:
    page = mei.get("/family").text
    assert "Help call · 305 室" in page
    for secret in ("助听器", "李娜", "床头呼叫", "help_call"):
        assert secret not in page
    engine.tell(
        replace(called, version=2, response=Response.ACKNOWLEDGED, takers=(Act(by="lina", at=called.raised_at),))
    )
    eventually(lambda: "Staff took it at" in mei.get("/family").text, "somebody has it")
    page = mei.get("/family").text
    assert "Somebody is on it" in page
    assert "李娜" not in page
    over = replace(called, version=3, response=Response.RESOLVED, resolved=Act(by="lina", at=datetime.now(UTC)))
    engine.tell(over)
    eventually(lambda: "It is over" in mei.get("/family").text, "it is over")


def test_what_is_not_shared_is_not_shown(mei: httpx.Client, desk: Desk, called: Alarm) -> None:
    desk.change_registry(families())
    page = mei.get("/family").text
    assert "You will hear when something is over" in page
    assert "Help call" not in page
    assert "305 室" not in page
    assert called.alarm_id not in page
    assert "Are you fine?" not in page
    gone = mei.post("/family/c1/set-out", data={"alarm_id": called.alarm_id, "id": "0" * 32, "minutes": "20"})
    assert gone.status_code == 409
    assert mei.post("/family/c1/check-in", data={"word": "asked"}).status_code == 403


def test_she_is_on_her_way_and_the_desk_sees_it_with_its_end(
    mei: httpx.Client, desk: Desk, engine: FakeEngine, called: Alarm, eventually: Eventually
) -> None:
    page = set_out(mei).text
    assert "You are on the way." in page
    assert "The desk knows that you are on the way." in page
    assert engine.commands[-1]["by"] == "contact:c1"
    with desk.client() as operator:
        operator.cookies.set("anxin_language", "en")
        seen = operator.get(f"/api/v1/alarms/{called.alarm_id}").json()
        assert [(one["name"], one["over"]) for one in seen["coming"]] == [("王丽 (女儿)", False)]
        assert seen["response"] == "new", "being on the way takes nothing off the desk"
        panel = operator.get(f"/alarms/{called.alarm_id}/panel").text
        assert "王丽 (女儿)" in panel
        assert "will be there at" in panel
        engine.happen(called.alarm_id, NotArrived())  # not yet: nothing changes
        assert "will be there at" in operator.get(f"/alarms/{called.alarm_id}/panel").text
        standing = engine.alarms[called.alarm_id]
        late = replace(standing.coming[0], over=True)
        engine.tell(replace(standing, version=standing.version + 1, coming=(late,)))
        panel = lambda: operator.get(f"/alarms/{called.alarm_id}/panel").text  # noqa: E731
        eventually(lambda: "do not count on it" in panel(), "the desk sees that the time is over")
    assert "Your time is over." in mei.get("/family").text


def test_she_can_take_it_back(mei: httpx.Client, engine: FakeEngine, called: Alarm) -> None:
    set_out(mei)
    form = form_of(mei.get("/family").text)
    page = mei.post("/family/c1/turn-back", data=form, follow_redirects=True).text
    assert "The desk knows that you do not come." in page
    assert engine.alarms[called.alarm_id].coming == ()


def test_the_same_press_twice_is_one(mei: httpx.Client, engine: FakeEngine, called: Alarm) -> None:
    form = {**form_of(mei.get("/family").text), "minutes": "20"}
    for _ in range(2):
        assert mei.post("/family/c1/set-out", data=form).status_code == 303
    assert engine.alarms[called.alarm_id].version == called.version + 1


@pytest.fixture
def asked(engine: FakeEngine, eventually: Eventually, desk: Desk) -> Alarm:
    """Whether all is well with Ms Wang is a question."""
    question = engine.tell(a_question())
    eventually(lambda: question.alarm_id in desk.parts.live.alarms, "the console knows of it")
    return question


def test_whether_all_is_well_is_asked_of_whom_routine_is_shared_with(
    desk: Desk, mei: httpx.Client, asked: Alarm
) -> None:
    page = mei.get("/family").text
    assert (asked.alarm_id in page, "Is 王秀英 fine?" in page) == (False, False)
    desk.change_registry(families(Share.ROUTINE, Share.CHECK_IN))
    page = mei.get("/family").text
    assert "Is all well?" in page
    assert "Is 王秀英 fine?" in page
    assert "No sign of life since" in page
    assert "An alarm is under way" not in page
    assert re.findall(r'name="(word|away)" value="(\w+)"', page) == [("word", "fine"), ("away", "yes")]
    assert "27 of the last 28 days" not in page, "the rhythm itself is not for this page"


def test_who_takes_no_part_in_check_ins_sees_the_question_and_telephones(
    desk: Desk, mei: httpx.Client, asked: Alarm
) -> None:
    desk.change_registry(families(Share.ROUTINE))
    page = mei.get("/family").text
    assert "Is 王秀英 fine?" in page
    assert "You know more? Telephone the home." in page
    assert re.findall(r'name="(?:word|away)"', page) == []
    assert mei.post("/family/c1/away", data={"away": "yes"}).status_code == 403


def test_she_is_asked_herself_with_one_large_button(desk: Desk, mei: httpx.Client, asked: Alarm) -> None:
    registry = families()
    own = msgspec.structs.replace(registry.contact["c1"], relation="本人")
    desk.change_registry(msgspec.structs.replace(registry, contacts=(own, registry.contact["c2"])))
    page = mei.get("/family").text
    assert "Are you fine?" in page
    assert re.findall(r'<button type="submit" name="\w+" value="(\w+)" class="large">([^<]+)<', page) == [
        ("fine", "I am fine")
    ]
    assert re.findall(r'name="(?:word|away|minutes)"', page) == ['name="word"']


def test_while_the_engine_is_away_she_is_told_to_telephone(
    mei: httpx.Client, engine: FakeEngine, called: Alarm
) -> None:
    engine.deaf = True
    assert "The alarm service did not answer" in set_out(mei).text
    assert engine.alarms[called.alarm_id].coming == ()


def test_without_a_database_the_page_says_what_it_does_not_know(mei: httpx.Client) -> None:
    assert "The history cannot be reached" in mei.get("/family").text
    assert mei.post("/family/c1/check-in", data={"word": "asked"}).status_code == 503
    assert mei.post("/family/wishes", data={"digest_at": "20:00"}).status_code == 503


def test_an_account_without_anybody_says_so(desk: Desk) -> None:
    with desk.client("family") as nobody:
        assert nobody.get("/family").status_code == 200
        assert "王秀英" not in nobody.get("/family").text


def test_an_account_that_is_disabled_sees_nothing_any_more(desk: Desk, mei: httpx.Client) -> None:
    registry = families(*SHARED)
    users = tuple(msgspec.structs.replace(u, disabled=u.user_id == "mei") for u in registry.users)
    desk.change_registry(msgspec.structs.replace(registry, users=users))
    assert mei.get("/family").headers["location"] == "/login"


def test_the_other_daughter_reaches_nothing_of_ms_wang_by_any_route(
    desk: Desk, engine: FakeEngine, called: Alarm
) -> None:
    """Every route of the application, with every id of Ms Wang's in its place and in every field."""
    other = engine.tell(an_alarm("theirs", kind=AlarmKind.FIRE, priority=Priority.EMERGENCY))
    secrets = ("王秀英", "王丽", "305 室", "sos-305", "助听器", "138-0000")
    elsewhere = ("/logout", "/api/v1/feed", "/watch/feed")  # the session's end, a stream, this machine's own
    routes = [(r.method, r.path) for r in desk.routes() if r.path not in elsewhere]
    assert len(routes) > 40
    with desk.client("lan") as lan:
        for method, path in routes:
            for alarm_id in (called.alarm_id, other.alarm_id):
                url = path.replace("{alarm_id}", alarm_id).replace("{contact_id}", "c1").replace("{token}", alarm_id)
                body = {
                    "alarm_id": alarm_id, "id": "00000000-0000-4000-8000-000000000001", "minutes": "20", "word": "fine",
                    "away": "yes",
                    "person": "contact:c1", "channel": "webhook", "mark": "x", "address": "https://x.example",
                    "site": "home",
                    "version": "1", "note": "x", "disposition": "false_alarm", "reached": "spoken", "kind": "fall",
                    "place": "room:r305", "to": "user:lina",
                }  # fmt: skip
                answers = [lan.request(method, url, params=body)]
                if method == "POST":
                    json = {name: body[name] for name in ("version", "note")}
                    answers += [lan.post(url, data=body), lan.post(url, json=json), lan.post(url, json=body)]
                for answer in answers:
                    assert [secret for secret in secrets if secret in answer.text] == [], f"{method} {path}"
                    if "{contact_id}" in path:
                        assert answer.status_code in (404, 422), f"{method} {path}"
                    elif "{alarm_id}" in path:
                        assert answer.status_code == 403, f"{method} {path}"
        with lan.stream("GET", "/api/v1/feed") as feed:
            assert feed.status_code == 403
    assert engine.alarms[called.alarm_id] == called, "nothing has changed"
    assert engine.alarms[other.alarm_id] == other


def test_the_app_can_be_installed_and_works_below_its_own_path_only(desk: Desk) -> None:
    with httpx.Client(base_url=desk.url) as stranger:
        worker = stranger.get("/family/sw.js")
        assert worker.headers["service-worker-allowed"] == "/family"
        manifest = stranger.get("/static/family.json").json()
        assert (manifest["start_url"], manifest["scope"]) == ("/family", "/family")
        for icon in manifest["icons"]:
            assert stranger.get(icon["src"]).status_code == 200
        for part in re.findall(r'"(/[^"]+)"', worker.text.partition("const SHELL")[2].partition("]")[0]):
            assert stranger.get(part).status_code == 200
        offline = stranger.get("/family/offline").text
        assert "没有网络" in offline
        assert "No connection" in offline
