"""Frames against their slow twin: several wearers, any rate, and streams that are cut, late, doubled or unclocked."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.falls import Falls
from alarms.core.motion.frames import DEPTH
from ingest.wire.motion import MotionWindow
from tests.naive_motion import NaiveFrames
from tests.worn import START, falls_of, window

WEARERS = 3
RATES_HZ = [16.0, 18.0, 20.0, 25.0, 31.25, 50.0, 62.4, 104.0, 128.0, 200.0]
rates = st.one_of(st.sampled_from(RATES_HZ), st.floats(16, 200, width=32))
shifts_s = st.sampled_from([0.0] * 8 + [-0.3, -2.0, -70.0, 0.03, 0.3, 0.99, 1.5, 500.0, math.nan])
heard = st.tuples(st.integers(0, WEARERS - 1), st.integers(1, 300), shifts_s, st.integers(0, 2**16))
histories = st.lists(st.lists(heard, min_size=1, max_size=5), min_size=1, max_size=6)


def same(falls: Falls, twins: list[NaiveFrames]) -> None:
    frames = falls.frames
    for row, twin in enumerate(twins):
        assert frames.filled[row] == len(twin.frames)
        np.testing.assert_equal(frames.began_s[row], twin.began_s)
        kept = twin.frames[-DEPTH:]
        first = len(twin.frames) - len(kept)
        if kept:
            found = frames.window(np.array([row]), np.array([first]), len(kept))[0]
            np.testing.assert_allclose(found, kept, atol=1 / 2048)


@settings(max_examples=20, deadline=None)
@given(st.lists(rates, min_size=WEARERS, max_size=WEARERS), histories)
def test_any_streams_of_several_wearers_become_the_frames_of_their_twins(
    rates_hz: list[float], history: list[list[tuple[int, int, float, int]]]
) -> None:
    falls, twins = falls_of(WEARERS), [NaiveFrames() for _ in range(WEARERS)]
    device_s, now_s = [START] * WEARERS, START
    for moment in history:
        batch: list[tuple[int, MotionWindow]] = []
        for row, samples, shift_s, seed in moment:
            counts = np.random.default_rng(seed).integers(-9, 9, (samples, 3)) / 2
            start_s = device_s[row] + shift_s
            batch.append((row, window(counts, start_s, rates_hz[row])))
            if not math.isnan(shift_s):
                device_s[row] = start_s
            device_s[row] += samples / rates_hz[row]
        now_s = max(now_s, *device_s) if len(moment) % 2 else now_s + 1  # else many starts lie in the future
        falls.update(batch, now_s)
        for row, each in batch:
            twins[row].take(each, now_s)
        same(falls, twins)


@settings(max_examples=15, deadline=None)
@given(rates, st.lists(st.integers(1, 200), min_size=1, max_size=8), st.integers(0, 2**16), st.booleans())
def test_the_frames_do_not_depend_on_the_cutting_nor_on_who_else_is_worn(
    rate_hz: float, sizes: list[int], seed: int, has_clock: bool
) -> None:
    accel_g = np.random.default_rng(seed).normal(0, 2, (sum(sizes), 3))
    cut, whole = falls_of(2), falls_of(1)
    end_s = START + len(accel_g) / rate_hz
    whole.update([(0, window(accel_g, START, rate_hz))], end_s)
    first = 0
    for size in sizes:
        start_s = START + first / rate_hz if has_clock or not first else math.nan
        other = window(accel_g[: size // 2 + 1], math.nan, 50.0)
        cut.update([(0, other), (1, window(accel_g[first : first + size], start_s, rate_hz))], end_s)
        first += size
    for name, array in whole.frames.arrays().items():
        np.testing.assert_allclose(cut.frames.arrays()[name][1], array[0], rtol=1e-12, err_msg=name)
