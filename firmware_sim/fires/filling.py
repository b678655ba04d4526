"""Two rooms with a door between them, each a warm layer of smoke over clean air."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.fires.air import DENSITY_K_KG_M3, GRAVITY_M_S2, HEAT_KJ_KG_K, ZERO_K, Column, Course, saturated_g_m3
from firmware_sim.fires.plume import plume_kg_s
from firmware_sim.fires.release import SPECIES, Release

THIN_M = 0.05
"""A layer is never thinner: room air under the ceiling before anything rises."""

FULL = 0.98
"""A layer takes no more of its room; what swells beyond is pressed out through the gaps, smoke and all."""

DOOR_FLOW = 0.7
"""Discharge coefficient of a doorway (Steckler, Quintiere and Rinkinen 1982)."""

CONDENSES_M_S = 0.003
"""Mass transfer to surfaces as cool as the room: h / (density cp), Lewis, with h = 3.6 W/m2 K (free convection)."""


@dataclass(slots=True, kw_only=True)
class Layer:
    """The upper layer of a room: ``volume_m3`` and ``mass_kg`` (n,), ``held`` (5, n): species above background."""

    area_m2: Column
    ceiling_m: Column
    ambient_k: Column
    volume_m3: Column
    mass_kg: Column
    held: NDArray[np.float64]

    @classmethod
    def thin(cls, area_m2: Column, ceiling_m: Column, ambient_k: Column) -> Layer:
        """Clean air as warm as the room."""
        volume_m3 = area_m2 * THIN_M
        mass_kg = volume_m3 * DENSITY_K_KG_M3 / ambient_k
        held = np.zeros((len(SPECIES), len(area_m2)))
        return cls(
            area_m2=area_m2, ceiling_m=ceiling_m, ambient_k=ambient_k, volume_m3=volume_m3, mass_kg=mass_kg, held=held
        )

    @property
    def depth_m(self) -> Column:
        return self.volume_m3 / self.area_m2

    @property
    def clear_m(self) -> Column:
        """Height of the interface above the floor."""
        return np.maximum(self.ceiling_m - self.depth_m, 0.0)

    @property
    def temp_k(self) -> Column:
        return DENSITY_K_KG_M3 * self.volume_m3 / self.mass_kg

    @property
    def share(self) -> NDArray[np.float64]:
        """Species per kg of the layer (5, n)."""
        return self.held / self.mass_kg

    @property
    def surface_m2(self) -> Column:
        """Ceiling and walls that the layer touches."""
        return self.area_m2 + 4 * np.sqrt(self.area_m2) * self.depth_m

    def lost_kw(self, loss_kw_m2_k: Column) -> Column:
        """Heat into ceiling and walls: h A (T - Ta), McCaffrey, Quintiere and Harkleroad 1981."""
        return loss_kw_m2_k * self.surface_m2 * (self.temp_k - self.ambient_k)

    def condensed_kg(self, room_kg_kg: Column, held_kg_m3: Column) -> Column:
        """Water that a second leaves on surfaces: what the layer carries beyond what air as cool as they can hold.

        ``room_kg_kg`` is the room's own moisture, ``held_kg_m3`` what its air can hold.
        """
        vapour_kg = self.held[SPECIES.index("vapour_kg")]
        beyond_kg_m3 = (vapour_kg + room_kg_kg * self.mass_kg) / self.volume_m3 - held_kg_m3
        condensed_kg: Column = np.clip(CONDENSES_M_S * self.surface_m2 * beyond_kg_m3, 0.0, 0.5 * vapour_kg)
        return condensed_kg

    def exchange(
        self, *, in_m3: Column, in_kg: Column, out_kg: Column, heat_kw: Column, gained: NDArray[np.float64]
    ) -> Column:
        """One second at constant pressure (Cooper 1982, Fire Safety J. 5, 135): flows in and out, net heat, species.

        ``in_m3`` is the volume of what came in, ``heat_kw`` the heat to the layer; heat swells the layer by
        heat / (density cp temperature) of the room's air. Returns what was pressed out of the room, kg.
        """
        share, swell_m3 = self.share, heat_kw / (HEAT_KJ_KG_K * DENSITY_K_KG_M3)
        volume_m3 = self.volume_m3 + in_m3 + swell_m3 - out_kg * self.temp_k / DENSITY_K_KG_M3
        mass_kg = self.mass_kg + in_kg - out_kg
        held = self.held + gained - out_kg * share
        pressed_m3 = np.maximum(volume_m3 - FULL * self.area_m2 * self.ceiling_m, 0.0)
        kept = 1 - pressed_m3 / volume_m3
        missing_m3 = np.maximum(THIN_M * self.area_m2 - volume_m3 * kept, 0.0)
        self.volume_m3 = volume_m3 * kept + missing_m3
        self.mass_kg = mass_kg * kept + missing_m3 * DENSITY_K_KG_M3 / self.ambient_k
        self.held = held * kept
        return mass_kg * (1 - kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the layers were: courses (n, s), shares (5, n, s) per kg of air; ``plume_kg_s`` enters the first layer.

    ``near`` is the room of the source, ``far`` its neighbour; ``front_m`` is how far smoke has run under its ceiling.
    """

    plume_kg_s: Course
    near_clear_m: Course
    near_k: Course
    near_share: NDArray[np.float64]
    far_k: Course
    far_share: NDArray[np.float64]
    far_speed_m_s: Course
    front_m: Course


