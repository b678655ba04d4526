"""Generated fires: what must hold for every scene."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.fires.filling import fill
from firmware_sim.fires.plume import jet_rise_k, jet_speed_m_s, plume_kg_s
from firmware_sim.fires.ranges import ranges
from firmware_sim.fires.release import released
from firmware_sim.fires.scenes import Played, draw, play
from firmware_sim.fires.sensing import REACH, SIGNALS

kinds = st.sampled_from(sorted(ranges().kinds))
seeds = st.integers(0, 2**31)


@settings(max_examples=6, deadline=None)
@given(kinds, seeds)
def test_the_same_seed_is_the_same_scene_and_another_is_not(kind: str, seed: int) -> None:
    first, again, other = (play(draw(kind, [s]), 80) for s in (seed, seed, seed + 1))
    for field in fields(Played):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(again, field.name))
    assert not np.array_equal(first.temp_c, other.temp_c)


@settings(max_examples=4, deadline=None)
@given(kinds, st.lists(seeds, min_size=2, max_size=4, unique=True))
def test_one_batch_is_as_many_batches_of_one(kind: str, several: list[int]) -> None:
    together = play(draw(kind, several), 150)
    for row, seed in enumerate(several):
        alone = play(draw(kind, [seed]), 150)
        for field in fields(Played):
            np.testing.assert_array_equal(getattr(together, field.name)[row], getattr(alone, field.name)[0])


@settings(max_examples=6, deadline=None)
@given(kinds, seeds)
def test_readings_stay_in_their_reach_and_are_never_missing(kind: str, seed: int) -> None:
    played = play(draw(kind, [seed]), 300)
    for name in SIGNALS:
        read = getattr(played, name)
        assert read.shape == (1, 3, 300)
        assert np.all((read >= REACH[name][0]) & (read <= REACH[name][1] + 1e-4)), name


@given(st.floats(0.01, 3000), st.floats(0.1, 8), st.floats(1.0, 3.0), st.floats(1.01, 3.0))
def test_a_jet_is_cooler_and_slower_farther_out_and_hotter_over_a_larger_fire(
    kw: float, radius_m: float, height_m: float, more: float
) -> None:
    r, h, q = np.array([radius_m]), np.array([height_m]), np.array([[kw]])
    for jet in (jet_rise_k, jet_speed_m_s):
        # Alpert's two branches meet within a percent or two, not exactly.
        assert jet(q, r * more, h) <= jet(q, r, h) * 1.02
        assert jet(q * more, r, h) > jet(q, r, h)
    convected = 0.7 * q[:, 0]
    assert plume_kg_s(q[:, 0], convected, h * more) > plume_kg_s(q[:, 0], convected, h)


@settings(max_examples=10, deadline=None)
@given(seeds, st.floats(0.1, 60), st.floats(1e-6, 1e-3), st.integers(20, 120))
def test_no_smoke_appears_or_vanishes_and_no_heat_is_won(seed: int, kw: float, co_kg_s: float, seconds: int) -> None:
    """What both layers hold is what was given off, less what was pressed out of a full room."""
    values = draw("fast", [seed], fixed={"air_changes_h": 0.0}).values
    steady = np.full((1, seconds), kw)
    filled = fill(values, released(steady, 0.7 * steady, co_kg=np.full((1, seconds), co_kg_s)))
    ambient_k = values["ambient_c"][0] + 273.15
    assert np.all(filled.near_k >= ambient_k - 1e-9)
    assert np.all((filled.near_clear_m >= 0) & (filled.near_clear_m <= values["ceiling_m"]))
    depth_m = values["ceiling_m"][0] - filled.near_clear_m[0, -1]
    mass_kg = 353 / filled.near_k[0, -1] * depth_m * values["area_m2"][0]
    held_kg = mass_kg * filled.near_share[2, 0, -1]
    assert held_kg <= co_kg_s * seconds * (1 + 1e-9)
    assert 1.005 * mass_kg * (filled.near_k[0, -1] - ambient_k) <= 0.7 * kw * seconds * (1 + 1e-9)
    assert filled.far_share[2, 0, -1] <= filled.near_share[2, 0].max() * (1 + 1e-9)


@pytest.mark.parametrize("kind", ["slow", "medium", "fast", "ultra_fast"])
def test_a_growth_class_reaches_a_quarter_megawatt_in_its_time(kind: str) -> None:
    scenes = draw(kind, range(8), "room_20", {"fuel_mj": 800.0, "door_open": 1.0, "incubation_s": 0.0})
    reached_s = play(scenes, 700).reach_s(250.0)
    expected_s = scenes.values["growth_s"] * np.sqrt(250 / 1055) + scenes.begins_s
    np.testing.assert_allclose(reached_s, expected_s, atol=1.0)
