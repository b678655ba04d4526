"""The journal's disk is full for a while: people are told until somebody answers, and the answer counts afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alarms.notify.dispatcher import Outcome, Task
from ingest.mqtt import Message, Posted
from ingest.registry.model import Policy, PolicyStep, Reach
from ingest.wire import topics
from tests.alarm_stories import DUTY, START
from tests.loop_house import HOUSE, House

REPLY = "anxin/v1/console/c/replies"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@contextmanager
def full(house: House) -> Iterator[None]:
    house.journal._db.execute("PRAGMA query_only = 1")
    yield
    house.journal._db.execute("PRAGMA query_only = 0")


def alarms(house: House) -> dict[str, dict[str, Any]]:
    """What the console has of each device's alarm, newest."""
    found: dict[str, dict[str, Any]] = {}
    for topic, payload, _ in house.session.published:
        if topics.parse_alarm(topic) is not None and payload:
            alarm = msgspec.json.decode(payload)
            found[alarm["identity"]["device_id"]] = alarm
    return found


def minutes(house: House, count: float, answer: Callable[[Task], Outcome]) -> list[tuple[float, str, str, str]]:
    """Time passes; what each phone got: seconds since, alarm, target, reason."""
    begun, told = house.clock.now(), []
    for _ in range(round(count * 120)):
        house.clock.forward(0.5)
        house.turn()
        tasks, house.handed.tasks = house.handed.tasks, []
        for task in tasks:
            notice = task.notice
            told.append(((house.clock.now() - begun).total_seconds(), notice.alarm_id, task.address, notice.reason))
            house.turn(Posted(answer(task)))
    return told


def ok(task: Task) -> Outcome:
    return Outcome(task=task, ok=True, result="ok")


def command(house: House, device: str, do: str, by: str = "li", **more: str) -> dict[str, Any]:
    """Somebody at the desk does it, seeing what the console has; the engine's answer."""
    alarm = alarms(house)[device]
    body = {"do": do, "by": by, "id": f"{do}-{by}-{device}", "version": alarm["version"], "reply_to": REPLY} | more
    topic = topics.alarm_do("pine", alarm["alarm_id"])
    house.turn(Message(topic, msgspec.json.encode(body), False, house.clock.now().timestamp(), 1, 99, 1))
    replies = [msgspec.json.decode(payload) for topic, payload, _ in house.session.published if topic == REPLY]
    reply: dict[str, Any] = next(reply for reply in replies if reply["id"] == body["id"])
    return reply


def test_people_are_told_again_and_again_about_the_alarm_of_before_and_the_one_of_meanwhile(house: House) -> None:
    house.say("sos-201", "help_call")
    before = alarms(house)["sos-201"]["alarm_id"]
    minutes(house, 0.1, ok)
    with full(house):
        acknowledged = len(house.session.acknowledged)
        house.say("smoke-202", "smoke")
        meanwhile = alarms(house)["smoke-202"]
        assert meanwhile["flags"] == ["not_journaled"]
        told = minutes(house, 5, ok)
        for alarm_id in (before, meanwhile["alarm_id"]):
            moments = [at_s for at_s, about, _, _ in told if about == alarm_id]
            assert len(moments) >= 5
            assert max(later - earlier for earlier, later in pairwise(moments)) <= 61
        assert len(house.session.acknowledged) == acknowledged, "the spools keep it"


def test_an_alarm_that_is_open_never_leaves_the_desk_when_the_disk_is_back(house: House) -> None:
    house.say("sos-201", "help_call")
    with full(house):
        house.say("sos-201", "help_call")
        house.say("smoke-202", "smoke")
        assert {alarm["flags"][-1] for alarm in alarms(house).values()} == {"not_journaled"}
    house.turn()
    assert [alarm["flags"] for alarm in alarms(house).values()] == [[], []]
    assert not [topic for topic, payload, _ in house.session.published if topics.parse_alarm(topic) and not payload]


def test_a_provider_that_fails_is_tried_again(house: House) -> None:
    with full(house):
        house.say("sos-201", "help_call")
        tries = 0

        def refuse(task: Task) -> Outcome:
            nonlocal tries
            tries += 1
            return Outcome(task=task, ok=False, result="503")

        minutes(house, 0.3, refuse)
        assert tries >= 4


