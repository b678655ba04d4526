"""Generated lives of devices and gateways: what must hold whatever happens."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.firmware.device import Battery, DeviceClock, NativeMessage, Radio, Timeline
from firmware_sim.firmware.zigbee2mqtt import ZigbeeButton

steps = st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 50)), max_size=40)


@given(steps, st.floats(0, 100))
def test_a_battery_only_falls_and_its_voltage_with_it(uses: list[tuple[float, int]], left: float) -> None:
    battery = Battery(left_pct=left)
    now, before = 0.0, battery.left_pct
    for wait_s, messages in uses:
        now += wait_s
        volts = battery.volts
        battery.spend(now, messages)
        assert 0 <= battery.left_pct <= before
        assert battery.empty_v <= battery.volts <= volts + 1e-9
        before = battery.left_pct


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_a_repeat_is_the_very_same_message(seed: int, share: float) -> None:
    radio = Radio(rng=np.random.default_rng(seed), repeat_share=share)
    message = NativeMessage(topic="a", payload=b"b")
    heard = radio.send(message)
    assert heard in ([message], [message, message])


def test_about_so_many_messages_are_repeated() -> None:
    radio = Radio(rng=np.random.default_rng(1), repeat_share=0.2)
    heard = sum(len(radio.send(NativeMessage(topic="a", payload=b""))) for _ in range(2000))
    assert 2300 < heard < 2500


@given(st.integers(0, 2**32 - 1), st.lists(st.floats(0.1, 1e5), max_size=20))
def test_the_same_seed_presses_the_same_bytes(seed: int, waits: list[float]) -> None:
    def life() -> list[NativeMessage]:
        clock = DeviceClock(timeline=Timeline(simulated_s=0, world_s=1.7e9), drift_ppm=20)
        radio = Radio(rng=np.random.default_rng(seed), repeat_share=0.3)
        button = ZigbeeButton(name="b", clock=clock, radio=radio, battery=Battery(), tells_time=True, legacy=True)
        now, told = 0.0, button.boot(0.0)
        for wait_s in waits:
            now += wait_s
            told += button.step(now) + button.press(now)
        return told

    assert life() == life()


@given(st.floats(-100, 100), st.floats(0, 1e7))
def test_a_clock_drifts_by_its_rate_and_is_right_after_network_time(drift_ppm: float, later: float) -> None:
    clock = DeviceClock(timeline=Timeline(simulated_s=0, world_s=1.7e9), drift_ppm=drift_ppm, offset_s=3)
    assert abs(clock.reads(later) - (1.7e9 + later + 3 + drift_ppm * 1e-6 * later)) < 1e-3
    clock.synchronise(later)
    assert abs(clock.reads(later) - (1.7e9 + later)) < 1e-6