def fill(values: Mapping[str, Column], release: Release) -> Filled:
    """Let a release fill its room and, through the door, the neighbouring one; steps of one second.

    The return flow through the door is taken as clean, and lower air as the room's at the beginning.
    """
    n, seconds = release.heat_kw.shape
    ambient_k = values["ambient_c"] + ZERO_K
    ambient_kg_m3 = DENSITY_K_KG_M3 / ambient_k
    near = Layer.thin(values["area_m2"], values["ceiling_m"], ambient_k)
    far = Layer.thin(values["far_area_m2"], values["ceiling_m"], ambient_k)
    width_m = values["door_m"] * values["door_open"]
    soffit_m = np.minimum(values["door_high_m"], values["ceiling_m"] - 0.05)
    exhausted = {
        room: values["air_changes_h"] / 3600 * area * values["ceiling_m"] * ambient_kg_m3
        for room, area in (("near", near.area_m2), ("far", far.area_m2))
    }
    courses = {name: np.empty((n, seconds)) for name in ("plume", "clear", "near_k", "far_k", "speed", "front")}
    near_share, far_share = np.empty((2, len(SPECIES), n, seconds))
    held_kg_m3 = saturated_g_m3(values["ambient_c"]) / 1000
    moist_kg_kg = values["ambient_pct"] / 100 * held_kg_m3 / ambient_kg_m3
    front_m = np.zeros(n)
    for s in range(seconds):
        heat_kw, convected_kw = release.heat_kw[:, s], release.convected_kw[:, s]
        clear_m, temp_k, share = near.clear_m, near.temp_k, near.share
        drawn_kg = plume_kg_s(heat_kw, convected_kw, np.maximum(clear_m - values["base_m"], 0.0))
        neutral_m, spilt_kg = door_flow(clear_m, temp_k, ambient_k, width_m, soffit_m)
        spilt_kg = np.minimum(spilt_kg, 0.3 * near.mass_kg)
        spilt_kw = spilt_kg * HEAT_KJ_KG_K * np.maximum(temp_k - ambient_k, 0.0)
        # The spill rises from the upper part of the door as a plume of its own heat (CFAST's door jet).
        rise_m = np.maximum(far.clear_m - (neutral_m + soffit_m) / 2, 0.0)
        mixed_kg = 0.071 * np.cbrt(spilt_kw) * rise_m ** (5 / 3)
        near.exchange(
            in_m3=drawn_kg / ambient_kg_m3,
            in_kg=drawn_kg,
            out_kg=spilt_kg + np.minimum(exhausted["near"], 0.1 * near.mass_kg),
            heat_kw=convected_kw - near.lost_kw(values["loss_kw_m2_k"]),
            gained=_dried(release.species[:, :, s], near.condensed_kg(moist_kg_kg, held_kg_m3)),
        )
        far.exchange(
            in_m3=spilt_kg * temp_k / DENSITY_K_KG_M3 + mixed_kg / ambient_kg_m3,
            in_kg=spilt_kg + mixed_kg,
            out_kg=np.minimum(exhausted["far"], 0.1 * far.mass_kg),
            heat_kw=-far.lost_kw(values["loss_kw_m2_k"]),
            gained=_dried(spilt_kg * share, far.condensed_kg(moist_kg_kg, held_kg_m3)),
        )
        warmer = np.maximum(far.temp_k / ambient_k - 1, 0.0)
        speed_m_s = 0.7 * np.sqrt(GRAVITY_M_S2 * far.depth_m * warmer)
        front_m = front_m + speed_m_s * (spilt_kg > 0)
        courses["plume"][:, s], courses["clear"][:, s], courses["near_k"][:, s] = drawn_kg, near.clear_m, near.temp_k
        courses["far_k"][:, s], courses["speed"][:, s], courses["front"][:, s] = far.temp_k, speed_m_s, front_m
        near_share[:, :, s], far_share[:, :, s] = near.share, far.share
    return Filled(
        plume_kg_s=courses["plume"],
        near_clear_m=courses["clear"],
        near_k=courses["near_k"],
        near_share=near_share,
        far_k=courses["far_k"],
        far_share=far_share,
        far_speed_m_s=courses["speed"],
        front_m=courses["front"],
    )


def door_flow(
    clear_m: Column, temp_k: Column, ambient_k: Column, width_m: Column, soffit_m: Column
) -> tuple[Column, Column]:
    """Height of the neutral plane and kg/s out of the layer through a door (Rockett 1976, two-zone).

    Hydrostatic pressure drives out 2/3 C W sqrt(2 g rho drho) (top - plane)^(3/2) above the plane and as much in below
    it. The plane is found by halving between the interface and the top of the door.
    """
    ambient_kg_m3, layer_kg_m3 = DENSITY_K_KG_M3 / ambient_k, DENSITY_K_KG_M3 / temp_k
    lift_pa_m = np.maximum(ambient_kg_m3 - layer_kg_m3, 0.0) * GRAVITY_M_S2
    low_m, high_m = np.minimum(clear_m, soffit_m), soffit_m.copy()
    base_m = low_m
    for _ in range(12):
        middle_m = (low_m + high_m) / 2
        out = 2 / 3 * np.sqrt(layer_kg_m3) * (soffit_m - middle_m) ** 1.5
        drop_m = middle_m - base_m
        into = np.sqrt(ambient_kg_m3 * drop_m) * (base_m + 2 / 3 * drop_m)
        more = out > into
        low_m, high_m = np.where(more, middle_m, low_m), np.where(more, high_m, middle_m)
    neutral_m = (low_m + high_m) / 2
    flow = DOOR_FLOW * width_m * np.sqrt(2 * lift_pa_m * layer_kg_m3) * 2 / 3 * (soffit_m - neutral_m) ** 1.5
    return neutral_m, flow


def _dried(gained: NDArray[np.float64], condensed_kg: Column) -> NDArray[np.float64]:
    dry = gained.copy()
    dry[SPECIES.index("vapour_kg")] -= condensed_kg
    return dry
