"""Air: density, moisture, and light lost in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
"""One number per scene, shape (n,)."""

Course = NDArray[np.float64]
"""A number per scene and second, shape (n, s)."""

HEAT_KJ_KG_K = 1.005
"""Specific heat at constant pressure."""

DENSITY_K_KG_M3 = 353.0
"""Density times absolute temperature at one atmosphere (ideal gas): 1.20 kg/m3 at 293 K."""

GRAVITY_M_S2 = 9.81
ZERO_K = 273.15
DB_PER_EXTINCTION = 4.343
"""10 log10(e): decibels per metre of an extinction coefficient of 1/m."""

PPM_PER_SHARE = {"co": 29.0 / 28.0 * 1e6, "co2": 29.0 / 44.0 * 1e6}
"""Parts per million by volume of a mass share of one, by molar masses."""


def density_kg_m3(temp_k: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density of air at one atmosphere."""
    return DENSITY_K_KG_M3 / temp_k


def saturated_g_m3(temp_c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Water vapour that air can hold: Magnus (Sonntag 1990), 17.3 g/m3 at 20 degrees; beyond 100 degrees as at 100."""
    held_c = np.minimum(temp_c, 100.0)
    pressure_pa = 611.2 * np.exp(17.62 * held_c / (243.12 + held_c))
    return pressure_pa / (461.5 * (held_c + ZERO_K)) * 1000.0
