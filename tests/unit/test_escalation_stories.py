"""Who is told, over what, when and why: each story names what every phone got."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from alarms.engine.preview import preview
from alarms.lifecycle.alarm import AlarmKind, Priority
from alarms.lifecycle.effects import Reason
from ingest.registry.model import Policy, PolicyStep, Reach, Registry, Rota, RotaLayer, RotaOverride, User, Window
from tests.alarm_stories import DAUGHTER, REGISTRY, START, Desk, Told

PROVED = START - timedelta(days=3)
WHOLE_DAY = RotaLayer(
    members=("user:li",),
    starts_on=date(2026, 1, 1),
    hand_over=time(8),
    turn_days=1,
    begin=time(0),
    end=time(0),
    weekdays=tuple(range(7)),
)


def reach(person: str, rank: int, channel: str, **more: Any) -> Reach:
    return Reach(person=person, rank=rank, channel=channel, address=f"{channel}:{person}", answered_at=PROVED, **more)


USERS = (
    User(user_id="li", name="李娜", role="carer"),
    User(user_id="zhao", name="赵敏", role="carer"),
    User(user_id="chen", name="陈静", role="supervisor"),
)
REACHES = (
    reach("user:li", 1, "web_push"),
    reach("user:li", 2, "apprise"),
    reach("user:li", 3, "voice"),
    reach("user:zhao", 1, "web_push"),
    reach("user:chen", 1, "voice"),
)


def home(**more: Any) -> Registry:
    return msgspec.structs.replace(REGISTRY, users=USERS, reaches=REACHES, **more)


def rota(*layers: RotaLayer, overrides: tuple[RotaOverride, ...] = ()) -> Rota:
    return Rota(rota_id="day", site_id="pine", name="日班", layers=layers or (WHOLE_DAY,), overrides=overrides)


def desk_with(registry: Registry) -> Desk:
    desk = Desk(registry)
    desk.duty = []
    desk.restart(registry)
    return desk


def phones(desk: Desk) -> list[tuple[float, str, str, str]]:
    return [(told.at_s, told.target, told.channel, told.reason) for told in desk.told]


def test_the_nurse_on_duty_is_told_first_and_everybody_else_sleeps() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    assert desk.told == [Told(0, "user:li", "web_push", "new_alarm")]


def test_the_provider_says_ok_but_no_phone_answers() -> None:
    """Each silent channel hands over to the next one within 20 s, beside the steps of the policy."""
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    desk.forward(45)
    assert [told for told in phones(desk) if told[1] == "user:li" and told[0] < 45] == [
        (0, "user:li", "web_push", "new_alarm"),
        (20, "user:li", "apprise", "handed_over"),
        (30, "user:li", "web_push", "escalated"),
        (40, "user:li", "voice", "handed_over"),
    ]
    assert (30, "contact:c1", "webhook", "escalated") in phones(desk)


def test_a_phone_that_has_shown_the_message_keeps_its_channel() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    (send,) = desk.journal.sends_of(desk.only.alarm_id)
    with desk.journal.transaction():
        desk.engine.telling.receipt(send.send_key, desk.now)
    desk.forward(29)
    assert desk.told == [Told(0, "user:li", "web_push", "new_alarm")]
    assert "received" in desk.log(desk.only)


def test_a_channel_that_refuses_hands_over_at_once() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.broken = {"web_push", "apprise"}
    desk.record("sos-201", "help_call")
    assert phones(desk) == [
        (0, "user:li", "web_push", "new_alarm"),
        (0, "user:li", "apprise", "handed_over"),
        (0, "user:li", "voice", "handed_over"),
    ]


def test_nobody_hands_over_after_somebody_has_answered() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    desk.forward(5)
    desk.command(desk.only, "acknowledge", "zhao")
    desk.forward(100)
    assert len(desk.told) == 1


def test_the_rota_has_a_hole_and_everyone_is_told() -> None:
    """Only the night is covered; the press comes at 11:00 in Shanghai."""
    night = msgspec.structs.replace(WHOLE_DAY, begin=time(20), end=time(6))
    desk = desk_with(home(rotas=(rota(night),)))
    desk.record("sos-201", "help_call")
    assert {told[1] for told in phones(desk)} == {"user:li", "user:zhao", "user:chen"}
    reasons = [e.detail.get("reason") for e in desk.journal.entries_of(desk.only.alarm_id) if e.event == "not_sent"]
    assert reasons == ["rota_gap"]


def test_a_shift_is_taken_over_for_one_day() -> None:
    swap = RotaOverride(
        begins_at=START - timedelta(hours=1),
        ends_at=START + timedelta(hours=1),
        person="user:zhao",
        instead_of="user:li",
    )
    desk = desk_with(home(rotas=(rota(overrides=(swap,)),)))
    desk.record("sos-201", "help_call")
    assert [told.target for told in desk.told] == ["user:zhao"]
    desk.command(desk.only, "resolve", "zhao", disposition="helped", reached="in_person")
    desk.forward(7200)
    desk.record("sos-201", "help_call")
    assert desk.told[-1].target == "user:li"


def test_a_rota_or_policy_that_cannot_be_read_stops_nobody() -> None:
    broken = msgspec.structs.replace(WHOLE_DAY, turn_days=0)
    strange = Policy(policy_id="p", name="p", kinds=("landslide",), steps=(), repeat_s=5, return_s=None)
    desk = desk_with(home(rotas=(rota(broken),), policies=(strange,)))
    desk.record("sos-201", "help_call")
    assert {told.target for told in desk.told} == {"user:li", "user:zhao", "user:chen"}


def test_a_policy_may_wait_whether_it_passes_but_never_with_an_emergency() -> None:
    later = Policy(
        policy_id="later",
        name="later",
        steps=(PolicyStep(after_s=120, who=("duty",)),),
        repeat_s=600,
        return_s=600,
    )
    desk = desk_with(home(rotas=(rota(),), policies=(later,)))
    desk.status("gw-pine", "online", 1)
    desk.status("gw-pine", "offline", 1)
    desk.forward(100)
    assert desk.only.kind == "fault"
    assert desk.told == []
    desk.record("sos-201", "help_call")
    assert desk.told == [Told(100, "user:li", "web_push", "new_alarm")]
    desk.told.clear()
    desk.forward(23)
    assert Told(123, "user:li", "web_push", "new_alarm") in desk.told


@pytest.mark.long
def test_nobody_answers_for_seven_days() -> None:
    """Duty at once, the daughter after 30 s, then both every minute without end."""
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    week_s = 7 * 86_400
    desk.forward(week_s)
    daughter = [told.at_s for told in desk.told if told.target == "contact:c1"]
    assert daughter == [30 + 60 * n for n in range((week_s - 30) // 60 + 1)]
    pushes = [told.at_s for told in desk.told if told.target == "user:li" and told.channel == "web_push"]
    assert pushes == [0, *daughter]
    assert desk.only.response == "new"


def test_the_acknowledging_nurse_forgets() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    desk.command(desk.only, "acknowledge", "li")
    desk.forward(179)
    assert len(desk.told) == 1
    desk.forward(1)
    assert desk.told[-1] == Told(180, "user:li", "web_push", "forgotten")
    assert desk.only.round == 1


def test_a_chattering_smoke_detector_is_one_alarm_with_a_count() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    for _ in range(200):
        desk.record("smoke-202", "smoke", True)
        desk.forward(1)
        desk.record("smoke-202", "smoke", False)
        desk.forward(1)
    assert desk.only.count == 200
    rounds = [told for told in desk.told if told.reason in ("new_alarm", "raised_again")]
    assert len(rounds) == 1, "nobody had answered: it goes on by its steps, not by every flicker"


def test_a_fire_asks_for_two_people() -> None:
    two = Policy(
        policy_id="fire",
        site_id="pine",
        name="火警需两人",
        kinds=("fire",),
        steps=(PolicyStep(after_s=0, who=("everyone",)),),
        repeat_s=30,
        return_s=120,
        acknowledgements=2,
    )
    desk = desk_with(home(policies=(two,)))
    desk.record("smoke-202", "smoke", True)
    assert {told.target for told in desk.told} == {"user:li", "user:zhao", "user:chen"}
    assert desk.command(desk.only, "acknowledge", "li")["ok"]
    desk.told.clear()
    desk.forward(30)
    assert {told.reason for told in desk.told} == {"more_needed", "handed_over"}
    again = desk.command(desk.only, "acknowledge", "li")
    assert (again["ok"], again["by"]) == (False, "li")
    assert desk.command(desk.only, "acknowledge", "zhao")["ok"]
    third = desk.command(desk.only, "acknowledge", "chen")
    assert (third["ok"], third["by"]) == (False, "li")
    desk.told.clear()
    desk.forward(80)
    assert desk.told == []


def test_restart_in_the_middle_of_an_escalation() -> None:
    registry = home(rotas=(rota(),))
    desk, twin = desk_with(registry), desk_with(registry)
    for one in (desk, twin):
        one.record("sos-201", "help_call")
        one.forward(25)
    desk.restart(registry)
    for one in (desk, twin):
        one.forward(600)
    assert desk.told == twin.told


@pytest.mark.parametrize("night", [datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)])
def test_the_night_of_the_clock_change_keeps_every_deadline(night: datetime) -> None:
    """In Berlin the clocks jump at 01:00 UTC; seconds of waiting are seconds."""
    desk = desk_with(home(rotas=(rota(),)))
    desk.now = night
    desk.record("sos-201", "help_call")
    began_s = (night - START).total_seconds()
    desk.forward(3600)
    steps = [told.at_s - began_s for told in desk.told if told.channel == "web_push"]
    assert steps == [0, *(30 + 60 * n for n in range(60))]


def desk_of_limited_li() -> Desk:
    """Two nurses on duty; Li wants one ordinary message an hour, over one channel, and has had it."""
    reaches = (reach("user:li", 1, "web_push", hourly_limit=1), reach("user:zhao", 1, "web_push"))
    both = msgspec.structs.replace(WHOLE_DAY, members=("user:zhao",))
    desk = desk_with(msgspec.structs.replace(home(rotas=(rota(WHOLE_DAY, both),)), reaches=reaches))
    desk.record("sos-201", "tamper")
    assert {told.target for told in desk.told} == {"user:li", "user:zhao"}
    desk.told.clear()
    return desk


def held_back(desk: Desk) -> list[str]:
    """Who was not told of the newest alarm because of a limit."""
    entries = desk.journal.entries_of(desk.open[-1].alarm_id)
    return [entry.detail["target"] for entry in entries if entry.detail.get("reason") == Reason.HOURLY_LIMIT]


def test_a_persons_limit_holds_back_what_is_not_urgent_while_others_know() -> None:
    desk = desk_of_limited_li()
    desk.forward(1)
    desk.record("smoke-202", "tamper")
    assert desk.told == [Told(1, "user:zhao", "web_push", "new_alarm")]
    assert held_back(desk) == ["user:li"]
    desk.forward(3598)
    assert "user:li" not in {told.target for told in desk.told}
    desk.forward(302)
    assert "user:li" in {told.target for told in desk.told}, "a new hour"


URGENT = [("help_call", True, Priority.EMERGENCY), ("fall", "confirmed", Priority.EMERGENCY),
          ("fall", "suspected", Priority.HIGH), ("smoke", True, Priority.EMERGENCY)]  # fmt: skip


@pytest.mark.parametrize(("signal", "value", "priority"), URGENT)
def test_a_persons_limit_never_holds_back_a_call_a_fall_a_fire_or_an_emergency(
    signal: str, value: bool | str, priority: Priority
) -> None:
    desk = desk_of_limited_li()
    desk.forward(1)
    desk.record("smoke-202" if signal == "smoke" else "sos-201", signal, value)
    assert desk.open[-1].priority is priority
    assert Told(1, "user:li", "web_push", "new_alarm") in desk.told
    assert held_back(desk) == []


def test_urgent_messages_use_up_no_limit() -> None:
    """An emergency that nobody answers, and a suspected fall of high priority: none of their messages is counted."""
    reaches = (reach("user:li", 1, "web_push", hourly_limit=3), reach("user:zhao", 1, "web_push"))
    both = msgspec.structs.replace(WHOLE_DAY, members=("user:zhao",))
    desk = desk_with(msgspec.structs.replace(home(rotas=(rota(WHOLE_DAY, both),)), reaches=reaches))
    desk.record("sos-201", "help_call")
    desk.record("sos-201", "fall", "suspected")
    desk.forward(1800)
    assert sum(told.target == "user:li" for told in desk.told) > 30
    desk.told.clear()
    for device in ("sos-201", "smoke-202"):
        desk.record(device, "tamper")
        assert Told(1800, "user:li", "web_push", "new_alarm") in desk.told
        desk.told.clear()


def test_who_alone_is_on_duty_is_told_beyond_the_limit() -> None:
    """Somebody must know: a limit spares a person only while another one is told."""
    limited = tuple(msgspec.structs.replace(one, hourly_limit=1) for one in REACHES)
    desk = desk_with(msgspec.structs.replace(home(rotas=(rota(),)), reaches=limited))
    desk.record("sos-201", "tamper")
    desk.record("smoke-202", "tamper")
    assert desk.told == [Told(0, "user:li", "web_push", "new_alarm")] * 2
    assert held_back(desk) == []


def test_a_channel_counts_only_after_its_test_message_was_answered() -> None:
    unproved = tuple(msgspec.structs.replace(one, answered_at=None) for one in REACHES if one.person == "user:li")
    desk = desk_with(msgspec.structs.replace(home(rotas=(rota(),)), reaches=unproved))
    desk.record("sos-201", "help_call")
    assert desk.told == []
    reasons = [e.detail.get("reason") for e in desk.journal.entries_of(desk.only.alarm_id) if e.event == "not_sent"]
    assert reasons == ["no_answered_test"]


def test_work_that_was_announced_tells_nobody_and_what_still_stands_at_its_end_rings() -> None:
    window = Window(
        window_id="w1",
        site_id="pine",
        begins_at=START - timedelta(minutes=1),
        ends_at=START + timedelta(minutes=30),
        reason="烟感检修",
        by="chen",
        room_id="r202",
    )
    desk = desk_with(home(rotas=(rota(),), windows=(window,)))
    desk.record("smoke-202", "smoke", True)
    assert desk.only.suppressed is not None
    assert desk.told == []
    desk.record("sos-201", "help_call")
    assert [told.target for told in desk.told] == ["user:li"], "a call for help is never part of the work"
    desk.command(desk.open[-1], "resolve", "li", disposition="helped", reached="in_person")
    desk.told.clear()
    desk.forward(1800)
    assert Told(1800, "user:li", "web_push", "shelf_over") in desk.told


def test_a_fault_of_a_device_out_of_service_rings_after_a_day_and_a_call_with_it_at_once() -> None:
    repaired = tuple(
        msgspec.structs.replace(device, out_of_service=device.device_id in ("sos-201", "smoke-202"))
        for device in REGISTRY.devices
    )
    desk = desk_with(home(rotas=(rota(),), devices=repaired))
    desk.record("smoke-202", "tamper", True)
    aside = desk.only.suppressed
    assert aside is not None
    assert str(aside.how) == "out_of_service"
    assert desk.told == []
    desk.record("sos-201", "help_call")
    desk.record("smoke-202", "smoke", True)
    assert {told.reason for told in desk.told} == {"new_alarm"}, "a call and smoke are heard all the same"
    for alarm in [one for one in desk.open if one.suppressed is None]:
        desk.command(alarm, "resolve", "li", disposition="false_alarm")
    desk.told.clear()
    desk.forward(24 * 3600)
    assert "shelf_over" in {told.reason for told in desk.told}


def test_an_emergency_is_put_aside_by_two_people_for_a_day_at_most() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("smoke-202", "smoke", True)

    def shelve(hours: float, **more: Any) -> dict[str, Any]:
        until = (desk.now + timedelta(hours=hours)).isoformat()
        return desk.command(desk.only, "shelve", "li", until=until, **more)

    assert "second" in shelve(1, note="维修")["detail"]
    assert "second" in shelve(1, note="维修", second="li")["detail"]
    assert "why" in shelve(1, second="chen")["detail"]
    assert "24 hours" in shelve(25, note="维修", second="chen")["detail"]
    assert shelve(1, note="维修", second="chen")["ok"]
    desk.told.clear()
    desk.forward(3599)
    assert desk.told == []
    desk.forward(1)
    assert desk.told[0].reason == "shelf_over"
    assert desk.only.suppressed is None


def test_an_alarm_is_assigned_to_somebody_who_is_told_so() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    desk.forward(5)
    assert desk.command(desk.only, "assign", "li", to="user:zhao")["ok"]
    assert desk.told[-1] == Told(5, "user:zhao", "web_push", "assigned")
    assert desk.command(desk.only, "assign", "li", to="user:chen")["ok"]
    assert desk.told[-1] == Told(5, "user:chen", "voice", "assigned")
    assert desk.only.assigned is not None
    assert (desk.only.assigned.to, desk.only.response) == ("user:chen", "new")
    desk.forward(25)
    assert desk.told[-1].reason == "escalated", "until somebody has taken it the steps go on"


def test_a_call_ends_only_when_somebody_was_reached() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    refused = desk.command(desk.only, "resolve", "li", disposition="false_alarm")
    assert "reached" in refused["detail"]
    assert desk.command(desk.only, "resolve", "li", disposition="no_need", reached="spoken")["ok"]


def test_the_daughter_gets_her_webhook_as_it_was_at_the_onset() -> None:
    desk = desk_with(home(rotas=(rota(),)))
    desk.record("sos-201", "help_call")
    desk.engine.registry = msgspec.structs.replace(desk.engine.registry, contacts=())
    desk.forward(30)
    assert (DAUGHTER, "escalated") in desk.heard


def test_the_preview_says_what_the_story_then_does() -> None:
    """ "Who is woken at 03:00?" is answered by the engine itself."""
    registry = home(rotas=(rota(),))
    desk = desk_with(registry)
    desk.record("sos-201", "help_call")
    desk.forward(240)
    woken = preview(
        registry,
        [],
        site_id="pine",
        kind=AlarmKind.HELP_CALL,
        priority=Priority.EMERGENCY,
        at=START,
        device_id="sos-201",
        within_s=240,
    )
    assert [(one.after_s, one.target, one.channel, one.reason) for one in woken] == phones(desk)
