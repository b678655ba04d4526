"""The siren at the site follows the platform's verification, also with nobody beyond the gateway: stories."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from alarms.core.profiles import load_profiles
from alarms.engine import site_configs
from gateway.devices import Known
from gateway.judge import Judge
from gateway.on_the_spot import OnTheSpot
from gateway.packing import Datum
from gateway.planned import Planned
from gateway.siren import Sounding
from gateway.states import States
from gateway.verification import Verification
from ingest.log import Log
from ingest.registry.model import Registry, Window
from ingest.wire.site_config import SiteConfig
from tests.fire_home import NIGHT, NOON, fire_home

PROFILES = load_profiles()


def config_of(registry: Registry) -> SiteConfig:
    (config,) = site_configs.configs(registry)
    return config


class Noise:
    """A siren that notes what it sounds for."""

    def __init__(self) -> None:
        self.sounds: list[str] = []

    def sound(self, reason: str) -> None:
        self.sounds.append(reason)

    def silence(self) -> None:
        self.sounds.clear()


class Box:
    """A gateway's memory and its siren; nothing connects it to anybody."""

    def __init__(self, registry: Registry | None = None, now_s: float = NOON.timestamp()) -> None:
        self.config = config_of(registry if registry is not None else fire_home())
        self.now_s = now_s
        self.noise = Noise()
        self.saved: tuple[bytes | None, ...] = (None,) * 4
        self.start()

    def start(self, config: SiteConfig | None = None) -> None:
        """The program begins with what it saved."""
        config = config or self.config
        siren, states, verification, planned = self.saved
        self.states = States(states)
        self.sounding = Sounding(self.noise, siren)
        self.verification = Verification(PROFILES, config, verification)
        judge = Judge(PROFILES, config, Log("test"))
        self.planned = Planned(PROFILES, config, planned)
        self.spot = OnTheSpot(judge, self.sounding, self.states, self.verification, self.planned)

    def kill(self) -> None:
        """What was saved with the last record is all that is left."""
        self.noise.sounds.clear()
        self.start()

    def says(self, device: str, signal: str, value: bool = True, *, at_s: float | None = None) -> None:
        datum = Datum(device_id=device, signal=signal, value=value, at_s=self.now_s if at_s is None else at_s)
        profile = next((one.profile for one in self.config.devices if one.device_id == device), None)
        known = Known(device, profile=profile)
        self.states.is_change(datum)
        self.spot.act(known, datum, self.now_s)
        self.saved = (self.sounding.encode(), self.states.encode(), self.verification.encode(), self.planned.encode())

    def forward(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.now_s += 1
            self.spot.tick(self.now_s)


@pytest.fixture
def box() -> Box:
    return Box()


def test_toast_never_sounds(box: Box) -> None:
    box.says("kitchen-smoke", "smoke")
    box.forward(59)
    box.says("kitchen-smoke", "smoke", False)
    box.forward(600)
    assert box.noise.sounds == []


def test_what_stands_sounds_when_its_time_is_over(box: Box) -> None:
    box.says("kitchen-smoke", "smoke")
    box.forward(59)
    assert box.noise.sounds == []
    box.forward(1)
    assert box.noise.sounds == ["smoke kitchen-smoke"]
    box.says("kitchen-smoke", "smoke", False)
    assert box.noise.sounds == []


@pytest.mark.parametrize(
    ("device", "signal"),
    [("corridor-smoke", "smoke"), ("kitchen-heat", "heat_alarm"), ("bathroom-smoke", "call_point"),
     ("corridor-smoke", "judge/heat_high"), ("nobody-knows", "smoke"), ("room:kitchen", "judge/heat_rise")],
)  # fmt: skip
def test_a_second_sign_sounds_for_both(box: Box, device: str, signal: str) -> None:
    box.says("kitchen-smoke", "smoke")
    box.forward(5)
    box.says(device, signal)
    assert set(box.noise.sounds) == {"smoke kitchen-smoke", f"{signal.removeprefix('judge/')} {device}"}


def test_another_floor_and_gas_leave_it_waiting(box: Box) -> None:
    box.says("kitchen-smoke", "smoke")
    box.says("bathroom-smoke", "smoke")
    box.says("corridor-smoke", "gas")
    assert box.noise.sounds == ["gas corridor-smoke"]
    box.forward(60)
    assert len(box.noise.sounds) == 3


def test_a_device_in_test_neither_sounds_nor_ends_a_wait(box: Box) -> None:
    box.says("corridor-smoke", "test")
    box.says("kitchen-smoke", "smoke")
    box.says("corridor-smoke", "smoke")
    assert box.noise.sounds == []


def test_in_doubt_and_at_night_it_sounds(box: Box) -> None:
    for device in ("bedroom-smoke", "store-smoke"):
        box = Box()
        box.says(device, "smoke")
        assert box.noise.sounds == [f"smoke {device}"]
    box = Box(now_s=NIGHT.timestamp())
    box.says("kitchen-smoke", "smoke")
    assert box.noise.sounds == ["smoke kitchen-smoke"]
    box = Box(now_s=3600.0)  # a gateway that has never had the time
    box.says("kitchen-smoke", "smoke")
    assert box.noise.sounds == ["smoke kitchen-smoke"]


def test_a_killed_gateway_goes_on_waiting(box: Box) -> None:
    box.says("kitchen-smoke", "smoke")
    box.forward(30)
    box.kill()
    box.forward(29)
    assert box.noise.sounds == []
    box.forward(1)
    assert box.noise.sounds == ["smoke kitchen-smoke"]
    box.kill()  # killed before it could save that it sounds
    box.forward(1)
    assert box.noise.sounds == ["smoke kitchen-smoke"]


def test_a_gateway_that_was_away_sounds_when_it_is_back(box: Box) -> None:
    box.says("kitchen-smoke", "smoke")
    box.now_s += 3600
    box.kill()
    box.forward(1)
    assert box.noise.sounds == ["smoke kitchen-smoke"]


def test_memory_that_nobody_can_read_is_no_wait(box: Box) -> None:
    box.saved = (None, None, b"not json", b"nor this")
    box.start()
    box.says("kitchen-smoke", "smoke")
    assert box.noise.sounds == []
    box.forward(60)
    assert box.noise.sounds == ["smoke kitchen-smoke"]


@pytest.mark.parametrize("by_s", [-7200.0, 7200.0])
def test_a_clock_that_is_set_changes_no_wait(box: Box, by_s: float) -> None:
    box.says("kitchen-smoke", "smoke")
    box.forward(20)
    box.now_s += by_s
    box.spot.clock_set(by_s)
    box.forward(39)
    assert box.noise.sounds == []
    box.forward(1)
    assert box.noise.sounds == ["smoke kitchen-smoke"]


def test_the_platform_may_end_the_wait_either_way(box: Box) -> None:
    box.says("kitchen-smoke", "smoke")
    box.spot.command("smoke", "kitchen-smoke", on=True)  # a person has confirmed the fire
    assert box.noise.sounds == ["smoke kitchen-smoke"]
    box = Box()
    box.says("kitchen-smoke", "smoke")
    box.spot.command("smoke", "kitchen-smoke", on=False)  # a person has ended it as a false alarm
    box.forward(120)
    assert box.noise.sounds == []


def test_a_silenced_siren_sounds_for_another_room(box: Box) -> None:
    box.says("bedroom-smoke", "smoke")
    box.spot.command("smoke", "bedroom-smoke", on=False)
    assert box.noise.sounds == []
    box.says("kitchen-smoke", "smoke")  # the fire stands, though it is silent: nothing waits
    assert box.noise.sounds == ["smoke kitchen-smoke"]


def test_a_new_configuration_changes_no_wait(box: Box) -> None:
    box.says("kitchen-smoke", "smoke")
    box.forward(30)
    box.spot.configure(config_of(fire_home(thresholds={"fire_verification": {"kitchen_s": 120}})))
    box.forward(30)
    assert box.noise.sounds == ["smoke kitchen-smoke"]
    box.says("kitchen-smoke", "smoke", False)
    box.says("kitchen-smoke", "smoke")
    box.forward(119)
    assert box.noise.sounds == []


def during_work(**of_window: Any) -> Registry:
    """An engineer works for the next ten minutes."""
    window = Window(
        window_id="w1",
        site_id="pine",
        begins_at=NOON,
        ends_at=NOON + timedelta(minutes=10),
        reason="test",
        by="user:wu",
        **of_window,
    )
    return msgspec.structs.replace(fire_home(), windows=(window,))


def test_announced_work_is_silent_and_what_stands_at_its_end_sounds() -> None:
    box = Box(during_work(room_id="bedroom"))
    box.says("bedroom-smoke", "smoke")
    box.says("kitchen-smoke", "smoke")  # what the work makes smell stands for nothing
    assert box.noise.sounds == []
    box.kill()
    box.forward(60)
    assert box.noise.sounds == ["smoke kitchen-smoke"]
    box.forward(540)
    assert set(box.noise.sounds) == {"smoke kitchen-smoke", "smoke bedroom-smoke"}


def test_what_is_over_with_the_work_never_sounds_and_other_kinds_do() -> None:
    box = Box(during_work(kinds=("fire",)))
    box.says("bedroom-smoke", "smoke")
    box.says("corridor-button", "gas")
    box.says("corridor-button", "help_call")
    assert box.noise.sounds == ["gas corridor-button", "help_call corridor-button"]
    box.says("bedroom-smoke", "smoke", False)
    box.forward(700)
    assert len(box.noise.sounds) == 2


def test_platform_and_gateway_agree_on_the_moment(box: Box) -> None:
    box.says("kitchen-smoke", "smoke", at_s=box.now_s - 20)
    box.forward(40)
    assert box.noise.sounds == ["smoke kitchen-smoke"]
