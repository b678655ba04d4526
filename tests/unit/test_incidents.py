"""What belongs together is one incident: each story names what the phone on duty got, when and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from alarms.lifecycle import incident
from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition, Identity, Priority
from alarms.lifecycle.effects import DoNotNotify, Notify, Reason
from alarms.lifecycle.events import Onset, StepDue
from alarms.lifecycle.policy import Policy, Step
from alarms.lifecycle.step import alarm_of, open_alarm, step
from ingest.registry.model import Reach, Window
from ingest.wire.senml import Record
from tests.alarm_house import House, Says
from tests.alarm_stories import START, Desk
from tests.incident_home import EAST, REGISTRY, ROOMS, WEST, incidents, not_told, of, open_home, say, told


def lose_power(desk: Desk, rooms: int = ROOMS) -> None:
    """One room after the other, a second apart."""
    for room in range(rooms):
        say(desk, "meter", room, "mains_fail")
        desk.forward(1)


def test_a_fire_over_five_rooms_is_one_incident_in_the_order_of_the_rooms() -> None:
    desk = open_home()
    for room in (12, 13, 11, 14, 15):
        say(desk, "smoke", room, "smoke")
        desk.forward(20)
    assert incidents(desk.open) == {"smoke-12": ["smoke-12", "smoke-13", "smoke-11", "smoke-14", "smoke-15"]}
    news = [line for line in told(desk) if line[1] in ("new_alarm", "spreads")]
    assert news == [
        (0, "new_alarm", "smoke-12"),
        (20, "spreads", "smoke-13"),
        (40, "spreads", "smoke-11"),
        (60, "spreads", "smoke-14"),
        (80, "spreads", "smoke-15"),
    ], "every room is told at once: a fire that spreads is news"
    escalated = {about: at for at, why, about in told(desk) if why == "escalated"}
    assert escalated == {"smoke-12": 30, "smoke-13": 50, "smoke-11": 70, "smoke-14": 90}


def test_a_second_detector_of_the_room_is_told_once_and_escalates_with_the_first() -> None:
    desk = open_home()
    say(desk, "smoke", 3, "smoke")
    desk.forward(10)
    say(desk, "heat", 3, "heat_alarm")
    desk.forward(200)
    assert [line for line in told(desk) if line[2] == "heat-03"] == [(10, "confirmed", "heat-03")]
    assert [at for at, _, about in told(desk) if about == "smoke-03"] == [0, 30, 90, 150, 210]
    assert set(not_told(desk, of(desk, "heat", 3))) == {"in_incident"}


def test_whoever_takes_the_rooms_first_detector_has_seen_the_second_one_until_it_comes_back() -> None:
    desk = open_home()
    say(desk, "smoke", 3, "smoke")
    desk.forward(1)
    say(desk, "heat", 3, "heat_alarm")
    desk.command(of(desk, "smoke", 3), "acknowledge", "li")
    desk.forward(170)
    assert len(told(desk)) == 2
    say(desk, "smoke", 3, "smoke", False)
    desk.command(of(desk, "smoke", 3), "resolve", "li", disposition="fire_service")
    desk.forward(60)
    assert told(desk)[2][1:] == ("escalated", "heat-03"), "the first one is over: the second speaks for itself"


def test_a_second_detector_tells_by_itself_when_the_first_was_taken_before_it_came() -> None:
    desk = open_home()
    say(desk, "smoke", 3, "smoke")
    desk.command(of(desk, "smoke", 3), "acknowledge", "li")
    desk.forward(10)
    say(desk, "heat", 3, "heat_alarm")
    desk.forward(30)
    assert [line for line in told(desk) if line[2] == "heat-03"] == [
        (10, "confirmed", "heat-03"),
        (40, "escalated", "heat-03"),
    ]


def test_a_second_detector_with_other_contacts_escalates_by_itself() -> None:
    """In room 7 the heat detector is Wang's own: her daughter is told of it, and of the smoke nobody's."""
    devices = tuple(
        msgspec.structs.replace(one, resident_id="wang", room_id="r08") if one.device_id == "heat-08" else one
        for one in REGISTRY.devices
    )
    desk = open_home(msgspec.structs.replace(REGISTRY, devices=devices))
    say(desk, "smoke", 8, "smoke")
    say(desk, "heat", 8, "heat_alarm")
    desk.forward(30)
    assert ("http://kin.example/", "escalated") in desk.heard


def test_a_first_detector_that_is_put_aside_speaks_for_no_other() -> None:
    desk = open_home()
    say(desk, "smoke", 3, "smoke")
    desk.forward(1)
    say(desk, "heat", 3, "heat_alarm")
    until = (desk.now + timedelta(hours=1)).isoformat()
    assert desk.command(of(desk, "smoke", 3), "shelve", "li", until=until, note="检修", second="chen")["ok"]
    desk.forward(30)
    assert told(desk)[2:] == [(31, "escalated", "heat-03")]


def test_sprinkler_gas_and_smoke_of_one_house_are_one_incident() -> None:
    desk = open_home()
    say(desk, "smoke", 1, "smoke")
    desk.forward(1)
    say(desk, "leak", 2, "water_flow")
    desk.forward(60)
    say(desk, "heat", 3, "gas")
    (members,) = incidents(desk.open).values()
    assert members == ["smoke-01", "leak-02", "heat-03"]
    reasons = {about: why for _, why, about in told(desk) if why in ("new_alarm", "spreads", "confirmed")}
    assert reasons == {"smoke-01": "new_alarm", "leak-02": "new_alarm", "heat-03": "spreads"}


def test_what_comes_half_an_hour_after_the_last_room_is_another_fire() -> None:
    desk = open_home()
    say(desk, "smoke", 1, "smoke")
    desk.forward(1800)
    say(desk, "smoke", 2, "smoke")
    desk.forward(1801)
    say(desk, "smoke", 3, "smoke")
    assert incidents(desk.open) == {"smoke-01": ["smoke-01", "smoke-02"]}
    assert of(desk, "smoke", 3).incident_id is None


def test_a_fire_that_was_dealt_with_takes_no_new_room() -> None:
    desk = open_home()
    say(desk, "smoke", 1, "smoke")
    desk.command(of(desk, "smoke", 1), "resolve", "li", disposition="false_alarm")
    say(desk, "smoke", 2, "smoke")
    assert incidents(desk.open) == {}
    assert told(desk)[-1][1:] == ("new_alarm", "smoke-02")


def test_a_drill_in_the_middle_of_a_fire_is_no_part_of_it() -> None:
    desk = open_home()
    say(desk, "smoke", 1, "smoke")
    desk.records([Record(bn="smoke-02/", n="test", vb=True, t=desk.now.timestamp())])
    say(desk, "smoke", 2, "smoke")
    assert incidents(desk.open) == {}
    assert [about for _, _, about in told(desk)] == ["smoke-01"]


def test_forty_devices_lose_power_and_a_call_for_help_in_the_middle_rings_at_once() -> None:
    desk = open_home()
    for room in range(ROOMS):
        say(desk, "meter", room, "mains_fail")
        if room == 20:
            say(desk, "sos", 7, "help_call")
        desk.forward(1)
    assert told(desk) == [
        (0, "new_alarm", "meter-00"),
        (1, "new_alarm", "meter-01"),
        (2, "new_alarm", "meter-02"),
        (3, "new_alarm", "meter-03"),
        (20, "new_alarm", "sos-07"),
    ], "the fifth makes it an incident; the call is no part of it"
    assert incidents(desk.open) == {"meter-00": [f"meter-{room:02d}" for room in range(ROOMS)]}
    assert not_told(desk, of(desk, "meter", 25)) == ["in_incident"]
    assert not [alarm for alarm in desk.open if alarm.rule == "alarm_flood"], "one incident is no flood"


def test_the_incident_of_a_power_cut_keeps_one_speaker() -> None:
    desk = open_home()
    lose_power(desk)
    desk.forward(4 * 3600)
    lines = told(desk)[4:]
    assert lines == [(1800.0 * n, "repeated", "meter-00") for n in range(1, 9)], "nobody answers: it goes on, as one"


def test_after_a_power_cut_the_devices_that_do_not_come_back_speak_for_themselves() -> None:
    desk = open_home()
    lose_power(desk)
    desk.command(of(desk, "meter", 0), "acknowledge", "li")
    desk.forward(600)
    for room in range(ROOMS):
        if room not in (17, 31):
            say(desk, "meter", room, "mains_fail", False)
            desk.forward(1)
    assert [alarm.identity.device_id for alarm in desk.open] == ["meter-17", "meter-31"]
    desk.forward(600)
    lines = told(desk)[4:]
    assert {line[1:] for line in lines} == {("new_alarm", "meter-17"), ("new_alarm", "meter-31")}
    assert {line[0] for line in lines} == {40 + 600 + 3 + 120}, "two minutes after the last one that spoke came back"


def test_when_the_speaker_comes_back_and_many_do_not_the_next_one_speaks() -> None:
    desk = open_home()
    lose_power(desk)
    for room in range(4):
        say(desk, "meter", room, "mains_fail", False)
    desk.forward(3600)
    assert told(desk)[4:] == [(160, "new_alarm", "meter-04"), (1960, "repeated", "meter-04")]


def test_four_faults_are_no_incident() -> None:
    desk = open_home()
    lose_power(desk, 4)
    assert incidents(desk.open) == {}
    assert len(told(desk)) == 4


def test_a_lost_gateway_is_the_parent_of_its_devices_even_when_it_comes_second() -> None:
    desk = open_home()
    say(desk, "smoke", 1, "device_fault")
    say(desk, "smoke", 30, "device_fault")
    desk.status(EAST, "online", START.timestamp() - 60)
    desk.status(EAST, "offline", START.timestamp() + 1)
    desk.forward(5)
    assert incidents(desk.open) == {f"gateway:{EAST}": ["smoke-01", f"gateway:{EAST}"]}
    assert of(desk, "smoke", 30).incident_id is None, "it is the other gateway's"
    assert told(desk)[-1][1:] == ("new_alarm", f"gateway:{EAST}"), "it is more urgent than they are"
    say(desk, "smoke", 3, "device_fault")
    assert not_told(desk, of(desk, "smoke", 3)) == ["in_incident"], "however few they are, the gateway tells of them"


def test_devices_that_stay_silent_after_their_gateway_came_back_speak_for_themselves() -> None:
    desk = open_home()
    desk.status(EAST, "online", START.timestamp() - 60)
    desk.status(EAST, "offline", START.timestamp() + 1)
    desk.forward(5)
    say(desk, "smoke", 3, "device_fault")
    desk.forward(600)
    desk.status(EAST, "online", START.timestamp() + 605)
    assert told(desk) == [
        (3, "new_alarm", f"gateway:{EAST}"),
        (63, "escalated", f"gateway:{EAST}"),
        (243, "escalated", f"gateway:{EAST}"),
        (543, "repeated", f"gateway:{EAST}"),
    ]
    desk.forward(300)
    assert told(desk)[4:] == [(725, "new_alarm", "smoke-03")], "two minutes after the gateway came back"


def test_when_few_are_left_of_a_power_cut_each_speaks_for_itself_though_the_first_one_stands() -> None:
    desk = open_home()
    lose_power(desk, 10)
    for room in range(1, 6):
        say(desk, "meter", room, "mains_fail", False)
    assert len(desk.open) == 5
    desk.forward(130)
    assert len(told(desk)) == 4, "five are an incident"
    say(desk, "meter", 9, "mains_fail", False)
    desk.forward(130)
    assert sorted(told(desk)[4:]) == [(260, "new_alarm", f"meter-0{room}") for room in (6, 7, 8)]


def test_a_gateway_that_comes_late_takes_over_the_incident_that_stands() -> None:
    desk = open_home()
    lose_power(desk, 10)
    parent = of(desk, "meter", 0)
    assert parent.incident_id == parent.alarm_id
    desk.status(EAST, "online", START.timestamp() - 60)
    desk.status(EAST, "offline", START.timestamp() + 1)
    desk.status(WEST, "online", START.timestamp() - 60)
    desk.status(WEST, "offline", START.timestamp() + 2)
    desk.forward(10)
    ((about, members),) = incidents(desk.open).items()
    assert about == f"gateway:{EAST}"
    assert len(members) == 12
    assert [line[1:] for line in told(desk) if line[2].startswith("gateway")] == [("new_alarm", f"gateway:{EAST}")]


def test_a_late_member_begins_anew() -> None:
    desk = open_home()
    lose_power(desk, 10)
    desk.forward(121)
    say(desk, "meter", 30, "mains_fail")
    assert of(desk, "meter", 30).incident_id is None
    assert told(desk)[-1] == (131, "new_alarm", "meter-30")


def test_a_more_urgent_fault_than_the_one_that_speaks_is_told_by_itself() -> None:
    desk = open_home()
    for room in range(10):
        say(desk, "sos", room, "battery_low")
    assert told(desk) == [], "low priorities tell nobody"
    say(desk, "meter", 11, "mains_fail")
    assert told(desk) == [(0, "new_alarm", "meter-11")]
    assert of(desk, "meter", 11).incident_id is not None
    say(desk, "meter", 12, "mains_fail")
    assert len(told(desk)) == 1, "now that one speaks for its like"


def test_a_dry_contact_that_may_be_anything_is_never_held_back() -> None:
    desk = open_home()
    lose_power(desk, 10)
    say(desk, "leak", 5, "alarm")
    assert told(desk)[-1][1:] == ("new_alarm", "leak-05")
    assert of(desk, "leak", 5).incident_id is None


def test_work_that_was_announced_speaks_for_nobody() -> None:
    window = Window(
        window_id="w",
        site_id="pine",
        begins_at=START - timedelta(minutes=1),
        ends_at=START + timedelta(minutes=10),
        reason="检修",
        by="chen",
        device_id="meter-00",
    )
    desk = open_home(msgspec.structs.replace(REGISTRY, windows=(window,)))
    lose_power(desk, 6)
    assert [line[2] for line in told(desk)] == ["meter-01", "meter-02", "meter-03"]
    desk.forward(600)
    assert of(desk, "meter", 0).suppressed is None
    assert not_told(desk, of(desk, "meter", 0)) == ["planned", "in_incident"], "the others speak for it by then"


def test_all_members_of_a_fault_are_resolved_at_their_parent_each_with_its_own_line() -> None:
    desk = open_home()
    lose_power(desk)
    members = list(desk.open)
    parent = of(desk, "meter", 0)
    child = of(desk, "meter", 1)
    refused = desk.command(child, "resolve_incident", "li", disposition="repaired")
    assert (refused["ok"], "first alarm" in refused["detail"]) == (False, True)
    assert desk.command(parent, "resolve_incident", "li")["reason"] == "bad_command"
    answer = desk.command(parent, "resolve_incident", "li", disposition="repaired", note="总闸已合")
    assert (answer["ok"], answer["response"]) == (True, "resolved")
    assert desk.open == []
    for member in members:
        assert desk.log(member)[-1] == "Resolve" or "Resolve" in desk.log(member)
    desk.forward(3600)
    assert len(told(desk)) == 4


def test_the_rooms_of_a_fire_are_not_resolved_together() -> None:
    desk = open_home()
    say(desk, "smoke", 1, "smoke")
    desk.forward(1)
    say(desk, "smoke", 2, "smoke")
    refused = desk.command(of(desk, "smoke", 1), "resolve_incident", "li", disposition="false_alarm")
    assert "every room" in refused["detail"]
    assert len(desk.open) == 2


def test_a_restart_in_the_middle_of_an_incident_changes_nothing() -> None:
    desk, twin = open_home(), open_home()
    for one in (desk, twin):
        for room in range(20):
            say(one, "meter", room, "mains_fail")
        say(one, "smoke", 1, "smoke")
        one.forward(7)
    desk.restart(REGISTRY)
    for one in (desk, twin):
        for room in range(20, ROOMS):
            say(one, "meter", room, "mains_fail")
        say(one, "heat", 1, "heat_alarm")
        say(one, "smoke", 2, "smoke")
        one.forward(4000)
    assert told(desk) == told(twin)
    assert incidents(desk.open) == incidents(twin.open)


def test_a_chattering_smoke_detector_is_one_alarm_of_no_incident() -> None:
    desk = open_home()
    for _ in range(100):
        say(desk, "smoke", 1, "smoke")
        desk.forward(1)
        say(desk, "smoke", 1, "smoke", False)
        desk.forward(1)
    assert (desk.only.count, desk.only.incident_id) == (100, None)
    assert [line for line in told(desk) if line[1] in ("new_alarm", "spreads", "confirmed")] == [
        (0, "new_alarm", "smoke-01")
    ]
    assert desk.only.condition is Condition.CLEARED


def test_a_person_who_puts_the_speaker_aside_has_put_aside_what_it_tells_of() -> None:
    desk = open_home()
    lose_power(desk)
    until = (desk.now + timedelta(hours=3)).isoformat()
    desk.command(of(desk, "meter", 0), "shelve", "li", until=until, note="停电至早上")
    desk.forward(3 * 3600)
    assert told(desk)[4:] == [(40 + 3 * 3600, "shelf_over", "meter-00")]


def test_channels_of_the_members_are_not_tried_either() -> None:
    """A silent phone of a fault that an incident tells of hands nothing over."""
    more = Reach(person="user:li", rank=2, channel="voice", address="li", answered_at=START - timedelta(days=3))
    desk = open_home(msgspec.structs.replace(REGISTRY, reaches=(*REGISTRY.reaches, more)))
    lose_power(desk)
    desk.forward(1700)
    assert {one.target for one in desk.told if one.channel == "voice"} == {"user:li"}
    assert sum(one.channel == "voice" for one in desk.told) == 4


def test_a_fault_is_spoken_for_only_by_one_that_is_as_urgent_and_tells_the_same_people() -> None:
    duty = Policy(steps=(Step(after_s=0, who=("duty",)),), repeat_s=300, return_s=600)
    wide = Policy(steps=(Step(after_s=0, who=("duty", "user:technician")),), repeat_s=300, return_s=600)
    speaker, other = fault("a"), fault("b")
    assert incident.is_spoken_for(other, speaker, 5, duty, duty)
    assert incident.is_spoken_for(other, speaker, 5, duty, wide)
    assert not incident.is_spoken_for(other, speaker, 5, wide, duty), "the technician would not be told"
    assert not incident.is_spoken_for(other, speaker, 4, duty, duty), "four are no incident"
    assert not incident.is_spoken_for(other, None, 5, duty, None)
    assert not incident.is_spoken_for(speaker, speaker, 5, duty, duty)
    assert incident.is_spoken_for(other, replace(speaker, rule="gateway_lost"), 2, duty, duty)
    assert not incident.is_spoken_for(replace(other, priority=Priority.HIGH), speaker, 5, duty, duty)
    urgent = replace(other, priority=Priority.EMERGENCY)
    assert not incident.is_spoken_for(urgent, replace(speaker, priority=Priority.EMERGENCY), 5, duty, duty)


def fault(device: str) -> Alarm:
    onset = Onset(
        rule="device_fault",
        subject=f"device:{device}",
        kind=AlarmKind.FAULT,
        priority=Priority.MEDIUM,
        latching=False,
        momentary=False,
        identity=Identity(site_id="pine", device_id=device),
        record=device,
        raised_at=START,
        received_at=START,
    )
    return open_alarm(alarm_of(onset), Reason.NEW_ALARM, START)[0]


@pytest.mark.parametrize("reason", [Reason.IN_INCIDENT, Reason.BUNDLED])
@pytest.mark.parametrize("kind", AlarmKind)
@pytest.mark.parametrize("priority", Priority)
def test_the_lifecycle_itself_holds_back_nothing_urgent(kind: AlarmKind, priority: Priority, reason: Reason) -> None:
    onset = Onset(
        rule="x",
        subject="device:x",
        kind=kind,
        priority=priority,
        latching=False,
        momentary=False,
        identity=Identity(site_id="pine"),
        record="x",
        raised_at=START,
        received_at=START,
    )
    alarm, effects = open_alarm(alarm_of(onset), reason, START)
    held_back = DoNotNotify(reason=reason) in effects
    assert held_back == (not incident.is_urgent(alarm))
    if held_back and priority is not Priority.LOW:
        assert alarm.next_step_at is not None
        _, effects = step(alarm, StepDue(), alarm.next_step_at)
        assert [(one.step, one.reason) for one in effects if isinstance(one, Notify)] == [(0, "new_alarm")]


@pytest.mark.parametrize(
    ("kind", "rule", "priority", "minutes"),
    [
        (AlarmKind.FAULT, "mains_fail", Priority.MEDIUM, 31),
        (AlarmKind.FIRE, "smoke", Priority.EMERGENCY, 1),
        (AlarmKind.CLIMATE, "room_hot", Priority.MEDIUM, 31),
    ],
)
def test_many_alarms_at_one_site_in_one_moment_cost_no_more_than_few_each(
    kind: AlarmKind, rule: str, priority: Priority, minutes: int
) -> None:
    """Counted in steps of the database, so that a busy machine does not matter: raise, tell again, clear."""

    def steps_per_alarm(number: int) -> float:
        house, steps = House(), 0

        def count() -> None:
            nonlocal steps
            steps += 1

        house.journal._db.set_progress_handler(count, 100)
        for over in (False, True):
            for subject in range(number):
                house.hear(Says(0, kind, rule, priority, subject=subject, over=over), house.now, look=False)
            house.forward(house.now + timedelta(minutes=minutes))
        return steps / number

    assert steps_per_alarm(800) < 1.5 * steps_per_alarm(200)
