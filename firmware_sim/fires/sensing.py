"""What a detector makes of the air that reaches it: entry, lag, noise, drift, steps and pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.fires.air import (
    DB_PER_EXTINCTION,
    HEAT_KJ_KG_K,
    PPM_PER_SHARE,
    ZERO_K,
    Column,
    Course,
    density_kg_m3,
    saturated_g_m3,
)
from firmware_sim.fires.filling import Filled
from firmware_sim.fires.plume import jet_rise_k, jet_speed_m_s, lag_s
from firmware_sim.fires.release import SPECIES, Release

SIGNALS = ("obscuration_db_m", "temp_c", "co_ppm", "co2_ppm", "humidity_pct")
STEP = {"obscuration_db_m": 0.01, "temp_c": 0.1, "co_ppm": 1.0, "co2_ppm": 1.0, "humidity_pct": 0.1}
"""What one count of a reading is."""

REACH = {
    "obscuration_db_m": (0.0, 50.0),
    "temp_c": (-20.0, 125.0),
    "co_ppm": (0.0, 1000.0),
    "co2_ppm": (0.0, 10_000.0),
    "humidity_pct": (0.0, 100.0),
}
"""Where readings end, as those of usual sensors do."""

STILL_KW = 0.005
"""A weaker source drives no jet: a detector then senses the layer that it hangs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The air around a detector: courses (n, s), shares (5, n, s) above background, ``cloud_1_m`` besides."""

    temp_k: Course
    speed_m_s: Course
    share: NDArray[np.float64]
    cloud_1_m: Course


def in_the_jet(
    values: Mapping[str, Column], release: Release, filled: Filled, radius_m: Column, cloud_1_m: Course
) -> Around:
    """The air at a ceiling detector of the source's room, ``radius_m`` from the axis of its plume.

    A jet of M kg/s carries the source's heat and species; of its M, the part that the plume drew below the interface
    is clean and the rest is layer: x = source / M + layer (1 - plume / M). M is what Alpert's temperature implies.
    """
    height_m = values["ceiling_m"] - values["base_m"]
    kw = release.heat_kw
    seconds = np.arange(kw.shape[1])
    arrived = np.maximum(seconds - np.minimum(lag_s(kw, radius_m, height_m), 120.0).astype(int), 0)

    def late(course: Course) -> Course:
        return np.take_along_axis(course, arrived, axis=1)

    late_kw, rising_kw = late(kw), late(release.convected_kw)
    rise_k = jet_rise_k(late_kw, radius_m, height_m)
    moving = (rise_k > 0) & (late_kw > STILL_KW)
    jet_kg_s = np.where(moving, rising_kw / (HEAT_KJ_KG_K * np.where(moving, rise_k, 1.0)), 1.0)
    from_layer = np.where(moving, np.clip(1 - filled.plume_kg_s / np.maximum(jet_kg_s, 1e-9), 0.0, 1.0), 1.0)
    emitted = np.stack([late(course) for course in release.species])
    share = emitted / jet_kg_s * moving + filled.near_share * from_layer
    ambient_k = (values["ambient_c"] + ZERO_K)[:, None]
    temp_k = ambient_k + rise_k * moving + (filled.near_k - ambient_k) * from_layer
    speed_m_s = np.maximum(jet_speed_m_s(late_kw, radius_m, height_m), values["draught_m_s"][:, None])
    return Around(temp_k=temp_k, speed_m_s=speed_m_s, share=share, cloud_1_m=cloud_1_m)


def next_door(values: Mapping[str, Column], filled: Filled) -> Around:
    """The air at the neighbouring room's detector; smoke reaches it when its front has run there."""
    there = filled.front_m >= values["far_away_m"][:, None]
    ambient_k = (values["ambient_c"] + ZERO_K)[:, None]
    return Around(
        temp_k=np.where(there, filled.far_k, ambient_k),
        speed_m_s=np.maximum(filled.far_speed_m_s * there, values["draught_m_s"][:, None]),
        share=filled.far_share * there,
        cloud_1_m=np.zeros_like(filled.far_k),
    )


