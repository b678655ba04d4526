"""A fire goes from room to room: order and times stand at every alarm that it raises, in its log and on its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from alarms.lifecycle import spread
from alarms.lifecycle.spread import MOST
from console.incidents import incident_of, incident_view
from tests.alarm_stories import START
from tests.console_desk import a_fire
from tests.fire_home import FireDesk
from tests.incident_home import of, open_home, say

SEEN_AT = {"bedroom-smoke": 0, "corridor-smoke": 120, "bathroom-smoke": 300}


def burning() -> FireDesk:
    """From the bedroom through the corridor up to the bathroom; it is noon at the site."""
    desk = FireDesk()
    for device, at_s in SEEN_AT.items():
        desk.forward(at_s - (desk.now - desk.began).total_seconds())
        desk.record(device, "smoke")
    return desk


def test_every_member_says_how_the_fire_came_there() -> None:
    desk = burning()
    assert [spread.told(desk.of(device).evidence) for device in SEEN_AT] == [
        "",
        "bedroom 12:00 → corridor 12:02",
        "bedroom 12:00 → corridor 12:02 → bathroom 12:05",
    ]
    assert len({alarm.incident_id for alarm in desk.open}) == 1


def test_it_stands_in_the_log_and_in_the_message_of_the_new_room() -> None:
    desk = burning()
    (raised,) = [one for one in desk.journal.entries_of(desk.of("corridor-smoke").alarm_id) if one.event == "Raised"]
    assert raised.detail["way"] == "bedroom 12:00 → corridor 12:02"
    news = [one for one in desk.notices if one.reason == "spreads"]
    assert "bedroom 12:00 → corridor 12:02" in news[0].body_zh


def test_records_that_come_in_another_order_are_put_in_theirs() -> None:
    desk = FireDesk()
    desk.record("corridor-smoke", "smoke")
    desk.record("bedroom-smoke", "smoke", at=desk.now - timedelta(seconds=90))
    assert spread.told(desk.of("bedroom-smoke").evidence) == "bedroom 11:58 → corridor 12:00"


def test_steam_that_was_taken_back_is_no_room_of_the_fire() -> None:
    desk = FireDesk()
    desk.record("bathroom-smoke", "smoke")
    desk.forward(10)
    desk.record("bathroom-smoke", "smoke", False)
    desk.forward(60)
    desk.record("bedroom-smoke", "smoke")
    desk.forward(60)
    desk.record("kitchen-heat", "heat_alarm")
    assert spread.told(desk.of("kitchen-heat").evidence) == "bedroom 12:01 → kitchen 12:02"


def test_rooms_that_are_over_keep_their_place() -> None:
    desk = burning()
    first = desk.of("bedroom-smoke")
    desk.record("bedroom-smoke", "smoke", False)
    assert desk.command(desk.of("bedroom-smoke"), "resolve", "kong", disposition="no_need")["ok"]
    desk.record("kitchen-smoke", "smoke")
    assert spread.told(desk.of("kitchen-smoke").evidence).startswith("bedroom 12:00 → corridor 12:02 → bathroom")
    incident = incident_of(desk.of("corridor-smoke"), desk.open)
    assert incident is not None
    assert [one.room for one in incident.way] == ["bedroom", "corridor", "bathroom", "kitchen"]
    assert first.alarm_id not in {one.alarm_id for one in incident.members}


def test_a_fire_all_over_the_house_names_where_it_began() -> None:
    desk = open_home()
    for room in range(MOST + 5):
        say(desk, "smoke", room, "smoke")
        desk.forward(1)
    evidence = of(desk, "smoke", MOST + 4).evidence
    assert [one["room"] for one in evidence["way"]] == [f"{room:02d}" for room in range(MOST)]


def test_the_api_shows_the_way_and_the_open_members() -> None:
    desk = burning()
    view = incident_view(incident_of(desk.of("bedroom-smoke"), desk.open))
    assert view is not None
    assert view["incident_id"] == desk.of("bedroom-smoke").alarm_id
    assert [(one["room"], one["at"] - desk.began) for one in view["way"]] == [
        ("bedroom", timedelta()),
        ("corridor", timedelta(minutes=2)),
        ("bathroom", timedelta(minutes=5)),
    ]
    assert len(view["alarm_ids"]) == 3
    assert incident_view(None) is None


def test_what_a_stranger_put_there_is_left_out() -> None:
    nonsense = [
        3,
        {"room_id": "a"},
        {"room_id": "a", "room": "b", "at_s": 1e300},
        {"room_id": 1, "room": "x", "at_s": 1},
    ]
    fire = replace(a_fire(evidence={"way": nonsense}), raised_at=START)
    assert [one.at for one in spread.way([fire])] == [START] * (fire.identity.room_id is not None)
    assert spread.told({"way": "x"}) == ""
