"""What a source gives off, second by second, whatever it is: a fire, a pan, a shower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.fires.air import Course

SPECIES = ("soot_m2", "haze_m2", "co_kg", "co2_kg", "vapour_kg")
"""What air carries above its background. Smoke counts by the light that it takes: its mass times its specific
extinction; ``soot`` is black and scatters little, ``haze`` is light (smouldering, frying, mist)."""

FLAMING_M2_KG = 8700.0
"""Specific extinction of flaming soot: Mulholland and Croarkin 2000, Fire and Materials 24, 227 (8.7 +- 1.1 m2/g)."""

SMOULDERING_M2_KG = 4400.0
"""Specific extinction of pyrolysis smoke: Seader and Einhorn 1976, 16th Symposium on Combustion (4.4 m2/g)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Courses (n, s); ``convected_kw`` is the part of ``heat_kw`` that rises, ``species`` (5, n, s) is per second.

    ``cloud_1_m`` is an extinction right at the first detector: dust shaken off, a spray aimed near it.
    """

    heat_kw: Course
    convected_kw: Course
    species: Course
    cloud_1_m: Course


def released(heat_kw: Course, convected_kw: Course, *, cloud_1_m: Course | None = None, **species: Course) -> Release:
    """A release from its courses; what is not named is not given off."""
    nothing = np.zeros_like(heat_kw)
    return Release(
        heat_kw=heat_kw,
        convected_kw=convected_kw,
        species=np.stack([species.get(name, nothing) for name in SPECIES]),
        cloud_1_m=nothing if cloud_1_m is None else cloud_1_m,
    )
