"""Scenes: drawn from the ranges by kind and seed, played into what detectors read."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from firmware_sim.fires.air import Column
from firmware_sim.fires.burning import burn
from firmware_sim.fires.filling import fill
from firmware_sim.fires.nuisance import disturb
from firmware_sim.fires.ranges import Table, ranges
from firmware_sim.fires.sensing import SIGNALS, in_the_jet, link_opens_s, next_door, sense

DETECTORS = 3
"""Two in the source's room, the third in the neighbouring one."""

AT_ONCE = 128
"""Scenes that are played together: their arrays stay in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenes:
    """Scenes of one kind: every parameter by its name in ``ranges.toml``, one number per scene.

    A detector's parameters are named ``1.rti`` to ``3.rti``. ``radius_1_m``, ``radius_2_m`` follow from the places.
    """

    kind: str
    seeds: NDArray[np.int64]
    values: dict[str, Column]

    @property
    def fire(self) -> bool:
        return ranges().kind(self.kind).fire

    @property
    def begins_s(self) -> Column:
        """When it begins: ignition of a fire, first glow of one that smoulders."""
        return self.values["begins_s"]

    @property
    def flames_s(self) -> Column:
        """When the first flame is there; NaN for what never flames."""
        if "growth_s" not in self.values:
            return np.full_like(self.begins_s, np.nan)
        return self.begins_s + self.values.get("flames_s", np.zeros_like(self.begins_s))

    def part(self, rows: slice) -> Scenes:
        """Some of the scenes."""
        values = {name: column[rows] for name, column in self.values.items()}
        return Scenes(kind=self.kind, seeds=self.seeds[rows], values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What happened, second by second: float32 arrays; (n, s) or, for readings, (n, 3, s).

    ``heat_kw`` is the truth. ``sprinkler_s`` (n,) is when a sprinkler opens, NaN when it does not; the fire goes on.
    """

    heat_kw: NDArray[np.float32]
    sprinkler_s: Column
    obscuration_db_m: NDArray[np.float32]
    temp_c: NDArray[np.float32]
    co_ppm: NDArray[np.float32]
    co2_ppm: NDArray[np.float32]
    humidity_pct: NDArray[np.float32]

    def reach_s(self, heat_kw: float) -> Column:
        """When the heat release first reaches ``heat_kw`` (n,); NaN when it never does."""
        there = self.heat_kw >= heat_kw
        return np.where(there.any(axis=1), there.argmax(axis=1), np.nan)


def draw(
    kind: str, seeds: Sequence[int], profile: str | None = None, fixed: Mapping[str, float] | None = None
) -> Scenes:
    """A scene per seed in a room of ``profile`` (the kind's usual one by default); ``fixed`` parameters are as given.

    Raises
    ------
    SimulatorError
        No such kind or profile.
    """
    of_kind = ranges().kind(kind)
    room = ranges().room(profile or of_kind.profile)
    rows = [_values(np.random.default_rng([seed, zlib.crc32(kind.encode())]), kind, room) for seed in seeds]
    values = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    values |= {name: np.full(len(rows), float(value)) for name, value in (fixed or {}).items()}
    length_m = np.sqrt(values["area_m2"] * values["aspect"])
    width_m = values["area_m2"] / length_m
    for name, x, y in (("radius_1_m", "detector_x", "detector_y"), ("radius_2_m", "second_x", "second_y")):
        away_m = np.hypot(length_m * (values[x] - values["source_x"]), width_m * (values[y] - values["source_y"]))
        values.setdefault(name, np.maximum(away_m, 0.1))
    return Scenes(kind=kind, seeds=np.array(seeds, np.int64), values=values)


def play(scenes: Scenes, seconds: int | None = None) -> Played:
    """Play scenes for ``seconds`` (the kind's usual time by default); each is played as if it were alone."""
    count = seconds or ranges().kind(scenes.kind).seconds
    parts = [_play(scenes.part(slice(i, i + AT_ONCE)), count) for i in range(0, len(scenes.seeds), AT_ONCE)]
    return Played(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Played)})


def _values(rng: np.random.Generator, kind: str, room: Table) -> dict[str, float]:
    of_kind = ranges().kind(kind)
    drawn = {name: each.draw(rng) for name, each in (room | of_kind.table | ranges().sprinkler).items()}
    for number in range(1, DETECTORS + 1):
        drawn |= {f"{number}.{name}": each.draw(rng) for name, each in ranges().detector.items()}
    if of_kind.fuels:
        fuel = ranges().fuels[of_kind.fuels[int(rng.integers(len(of_kind.fuels)))]]
        drawn |= {name: each.draw(rng) for name, each in fuel.items()}
    return drawn


def _play(scenes: Scenes, seconds: int) -> Played:
    values = scenes.values
    release = burn(values, seconds) if scenes.fire else disturb(values, seconds)
    filled = fill(values, release)
    first = in_the_jet(values, release, filled, values["radius_1_m"], release.cloud_1_m)
    second = in_the_jet(values, release, filled, values["radius_2_m"], 0.2 * release.cloud_1_m)
    noise = np.stack([_noise(int(seed), seconds) for seed in scenes.seeds], axis=2)
    read = [
        sense({**values, **_own(values, number)}, around, noise[number - 1])
        for number, around in enumerate((first, second, next_door(values, filled)), start=1)
    ]
    at_link = in_the_jet(values, release, filled, values["link_m"], release.cloud_1_m)
    signals = {name: np.stack([each[name] for each in read], axis=1).astype(np.float32) for name in SIGNALS}
    heat_kw = release.heat_kw.astype(np.float32)
    return Played(heat_kw=heat_kw, sprinkler_s=link_opens_s(values, at_link), **signals)


def _noise(seed: int, seconds: int) -> NDArray[np.float32]:
    return np.random.default_rng([seed, 1]).standard_normal((DETECTORS, len(SIGNALS), seconds), dtype=np.float32)


def _own(values: Mapping[str, Column], number: int) -> dict[str, Column]:
    prefix = f"{number}."
    return {name.removeprefix(prefix): column for name, column in values.items() if name.startswith(prefix)}
