"""A browser gives its subscription up: it counts no more, the next way is tried at once, nobody is lost in silence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alarms.engine.answers import mark_of
from alarms.engine.outcomes import outcome_to_sent
from alarms.lifecycle.alarm import Alarm, AlarmKind, Priority
from alarms.notify.dispatcher import Outcome, Task
from ingest.mqtt import Message, Posted
from ingest.registry.model import Policy, PolicyStep, Reach, Registry, User
from ingest.wire import topics
from tests.alarm_stories import REGISTRY, START, Desk
from tests.loop_house import House
from tests.notices import a_notice

PROVED = START - timedelta(days=3)
PUSH, SECOND, PHONE = "push:li:1", "push:li:2", "+8613800000001"


def reach(person: str, rank: int, channel: str, address: str, **more: Any) -> Reach:
    return Reach(person=person, rank=rank, channel=channel, address=address, answered_at=PROVED, **more)


def home(*reaches: Reach, **more: Any) -> Registry:
    """Li and Zhao work at the pine home; calls go to Li first, and after 30 s to everyone."""
    users = (
        User(user_id="li", name="李娜", role="carer", site_ids=("pine",)),
        User(user_id="zhao", name="赵敏", role="carer", site_ids=("pine",)),
    )
    steps = (PolicyStep(after_s=0, who=("user:li",)), PolicyStep(after_s=30, who=("everyone",)))
    calls = Policy(
        policy_id="calls", name="calls", steps=steps, repeat_s=60, return_s=180, kinds=("help_call",), hand_over_s=20
    )
    given = {"users": users, "policies": (calls,), "reaches": (*reaches, reach("user:zhao", 1, "webhook", "zhao"))}
    return msgspec.structs.replace(REGISTRY, version=2, **{**given, **more})


def desk_with(registry: Registry) -> Desk:
    desk = Desk(registry)
    desk.duty = []
    desk.restart(registry)
    return desk


def phones(desk: Desk) -> list[tuple[float, str, str]]:
    call = next(alarm.alarm_id for alarm in desk.open if alarm.kind is AlarmKind.HELP_CALL)
    sends = desk.journal.sends_of(call)
    return [(send.due_s - START.timestamp(), send.target, send.address) for send in sends]


def faults(desk: Desk) -> list[Alarm]:
    return [alarm for alarm in desk.open if alarm.rule == "unreachable"]


def told_consoles(desk: Desk) -> list[dict[str, Any]]:
    return [body for topic, body in desk.messages if topic == topics.CHANNEL_ENDED]


def test_the_next_channel_takes_over_at_once_and_the_ended_one_is_not_tried_again() -> None:
    desk = desk_with(home(reach("user:li", 1, "web_push", PUSH), reach("user:li", 2, "voice", PHONE)))
    desk.gone = {PUSH}
    desk.record("sos-201", "help_call")
    assert phones(desk) == [(0, "user:li", PUSH), (0, "user:li", PHONE)]
    desk.forward(100)
    assert [address for _, _, address in phones(desk)].count(PUSH) == 1
    assert faults(desk) == [], "she can be called"


def test_a_second_browser_takes_over_from_the_first() -> None:
    desk = desk_with(home(reach("user:li", 1, "web_push", PUSH), reach("user:li", 2, "web_push", SECOND)))
    desk.gone = {PUSH}
    desk.record("sos-201", "help_call")
    assert phones(desk) == [(0, "user:li", PUSH), (0, "user:li", SECOND)]


def test_the_consoles_learn_it_without_the_address_until_the_registry_says_so() -> None:
    registry = home(reach("user:li", 1, "web_push", PUSH), reach("user:li", 2, "voice", PHONE))
    desk = desk_with(registry)
    desk.gone = {PUSH}
    desk.record("sos-201", "help_call")
    (told,) = told_consoles(desk)
    assert (told["channel"], told["mark"], told["reason"]) == ("web_push", mark_of(PUSH), "HTTP 410")
    desk.forward(60)
    again = len(told_consoles(desk))
    assert again > 1, "the database may have been away"
    ended = msgspec.structs.replace(registry.reaches[0], ended_at=desk.now, ended_reason="HTTP 410")
    desk.engine.registry = msgspec.structs.replace(registry, version=3, reaches=(ended, *registry.reaches[1:]))
    desk.forward(120)
    assert len(told_consoles(desk)) <= again + 1
    assert desk.journal.all_ended() == []


def test_somebodys_last_channel_is_a_fault_that_says_who_and_the_next_step_comes_at_once() -> None:
    registry = home(reach("user:li", 1, "web_push", PUSH))
    desk = desk_with(registry)
    desk.gone = {PUSH}
    desk.record("sos-201", "help_call")
    assert phones(desk) == [(0, "user:li", PUSH), (0, "user:zhao", "zhao")]
    (fault,) = faults(desk)
    assert (fault.kind, fault.priority, fault.identity.site_id) == (AlarmKind.FAULT, Priority.HIGH, "pine")
    assert "李娜" in fault.evidence["text_zh"]
    assert ("zhao", "new_alarm") in desk.heard, "the fault itself is told"
    desk.forward(100)
    reasons = [e.detail.get("reason") for a in desk.open for e in desk.journal.entries_of(a.alarm_id)]
    assert "channel_ended" in reasons
    renewed = reach("user:li", 1, "web_push", SECOND)
    desk.engine.registry = msgspec.structs.replace(registry, version=3, reaches=(renewed, *registry.reaches[1:]))
    desk.forward(100)
    assert faults(desk) == [], "she can be told again"


def test_a_restart_remembers_what_has_ended() -> None:
    registry = home(reach("user:li", 1, "web_push", PUSH), reach("user:li", 2, "voice", PHONE))
    desk = desk_with(registry)
    desk.gone = {PUSH}
    desk.record("sos-201", "help_call")
    desk.restart(registry)
    desk.forward(31)
    assert [address for _, _, address in phones(desk)] == [PUSH, PHONE, PHONE, "zhao"]


def test_an_answer_after_the_end_stands_against_it() -> None:
    registry = home(reach("user:li", 1, "web_push", PUSH))
    desk = desk_with(registry)
    desk.gone = {PUSH}
    desk.record("sos-201", "help_call")
    desk.gone = set()
    desk.forward(10)
    answered = msgspec.structs.replace(registry.reaches[0], answered_at=desk.now)
    desk.engine.registry = msgspec.structs.replace(registry, version=3, reaches=(answered, *registry.reaches[1:]))
    desk.forward(60)
    assert faults(desk) == []
    assert [address for _, target, address in phones(desk) if target == "user:li"][-1] == PUSH


def test_a_channel_of_a_step_that_names_its_channels_hands_over_in_that_order() -> None:
    steps = (PolicyStep(after_s=0, who=("user:li",), channels=("voice", "apprise")),)
    policy = Policy(policy_id="p", name="p", steps=steps, repeat_s=60, return_s=180, hand_over_s=20)
    reaches = (
        reach("user:li", 1, "webhook", "hook"),
        reach("user:li", 2, "voice", PHONE),
        reach("user:li", 3, "apprise", "ntfy://x"),
    )
    desk = desk_with(home(*reaches, policies=(policy,)))
    desk.record("sos-201", "help_call")
    desk.forward(25)
    assert phones(desk) == [(0, "user:li", PHONE), (20, "user:li", "ntfy://x")]


def test_without_any_deadline_the_consoles_are_told_again_and_a_new_channel_ends_the_fault(tmp_path: Path) -> None:
    house = House(tmp_path)
    registry = home(reach("user:li", 1, "web_push", PUSH))
    house.turn(Posted(registry))
    house.say("sos-201", "help_call")
    for _ in range(3):
        house.wait(1)
        tasks, house.handed.tasks = house.handed.tasks, []
        for task in tasks:
            gone = task.address == PUSH
            house.turn(Posted(Outcome(task=task, ok=not gone, result="410", permanent=gone, gone=gone)))
    for alarm in house.journal.open_alarms():
        body = {"do": "attend", "by": "zhao", "id": f"attend-{alarm.alarm_id}"}
        topic = topics.alarm_do("pine", alarm.alarm_id)
        house.turn(Message(topic, msgspec.json.encode(body), False, house.clock.now().timestamp(), 1, 99, 1))
    assert house.rules == ["help_call", "unreachable"]
    house.session.published.clear()
    house.wait(31)
    assert [topic for topic, _, _ in house.session.published].count(topics.CHANNEL_ENDED) == 2
    renewed = reach("user:li", 1, "web_push", SECOND)
    reaches = (renewed, *registry.reaches[1:])
    house.turn(Posted(msgspec.structs.replace(registry, version=3, reaches=reaches)))
    assert house.rules == ["help_call"]


@pytest.mark.parametrize("channel", ["webhook", "apprise", "web_push"])
def test_an_outage_of_the_provider_ends_nothing(channel: str) -> None:
    """Only a provider's own word that the address has ended does; the dispatcher says which that was."""
    desk = desk_with(home(reach("user:li", 1, channel, PUSH)))
    desk.broken = {channel}
    desk.record("sos-201", "help_call")
    desk.forward(600)
    assert told_consoles(desk) == []
    assert desk.journal.all_ended() == []
    assert faults(desk) == []


@pytest.mark.parametrize(("gone", "expected"), [(True, ("web_push", PUSH)), (False, None)])
def test_only_an_outcome_that_says_so_ends_an_address(gone: bool, expected: tuple[str, str] | None) -> None:
    task = Task(notice=a_notice(), channel="web_push", address=PUSH, urgent=True, attempt=1)
    outcome = Outcome(task=task, ok=False, result="HTTP 410", permanent=True, gone=gone)
    assert outcome_to_sent(outcome, START).gone == expected
