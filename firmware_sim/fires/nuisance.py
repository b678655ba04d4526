"""What is mistaken for a fire: cooking, steam, dust, sprays, cigarettes, candles."""

from __future__ import annotations

import numpy as np

from firmware_sim.fires.air import DB_PER_EXTINCTION, Column, Course
from firmware_sim.fires.burning import Values
from firmware_sim.fires.release import SMOULDERING_M2_KG, Release, released

GAS_CO2_G_KJ = 0.055
"""Methane: 2.75 g CO2 per gram and 50 kJ/g."""


def disturb(values: Values, seconds: int) -> Release:
    """The release of scenes of one nuisance kind.

    Heat, vapour and aerosol rise over ``rise_s`` after ``begins_s``, last until ``lasts_s`` and fade over ``fade_s``.
    Aerosol sets in ``smoke_after_s`` later and may gather towards the end (``burnt`` 1: bread turning black).
    """
    age_s = np.arange(seconds, dtype=float)[None, :] - values["begins_s"][:, None]
    on = _envelope(age_s, _of(values, "rise_s"), values["lasts_s"], _of(values, "fade_s"))
    late_s = _of(values, "smoke_after_s")
    smoking = _envelope(
        age_s - late_s[:, None], _of(values, "rise_s"), values["lasts_s"] - late_s, _of(values, "fade_s")
    )
    through = np.clip((age_s - late_s[:, None]) / np.maximum(values["lasts_s"] - late_s, 1.0)[:, None], 0.0, 1.0)
    smoke_mg_s = _c(values, "smoke_mg_s") * smoking * through ** (2 * _c(values, "burnt"))
    kept = 1 - _c(values, "hood_share")
    heat_kw = _c(values, "heat_kw") * on
    gas = _c(values, "gas") * heat_kw
    co_mg_s = gas * _c(values, "gas_co_mg_kj") + smoke_mg_s * _c(values, "co_per_smoke")
    return released(
        heat_kw,
        heat_kw * _of(values, "convected_share", 1.0)[:, None] * kept,
        haze_m2=smoke_mg_s * 1e-6 * SMOULDERING_M2_KG * kept,
        co_kg=co_mg_s * 1e-6 * kept,
        co2_kg=(gas * GAS_CO2_G_KJ + _c(values, "co2_g_s") * on) * 1e-3 * kept,
        vapour_kg=_c(values, "vapour_g_s") * on * 1e-3 * kept,
        cloud_1_m=_cloud(values, age_s),
    )


def _cloud(values: Values, age_s: Course) -> Course:
    """Puffs at the first detector, each rising in ``puff_rise_s`` and settling with ``puff_fade_s``."""
    cloud = np.zeros_like(age_s)
    for puff in range(3):
        since_s = age_s - (puff * _of(values, "puff_every_s"))[:, None]
        rise_s, fade_s = _of(values, "puff_rise_s", 1.0)[:, None], _of(values, "puff_fade_s", 1.0)[:, None]
        shape = np.clip(since_s / rise_s, 0.0, 1.0) * np.exp(-np.maximum(since_s - rise_s, 0.0) / fade_s)
        cloud += shape * (since_s >= 0) * (_of(values, "puffs") > puff)[:, None]
    return cloud * _c(values, "puff_db_m") / DB_PER_EXTINCTION


def _envelope(age_s: Course, rise_s: Column, lasts_s: Column, fade_s: Column) -> Course:
    rising = np.clip(age_s / np.maximum(rise_s, 1.0)[:, None], 0.0, 1.0)
    fading = np.exp(-np.maximum(age_s - lasts_s[:, None], 0.0) / np.maximum(fade_s, 1.0)[:, None])
    return np.where(lasts_s[:, None] > 0, rising * fading, 0.0)


def _of(values: Values, name: str, otherwise: float = 0.0) -> Column:
    return values[name] if name in values else np.full_like(values["begins_s"], otherwise)


def _c(values: Values, name: str) -> Course:
    return _of(values, name)[:, None]
