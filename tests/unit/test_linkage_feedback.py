"""An output that was asked for moves, or does not: who is told, what is written down, what the gateway sees."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from alarms.engine import site_configs
from alarms.lifecycle import linkage
from alarms.lifecycle.alarm import Alarm
from console.pages.fire_stages import has_refused_link, links_of
from gateway.devices import Known
from gateway.feedback import WATCHED_S, Feedback
from gateway.packing import Datum
from ingest.registry.model import Output, Registry
from ingest.wire.senml import Record
from tests.fire_home import FireDesk, linked_home

DOOR, WITHIN_S = "doors-ground", 20.0


def home() -> Registry:
    """The doors of the ground floor have a contact at the corridor; it says 2 for the second leaf."""
    outputs = tuple(_with_feedback(one) if one.output_id == DOOR else one for one in linked_home().outputs)
    return msgspec.structs.replace(linked_home(), outputs=outputs)


def _with_feedback(output: Output) -> Output:
    return msgspec.structs.replace(
        output, feedback_device_id="corridor-button", feedback_signal="contact_open:2", feedback_s=WITHIN_S
    )


@pytest.fixture
def desk() -> FireDesk:
    """Two detectors have confirmed a fire, and the doors are asked to open."""
    desk = FireDesk(home())
    desk.record("kitchen-smoke", "smoke")
    desk.record("corridor-smoke", "smoke")
    return desk


def moves(desk: FireDesk, output_id: str = DOOR, gateway: str = "gw-pine") -> None:
    told = Record(bn="corridor-button/", n="judge/output_moved", vb=True, t=desk.now.timestamp())
    desk.records([msgspec.structs.replace(told, ev={"output_id": output_id})], gateway=gateway)


def door_of(desk: FireDesk, device: str = "kitchen-smoke") -> bool | None:
    (door,) = [one for one in links_of(desk.of(device)) if one.output_id == DOOR]
    return door.moved


def stuck(desk: FireDesk) -> list[Alarm]:
    return [alarm for alarm in desk.open if alarm.rule == linkage.STUCK]


def end(desk: FireDesk, *devices: str) -> None:
    for device in devices:
        assert desk.command(desk.of(device), "resolve", "kong", disposition="false_alarm")["ok"]


def test_a_door_that_opens_is_confirmed_and_nobody_is_told_more(desk: FireDesk) -> None:
    assert door_of(desk) is None
    before = len(desk.heard)
    desk.forward(4)
    moves(desk)
    assert door_of(desk) is True
    assert len(desk.heard) == before
    (line,) = [one for one in desk.journal.entries_of(desk.of("kitchen-smoke").alarm_id) if one.event == "Moved"]
    assert (line.detail["output"], line.detail["moved"]) == (DOOR, True)
    desk.forward(60)
    assert stuck(desk) == []


def test_a_door_that_stays_shut_is_an_emergency_at_its_moment(desk: FireDesk) -> None:
    desk.forward(WITHIN_S - 1)
    assert stuck(desk) == []
    desk.forward(1)
    (fault,) = stuck(desk)
    assert door_of(desk) is False
    assert has_refused_link(desk.of("kitchen-smoke"))
    assert (fault.priority, fault.identity.room_name, fault.incident_id) == ("emergency", "corridor", None)
    assert "20 s" in fault.evidence["text"]
    assert "20秒内未动作" in fault.evidence["text_zh"]
    assert "未动作" in desk.notices[-1].title_zh


def test_late_is_better_than_never(desk: FireDesk) -> None:
    desk.forward(WITHIN_S + 40)
    moves(desk)
    assert stuck(desk) == []
    assert door_of(desk) is True
    assert not has_refused_link(desk.of("kitchen-smoke"))


def test_a_restart_and_a_clock_that_is_set_change_no_wait(desk: FireDesk) -> None:
    desk.forward(5)
    desk.restart(home())
    desk.now += timedelta(hours=1)
    desk.clock_set(3600)
    desk.forward(WITHIN_S - 6)
    assert stuck(desk) == []
    desk.forward(1)
    assert len(stuck(desk)) == 1


def test_a_fire_that_is_over_waits_for_no_door(desk: FireDesk) -> None:
    end(desk, "kitchen-smoke", "corridor-smoke")
    desk.forward(60)
    assert stuck(desk) == []


def test_when_the_fire_is_over_a_door_that_stays_shut_is_a_fault_that_is_to_be_repaired(desk: FireDesk) -> None:
    desk.forward(WITHIN_S)
    (emergency,) = stuck(desk)
    end(desk, "kitchen-smoke")
    assert stuck(desk) == [emergency], "the corridor burns, and it is one fire"
    end(desk, "corridor-smoke")
    (fault,) = desk.open
    assert (fault.rule, fault.kind, fault.priority) == (linkage.UNMOVED, "fault", "medium")
    assert (fault.subject, fault.identity.room_name) == (emergency.subject, "corridor")
    assert "repaired" in fault.evidence["text"]
    assert "报修" in fault.evidence["text_zh"]
    last = desk.journal.entries_of(emergency.alarm_id)[-1]
    assert (last.event, last.by, last.detail["because"]) == ("Cleared", "system", "fire_over")
    moves(desk)
    assert desk.open == [fault], "by hand, perhaps: that repairs nothing"
    assert desk.command(fault, "resolve", "kong", disposition="repaired")["ok"]
    assert desk.open == []


def test_a_person_may_end_it_and_nothing_stays_when_the_fire_is_over(desk: FireDesk) -> None:
    desk.forward(WITHIN_S)
    (emergency,) = stuck(desk)
    assert desk.command(emergency, "resolve", "kong", disposition="repaired")["ok"]
    end(desk, "kitchen-smoke", "corridor-smoke")
    assert desk.open == []


def test_the_next_fire_that_the_door_does_not_open_for_is_an_emergency_again(desk: FireDesk) -> None:
    desk.forward(WITHIN_S)
    end(desk, "kitchen-smoke", "corridor-smoke")
    desk.forward(3600)
    desk.record("kitchen-smoke", "smoke")
    desk.record("corridor-smoke", "smoke")
    desk.forward(WITHIN_S)
    assert len(stuck(desk)) == 1
    moves(desk)
    assert stuck(desk) == []


def test_what_ends_elsewhere_ends_no_emergency(desk: FireDesk) -> None:
    desk.record("corridor-button", "help_call")
    desk.forward(WITHIN_S)
    (call,) = [alarm for alarm in desk.open if alarm.kind == "help_call"]
    assert desk.command(call, "resolve", "kong", disposition="no_need", reached="spoken")["ok"]
    assert len(stuck(desk)) == 1


def test_who_asks_again_waits_again(desk: FireDesk) -> None:
    desk.forward(WITHIN_S)
    assert desk.command(desk.of("kitchen-smoke"), "link", "kong", to=DOOR)["ok"]
    doors = [one.moved for one in links_of(desk.of("kitchen-smoke")) if one.output_id == DOOR]
    assert doors == [False, None]
    moves(desk)
    assert stuck(desk) == []
    assert [one.moved for one in links_of(desk.of("kitchen-smoke")) if one.output_id == DOOR] == [False, True]


@pytest.mark.parametrize(("output_id", "gateway"), [("no-such", "gw-pine"), (DOOR, "gw-other")])
def test_what_another_gateway_says_of_it_moves_nothing(desk: FireDesk, output_id: str, gateway: str) -> None:
    before = len(desk.open)
    moves(desk, output_id, gateway)
    assert (door_of(desk), len(desk.open)) == (None, before)


def test_an_output_without_a_feedback_is_asked_for_and_no_more(desk: FireDesk) -> None:
    (siren,) = [one for one in links_of(desk.of("kitchen-smoke")) if one.output_id == "siren"]
    assert (siren.within_s, siren.moved) == (0, None)


class Box:
    """What a gateway sees of its outputs, by a clock of its own."""

    def __init__(self) -> None:
        (self.config,) = site_configs.configs(home())
        self.feedback = Feedback(self.config)
        self.now_s = 1_772_338_000.0

    def says(self, value: float, element: int = 2, device: str = "corridor-button") -> list[str]:
        self.now_s += 1
        datum = Datum(device_id=device, signal="contact_open", element=element, value=value, at_s=self.now_s)
        return names(self.feedback.heard([(Known(device), datum, self.now_s)], self.now_s))

    def asked(self, output_id: str = DOOR) -> list[str]:
        return names(self.feedback.asked(output_id, self.now_s))

    def kill(self) -> None:
        self.feedback = Feedback(self.config, self.feedback.encode())


def names(data: list[Datum]) -> list[str]:
    assert all(one.signal == "judge/output_moved" and one.value is True for one in data)
    return [str((one.evidence or {})["output_id"]) for one in data]


def test_the_gateway_tells_of_a_move_once_and_only_when_it_was_asked_for() -> None:
    box = Box()
    assert box.says(1) == []
    assert box.says(0) == []
    assert box.asked() == []
    assert box.says(0) == box.says(1, element=0) == box.says(1, device="kitchen-smoke") == []
    assert box.says(1) == [DOOR]
    assert box.says(1) == []


def test_what_stands_there_already_has_moved_at_once() -> None:
    box = Box()
    box.says(1)
    assert box.asked() == [DOOR]
    assert box.asked("siren") == [], "nothing says whether it sounds"


def test_the_gateway_goes_on_after_a_restart_and_forgets_after_an_hour() -> None:
    box = Box()
    box.asked()
    box.kill()
    assert box.says(1) == [DOOR]
    box.says(0)
    box.asked()
    box.now_s += WATCHED_S + 1
    assert box.says(1) == []
    assert Feedback(box.config, b"{").asked(DOOR, box.now_s) == []
