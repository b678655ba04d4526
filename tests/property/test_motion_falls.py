"""Falls of several wearers: alone, together, in any order and across a restart the same is told, with our weights."""

from __future__ import annotations

from itertools import chain

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.falls import Fall, Falls
from alarms.core.motion.model import shipped
from alarms.core.motion.sensitivity import Sensitivity
from alarms.core.profiles import load_profiles
from firmware_sim.firmware.wearable import G_LYING, G_UP, simulated_fall
from ingest.wire.motion import MotionWindow, Placement
from tests.worn import START, falls_of, window

PROFILES = load_profiles()
WEARERS = 3
deeds = st.sampled_from(["still", "lying", "walking", "fall", "bump", "gap"])
lives = st.tuples(
    st.lists(deeds, min_size=2, max_size=5),
    st.sampled_from([20.0, 31.25, 50.0, 100.0]),
    st.sampled_from([0.5, 2.0, 4.0, 11.0]),
    st.sampled_from(list(Placement)),
    st.integers(0, 2**16),
)
Life = tuple[list[str], float, float, Placement, int]
Moment = tuple[float, list[tuple[int, MotionWindow]]]


def lived(deeds: list[str], rate_hz: float, window_s: float, placement: Placement, seed: int) -> list[MotionWindow]:
    """The windows of a life; a gap is three seconds of which no samples come."""
    random = np.random.default_rng(seed)
    found: list[MotionWindow] = []
    at_s, size = START, max(1, round(window_s * rate_hz))
    for deed in deeds:
        count = round(random.uniform(2, 9) * rate_hz)
        steps = 0.28 * np.sin(2 * np.pi * 1.8 * np.arange(count) / rate_hz)
        accel_g = np.tile(G_LYING if deed == "lying" else G_UP, (count, 1)) + random.normal(0, 0.02, (count, 3))
        if deed == "walking":
            accel_g[:, 1] += steps
        if deed == "bump":
            accel_g[count // 2] *= 4
        if deed == "fall":
            accel_g = simulated_fall(random, rate_hz)
        for first in range(0, len(accel_g), size) if deed != "gap" else ():
            part = accel_g[first : first + size]
            found.append(window(part, at_s + first / rate_hz, rate_hz, placement=placement))
        at_s += 3 if deed == "gap" else len(accel_g) / rate_hz
    return found


def moments_of(lives: list[Life]) -> list[Moment]:
    """Every second that brings windows (all that ended in it), and then long silence."""
    arriving: dict[int, list[tuple[int, MotionWindow]]] = {}
    for row, life in enumerate(lives):
        for each in lived(*life):
            second = int(each.start_s + len(each.counts) / each.rate_hz - START) + 1
            arriving.setdefault(second, []).append((row, each))
    end = max(arriving)
    return [(START + second, arriving.get(second, [])) for second in chain(range(end + 1), [end + 30])]


def told_each(found: list[Fall]) -> list[list[Fall]]:
    return [[fall for fall in found if fall.wearer == row] for row in range(WEARERS)]


def ours() -> Falls:
    limits = np.array([[shipped().limit(placement, Sensitivity.HIGH) for placement in Placement]] * WEARERS)
    return falls_of(WEARERS, limits=limits, model=shipped(), every=True)


@settings(max_examples=12, deadline=None)
@given(st.lists(lives, min_size=WEARERS, max_size=WEARERS), st.permutations(range(WEARERS)))
def test_one_batch_of_all_is_as_many_batches_of_one_in_any_order(lives: list[Life], order: list[int]) -> None:
    together, alone, turned = ours(), ours(), ours()
    memory = together.nbytes()
    found: list[list[Fall]] = [[], [], []]
    for now_s, batch in moments_of(lives):
        found[0] += [*together.update(batch, now_s), *together.tick(now_s)]
        for each in batch:
            found[1] += alone.update([each], now_s)
        found[1] += alone.tick(now_s)
        found[2] += turned.update(sorted(batch, key=lambda one: order[one[0]]), now_s)
        found[2] += turned.tick(now_s)
        assert together.nbytes() == memory
    assert told_each(found[0]) == told_each(found[1]) == told_each(found[2])
    for name, array in together.arrays().items():
        np.testing.assert_array_equal(array, alone.arrays()[name], err_msg=name)


def core() -> Core:
    devices = [CoreDevice(device_id=f"d{row}", number=row, profile="wearable") for row in range(WEARERS)]
    return Core(PROFILES, devices, "platform")


@settings(max_examples=12, deadline=None)
@given(st.lists(lives, min_size=WEARERS, max_size=WEARERS), st.floats(0, 1))
def test_a_restart_in_the_middle_changes_nothing_that_is_told(lives: list[Life], when: float) -> None:
    going, restarted = core(), core()
    moments = moments_of(lives)
    told: tuple[list[Judgement], list[Judgement]] = ([], [])
    for number, (now_s, batch) in enumerate(moments):
        if number == int(when * len(moments)):
            saved, restarted = restarted.state(), core()
            told[1].extend(restarted.restore(saved, now_s))
        for one, heard in zip((going, restarted), told, strict=True):
            heard.extend(one.update_motion(batch, now_s))
            heard.extend(each for each in one.tick(now_s) if each.rule == "fall_impact")
    assert told[0] == told[1]
    assert going.nbytes() == core().nbytes()
