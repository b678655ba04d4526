"""Fires as sources: flames, smouldering, smouldering that flares up, oil left on the hob."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from firmware_sim.fires.air import Column, Course
from firmware_sim.fires.growth import flaming_kw, smoulder_g_s
from firmware_sim.fires.release import FLAMING_M2_KG, SMOULDERING_M2_KG, Release, released

Values = Mapping[str, Column]
"""A scene kind's parameters by the names of ``ranges.toml``."""


def burn(values: Values, seconds: int) -> Release:
    """The release of scenes of one fire kind.

    From ``begins_s`` on the fuel smoulders (where the kind has ``smoulder_factor``) or oil overheats (``fume_mg_s``);
    from ``flames_s`` after that it flames (where it has ``growth_s``); smouldering ends where flames begin.
    """
    age_s = np.arange(seconds, dtype=float)[None, :] - values["begins_s"][:, None]
    smoulder_s = values.get("flames_s", np.zeros_like(values["begins_s"]))
    flames_s = age_s - smoulder_s[:, None]
    flames = "growth_s" in values
    before = (age_s >= 0) & ((flames_s < 0) | (not flames))
    glow_g_s = (
        before * smoulder_g_s(age_s) * values["smoulder_factor"][:, None] if "smoulder_factor" in values else None
    )
    heat_kw = _flames(values, flames_s) if flames else np.zeros_like(age_s)
    lost_kg_s = heat_kw / _c(values, "heat_kj_g") / 1000
    haze_m2 = np.zeros_like(age_s)
    co_kg, co2_kg = lost_kg_s * _c(values, "co_share"), lost_kg_s * _c(values, "co2_share")
    convected_kw = heat_kw * _c(values, "convected_share")
    soot_m2 = lost_kg_s * _c(values, "soot_share") * FLAMING_M2_KG
    vapour_kg = lost_kg_s * _c(values, "vapour_share")
    if glow_g_s is not None:
        glow_kw = glow_g_s * _c(values, "smoulder_kj_g")
        heat_kw, convected_kw = heat_kw + glow_kw, convected_kw + glow_kw * 0.7
        haze_m2 = glow_g_s / 1000 * _c(values, "smoulder_smoke_share") * SMOULDERING_M2_KG
        co_kg = co_kg + glow_g_s / 1000 * _c(values, "smoulder_co_share")
        co2_kg = co2_kg + glow_g_s / 1000 * 0.9
    if "fume_mg_s" in values:
        # Fumes of overheated oil double every quarter of the way to its ignition, as vapour pressure does.
        nearing = np.clip(1 + flames_s / np.maximum(smoulder_s, 1.0)[:, None], 0.0, 1.0)
        haze_m2 = before * _c(values, "fume_mg_s") * 1e-6 * 2 ** (4 * (nearing - 1)) * SMOULDERING_M2_KG
        hob_kw = (age_s >= 0) * _c(values, "hob_kw")
        heat_kw, convected_kw = heat_kw + hob_kw, convected_kw + hob_kw * 0.7
    return released(
        heat_kw, convected_kw, soot_m2=soot_m2, haze_m2=haze_m2, co_kg=co_kg, co2_kg=co2_kg, vapour_kg=vapour_kg
    )


def _flames(values: Values, age_s: Course) -> Course:
    # A room shut but for gaps burns no more than its air allows: 13.1 kJ per g of oxygen (Huggett 1980), half of its
    # 23 % before flames die.
    air_kj = values["area_m2"] * values["ceiling_m"] * 1.2 * 0.23 * 0.5 * 13_100
    return flaming_kw(
        age_s,
        growth_s=values["growth_s"],
        incubation_s=values["incubation_s"],
        first_kw=values["first_kw"],
        peak_kw=values["peak_kw"],
        energy_kj=np.where(
            values["door_open"] > 0.1, values["fuel_mj"] * 1000, np.minimum(values["fuel_mj"] * 1000, air_kj)
        ),
        decay_s=values["decay_s"],
    )


def _c(values: Values, name: str) -> Course:
    return values[name][:, None]
