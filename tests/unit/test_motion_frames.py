"""A wearer's samples become frames of 50 ms: repeats, gaps, late packets and clocks that are wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alarms.core.motion.frames import DEPTH, Frames
from ingest.wire.motion import MotionWindow
from tests.naive_motion import NaiveFrames
from tests.worn import START, falls_of, window

RATE_HZ = 50.0


class Wearer:
    """One wearer's stream beside its slow twin."""

    def __init__(self) -> None:
        self.falls = falls_of()
        self.twin = NaiveFrames()

    @property
    def frames(self) -> Frames:
        return self.falls.frames

    def hear(self, given: MotionWindow, now_s: float) -> None:
        self.falls.update([(0, given)], now_s)
        self.twin.take(given, now_s)
        assert self.frames.filled[0] == len(self.twin.frames)
        assert self.frames.began_s[0] == self.twin.began_s
        kept = self.twin.frames[-DEPTH:]
        found = self.frames.window(np.array([0]), np.array([len(self.twin.frames) - len(kept)]), len(kept))
        np.testing.assert_allclose(found[0], np.reshape(kept, (-1, 5)), atol=1 / 2048)

    def state(self) -> list[bytes]:
        return [array.tobytes() for array in self.frames.arrays().values()]


def some(seconds: float, at_s: float, *, rate_hz: float = RATE_HZ, seed: int = 1) -> MotionWindow:
    """A window of noise; ``at_s`` from the start on, NaN without a clock."""
    accel_g = np.random.default_rng(seed).normal(0, 1, (round(seconds * rate_hz), 3))
    return window(accel_g, START + at_s, rate_hz)


def test_what_overlaps_is_dropped_and_a_repeat_changes_nothing() -> None:
    wearer = Wearer()
    wearer.hear(some(2, 0), START + 2)
    wearer.hear(some(2, 1), START + 3)
    assert wearer.frames.samples[0] == 150
    before = wearer.state()
    wearer.hear(some(2, 1), START + 4)
    wearer.hear(some(2, 0), START + 4)
    assert wearer.state() == before


def test_a_late_packet_from_the_past_changes_nothing() -> None:
    wearer = Wearer()
    wearer.hear(some(20, 0), START + 20)
    before = wearer.state()
    wearer.hear(some(2, 5, seed=9), START + 21)
    assert wearer.state() == before
    wearer.hear(some(2, 20), START + 22)
    assert wearer.frames.filled[0] == 440


@pytest.mark.parametrize(("gap_s", "samples"), [(0.04, 200), (0.06, 203), (0.5, 225), (1.0, 250), (1.02, 100)])
def test_a_gap_of_up_to_a_second_is_filled_and_after_a_longer_one_the_stream_begins_anew(
    gap_s: float, samples: int
) -> None:
    wearer = Wearer()
    wearer.hear(some(2, 0), START + 2)
    wearer.hear(some(2, 2 + gap_s), START + 4 + gap_s)
    assert wearer.frames.samples[0] == samples


def test_a_gap_is_filled_with_the_first_sample_after_it() -> None:
    wearer = Wearer()
    wearer.hear(window([[0, 1, 0]] * 100, START, RATE_HZ), START + 2)
    wearer.hear(window([[0, 0, 2], *[[0, 1, 0]] * 99], START + 2.5, RATE_HZ), START + 4.5)
    (filled,) = wearer.frames.window(np.array([0]), np.array([40]), 10)
    np.testing.assert_array_equal(filled, [[0, 0, 2, 2, 2]] * 10)


def test_a_start_in_the_future_is_not_believed() -> None:
    wearer = Wearer()
    wearer.hear(some(2, 3600), START + 2)
    assert wearer.frames.began_s[0] == START
    wearer.hear(some(2, 3602), START + 4)
    assert wearer.frames.samples[0] == 200


def test_without_a_clock_windows_follow_one_another() -> None:
    wearer = Wearer()
    wearer.hear(some(2, math.nan), START + 2)
    assert wearer.frames.began_s[0] == START
    wearer.hear(some(2, math.nan), START + 9)
    assert wearer.frames.expected_s()[0] == START + 4
    wearer.hear(some(2, math.nan), START + 3600)
    assert wearer.frames.began_s[0] == START + 3598


@pytest.mark.parametrize("back_s", [59, 61, 3600])
def test_a_clock_that_is_set_back_by_more_than_a_minute_begins_anew(back_s: float) -> None:
    wearer = Wearer()
    wearer.hear(some(2, 0), START + 2)
    wearer.hear(some(2, 2 - back_s, seed=4), START + 4)
    assert wearer.frames.filled[0] == 40
    assert wearer.frames.began_s[0] == (START if back_s < 60 else START + 2 - back_s)


def test_another_rate_begins_anew() -> None:
    wearer = Wearer()
    wearer.hear(some(2, 0), START + 2)
    wearer.hear(some(2, 2, rate_hz=100), START + 4)
    assert (wearer.frames.began_s[0], wearer.frames.filled[0]) == (START + 2, 40)


def test_a_window_longer_than_the_ring_leaves_its_end() -> None:
    wearer = Wearer()
    wearer.hear(some(128, 0, rate_hz=200), START + 128)
    assert wearer.frames.filled[0] == 2560


def test_below_twenty_samples_a_second_a_frame_without_a_sample_holds_the_one_before() -> None:
    wearer = Wearer()
    wearer.hear(window([[0, 0, n] for n in range(16)], START, 16.0), START + 1)
    (found,) = wearer.frames.window(np.array([0]), np.array([0]), 20)
    assert found[:, 2].tolist() == [0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 11, 12, 13, 14, 15, 15]


def test_what_is_no_number_counts_as_no_acceleration_and_what_is_too_strong_as_sixteen_g() -> None:
    frames, row = Frames(1), np.array([0])
    frames.begin(row, np.array([START]), np.array([20.0]))
    samples = np.array([[np.nan, 1, 0], [np.nan, np.nan, np.nan], [np.inf, 0, 0], [0, 0, -400]], np.float32)
    for added in frames.add(row, samples, np.array([4])):
        assert added.count.tolist() == [4]
    found = frames.window(row, np.array([0]), 4)[0]
    most = 32767 / 2048
    np.testing.assert_allclose(found[:2], [[0, 1, 0, 1, 1], [0, 0, 0, 0, 0]])
    np.testing.assert_allclose(found[2:], [[most, 0, 0, most, most], [0, 0, -most, most, most]])


def test_beyond_both_ends_the_first_and_the_last_frame_repeat() -> None:
    wearer = Wearer()
    wearer.hear(window([[0, 0, 1], [0, 0, 2], [0, 0, 3]], START, 20.0), START + 1)
    found = wearer.frames.window(np.array([0]), np.array([-2]), 7)
    assert found[0, :, 2].tolist() == [1, 1, 1, 2, 3, 3, 3]
    assert wearer.frames.peaks(np.array([0]), np.array([-1]), 5).tolist() == [[0, 2048, 4096, 6144, 0]]
