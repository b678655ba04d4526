"""Too many alarms at once: the low ones are told together, the urgent ones as ever, and nothing leaves the list."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from alarms.lifecycle import flood
from alarms.lifecycle.alarm import Alarm
from alarms.notify.message import notice
from ingest.registry.model import Window
from ingest.wire.senml import Record
from tests.alarm_stories import START, Desk
from tests.incident_home import EAST, REGISTRY, ROOMS, not_told, of, open_home, say, told


def judge(desk: Desk, rule: str, room: int, value: bool = True) -> None:
    """The platform's detectors raise or clear something about a room's leak sensor."""
    name = f"leak-{room:02d}/"
    desk.records([Record(bn=name, n=f"judge/{rule}", vb=value, t=desk.now.timestamp())], gateway="detect")


def floods(desk: Desk) -> list[Alarm]:
    return [alarm for alarm in desk.open if alarm.rule == flood.RULE]


def test_the_tenth_alarm_within_ten_minutes_is_told_together_with_what_follows() -> None:
    desk = open_home()
    for room in range(12):
        judge(desk, "room_hot", room)
        desk.forward(10)
    assert [why for _, why, _ in told(desk)] == ["new_alarm"] * 10
    assert told(desk)[9:] == [(90, "new_alarm", "site:pine")]
    assert not_told(desk, of(desk, "leak", 9)) == ["bundled"]
    assert len(desk.open) == 13, "the list is complete"


def test_one_message_every_ten_minutes_says_how_many_and_which_in_order_of_rank() -> None:
    desk = open_home()
    for room in range(ROOMS):
        judge(desk, "air_stale" if room % 2 else "room_hot", room)
        desk.forward(30)
    assert [line for line in told(desk) if line[2] == "site:pine"] == [
        (270, "new_alarm", "site:pine"),
        (870, "repeated", "site:pine"),
    ]
    (standing,) = floods(desk)
    assert (standing.kind, standing.priority, standing.subject) == ("fault", "high", "site:pine")
    ranking = standing.evidence["ranking"]
    assert len(ranking) == 20
    assert ranking[0] == {"priority": "medium", "kind": "climate", "room": "10", "count": 1}
    ranks = [row["priority"] for row in ranking]
    assert ranks == sorted(ranks, key=["emergency", "high", "medium", "low"].index)
    text = notice(standing, "k", 0, "user:li", "web_push", "repeated")
    assert text.title_en == "Alarm flood"
    assert text.body_en.startswith(
        "青松养老院 20 alarms, 20 of them told only by this message: medium Room climate 10 ×1"
    )
    assert "中 室温异常 10 ×1" in text.body_zh


def test_two_hundred_low_alarms_and_a_fall_among_them() -> None:
    """The fall, a call and smoke ring as if nothing else were; so does what is of high priority."""
    desk = open_home()
    urgent = {50: ("sos", "fall"), 100: ("sos", "help_call"), 150: ("smoke", "smoke"), 160: ("leak", "leak")}
    for number in range(200):
        desk.record(f"unknown-{number}", "battery_low")
        if number in urgent:
            name, signal = urgent[number]
            desk.record(f"{name}-07", signal, "confirmed" if signal == "fall" else True)
        desk.forward(1)
    heard = [line for line in told(desk) if line[1] == "new_alarm"]
    assert heard == [
        (9, "new_alarm", "site:pine"),
        (50, "new_alarm", "sos-07"),
        (100, "new_alarm", "sos-07"),
        (150, "new_alarm", "smoke-07"),
        (160, "new_alarm", "leak-07"),
    ]
    assert len(desk.open) == 205
    escalated = [line for line in told(desk) if line[1] == "escalated"]
    assert (80, "escalated", "sos-07") in escalated


def test_a_flood_is_over_when_fewer_than_five_came_in_ten_minutes() -> None:
    desk = open_home()
    for room in range(12):
        judge(desk, "air_stale", room)
        desk.forward(10)
    desk.forward(70 + 600 - 121)
    assert floods(desk)
    desk.forward(1)
    assert not floods(desk), "the fifth last began at 70 s"
    judge(desk, "room_hot", 20)
    assert told(desk)[-1][1:] == ("new_alarm", "leak-20"), "from now on each is told by itself again"


def test_while_five_alarms_come_every_ten_minutes_the_flood_stands() -> None:
    desk = open_home()
    for room in range(10):
        judge(desk, "air_stale", room)
    for room in range(10, 30):
        desk.forward(119)
        judge(desk, "air_stale", room)
        assert floods(desk)
    desk.forward(600)
    assert not floods(desk)


def test_what_was_bundled_is_told_by_itself_later_unless_it_would_be_a_flood_again() -> None:
    desk = open_home()
    for room in range(12):
        judge(desk, "room_hot", room)
        desk.forward(10)
    desk.forward(1800)
    late = [line for line in told(desk) if line[0] >= 1800]
    assert [line for line in late if line[1] == "new_alarm"] == [
        (1890, "new_alarm", "leak-09"),
        (1900, "new_alarm", "leak-10"),
        (1910, "new_alarm", "leak-11"),
    ]


def test_two_hundred_that_wait_are_told_together_again() -> None:
    desk = open_home()
    for room in range(ROOMS):
        for rule in ("room_hot", "room_cold", "in_bed_long"):
            judge(desk, rule, room)
    desk.forward(1799)
    assert not floods(desk)
    before = len(told(desk))
    desk.forward(3600)
    lines = [line for line in told(desk)[before:] if line[1] != "repeated"]
    assert lines == [(1800, "new_alarm", "site:pine"), (3600, "new_alarm", "site:pine")]
    assert len(desk.open) == 3 * ROOMS, "120 alarms, and the flood that told of them is over again"


def test_an_acknowledged_flood_comes_back_with_what_came_meanwhile() -> None:
    desk = open_home()
    for room in range(20):
        judge(desk, "room_hot", room)
    desk.command(floods(desk)[0], "acknowledge", "li")
    desk.forward(300)
    for room in range(20, 30):
        judge(desk, "room_hot", room)
    desk.forward(300)
    assert told(desk)[-1] == (600, "forgotten", "site:pine")
    assert floods(desk)[0].evidence["bundled"] == 21


def test_a_flood_that_somebody_ends_begins_again_with_the_next_alarm() -> None:
    desk = open_home()
    for room in range(12):
        judge(desk, "air_stale", room)
    desk.command(floods(desk)[0], "resolve", "li", disposition="other")
    assert not floods(desk)
    judge(desk, "room_hot", 20)
    assert told(desk)[-1][1:] == ("new_alarm", "site:pine")
    assert len(floods(desk)) == 1


def test_a_flood_that_is_put_aside_bundles_nothing() -> None:
    desk = open_home()
    for room in range(12):
        judge(desk, "air_stale", room)
    until = (desk.now + timedelta(hours=1)).isoformat()
    desk.command(floods(desk)[0], "shelve", "li", until=until, note="演示")
    judge(desk, "room_hot", 20)
    assert told(desk)[-1][1:] == ("new_alarm", "leak-20")


def test_only_calls_are_no_flood_for_nothing_is_bundled() -> None:
    desk = open_home()
    for room in range(30):
        say(desk, "sos", room, "help_call")
    assert len(told(desk)) == 30
    assert not floods(desk)


def test_tests_and_announced_work_are_no_flood() -> None:
    window = Window(
        window_id="w", site_id="pine", begins_at=START, ends_at=START + timedelta(hours=1), reason="检修", by="chen"
    )
    desk = open_home(msgspec.structs.replace(REGISTRY, windows=(window,)))
    for room in range(30):
        judge(desk, "room_hot", room)
        say(desk, "sos", room, "call_test")
    assert not floods(desk)
    assert told(desk) == []


def test_what_still_stands_when_announced_work_is_over_is_told_together() -> None:
    window = Window(
        window_id="w", site_id="pine", begins_at=START, ends_at=START + timedelta(hours=1), reason="检修", by="chen"
    )
    desk = open_home(msgspec.structs.replace(REGISTRY, windows=(window,)))
    for room in range(30):
        judge(desk, "room_hot", room)
    say(desk, "smoke", 1, "smoke")
    assert told(desk) == []
    desk.forward(3600)
    assert sorted(told(desk)) == [(3600, "new_alarm", "site:pine"), (3600, "shelf_over", "smoke-01")]
    assert not_told(desk, of(desk, "leak", 3)) == ["planned", "bundled"]


def test_another_site_is_not_flooded() -> None:
    desk = open_home()
    for room in range(12):
        judge(desk, "room_hot", room)
    desk.records([Record(bn="stranger/", n="device_fault", vb=True, t=desk.now.timestamp())], gateway="gw-other")
    assert not_told(desk, next(one for one in desk.open if one.identity.site_id == "unassigned")) != ["bundled"]


def test_a_flapping_sensor_is_bundled_after_nine_times() -> None:
    """Each time it is another alarm, for it clears by itself."""
    desk = open_home()
    for _ in range(100):
        judge(desk, "room_hot", 1)
        desk.forward(1)
        judge(desk, "room_hot", 1, value=False)
        desk.forward(1)
    assert [why for _, why, about in told(desk) if about == "leak-01"] == ["new_alarm"] * 9
    assert len([line for line in told(desk) if line[2] == "site:pine"]) == 1


def test_a_restart_in_the_middle_of_a_flood_changes_nothing() -> None:
    desk, twin = open_home(), open_home()
    for one in (desk, twin):
        for room in range(15):
            judge(one, "room_hot", room)
        one.forward(100)
    desk.restart(REGISTRY)
    for one in (desk, twin):
        for room in range(15, 30):
            judge(one, "room_hot", room)
        one.forward(4000)
    assert told(desk) == told(twin)


def test_a_lost_gateway_in_a_flood_is_told() -> None:
    desk = open_home()
    for room in range(20):
        judge(desk, "room_hot", room)
    desk.status(EAST, "online", START.timestamp() - 60)
    desk.status(EAST, "offline", START.timestamp() + 1)
    desk.forward(5)
    assert told(desk)[-1][1:] == ("new_alarm", f"gateway:{EAST}")
