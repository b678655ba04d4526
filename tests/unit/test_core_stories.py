"""What the core does with the readings of a home, told as stories."""

from __future__ import annotations

import numpy as np
import pytest

from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.errors import StateError
from alarms.core.profiles import load_profiles
from firmware_sim.firmware.wearable import simulated_fall
from ingest.wire.batch import ReadingBatch
from ingest.wire.motion import MotionWindow, Placement
from ingest.wire.signals import BY_NAME

PROFILES = load_profiles()
START = 1_763_781_000.0
SLOW = {"voltage_high": {"on_s": 30, "off_s": 10}}


class Home:
    """A core with devices, a clock, and what it has judged so far."""

    def __init__(self, *devices: CoreDevice, where="platform", at: float = START) -> None:
        self.devices = {device.device_id: device for device in devices}
        self.where = where
        self.core = Core(PROFILES, devices, where)
        self.now = at
        self.judged: list[tuple[str, str, bool]] = []
        self.core.tick(self.now)

    def say(self, device_id: str, signal: str, value: float, *, element: int = 0, ago_s: float = 0.0) -> None:
        batch = ReadingBatch(
            device=np.array([self.devices[device_id].number], np.int32),
            signal=np.array([BY_NAME[signal].number], np.int16),
            element=np.array([element], np.int8),
            observed_s=np.array([self.now - ago_s]),
            received_s=np.array([self.now]),
            value=np.array([value]),
        )
        self._note(self.core.update(batch, self.now))

    def forward(self, seconds: float, step_s: float = 0.5) -> None:
        """Let time pass, tick by tick."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + step_s, end)
            self._note(self.core.tick(self.now))

    def keep_saying(self, seconds: float, every_s: float, *said: tuple[str, str, float]) -> None:
        for _ in range(int(seconds / every_s)):
            self.forward(every_s, every_s)
            for device_id, signal, value in said:
                self.say(device_id, signal, value)

    def restart(self, *devices: CoreDevice, set_by_s: float = 0.0) -> None:
        saved = self.core.state()
        self.devices = {device.device_id: device for device in devices}
        self.core = Core(PROFILES, devices, self.where)
        self.now += set_by_s
        self._note(self.core.restore(saved, self.now, set_by_s=set_by_s))

    def set_clock(self, by_s: float) -> None:
        self.now += by_s
        self.core.clock_set(by_s)

    def told(self) -> list[tuple[str, str, bool]]:
        """What was judged since last asked."""
        judged, self.judged = self.judged, []
        return judged

    def _note(self, judgements) -> None:
        self.last = judgements or getattr(self, "last", [])
        self.judged += [(j.rule, j.subject, j.raised) for j in judgements]


def device(device_id: str, number: int, profile: str, **more) -> CoreDevice:
    return CoreDevice(
        device_id=device_id, number=number, profile=profile, gateway_id=more.pop("gateway_id", "g1"), **more
    )


def test_a_high_voltage_on_one_phase_is_told_after_thirty_seconds_and_cleared_when_all_phases_are_well() -> None:
    home = Home(device("m", 5, "meter", thresholds=SLOW), where="gateway")
    home.say("m", "voltage_v", 280, element=2)
    home.forward(29)
    assert home.told() == []
    home.forward(1)
    assert home.told() == [("voltage_high", "m", True)]
    assert home.last[0].at_s == START + 30
    assert home.last[0].evidence["series"][0]["limit"] == 275
    assert home.last[0].evidence["signal"] == "voltage_v:2"
    home.say("m", "voltage_v", 280, element=3)
    home.forward(40)
    home.say("m", "voltage_v", 230, element=2)
    home.forward(40)
    assert home.told() == []
    home.say("m", "voltage_v", 230, element=3)
    home.forward(9.5)
    assert home.told() == []
    home.forward(0.5)
    assert home.told() == [("voltage_high", "m", False)]


def test_a_value_between_clear_and_limit_changes_nothing() -> None:
    home = Home(device("m", 5, "meter"), where="gateway")
    home.say("m", "residual_current_ma", 310)
    home.forward(3)
    assert home.told() == [("residual_current", "m", True)]
    home.say("m", "residual_current_ma", 260)
    home.forward(5)
    assert home.told() == []
    home.say("m", "residual_current_ma", 249)
    assert home.told() == [("residual_current", "m", False)]


def test_a_deadline_found_late_keeps_its_exact_moment() -> None:
    home = Home(device("m", 5, "meter", thresholds=SLOW), where="gateway")
    home.say("m", "voltage_v", 280)
    home.now += 600
    home.say("m", "voltage_v", 230)
    home.forward(20)
    assert home.told() == [("voltage_high", "m", True), ("voltage_high", "m", False)]


def test_a_backlog_is_judged_by_its_own_times_and_not_as_if_it_were_now() -> None:
    home = Home(device("door", 1, "door_contact"))
    home.now += 7200
    home.say("door", "contact_open", 1, ago_s=7000)
    home.forward(3)  # the pack with the closing is still on its way
    home.say("door", "contact_open", 0, ago_s=6900)
    home.forward(60)
    assert ("door_open_long", "door", True) not in home.told()


def test_a_sample_older_than_the_newest_is_ignored_and_a_repeated_press_counts_once() -> None:
    home = Home(device("door", 1, "door_contact", thresholds={"door_often": {"count": 2, "window_s": 60}}))
    home.forward(10)
    home.say("door", "contact_open", 1)
    home.say("door", "contact_open", 1)
    home.say("door", "contact_open", 0, ago_s=5)
    home.say("door", "contact_open", 1)
    assert home.told() == []
    home.forward(5)
    home.say("door", "contact_open", 0)
    home.forward(5)
    home.say("door", "contact_open", 1)
    assert home.told() == [("door_often", "door", True)]
    home.forward(50)
    assert home.told() == [("door_often", "door", False)]


def test_a_fast_rise_is_a_fire_and_a_slow_one_is_a_heating() -> None:
    home = Home(device("heat", 1, "heat_alarm"), where="gateway")
    for minute in range(60):
        home.say("heat", "temp_c", 15 + minute * 0.4)
        home.forward(60, 60)
    assert home.told() == []
    for step in range(10):
        home.say("heat", "temp_c", 39 + step * 2.5)
        home.forward(10, 10)
    assert home.told()[0] == ("heat_rise", "heat", True)


def test_a_room_is_cold_once_whichever_sensor_says_so() -> None:
    home = Home(device("a", 1, "ambient", room_id="12"), device("b", 2, "ambient", room_id="12"))
    home.say("a", "temp_c", 10)
    home.say("b", "temp_c", 10)
    home.forward(1800, 10)
    assert home.told() == [("room_cold", "room:12", True)]
    home.say("a", "temp_c", 20)
    home.forward(900, 10)
    assert home.told() == []
    home.say("b", "temp_c", 20)
    home.forward(600, 10)
    assert home.told() == [("room_cold", "room:12", False)]


def test_a_silent_device_is_told_after_three_missed_heartbeats_and_is_back_at_once() -> None:
    home = Home(device("m", 1, "meter"), device("n", 2, "meter"))
    home.keep_saying(30, 5, ("m", "power_w", 5), ("n", "power_w", 5))
    home.keep_saying(44, 1, ("n", "power_w", 5))
    assert home.told() == []
    home.keep_saying(2, 1, ("n", "power_w", 5))
    assert home.told() == [("device_silent", "m", True)]
    home.say("m", "power_w", 5)
    assert home.told() == [("device_silent", "m", False)]


def test_a_device_that_was_never_heard_is_told_too() -> None:
    home = Home(device("bed", 1, "bed_sensor"))
    home.forward(901, 1)
    assert home.told() == [("device_silent", "bed", True)]
    assert home.last[0].evidence["heard_at_s"] is None


def test_forty_devices_silent_together_are_one_fault_of_their_gateway() -> None:
    meters = [device(f"m{n}", n, "meter") for n in range(1, 41)]
    home = Home(*meters)
    home.keep_saying(60, 5, *((meter.device_id, "power_w", 5) for meter in meters))
    home.forward(120)
    assert home.told() == [("gateway_silent", "gateway:g1", True)]
    home.say("m7", "power_w", 5)
    assert home.told() == [("gateway_silent", "gateway:g1", False)]
    home.forward(50)
    assert home.told() == []
    home.keep_saying(20, 1, ("m7", "power_w", 5))
    assert len(home.told()) == 39


def test_the_devices_of_a_lost_gateway_are_not_judged_until_it_is_back_and_has_had_its_grace() -> None:
    home = Home(device("m", 1, "meter"), device("k", 2, "meter", gateway_id="g2"))
    home.keep_saying(30, 5, ("m", "power_w", 5), ("k", "power_w", 5))
    home.core.set_gateway_online("g1", False, home.now)
    home.keep_saying(300, 5, ("k", "power_w", 5))
    home.core.set_gateway_online("g1", True, home.now)
    home.keep_saying(59, 1, ("k", "power_w", 5))
    assert home.told() == []
    home.keep_saying(2, 1, ("k", "power_w", 5))
    assert home.told() == [("device_silent", "m", True)]


def test_while_the_broker_is_away_nobody_is_silent() -> None:
    home = Home(device("m", 1, "meter"))
    home.say("m", "power_w", 5)
    home.core.set_listening(False, home.now)
    home.forward(600, 5)
    home.core.set_listening(True, home.now)
    home.forward(30)
    assert home.told() == []


def test_a_restart_continues_a_running_delay_and_keeps_what_stands() -> None:
    meter = device("m", 5, "meter", thresholds=SLOW)
    home = Home(meter, where="gateway")
    home.say("m", "voltage_v", 280)
    home.forward(20)
    home.restart(device("new", 6, "plug"), meter)
    home.forward(10)
    assert home.told() == [("voltage_high", "m", True)]
    home.restart(meter)
    home.say("m", "voltage_v", 230)
    home.forward(10)
    assert home.told() == [("voltage_high", "m", False)]


def test_a_removed_device_leaves_nothing_raised_behind() -> None:
    meter, plug = device("m", 5, "meter"), device("p", 6, "plug")
    home = Home(meter, plug, where="gateway")
    home.say("m", "residual_current_ma", 400)
    home.forward(3)
    home.told()
    home.restart(plug)
    assert home.told() == [("residual_current", "m", False)]


def test_a_device_out_of_service_is_heard_and_not_judged() -> None:
    home = Home(device("m", 5, "meter", out_of_service=True), where="gateway")
    home.say("m", "residual_current_ma", 400)
    home.forward(60)
    assert home.told() == []


def test_new_thresholds_hold_from_the_next_sample_on() -> None:
    home = Home(device("m", 5, "meter"), where="gateway")
    home.say("m", "residual_current_ma", 250)
    home.forward(5)
    home.restart(device("m", 5, "meter", thresholds={"residual_current": {"limit": 200}}))
    home.forward(5)
    assert home.told() == []
    home.say("m", "residual_current_ma", 250)
    home.forward(2)
    assert home.told() == [("residual_current", "m", True)]


def test_a_state_that_is_not_ours_is_refused() -> None:
    with pytest.raises(StateError):
        Home(device("m", 5, "meter")).core.restore(b"something else", START)


def test_readings_of_strangers_and_of_no_value_change_nothing() -> None:
    home = Home(device("m", 5, "meter"), where="gateway")
    home.devices["stranger"] = device("stranger", 999, "meter")
    home.say("stranger", "residual_current_ma", 400)
    home.say("m", "residual_current_ma", float("nan"))
    home.say("m", "residual_current_ma", 400, element=7)
    home.forward(60)
    assert home.told() == []


def a_fall(rate_hz: float) -> np.ndarray:
    """Six seconds upright, a simulated fall, eight seconds of lying; in counts of an 8 g range."""
    upright = np.tile([0.0, 1.0, 0.0], (int(6 * rate_hz), 1))
    fall = simulated_fall(np.random.default_rng(3), rate_hz)
    return np.round(np.clip(np.concatenate([upright, fall]), -7.9, 7.9) * 32768 / 8).astype(np.int16)


@pytest.mark.parametrize("rate_hz", [20.0, 50.0, 128.0, 200.0])
@pytest.mark.parametrize("window", [0.5, 2.0, 30.0])
def test_a_fall_is_told_once_at_any_rate_and_however_it_is_cut(rate_hz: float, window: float) -> None:
    home = Home(device("belt", 1, "wearable"))
    counts = a_fall(rate_hz)
    size = max(1, int(window * rate_hz))
    told: list[Judgement] = []
    for start in range(0, len(counts), size):
        part = counts[start : start + size]
        home.now = START + (start + len(part)) / rate_hz
        for _ in range(2):  # a resend changes nothing
            told += home.core.update_motion([(1, _window(part, START + start / rate_hz, rate_hz))], home.now)
    assert [(one.rule, one.subject, one.raised) for one in told] == [("fall_impact", "belt", True)] * 2
    suspected, confirmed = told
    assert [suspected.evidence["stage"], confirmed.evidence["stage"]] == ["suspected", "confirmed"]
    assert suspected.at_s == confirmed.at_s == pytest.approx(START + 8.75, abs=0.2)
    assert suspected.evidence["judged_at_s"] - suspected.at_s == pytest.approx(2, abs=0.1)
    assert confirmed.evidence["judged_at_s"] - confirmed.at_s < 15
    assert confirmed.evidence["turn_deg"] == pytest.approx(90, abs=10)


def test_a_bump_without_lying_down_is_no_fall() -> None:
    home = Home(device("belt", 1, "wearable"))
    counts = np.tile(a_fall(50.0)[0], (600, 1))
    counts[300:304] *= 3
    assert home.core.update_motion([(1, _window(counts, START, 50.0))], START + 13) == []


def _window(counts: np.ndarray, start_s: float, rate_hz: float) -> MotionWindow:
    return MotionWindow(
        boot="b", seq=1, floor=0, device_id="belt", placement=Placement.WAIST, start_s=start_s, rate_hz=rate_hz,
        range_g=8.0, counts=counts,
    )  # fmt: skip


@pytest.mark.parametrize("by_s", [-3600.0, 3600.0])
def test_a_clock_that_is_set_silences_nobody_and_hides_no_silence(by_s: float) -> None:
    home = Home(device("m1", 1, "meter"), device("m2", 2, "meter"))
    home.keep_saying(120, 10, ("m1", "power_w", 40), ("m2", "power_w", 40))
    home.told()
    home.set_clock(by_s)
    home.forward(5)
    assert home.told() == []
    period_s = 400
    home.keep_saying(period_s, 10, ("m1", "power_w", 40))
    assert home.told() == [("device_silent", "m2", True)]


@pytest.mark.parametrize("by_s", [-3600.0, 3600.0])
def test_a_high_voltage_is_told_after_its_thirty_seconds_whatever_the_clock_says(by_s: float) -> None:
    home = Home(device("m", 5, "meter", thresholds=SLOW), where="gateway")
    home.say("m", "voltage_v", 280)
    home.forward(10)
    home.set_clock(by_s)
    home.keep_saying(19, 1, ("m", "voltage_v", 280))
    assert home.told() == []
    home.forward(1)
    assert home.told() == [("voltage_high", "m", True)]


def test_readings_count_at_once_after_the_clock_was_set_back() -> None:
    home = Home(device("m", 5, "meter"), where="gateway")
    home.say("m", "residual_current_ma", 10)
    home.set_clock(-3600)
    home.forward(1)
    home.say("m", "residual_current_ma", 310)
    home.forward(3)
    assert home.told() == [("residual_current", "m", True)]


@pytest.mark.parametrize("by_s", [-3600.0, 3600.0])
def test_a_clock_that_is_set_between_two_lives_silences_nobody(by_s: float) -> None:
    meters = device("m1", 1, "meter"), device("m2", 2, "meter")
    home = Home(*meters)
    home.keep_saying(120, 10, ("m1", "power_w", 40), ("m2", "power_w", 40))
    home.told()
    home.restart(*meters, set_by_s=by_s)
    home.keep_saying(500, 10, ("m1", "power_w", 40))
    assert home.told() == [("device_silent", "m2", True)]
