"""How fast a fire grows: heat release of flames, mass loss of smouldering."""

from __future__ import annotations

import numpy as np

from firmware_sim.fires.air import Column, Course

GROWN_KW = 1055.0
"""A fire of growth time t releases this at t: the definition of slow 600, medium 300, fast 150, ultra-fast 75 s
(NFPA 92 and NFPA 72 annex B; 1,000 Btu/s)."""


def t_squared_kw(age_s: Course, growth_s: Column) -> Course:
    """Heat release ``age_s`` after the growth began: 1055 (t / growth time) squared."""
    return GROWN_KW * (np.maximum(age_s, 0.0) / growth_s[:, None]) ** 2


def flaming_kw(
    age_s: Course,
    *,
    growth_s: Column,
    incubation_s: Column,
    first_kw: Column,
    peak_kw: Column,
    energy_kj: Column,
    decay_s: Column,
) -> Course:
    """Heat release of flames (n, s) at ``age_s`` after their beginning; zero before.

    A first small flame stays ``first_kw`` for ``incubation_s``, then t squared up to ``peak_kw``. When the growing fire
    has released ``energy_kj`` (its fuel, or the air of a closed room) it dies away with the time constant ``decay_s``.
    """
    grown_s = growth_s * np.sqrt(peak_kw / GROWN_KW)
    grown_kj = peak_kw * grown_s / 3
    early_s = np.cbrt(3 * energy_kj * growth_s**2 / GROWN_KW)
    spent_s = np.where(energy_kj < grown_kj, early_s, grown_s + (energy_kj - grown_kj) / peak_kw)
    growing_s = age_s - incubation_s[:, None]
    burning_s = np.minimum(growing_s, spent_s[:, None])
    heat_kw = np.minimum(t_squared_kw(burning_s, growth_s), peak_kw[:, None])
    heat_kw = np.maximum(heat_kw, first_kw[:, None])
    fading = np.exp(-np.maximum(growing_s - spent_s[:, None], 0.0) / decay_s[:, None])
    return np.where(age_s >= 0, heat_kw * fading, 0.0)


def smoulder_g_s(age_s: Course) -> Course:
    """Mass loss of smouldering upholstery: 0.10 t + 0.0185 t squared g/min (t in minutes) in the first hour, 73 after.

    Quintiere, Birky, McDonald and Smith 1982, Fire and Materials 6, 99. The third hour goes on as the second.
    """
    minutes = np.clip(age_s / 60, 0.0, 60.0)
    return np.where(age_s >= 3600, 73.0, 0.10 * minutes + 0.0185 * minutes**2) / 60
