"""What the alarm engine makes of the canary: an alarm that rings nowhere, and a fault of the platform that does."""

from __future__ import annotations

import pytest

from alarms.engine.gateways import PLATFORM
from alarms.lifecycle.alarm import AlarmKind, Flag, Priority, Response
from console.auth.visitor import Visitor
from console.cli.embedded.accounts import SERVICE_ROLES, is_reserved
from console.watch import records
from console.watch.canary import Leg
from console.watch.route import Watcher
from ingest.registry import edit
from ingest.registry.errors import ConflictingEntryError
from ingest.registry.model import Registry, Site, User
from ingest.wire import topics
from ingest.wire.topics import CANARY, Lane
from tests.alarm_stories import REGISTRY, Desk
from tests.mqtt_filters import matches


def press(desk: Desk) -> None:
    desk.records([records.press("canary 1", desk.now.timestamp())], gateway=CANARY)


@pytest.mark.parametrize("registry", [REGISTRY, Registry()], ids=["a registry", "no registry at all"])
def test_a_canary_is_an_alarm_of_its_own_site_that_tells_nobody_however_long_it_stands(registry: Registry) -> None:
    desk = Desk(registry)
    press(desk)
    alarm = desk.only
    assert (alarm.identity.site_id, alarm.rule, alarm.flags) == (CANARY, "help_call", (Flag.CANARY,))
    assert alarm.evidence["text"] == "canary 1"
    desk.forward(86_400)
    assert desk.heard == []
    assert desk.messages == [], "no lamp, no siren"


def test_pressed_again_it_still_tells_nobody_and_shows_the_newest_press() -> None:
    desk = Desk()
    press(desk)
    desk.forward(60)
    desk.records([records.press("canary 2", desk.now.timestamp())], gateway=CANARY)
    assert (desk.only.count, desk.only.evidence["text"]) == (2, "canary 2")
    desk.forward(600)
    assert desk.heard == []


def test_the_watcher_resolves_it_and_nothing_is_left_of_it() -> None:
    desk = Desk()
    desk.record("sos-201", "help_call")
    call = desk.only
    for _ in range(3):
        press(desk)
        (canary,) = [alarm for alarm in desk.open if alarm.alarm_id != call.alarm_id]
        answer = desk.command(canary, "resolve", CANARY, disposition="test")
        assert (answer["ok"], answer["response"]) == (True, Response.RESOLVED)
        desk.forward(60)
        assert desk.journal.alarm(canary.alarm_id) is None
    assert {entry.alarm_id for entry in desk.journal.entries(0, 1000)} == {call.alarm_id}, "it is no history"


def test_two_misses_are_a_fault_of_the_platform_that_rings_until_it_is_over() -> None:
    desk = Desk()
    desk.records([records.missed(Leg.FEED, 2, desk.now.timestamp())], gateway=CANARY)
    alarm = desk.only
    assert (alarm.rule, alarm.kind, alarm.priority) == (records.RULE, AlarmKind.FAULT, Priority.HIGH)
    assert (alarm.identity.site_id, alarm.flags) == (PLATFORM, ())
    assert "live feed" in alarm.evidence["text"]
    assert "实时推送" in alarm.evidence["text_zh"]
    assert len(desk.heard) == 1
    desk.forward(61)
    assert len(desk.heard) > 1, "it escalates"
    desk.records([records.cleared(desk.now.timestamp())], gateway=CANARY)
    assert desk.open == []


def test_the_canarys_account_speaks_for_nobody_else() -> None:
    desk = Desk()
    desk.record("sos-201", "help_call", gateway=CANARY)
    assert (desk.only.identity.site_id, desk.only.identity.resident_id) == (CANARY, None)


def test_no_person_sees_the_canary_and_its_watcher_sees_nobody_else() -> None:
    everywhere = Visitor(user=User(user_id="a", name="A", role="administrator"), session="", csrf="")
    there = Visitor(user=User(user_id="b", name="B", role="carer", site_ids=(CANARY, "pine")), session="", csrf="")
    watcher = Watcher(user=User(user_id=CANARY, name=CANARY, role=CANARY), session="", csrf="")
    assert [visitor.sees(CANARY) for visitor in (everywhere, there, watcher)] == [False, False, True]
    assert [visitor.sees("pine") for visitor in (everywhere, there, watcher)] == [True, True, False]


def test_the_account_writes_the_canarys_lane_and_answers_the_canarys_alarms_only() -> None:
    role = SERVICE_ROLES[CANARY]

    def may(rules: tuple[str, ...], topic: str) -> bool:
        return any(matches(rule, topic) for rule in rules)

    lane = topics.up(0, CANARY, Lane.ALARM)
    assert may(role.writes, lane)
    assert may(role.reads, lane)
    assert may(role.reads, topics.ack(0, CANARY, "alarms"))
    assert may(role.writes, topics.alarm_do(CANARY, "a-1"))
    for topic in (
        topics.up(0, CANARY, Lane.DATA),
        topics.up(0, "gw-pine", Lane.ALARM),
        topics.status(0, CANARY),
        topics.alarm(CANARY, "a-1"),
        topics.alarm_do("pine", "a-1"),
    ):
        assert not may(role.writes, topic), topic
    assert not may(role.reads, topics.alarm("pine", "a-1"))
    assert is_reserved(CANARY)


def test_no_home_of_people_may_have_its_name() -> None:
    site = Site(site_id=CANARY, name="金丝雀小区", shard=1)
    with pytest.raises(ConflictingEntryError, match="choose another id"):
        edit.add_site(None, site)  # type: ignore[arg-type] # it is refused before the database is asked
