"""The physics of fires against calculations by hand: each number is worked out beside it."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_sim.errors import SimulatorError
from firmware_sim.fires import air, filling, growth, plume, sensing
from firmware_sim.fires.filling import Layer, door_flow, fill
from firmware_sim.fires.nuisance import disturb
from firmware_sim.fires.ranges import ranges
from firmware_sim.fires.release import FLAMING_M2_KG, SPECIES, Release, released
from firmware_sim.fires.scenes import draw, play
from firmware_sim.fires.sensing import Around


def one(number: float) -> air.Column:
    return np.array([number])


def course(number: float, seconds: int = 1) -> air.Course:
    return np.full((1, seconds), number)


# --- growth --------------------------------------------------------------------------------------------------------


def test_a_fast_fire_has_a_megawatt_after_150_seconds_and_a_medium_one_250_kw_after_146() -> None:
    assert growth.t_squared_kw(course(150.0), one(150.0)) == pytest.approx(1055)
    # 300 sqrt(250 / 1055) = 146.04
    assert growth.t_squared_kw(course(146.04), one(300.0)) == pytest.approx(250, rel=1e-3)


def test_flames_stay_small_then_grow_to_their_peak_and_die_when_the_fuel_is_spent() -> None:
    age_s = np.arange(-10.0, 1200.0)[None, :]
    kw = growth.flaming_kw(
        age_s,
        growth_s=one(150.0),
        incubation_s=one(60.0),
        first_kw=one(2.0),
        peak_kw=one(1055.0),
        energy_kj=one(158_250.0),
        decay_s=one(100.0),
    )[0]
    assert kw[:10].max() == 0
    assert kw[10 + 60] == 2
    assert kw[10 + 60 + 75] == pytest.approx(1055 / 4)
    # Growing to the peak takes 1055 * 150 / 3 = 52,750 kJ; the other 105,500 last 100 s at 1,055 kW: spent at 250 s.
    assert kw[10 + 60 + 250] == pytest.approx(1055)
    assert kw[10 + 60 + 350] == pytest.approx(1055 / np.e)


def test_smouldering_loses_a_third_of_a_gram_a_second_after_half_an_hour() -> None:
    # 0.10 * 30 + 0.0185 * 900 = 19.65 g/min
    assert growth.smoulder_g_s(course(1800.0)) == pytest.approx(19.65 / 60)
    assert growth.smoulder_g_s(course(5400.0)) == pytest.approx(73 / 60)


# --- plume and jet -------------------------------------------------------------------------------------------------


def test_the_ceiling_jet_of_a_megawatt_is_alperts() -> None:
    kw, height_m = course(1000.0), one(3.0)
    # 16.9 * 1000^(2/3) / 3^(5/3) = 1690 / 6.240 = 270.8; 5.38 * (1000/3)^(2/3) / 3 = 5.38 * 48.07 / 3 = 86.2
    assert plume.jet_rise_k(kw, one(0.3), height_m) == pytest.approx(270.8, rel=1e-3)
    assert plume.jet_rise_k(kw, one(3.0), height_m) == pytest.approx(86.2, rel=1e-3)
    # 0.96 * (1000/3)^(1/3) = 0.96 * 6.934 = 6.66; 0.195 * 10 * 1.732 / 3^(5/6) = 3.377 / 2.498 = 1.352
    assert plume.jet_speed_m_s(kw, one(0.3), height_m) == pytest.approx(6.66, rel=1e-3)
    assert plume.jet_speed_m_s(kw, one(3.0), height_m) == pytest.approx(1.352, rel=1e-3)


def test_a_plume_of_100_kw_carries_one_and_a_half_kilograms_a_second_at_two_and_a_half_metres() -> None:
    # D = sqrt(4 * 100 / 500 pi) = 0.5046; L = 0.235 * 6.310 - 0.5147 = 0.968; z0 = 0.5237 - 0.5147 = 0.0090
    assert plume.flame_m(one(100.0)) == pytest.approx(0.968, rel=1e-3)
    # 0.071 * 70^(1/3) * 2.491^(5/3) + 0.00192 * 70 = 0.071 * 4.121 * 4.578 + 0.134 = 1.474
    assert plume.plume_kg_s(one(100.0), one(70.0), one(2.5)) == pytest.approx(1.474, rel=1e-3)
    # Within the flame 0.0056 * 70 * 0.484 / 0.968 = 0.196
    assert plume.plume_kg_s(one(100.0), one(70.0), one(0.484)) == pytest.approx(0.196, rel=1e-3)


def test_the_gas_of_100_kw_is_a_second_under_way() -> None:
    # (0.67 * 2.5^(4/3) + 2^(11/6) / (1.2 sqrt 2.5)) / 100^(1/3) = (2.273 + 1.878) / 4.642
    assert plume.lag_s(course(100.0), one(2.0), one(2.5)) == pytest.approx(0.894, rel=1e-3)


# --- filling -------------------------------------------------------------------------------------------------------


def room(**given: float) -> dict[str, air.Column]:
    values = {
        "area_m2": 20.0, "ceiling_m": 2.5, "base_m": 0.0, "ambient_c": 20.0, "ambient_pct": 30.0, "far_area_m2": 10.0,
        "door_m": 0.9, "door_high_m": 2.0, "door_open": 0.0, "air_changes_h": 0.0, "loss_kw_m2_k": 0.0,
        "far_away_m": 3.0, "draught_m_s": 0.1, "mist_m2_g": 0.3,
    }  # fmt: skip
    return {name: one(number) for name, number in (values | given).items()}


def steady(kw: float, seconds: int, **species: float) -> Release:
    given = {name: course(number, seconds) for name, number in species.items()}
    return released(course(kw, seconds), course(0.7 * kw, seconds), **given)


def test_a_small_fire_fills_its_room_as_zukoski_calculates() -> None:
    # Without swelling dz/dt = -k z^(5/3), k = 0.071 Qc^(1/3) / (rho A) = 0.071 * 1.518 / 24.1 = 0.00447,
    # so z = H (1 + 2/3 k H^(2/3) t)^(-3/2) = 2.5 (1 + 0.00549 * 60)^(-3/2) = 1.63 m after a minute.
    filled = fill(room(), steady(5.0, 61))
    assert filled.near_clear_m[0, -1] == pytest.approx(1.63, rel=0.05)


def test_what_a_closed_room_gains_is_what_the_fire_convects_and_gives_off() -> None:
    values, release = room(), steady(20.0, 40, soot_m2=0.1, co_kg=1e-4)
    filled = fill(values, release)
    depth_m = 2.5 - filled.near_clear_m[0, -1]
    mass_kg = 353.0 / filled.near_k[0, -1] * depth_m * 20.0
    gained_kj = 1.005 * mass_kg * (filled.near_k[0, -1] - 293.15)
    assert gained_kj == pytest.approx(40 * 14.0, rel=1e-9)
    assert mass_kg * filled.near_share[SPECIES.index("co_kg"), 0, -1] == pytest.approx(40e-4, rel=1e-9)
    assert mass_kg * filled.near_share[SPECIES.index("soot_m2"), 0, -1] == pytest.approx(4.0, rel=1e-9)


def test_a_full_room_that_swells_presses_smoke_out_and_keeps_its_density() -> None:
    layer = Layer.thin(one(20.0), one(2.5), one(293.15))
    layer.held += 1.0
    # 2,000 kJ swell the 1 m3 by 2000 / (1.005 * 353) = 5.64 m3; 50 m3 more and 0.98 * 50 = 49 m3 are left
    pressed_kg = layer.exchange(
        in_m3=one(50.0), in_kg=one(60.0), out_kg=one(0.0), heat_kw=one(2000.0), gained=0 * layer.held
    )
    assert layer.volume_m3 == pytest.approx(49.0)
    assert pressed_kg == pytest.approx(61.2 * (1 - 49 / 56.64), rel=1e-3)
    assert layer.held == pytest.approx(np.full((5, 1), 49 / 56.64), rel=1e-3)


def test_through_a_door_goes_half_a_kilogram_per_second_and_root_of_its_height_from_a_burning_room() -> None:
    # Kawagoe: 0.5 A sqrt(H) = 0.5 * 0.8 * 2 * sqrt 2 = 1.13 kg/s
    neutral_m, out = door_flow(one(0.0), one(1100.0), one(293.0), one(0.8), one(2.0))
    assert out == pytest.approx(1.13, rel=0.08)
    assert 0 < neutral_m[0] < 1.0
    assert door_flow(one(1.0), one(293.0), one(293.0), one(0.8), one(2.0))[1] == 0
    assert door_flow(one(2.2), one(400.0), one(293.0), one(0.8), one(2.0))[1] == pytest.approx(0, abs=1e-9)


def test_smoke_reaches_the_neighbouring_room_later_and_thinner_and_not_through_a_shut_door() -> None:
    release = steady(100.0, 120, soot_m2=0.5)
    for open_share, seen in ((1.0, True), (0.0, False)):
        values = room(door_open=open_share)
        filled = fill(values, release)
        far = sensing.next_door(values, filled).share[0, 0]
        assert bool(far.max() > 0) is seen
        assert np.all(far <= filled.near_share[0, 0])
    assert far.argmax() == 0


# --- sensing -------------------------------------------------------------------------------------------------------


def test_a_gram_of_soot_in_a_cubic_metre_takes_38_decibels_per_metre() -> None:
    # 8.7 m2/g * 4.343 dB
    gram_1_m = 1e-3 * FLAMING_M2_KG
    assert gram_1_m * air.DB_PER_EXTINCTION == pytest.approx(37.8, rel=1e-3)


def test_a_gram_of_carbon_monoxide_in_fifty_cubic_metres_is_17_ppm() -> None:
    # 50 m3 weigh 60.2 kg; 1e-3 / 60.2 * 29 / 28 * 1e6
    share = 1e-3 / 60.2
    assert share * air.PPM_PER_SHARE["co"] == pytest.approx(17.2, rel=1e-3)


def test_air_of_twenty_degrees_holds_17_grams_of_water() -> None:
    assert air.saturated_g_m3(one(20.0)) == pytest.approx(17.3, rel=5e-3)


def hot(rise_k: float, speed_m_s: float, seconds: int) -> Around:
    return Around(
        temp_k=course(293.15 + rise_k, seconds),
        speed_m_s=course(speed_m_s, seconds),
        share=np.zeros((len(SPECIES), 1, seconds)),
        cloud_1_m=course(0.0, seconds),
    )


@pytest.mark.parametrize(
    ("speed_m_s", "conducted", "opens_s"),
    [
        (1.0, 0.0, 32.7),  # -50 ln(1 - 48/100)
        (2.5, 0.0, 20.7),  # -50 / sqrt 2.5 ln(1 - 48/100)
        (2.5, 1.0, 29.7),  # rests at 100 * 1.581 / 2.581 = 61.3; -50 / 2.581 ln(1 - 48/61.3)
        (0.25, 1.0, np.nan),  # rests at 33 above the room: never
    ],
)
def test_a_link_opens_when_its_rti_says(speed_m_s: float, conducted: float, opens_s: float) -> None:
    values = room() | {"link_rti": one(50.0), "link_c": one(conducted), "link_c_opens": one(68.0)}
    opened_s = sensing.link_opens_s(values, hot(100.0, speed_m_s, 60))
    assert opened_s == pytest.approx(opens_s, abs=1.0, nan_ok=True)


def test_smoke_needs_23_seconds_to_enter_a_chamber_in_nearly_still_air() -> None:
    # 1.8 * 0.1^-1 = 18.0; 0.8 * 0.1^-0.8 = 5.05
    values = {"dwell_s": one(1.8), "dwell_power": one(-1.0), "mixing_s": one(0.8)}
    dwell_s, mixing_s = sensing.entry_delay_s(values, course(0.1))
    assert dwell_s == pytest.approx(18.0)
    assert mixing_s == pytest.approx(5.05, rel=1e-3)


def test_a_lag_has_63_percent_after_its_time() -> None:
    step = np.concatenate([course(0.0), course(1.0, 40)], axis=1)
    assert sensing.lagging(step, one(20.0))[0, 20] == pytest.approx(1 - 1 / np.e)


def test_beyond_what_air_holds_water_is_mist() -> None:
    # 20 degrees and 30 %: 5.2 g/m3; 20 g/kg more make 29.3, held 17.3: 12.0 g/m3 * 0.3 m2/g = 3.6 1/m
    around = hot(0.0, 0.1, 1)
    around.share[SPECIES.index("vapour_kg")] = 0.020
    soot, haze, mist = sensing.extinction_1_m(room(), around)
    assert soot == haze == 0
    assert mist == pytest.approx(3.6, rel=0.02)


def test_at_first_the_jet_is_alperts_and_under_a_layer_it_is_warmer_by_the_layer() -> None:
    values, release = room(base_m=0.5), steady(50.0, 90)
    radius_m, alpert_k = one(1.5), plume.jet_rise_k(course(50.0), one(1.5), one(2.0))[0, 0]
    felt_k = sensing.in_the_jet(values, release, fill(values, release), radius_m, course(0.0, 90)).temp_k[0] - 293.15
    assert alpert_k <= felt_k[0] <= 1.3 * alpert_k
    assert np.all(np.diff(felt_k[2:]) >= -1e-9)
    assert felt_k[-1] > alpert_k + 10


# --- scenes --------------------------------------------------------------------------------------------------------


def test_every_range_is_in_order_and_says_where_it_is_from() -> None:
    for name, each in ranges().every():
        assert each.low <= each.high, name
        assert each.source, name


@pytest.mark.parametrize(
    "kind", ["toast", "frying", "boiling", "oven", "steam", "dust", "hair_spray", "cigarette", "candle"]
)
def test_what_is_no_fire_has_its_own_marks(kind: str) -> None:
    scenes = draw(kind, range(20))
    release = disturb(scenes.values, 900)
    assert not scenes.fire
    assert np.all(np.isnan(scenes.flames_s))
    co_kg, vapour_kg = (release.species[SPECIES.index(name)].sum() for name in ("co_kg", "vapour_kg"))
    assert (vapour_kg > 0) == (kind in {"toast", "frying", "boiling", "oven", "steam"})
    assert (co_kg > 0) == (kind in {"toast", "frying", "boiling", "oven", "cigarette"})
    assert (release.cloud_1_m.max() > 0) == (kind in {"dust", "hair_spray", "cigarette"})
    assert release.heat_kw.max() < 5


def test_smouldering_smokes_and_makes_carbon_monoxide_long_before_it_is_hot() -> None:
    played = play(draw("smouldering", range(4)), 2000)
    assert np.all(played.obscuration_db_m[:, 0].max(axis=1) > 0.4)
    assert np.all(played.co_ppm[:, 0].max(axis=1) > 20)
    assert np.all(played.temp_c[:, 0].max(axis=1) - played.temp_c[:, 0, 0] < 25)
    assert np.all(np.isnan(played.sprinkler_s))


def test_a_growing_fire_opens_a_sprinkler_after_it_has_smoked() -> None:
    scenes = draw("fast", range(8), "room_20", {"fuel_mj": 500.0, "door_open": 0.5})
    played = play(scenes, 700)
    smoked_s = (played.obscuration_db_m[:, 0] > 0.4).argmax(axis=1)
    assert np.all(smoked_s < played.sprinkler_s)
    assert np.all(scenes.flames_s <= smoked_s)
    assert np.all(played.reach_s(250.0) > scenes.begins_s + 51)  # 106 sqrt(250 / 1055) = 51.6


def test_an_unknown_kind_or_room_is_refused_with_what_there_is() -> None:
    with pytest.raises(SimulatorError, match=r"no scene kind 'bonfire'; there are slow, medium"):
        draw("bonfire", [1])
    with pytest.raises(SimulatorError, match=r"no room profile 'attic'; there are living"):
        draw("fast", [1], "attic")


def test_a_layer_is_never_thinner_than_at_the_beginning() -> None:
    layer = Layer.thin(one(20.0), one(2.5), one(293.15))
    layer.exchange(in_m3=one(0.0), in_kg=one(0.0), out_kg=one(0.6), heat_kw=one(0.0), gained=0 * layer.held)
    assert layer.depth_m == pytest.approx(filling.THIN_M)
    assert layer.temp_k == pytest.approx(293.15)