def test_the_next_channel_is_tried_and_not_the_first_one_again(house: House) -> None:
    reaches = tuple(
        Reach(person="contact:c1", rank=rank, channel=channel, address=f"{channel}://c1", answered_at=START)
        for rank, channel in enumerate(("push", "sms", "chat"), start=1)
    )
    steps = (PolicyStep(after_s=0, who=("contact:c1",)),)
    policy = Policy(policy_id="p", name="p", steps=steps, repeat_s=600, return_s=600, hand_over_s=20)
    house.turn(Posted(msgspec.structs.replace(HOUSE, version=9, reaches=reaches, policies=(policy,))))
    house.say("sos-201", "help_call")
    asked = [address for _, _, address, _ in minutes(house, 0.5, ok)]
    with full(house):
        asked += [address for _, _, address, _ in minutes(house, 1, ok)]
    assert [one for one in asked if one.endswith("//c1")] == ["push://c1", "sms://c1", "chat://c1"]


def test_the_answer_of_meanwhile_counts_when_there_is_room_again(house: House) -> None:
    house.say("sos-201", "help_call")
    with full(house):
        house.say("smoke-202", "smoke")
        minutes(house, 2, ok)
        assert command(house, "smoke-202", "acknowledge")["ok"]
        assert command(house, "sos-201", "acknowledge")["ok"]
        alarm_ids = {alarm["alarm_id"] for alarm in alarms(house).values()}
        assert [one for one in minutes(house, 1, ok) if one[1] in alarm_ids] == [], "it is quiet"
    house.turn()
    assert {one.identity.device_id: str(one.response) for one in house.journal.open_alarms()} == {
        "sos-201": "acknowledged",
        "smoke-202": "acknowledged",
    }
    assert [alarm["flags"] for alarm in alarms(house).values()] == [[], []]
    (sos,) = [one for one in house.journal.open_alarms() if one.identity.device_id == "sos-201"]
    assert sos.acknowledged is not None
    assert sos.acknowledged.by == "li"


def test_the_journals_word_takes_the_place_of_versions_that_only_memory_knew(house: House) -> None:
    with full(house):
        house.say("sos-201", "help_call")
        minutes(house, 3, ok)
        high = alarms(house)["sos-201"]
    house.session.published.clear()
    house.turn()
    topic = topics.alarm("pine", high["alarm_id"])
    said = [payload for told, payload, _ in house.session.published if told == topic]
    assert [msgspec.json.decode(payload)["flags"] for payload in said] == [[]] * len(said)
    assert msgspec.json.decode(said[-1])["version"] == high["version"], "it came to the same"


def test_a_clock_that_is_set_meanwhile_delays_nobody(house: House) -> None:
    with full(house):
        house.say("sos-201", "help_call")
        minutes(house, 0.2, ok)
        house.set_clock(-3600)
        assert minutes(house, 0.5, ok), "the next step comes at its time"


def test_what_memory_has_escalated_is_not_sent_again(house: House) -> None:
    house.say("sos-201", "help_call")
    minutes(house, 0.1, ok)
    with full(house):
        told = minutes(house, 0.6, ok)
        assert "escalated" in [reason for _, _, _, reason in told]
    house.turn()
    house.clock.forward(0.5)
    house.turn()
    assert house.handed.tasks == []


def test_what_memory_has_sent_is_not_sent_again(house: House) -> None:
    with full(house):
        house.say("sos-201", "help_call")
        told = minutes(house, 0.1, ok)
        assert DUTY in [address for _, _, address, _ in told]
    house.turn()
    house.clock.forward(0.5)
    house.turn()
    assert DUTY not in [task.address for task in house.handed.tasks]


def test_who_answered_what_came_back_meanwhile_has_answered_it(house: House) -> None:
    """The call came back in memory and was taken there: the journal lets it come back and be taken, in that order."""
    house.say("sos-201", "help_call")
    assert command(house, "sos-201", "acknowledge")["ok"]
    with full(house):
        minutes(house, 3.2, ok)
        assert alarms(house)["sos-201"]["response"] == "new"
        assert command(house, "sos-201", "acknowledge", "zhao")["ok"]
        minutes(house, 1, ok)
    house.turn()
    assert house.only.response == "acknowledged"
    events = [(e.event, e.by) for e in house.journal.entries_of(house.only.alarm_id) if e.state is not None]
    assert events[-2:] == [("ReturnDue", "system"), ("Acknowledge", "zhao")]
    house.wait(60)
    assert house.only.response == "acknowledged"


def test_what_is_put_aside_for_a_short_while_stays_done_when_the_disk_is_back_later(house: House) -> None:
    house.say("smoke-202", "device_fault")
    with full(house):
        until = (house.clock.now() + timedelta(seconds=30)).isoformat()
        said = command(house, "smoke-202", "shelve", note="repair", until=until)
        assert said["ok"]
        minutes(house, 2, ok)
    house.turn()
    alarm = next(alarm for alarm in house.journal.open_alarms() if alarm.rule == "device_fault")
    events = [entry.event for entry in house.journal.entries_of(alarm.alarm_id) if entry.state is not None]
    assert events == ["Raised", "Shelve", "ShelfOver"]
    assert alarm.suppressed is None
