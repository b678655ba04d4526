"""A cooker is on and everybody has left, as the entrance door and the silence after it tell: stories."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from alarms.core.home import Home as Whose
from tests.unit.test_core_stories import Home, device

COUPLE = Whose(home_id="flat")
NOON = datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()


def flat(*, whose: Whose = COUPLE, leave_out: str = "", cooker: dict[str, object] | None = None) -> list:
    devices = [
        device("cooker", 1, "cooker", home=whose, thresholds={"cooker_left_on": cooker or {}}),
        device("door", 2, "entrance_door", home=whose),
        device("hall", 3, "motion_sensor", room_id="hall", home=whose),
        device("bed", 4, "bed_sensor", room_id="bedroom", home=whose),
        device("window", 5, "door_contact", room_id="kitchen", home=whose),
        device("button", 6, "sos_button", room_id="bedroom", home=whose),
    ]
    return [one for one in devices if one.device_id != leave_out]


class Flat(Home):
    """At noon; the cooker and every sensor have just said how it is."""

    watts = 0.0

    def __init__(self, *devices) -> None:
        super().__init__(*devices or flat(), at=NOON)
        for name, signal, value in (
            ("cooker", "power_w", 1500),
            ("bed", "bed_occupied", 0),
            ("window", "contact_open", 1),
        ):
            if name in self.devices:
                self.say(name, signal, value)

    def somebody_leaves(self) -> None:
        self.say("hall", "motion", 1)
        self.forward(5)
        if "door" in self.devices:
            self.say("door", "contact_open", 1)
            self.forward(10)
            self.say("door", "contact_open", 0)
        self.forward(45)
        self.say("hall", "motion", 0)

    def say(self, device_id: str, signal: str, value: float, **more) -> None:
        self.watts = value if signal == "power_w" else self.watts
        super().say(device_id, signal, value, **more)

    def forward(self, seconds: float, step_s: float = 5) -> None:
        """The cooker's plug says every half minute what it measures."""
        end = self.now + seconds
        while self.now < end:
            super().forward(min(step_s, end - self.now), step_s)
            if (self.now - NOON) % 30 == 0 and "cooker" in self.devices:
                self.say("cooker", "power_w", self.watts)

    def found(self) -> list[bool]:
        return [raised for rule, _, raised in self.told() if rule == "cooker_left_on"]


def test_a_cooker_in_a_home_that_everybody_has_left_is_told_after_a_quarter_of_an_hour_and_a_minute() -> None:
    home = Flat()
    home.somebody_leaves()
    home.forward(15 * 60 + 60 - 45 - 5)
    assert home.found() == []
    home.forward(5)
    assert home.found() == [True]
    (found,) = home.last
    assert found.at_s == NOON + 15 + 16 * 60
    assert found.evidence["text"].endswith("the entrance door closed at 12:00, nothing has stirred since")
    assert "12:00 入户门关闭后家中再无活动" in found.evidence["text_zh"]
    assert found.evidence["series"][0]["signal"] == "power_w"


@pytest.mark.parametrize(
    ("who", "signal", "value"),
    [
        ("hall", "motion", 1),
        ("bed", "bed_occupied", 1),
        ("window", "contact_open", 0),
        ("door", "contact_open", 1),
        ("button", "help_call", 1),
        ("button", "button_short", 1),
        ("button", "staff_present", 1),
    ],
)
def test_any_sign_of_somebody_ends_it_and_who_puts_it_out_does(who: str, signal: str, value: float) -> None:
    home = Flat()
    home.somebody_leaves()
    home.forward(1200)
    home.say(who, signal, value)
    assert home.found() == [True, False]
    assert home.last[-1].at_s == home.now


def test_a_cooker_that_is_off_or_put_out_by_its_clock_is_no_alarm() -> None:
    home = Flat()
    home.somebody_leaves()
    home.say("cooker", "power_w", 3)
    home.forward(3600)
    assert home.found() == []
    home.say("cooker", "power_w", 900)
    home.forward(60)
    assert home.found() == [True], "one that goes on by itself"
    home.say("cooker", "power_w", 180)
    assert home.found() == [], "within the hysteresis"
    home.say("cooker", "power_w", 100)
    assert home.found() == [False]


def test_whoever_cooks_while_the_other_one_goes_shopping_is_seen() -> None:
    home = Flat()
    home.somebody_leaves()
    for _ in range(12):
        home.forward(600)
        home.say("hall", "motion", 1)
        home.forward(60)
        home.say("hall", "motion", 0)
    assert home.found() == []


@pytest.mark.parametrize("leave_out", ["door", "hall"])
def test_a_home_that_cannot_tell_is_not_judged(leave_out: str) -> None:
    home = Flat(*[one for one in flat(leave_out=leave_out) if leave_out != "hall" or one.device_id != "bed"])
    if leave_out == "hall":
        home.say("door", "contact_open", 1)
        home.say("door", "contact_open", 0)
    else:
        home.somebody_leaves()
    home.forward(3600)
    assert home.found() == []


def test_sensors_that_have_fallen_silent_tell_of_no_empty_home_and_take_nothing_back() -> None:
    home = Flat()
    home.somebody_leaves()
    home.core.set_gateway_online("g1", False, home.now)
    home.forward(7200, 60)
    assert home.found() == []
    home.core.set_gateway_online("g1", True, home.now)
    home.say("cooker", "power_w", 1400)
    home.forward(120)
    assert home.found() == [True]
    home.core.set_gateway_online("g1", False, home.now)
    home.forward(60)
    home.say("cooker", "power_w", 1300)
    assert home.found() == []


def test_who_is_marked_away_is_for_the_other_rule() -> None:
    home = Flat(*flat(whose=Whose(home_id="flat", away=True)))
    home.somebody_leaves()
    home.forward(3600)
    assert [rule for rule, _, raised in home.told() if raised and "cooker" in rule] == ["cooker_unattended"]


def test_a_restart_goes_on_and_how_long_may_be_set() -> None:
    home = Flat(*flat(cooker={"empty_s": 300}))
    home.somebody_leaves()
    home.forward(200)
    home.restart(*flat(cooker={"empty_s": 300}), set_by_s=3600)
    home.forward(110)
    assert home.found() == []
    home.forward(10)
    assert home.found() == [True]
    home.restart(*flat(leave_out="cooker"))
    assert home.found() == [False], "what is gone stands for nothing"
