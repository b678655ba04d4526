"""The column of hot gas over a fire and the jet that it drives along the ceiling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_sim.fires.air import Column, Course

SIZE_KW_M2 = 500.0
"""Heat release per floor area of a domestic fire (Eurocode 1 part 1-2 annex E: 250 dwellings to 500 shops; furniture
burns at its upper end): it gives the fire's diameter."""


def jet_rise_k(heat_kw: Course, radius_m: Column, height_m: Column) -> Course:
    """How much warmer than the room the ceiling jet is, ``radius_m`` from the axis, ``height_m`` above the fire.

    Alpert 1972, Fire Technology 8, 181: 16.9 Q^(2/3) / H^(5/3) within 0.18 H of the axis, 5.38 (Q/r)^(2/3) / H beyond.
    """
    near_k = 16.9 / height_m ** (5 / 3)
    far_k = 5.38 / radius_m ** (2 / 3) / height_m
    return np.where(radius_m / height_m <= 0.18, near_k, far_k)[:, None] * heat_kw ** (2 / 3)


def jet_speed_m_s(heat_kw: Course, radius_m: Column, height_m: Column) -> Course:
    """Speed of the jet, Alpert 1972: 0.96 (Q/H)^(1/3) within 0.15 H, 0.195 Q^(1/3) H^(1/2) / r^(5/6) beyond."""
    near = 0.96 / np.cbrt(height_m)
    far = 0.195 * np.sqrt(height_m) / radius_m ** (5 / 6)
    return np.where(radius_m / height_m <= 0.15, near, far)[:, None] * np.cbrt(heat_kw)


def lag_s(heat_kw: Course, radius_m: Column, height_m: Column) -> Course:
    """How long the gas is under way up the plume and along the ceiling.

    Mowrer 1990, Fire Technology 26, 244: 0.67 H^(4/3) / Q^(1/3) and r^(11/6) / (1.2 Q^(1/3) H^(1/2)).
    """
    way = 0.67 * height_m ** (4 / 3) + radius_m ** (11 / 6) / (1.2 * np.sqrt(height_m))
    return way[:, None] / np.cbrt(np.maximum(heat_kw, 1e-3))


def flame_m(heat_kw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean flame height: 0.235 Q^(2/5) - 1.02 D (Heskestad 1983), not below zero."""
    return np.maximum(0.235 * heat_kw**0.4 - 1.02 * _diameter_m(heat_kw), 0.0)


def plume_kg_s(heat_kw: Column, convected_kw: Column, height_m: Column) -> Column:
    """Mass flow of the plume ``height_m`` above the fire (Heskestad 1984, SFPE Handbook "Fire plumes").

    Above the flame 0.071 Qc^(1/3) (z - z0)^(5/3) + 0.00192 Qc, z0 = 0.083 Q^(2/5) - 1.02 D; within it 0.0056 Qc z / L.
    """
    flame = flame_m(heat_kw)
    origin_m = 0.083 * heat_kw**0.4 - 1.02 * _diameter_m(heat_kw)
    above = 0.071 * np.cbrt(convected_kw) * np.maximum(height_m - origin_m, 0.0) ** (5 / 3) + 0.00192 * convected_kw
    within = 0.0056 * convected_kw * height_m / np.maximum(flame, 1e-9)
    return np.where(height_m > flame, above, within) * (height_m > 0)


def _diameter_m(heat_kw: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(4 * heat_kw / (np.pi * SIZE_KW_M2))
