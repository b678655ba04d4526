"""Every generated electrical fault is told within three seconds, and nothing that only looks like one is told."""

from __future__ import annotations

import numpy as np
import pytest

from alarms.core.profiles import load_profiles
from firmware_sim.electrics.scenes import EVERYDAY, FAULTS, scene
from firmware_sim.errors import SimulatorError
from tests.electrical_circuits import judge

PROFILES = load_profiles()
WITHIN_S = 3.0
SEEDS = 6


@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(100, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_told_within_three_seconds_and_not_before_it_begins(kind: str, seeds: int) -> None:
    scenes = [scene(kind, seed) for seed in range(seeds)]
    for seed, (one, told) in enumerate(zip(scenes, judge(PROFILES, scenes), strict=True)):
        assert one.begin_s is not None, seed
        assert one.onset_s is not None, seed
        assert one.onset_s >= one.begin_s, seed
        moments = [at_s for rule, at_s in told if rule in one.rules]
        assert moments, (kind, seed)
        assert min(moments) <= one.onset_s + WITHIN_S, (kind, seed)
        assert min(at_s for _, at_s in told) >= one.begin_s, (kind, seed, told)


@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(100, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", EVERYDAY)
def test_what_only_looks_like_a_fault_is_not_told(kind: str, seeds: int) -> None:
    scenes = [scene(kind, seed) for seed in range(seeds)]
    assert judge(PROFILES, scenes) == [[]] * seeds


def test_a_seed_is_a_scene() -> None:
    first, again, other = scene("series_arc", 1), scene("series_arc", 1), scene("series_arc", 2)
    assert np.array_equal(first.series["arc_half_cycles", 0], again.series["arc_half_cycles", 0])
    assert not np.array_equal(first.series["arc_half_cycles", 0], other.series["arc_half_cycles", 0])


def test_a_scene_that_nobody_has_written_is_refused() -> None:
    with pytest.raises(SimulatorError, match="chafed_cable"):
        scene("lightning", 1)
