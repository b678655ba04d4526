"""The wall clock is set while people wait: every wait stays as long as it was, and times of day stay where they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from alarms.lifecycle.alarm import Response
from alarms.notify.dispatcher import Outcome
from ingest.mqtt import Disconnected, Message, Posted
from ingest.wire import status, topics
from tests.alarm_stories import START
from tests.loop_house import House

HOUR = 3600.0


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


STEPS = [-HOUR, HOUR, -2.0, 30 * 86_400.0]


@pytest.mark.parametrize("by_s", STEPS)
def test_the_next_step_comes_after_its_thirty_seconds_whatever_the_clock_says(house: House, by_s: float) -> None:
    house.say("sos-201", "help_call")
    house.wait(10)
    house.set_clock(by_s)
    house.wait(19)
    assert house.only.step == 0
    house.wait(1.5)
    assert house.only.step == 1
    assert any(entry.event == "ClockSet" for entry in house.journal.entries_of(house.only.alarm_id))


@pytest.mark.parametrize("by_s", STEPS)
def test_the_forgotten_call_comes_back_after_its_three_minutes(house: House, by_s: float) -> None:
    house.say("sos-201", "help_call")
    house.do("acknowledge")
    house.wait(60)
    house.set_clock(by_s)
    house.wait(119)
    assert house.only.response is Response.ACKNOWLEDGED
    house.wait(1.5)
    assert house.only.response is Response.NEW


@pytest.mark.parametrize("by_s", STEPS)
def test_a_clock_that_is_set_while_the_program_is_away_is_noticed_at_its_start(house: House, by_s: float) -> None:
    house.say("sos-201", "help_call")
    house.wait(10)
    house.journal.close()
    house.clock.forward(5)
    house.clock.set_by(by_s)
    house.start()
    house.wait(14)
    assert house.only.step == 0
    house.wait(1.5)
    assert house.only.step == 1


def test_a_machine_that_starts_anew_in_1970_makes_nobody_wait_for_years(house: House) -> None:
    house.say("sos-201", "help_call")
    house.wait(10)
    house.journal.close()
    house.clock.reboot(datetime(1970, 1, 1, tzinfo=UTC))
    house.start()
    house.wait(5)
    house.set_clock((START - house.clock.now()).total_seconds() + 600)  # the network's time has come
    house.wait(25)
    assert house.only.step == 1, "at the latest its thirty seconds after the start"


def test_a_machine_that_was_away_for_long_tells_at_once(house: House) -> None:
    house.say("sos-201", "help_call")
    house.wait(10)
    house.journal.close()
    house.clock.reboot(START + timedelta(minutes=5))
    house.start()
    assert house.only.step == 1


def test_small_steps_add_up_and_a_wobble_moves_nothing(house: House) -> None:
    house.say("sos-201", "help_call")
    version = house.only.version
    for by_s in (0.3, -0.3, 0.2, -0.4):
        house.set_clock(by_s)
    assert house.only.version == version
    for _ in range(40):
        house.set_clock(-0.25)
    house.wait(31)
    assert house.only.step == 1


@pytest.mark.parametrize("by_s", [-HOUR, HOUR])
def test_a_message_that_failed_is_tried_again_in_seconds(house: House, by_s: float) -> None:
    house.say("sos-201", "help_call")
    (task,) = house.handed.tasks
    outcome = Outcome(task=task, ok=False, result="HTTP 503")
    house.turn(Posted(outcome))
    house.handed.tasks.clear()
    house.set_clock(by_s)
    assert house.handed.tasks == []
    house.wait(1.5)
    assert [again.notice.key for again in house.handed.tasks] == [task.notice.key]


@pytest.mark.parametrize("by_s", [-HOUR, HOUR])
def test_broker_and_gateways_have_their_grace(house: House, by_s: float) -> None:
    topic = topics.status(7, "gw-pine")
    for state in ("online", "offline"):
        house.turn(Message(topic, status.encode(state, "b", 1.0), False, START.timestamp(), 1, 1, 1))
    house.turn(Disconnected(1))
    house.wait(1)
    house.set_clock(by_s)
    assert house.rules == []
    house.wait(2.5)
    assert house.rules == ["gateway_lost"]
    house.wait(5.5)
    assert house.rules == ["gateway_lost"]
    house.wait(2)
    assert sorted(house.rules) == ["broker_lost", "gateway_lost"]


@pytest.mark.parametrize("by_s", [-HOUR, HOUR])
def test_staff_and_drills_are_over_when_they_would_have_been(house: House, by_s: float) -> None:
    house.say("panel-201", "staff_present")
    body = {"do": "drill", "by": "user:mei", "id": "d", "kind": "fire", "device_id": "smoke-202"}
    house.turn(Message(topics.site_do("pine"), msgspec.json.encode(body), False, START.timestamp(), 1, 1, 1))
    house.set_clock(by_s)
    house.clock.forward(1790)
    house.turn()
    assert (house.rules, len(house.journal.presences())) == (["smoke"], 1)
    house.clock.forward(15)
    house.turn()
    assert (house.rules, len(house.journal.presences())) == ([], 1)
    house.clock.forward(1790)
    house.turn()
    assert len(house.journal.presences()) == 1
    house.clock.forward(15)
    house.turn()
    assert house.journal.presences() == []


def test_until_two_o_clock_is_until_two_o_clock(house: House) -> None:
    house.say("sos-201", "help_call")
    two = START + timedelta(hours=2)
    house.do("shelve", note="Ms Wang is out", until=two.isoformat(), second="user:li")
    house.set_clock(HOUR)
    house.clock.forward(HOUR - 1)
    house.turn()
    assert house.only.suppressed is not None
    house.clock.forward(2)
    house.turn()
    assert house.only.suppressed is None
    assert house.clock.now() - two < timedelta(seconds=2)


def test_what_waits_while_the_disk_is_full_is_moved_when_it_has_room(house: House) -> None:
    house.say("sos-201", "help_call")
    house.wait(5)
    house.journal._db.execute("PRAGMA query_only = 1")
    house.set_clock(-HOUR)
    house.wait(5)
    house.journal._db.execute("PRAGMA query_only = 0")
    house.wait(19)
    assert house.only.step == 0
    house.wait(1.5)
    assert house.only.step == 1


@pytest.mark.parametrize("by_s", [-HOUR, HOUR])
def test_a_press_that_waited_for_the_disk_while_the_clock_was_set_escalates_in_time(house: House, by_s: float) -> None:
    house.journal._db.execute("PRAGMA query_only = 1")
    house.turn(house.message("sos-201", "help_call"))
    house.wait(1)
    house.set_clock(by_s)
    house.journal._db.execute("PRAGMA query_only = 0")
    house.wait(28)
    assert house.only.step == 0
    house.wait(1.5)
    assert house.only.step == 1


def test_a_limit_per_hour_does_not_count_what_seems_to_come(house: House) -> None:
    house.say("smoke-202", "tamper")
    target = house.handed.tasks[0].notice.key.split("/", 3)[-1].rpartition("/")[0]
    now = house.clock.now()
    assert [count for _, count in house.journal.sends_since(target, now - timedelta(hours=1), now)] == [1]
    assert house.journal.sends_since(target, now - timedelta(hours=2), now - timedelta(hours=1)) == []


def test_a_turn_without_a_step_asks_the_journal_nothing_more(house: House) -> None:
    house.say("sos-201", "help_call")
    asked: list[str] = []
    house.journal._db.set_trace_callback(asked.append)
    house.wait(1)
    assert not any("clock" in statement for statement in asked)
