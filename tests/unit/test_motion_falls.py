"""Falls as stories: what is suspected, confirmed and taken back, whatever the judge has been told to find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from alarms.core.falls import Fall
from alarms.core.motion.doing import Doing
from ingest.wire.fall_stage import Stage
from ingest.wire.motion import Placement
from tests.worn import START, Stub, falls_of, window

RATE_HZ = 20
"""One sample is one frame."""

UP, LYING = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
SUSPECTED, CONFIRMED, RECOVERED = Stage


def still(seconds: float, gravity: np.ndarray = UP) -> np.ndarray:
    return np.tile(gravity, (round(seconds * RATE_HZ), 1))


def moving(seconds: float, gravity: np.ndarray = UP) -> np.ndarray:
    random = np.random.default_rng(5)
    return still(seconds, gravity) * random.uniform(0.5, 1.05, (round(seconds * RATE_HZ), 1))


def walking(seconds: float, gravity: np.ndarray = UP) -> np.ndarray:
    steps = 0.3 * np.sin(2 * np.pi * 1.8 * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)
    return still(seconds, gravity) * (1 + np.minimum(steps, 0.05))[:, None]


def knock(g: float = 3.0, gravity: np.ndarray = UP) -> np.ndarray:
    return g * gravity[None]


class Story:
    """A wearer whose samples come in windows of ``window_s``."""

    def __init__(self, *, placement: Placement = Placement.WAIST, window_s: float = 1.0, **given: Any) -> None:
        self.judge = Stub()
        self.falls = falls_of(**{"model": self.judge} | given)
        self.placement = placement
        self.size = round(window_s * RATE_HZ)
        self.now = START
        self.found: list[Fall] = []

    def play(self, *parts: np.ndarray) -> Story:
        accel_g = np.concatenate(parts)
        for first in range(0, len(accel_g), self.size):
            part = accel_g[first : first + self.size]
            given = window(part, self.now, RATE_HZ, placement=self.placement)
            self.now += len(part) / RATE_HZ
            self.found += self.falls.update([(0, given)], self.now)
        return self

    def wait(self, seconds: float) -> Story:
        self.now += seconds
        self.found += self.falls.tick(self.now)
        return self

    def told(self) -> list[tuple[Stage | None, float]]:
        """Each stage, and how long after the impact the last frame was that it needed; since last asked."""
        found, self.found = self.found, []
        return [(fall.stage, round(fall.judged_at - fall.impact_at, 3)) for fall in found]


def test_a_fall_is_suspected_once_two_seconds_after_its_impact() -> None:
    story = Story().play(still(4), knock(), moving(1.95))
    assert story.told() == []
    story.play(moving(10))
    assert story.found[0].impact_at == pytest.approx(START + 4.025, abs=1e-6)
    assert (story.found[0].peak_g, story.found[0].is_slump) == (3, False)
    assert story.told() == [(SUSPECTED, 2.0)]
    story.play(moving(5), knock(), moving(2))
    assert story.told() == [(SUSPECTED, 2.0)]


def test_what_the_judge_finds_too_little_of_is_told_only_on_request() -> None:
    quiet = Story(model=Stub(-0.1)).play(still(4), knock(), still(10))
    assert quiet.told() == []
    asked = Story(model=Stub(-0.1), every=True).play(still(4), knock(), still(10))
    assert asked.told() == [(None, 2.0)]
    same_fall = Story(every=True).play(still(4), knock(), moving(5), knock(), moving(5))
    assert same_fall.told() == [(SUSPECTED, 2.0), (None, 2.0)]


def test_each_placement_has_its_own_limit() -> None:
    limits = np.full((1, len(Placement)), 2.0)
    limits[0, Placement.NECK] = 0.5
    for placement in Placement:
        story = Story(placement=placement, limits=limits).play(still(4), knock(), moving(4))
        assert [fall.limit for fall in story.found] == ([0.5] if placement is Placement.NECK else [])


def test_lying_still_in_another_posture_confirms_after_three_seconds() -> None:
    story = Story().play(still(4), knock(), still(20, LYING))
    assert [round(fall.turn_deg) for fall in story.found] == [90, 90]
    (lay,) = story.found[1].after
    assert (lay.doing, round(lay.to_s - lay.from_s, 6)) == (Doing.STILL, 3)
    assert story.told() == [(SUSPECTED, 2.0), (CONFIRMED, 4.0)]


@pytest.mark.parametrize("still_s", [5, 8])
def test_a_long_lie_confirms_in_any_posture(still_s: int) -> None:
    story = Story(still_s=still_s).play(still(4), knock(), still(20))
    assert story.told() == [(SUSPECTED, 2.0), (CONFIRMED, 1.0 + still_s)]


def test_who_moves_again_and_then_lies_still_is_confirmed_with_all_that_was_seen() -> None:
    story = Story().play(still(4), knock(), moving(10), still(5, LYING))
    assert [did.doing for did in story.found[-1].after] == [Doing.MOVING, Doing.STILL]
    moved, lay = story.found[-1].after
    assert moved.from_s == pytest.approx(story.found[0].impact_at + 1)
    assert moved.to_s == lay.from_s
    assert [stage for stage, _ in story.told()] == [SUSPECTED, CONFIRMED]


def test_upright_walking_is_a_recovery() -> None:
    (_, _), (stage, after_s) = Story().play(still(4), knock(), moving(1), walking(20)).told()
    assert stage is RECOVERED
    assert 7 <= after_s <= 12


@pytest.mark.parametrize("placement", list(Placement))
def test_walking_counts_when_upright_except_where_the_device_does_not_tell(placement: Placement) -> None:
    story = Story(placement=placement).play(still(4), knock(), moving(1), walking(20, LYING))
    loose = placement in (Placement.WRIST, Placement.UNKNOWN)
    assert [stage for stage, _ in story.told()] == ([SUSPECTED, RECOVERED] if loose else [SUSPECTED])


def test_a_second_impact_within_fifteen_seconds_is_the_same_fall_and_a_later_one_is_new() -> None:
    story = Story().play(still(4), knock(), moving(14.9), knock(), moving(5))
    assert len(story.judge.peaks_g) == 2
    assert story.told() == [(SUSPECTED, 2.0)]
    story = Story().play(still(4), knock(), moving(15), knock(), still(10, LYING))
    assert story.told() == [(SUSPECTED, 2.0), (SUSPECTED, 2.0), (CONFIRMED, 4.0)]


def test_all_stages_of_a_fall_name_the_very_same_moment_and_what_was_before() -> None:
    story = Story(window_s=0.35).play(walking(4), knock(), moving(7), still(5, LYING))
    suspected, confirmed = story.found
    assert suspected.impact_at == confirmed.impact_at
    assert suspected.before == confirmed.before
    assert suspected.before is not None
    assert suspected.before.doing is Doing.WALKING
    assert (suspected.after, confirmed.drawn) == ((), None)


@pytest.mark.parametrize(("moved_s", "stages"), [(57, [SUSPECTED, CONFIRMED]), (58, [SUSPECTED])])
def test_the_watch_ends_after_a_minute(moved_s: float, stages: list[Stage]) -> None:
    story = Story().play(still(4), knock(), moving(moved_s + 0.95), still(10, LYING))
    assert [stage for stage, _ in story.told()] == stages


@pytest.mark.parametrize(("frames", "told"), [(15, []), (16, [(SUSPECTED, 0.8)]), (30, [(SUSPECTED, 1.5)])])
def test_a_stream_that_stopped_is_judged_by_what_there_is_once_the_next_window_is_overdue(
    frames: int, told: list[tuple[Stage, float]]
) -> None:
    story = Story(window_s=10).play(still(4), knock(), moving(frames / RATE_HZ))
    length_s = story.now - START
    story.wait(length_s + 3)
    assert story.told() == []
    story.wait(0.01)
    assert story.told() == told
    story.wait(100)
    assert story.told() == []


@pytest.mark.parametrize("by_s", [-3600.0, 3600.0])
def test_a_clock_that_is_set_makes_nothing_overdue_earlier_or_later(by_s: float) -> None:
    story = Story(window_s=10).play(still(4), knock(), moving(1))
    story.falls.clock_set(by_s)
    story.now += by_s
    story.wait(7)
    assert story.told() == []
    story.wait(2)
    assert story.told() == [(SUSPECTED, 1.0)]


def test_nothing_is_seen_where_no_samples_are() -> None:
    story = Story(still_g=0.3, window_s=0.05).play(still(4), knock(), still(2.3, LYING), knock(1.5, LYING))
    assert story.play(still(0.8, LYING)).wait(10).told() == [(SUSPECTED, 2.0)]


def test_a_stream_that_begins_anew_is_judged_to_its_end_first() -> None:
    story = Story().play(still(4), knock(), moving(1))
    story.now += 30
    story.play(moving(1))
    assert story.told() == [(SUSPECTED, 1.0)]
    assert story.play(still(20, LYING)).told() == []  # nobody knows what was before


@pytest.mark.parametrize(
    ("soft_g", "turned_deg", "looked_at"), [(1.2, 70, 1), (1.2, 50, 0), (1.05, 90, 0), (1.5, 0, 1)]
)
def test_a_soft_moment_is_looked_at_when_the_body_turned(soft_g: float, turned_deg: float, looked_at: int) -> None:
    gravity = np.cos(np.radians(turned_deg)) * UP + np.sin(np.radians(turned_deg)) * LYING
    story = Story().play(still(4), knock(soft_g), still(1.5, gravity), moving(2, gravity))
    assert len(story.judge.peaks_g) == len(story.found) == looked_at
    assert all(fall.is_slump == (soft_g < 1.4) for fall in story.found)


@pytest.mark.parametrize("still_s", [9.4, 10.9, 11.7])
def test_however_it_is_cut_the_same_is_told_and_drawn(still_s: float) -> None:
    accel_g = np.concatenate([still(still_s), knock(), moving(5), still(20, LYING)])
    accel_g += np.random.default_rng(8).normal(0, 0.05, accel_g.shape)
    found = [Story(window_s=window_s).play(accel_g).found for window_s in (0.05, 0.35, 2.0, 3.25, 60.0)]
    assert found[1:] == found[:-1]
    (drawn,) = [fall.drawn for fall in found[0] if fall.drawn is not None]
    assert len(drawn.times_s) == len(drawn.peaks_g) == len(drawn.tilts_deg) == 141