def sense(values: Mapping[str, Column], around: Around, noise: NDArray[np.float64]) -> dict[str, Course]:
    """Readings (n, s) of the five signals; ``noise`` (5, n, s) is standard normal."""
    temp_c = lagging(around.temp_k - ZERO_K, (values["rti"][:, None] / np.sqrt(around.speed_m_s)))
    told = {
        "obscuration_db_m": _chamber(values, around) + _c(values, "soiling_db_m"),
        "temp_c": temp_c + _c(values, "temp_off_c"),
        "co_ppm": lagging(_ppm(around, "co"), values["co_lag_s"]) + _c(values, "co_background_ppm"),
        "co2_ppm": lagging(_ppm(around, "co2"), values["co2_lag_s"]) + _c(values, "co2_background_ppm"),
        "humidity_pct": _humidity(values, around, temp_c) + _c(values, "humidity_off_pct"),
    }
    told["humidity_pct"] = np.clip(told["humidity_pct"], 0.0, 100.0)
    seconds = np.arange(temp_c.shape[1])[None, :]
    every_s = values["every_s"].astype(int)[:, None]
    phase_s = (values["phase"][:, None] * every_s).astype(int)
    held = np.maximum((seconds + phase_s) // every_s * every_s - phase_s, 0)
    readings = {}
    for row, name in enumerate(SIGNALS):
        noisy = np.clip(told[name] + noise[row] * _c(values, f"noise_{name}"), *REACH[name])
        readings[name] = np.take_along_axis(np.round(noisy / STEP[name]) * STEP[name], held, axis=1)
    return readings


def extinction_1_m(values: Mapping[str, Column], around: Around) -> tuple[Course, Course, Course]:
    """Extinction by soot, by haze and by mist (n, s) around a detector: what the light really loses.

    Mist is the vapour beyond what the air can hold; droplets of 5 to 20 micrometres take 0.15 to 0.6 m2/g
    (1.5 Q / (density diameter) with Q = 2, van de Hulst 1957).
    """
    kg_m3 = density_kg_m3(around.temp_k)
    soot, haze = (kg_m3 * around.share[SPECIES.index(name)] for name in ("soot_m2", "haze_m2"))
    excess_g_m3 = np.maximum(_vapour_g_m3(values, around) - saturated_g_m3(around.temp_k - ZERO_K), 0.0)
    return soot, haze, excess_g_m3 * _c(values, "mist_m2_g")


def link_opens_s(values: Mapping[str, Column], around: Around) -> Column:
    """When a sprinkler's link gives way, seconds from the beginning; NaN when it does not.

    Heskestad and Bill 1988, Fire Safety J. 14, 113: dT/dt = sqrt(u)/RTI (Tg - T) - C/RTI (T - Ta).
    """
    ambient_k = values["ambient_c"] + ZERO_K
    warm_k = np.zeros_like(ambient_k)
    rti, conducted, opens_k = values["link_rti"], values["link_c"], values["link_c_opens"] + ZERO_K - ambient_k
    opened_s = np.full_like(ambient_k, np.nan)
    for s in range(around.temp_k.shape[1]):
        flow = np.sqrt(around.speed_m_s[:, s])
        rest_k = flow * (around.temp_k[:, s] - ambient_k) / (flow + conducted)
        warm_k = rest_k + (warm_k - rest_k) * np.exp(-(flow + conducted) / rti)
        opened_s = np.where(np.isnan(opened_s) & (warm_k >= opens_k), float(s), opened_s)
    return opened_s


def lagging(course: Course, lag_s: NDArray[np.float64]) -> Course:
    """A first-order lag that is at rest at the beginning; ``lag_s`` is (n,) or a course (n, s)."""
    lags = np.broadcast_to(lag_s if lag_s.ndim == 2 else lag_s[:, None], course.shape)
    follows = 1 - np.exp(-1 / np.maximum(lags, 1e-6))
    felt = np.empty_like(course)
    now = course[:, 0]
    for s in range(course.shape[1]):
        now = now + follows[:, s] * (course[:, s] - now)
        felt[:, s] = now
    return felt


def entry_delay_s(values: Mapping[str, Column], speed_m_s: Course) -> tuple[Course, Course]:
    """Dwell and mixing time of a smoke detector's housing at an air speed.

    Cleary, Chernovsky, Grosshandler and Anderson 1999, 6th Symposium on Fire Safety Science: a u^b each;
    for photoelectric detectors 1.8 u^-0.8..-1.0 and 0.8..1.0 u^-0.8. (Heskestad's length L / u is the older form.)
    """
    dwell_s = _c(values, "dwell_s") * speed_m_s ** _c(values, "dwell_power")
    return dwell_s, _c(values, "mixing_s") * speed_m_s**-0.8


def _chamber(values: Mapping[str, Column], around: Around) -> Course:
    soot, haze, mist = extinction_1_m(values, around)
    scattered = _c(values, "soot_gain") * soot + _c(values, "haze_gain") * haze + _c(values, "mist_gain") * mist
    dwell_s, mixing_s = entry_delay_s(values, around.speed_m_s)
    entered = np.maximum(np.arange(soot.shape[1]) - np.minimum(dwell_s, 60.0).astype(int), 0)
    outside = np.take_along_axis(scattered + around.cloud_1_m, entered, axis=1)
    return lagging(outside, mixing_s) * DB_PER_EXTINCTION


def _ppm(around: Around, gas: str) -> Course:
    ppm: Course = around.share[SPECIES.index(f"{gas}_kg")] * PPM_PER_SHARE[gas]
    return ppm


def _vapour_g_m3(values: Mapping[str, Column], around: Around) -> Course:
    ambient_c = values["ambient_c"]
    ambient_kg_m3 = density_kg_m3(ambient_c + ZERO_K)
    background = values["ambient_pct"] / 100 * saturated_g_m3(ambient_c) / ambient_kg_m3
    vapour: Course = background[:, None] + 1000 * around.share[SPECIES.index("vapour_kg")]
    g_m3: Course = density_kg_m3(around.temp_k) * vapour
    return g_m3


def _humidity(values: Mapping[str, Column], around: Around, felt_c: Course) -> Course:
    # The housing's own temperature decides: air that cools on it carries the same share of water in denser air.
    g_m3 = _vapour_g_m3(values, around) * around.temp_k / (felt_c + ZERO_K)
    return lagging(np.minimum(100 * g_m3 / saturated_g_m3(felt_c), 100.0), values["humidity_lag_s"])


def _c(values: Mapping[str, Column], name: str) -> Course:
    return values[name][:, None]
