"""Examples of simulated scenes: what the levels of one detector with every sensor were, second by second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.fire.channels import CHANNELS, HEAT, column
from alarms.core.fire.levels import Levels
from alarms.core.fire.model import Look
from firmware_sim.fires.scenes import Played, Scenes, draw, play

EVERY_S = 2
HEATING_K_MIN = 0.5
UNSURE_S = 120
"""So long before oil on the hob ignites its fumes are an example of nothing."""

_UNSURE = -1
LOOKS = tuple(Look)
_Moments = tuple[NDArray[Any], ...]  # Any: arrays of several dtypes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of scene: what it looks like before and after flames, in which rooms, and for how many seconds."""

    name: str
    before: Look
    after: Look
    rooms: tuple[str, ...]
    seconds: int


_FLAMES, _GLOW = Look.FLAMING, Look.SMOULDERING
_ANYWHERE = ("living", "kitchen", "bathroom")
KINDS = (
    Kind(name="slow", before=_FLAMES, after=_FLAMES, rooms=("living",), seconds=900),
    Kind(name="medium", before=_FLAMES, after=_FLAMES, rooms=("living",), seconds=700),
    Kind(name="fast", before=_FLAMES, after=_FLAMES, rooms=("living",), seconds=500),
    Kind(name="ultra_fast", before=_FLAMES, after=_FLAMES, rooms=("living",), seconds=400),
    Kind(name="kitchen_fire", before=Look.COOKING, after=_FLAMES, rooms=("kitchen",), seconds=1500),
    Kind(name="smouldering", before=_GLOW, after=_GLOW, rooms=("bedroom",), seconds=2400),
    Kind(name="smoulder_to_flaming", before=_GLOW, after=_FLAMES, rooms=("bedroom",), seconds=3300),
    Kind(name="toast", before=Look.COOKING, after=Look.COOKING, rooms=("kitchen",), seconds=1200),
    Kind(name="frying", before=Look.COOKING, after=Look.COOKING, rooms=("kitchen",), seconds=1200),
    Kind(name="boiling", before=Look.COOKING, after=Look.COOKING, rooms=("kitchen",), seconds=1200),
    Kind(name="oven", before=Look.COOKING, after=Look.COOKING, rooms=("kitchen",), seconds=1200),
    Kind(name="steam", before=Look.STEAM, after=Look.STEAM, rooms=("bathroom", "kitchen"), seconds=1200),
    Kind(name="dust", before=Look.DUST, after=Look.DUST, rooms=_ANYWHERE, seconds=900),
    Kind(name="hair_spray", before=Look.DUST, after=Look.DUST, rooms=_ANYWHERE, seconds=900),
    Kind(name="cigarette", before=Look.CIGARETTE, after=Look.CIGARETTE, rooms=("living", "bedroom"), seconds=1100),
    Kind(name="candle", before=Look.CIGARETTE, after=Look.CIGARETTE, rooms=("living", "bedroom"), seconds=900),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Moments of scenes, ordered by scene and time; all arrays have a row per moment.

    ``above``, ``rise_min`` (n, channels); ``look`` is a place in ``LOOKS``, -1 for what is an example of nothing.
    """

    above: NDArray[np.float32]
    rise_min: NDArray[np.float32]
    look: NDArray[np.int64]
    scene: NDArray[np.int64]
    at_s: NDArray[np.float64]
    heat_kw: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.look)

    def awake(self, known: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The rows at which a room with these channels is not calm, and for how long it has not been, per row."""
        stirred: NDArray[np.bool_] = np.any((self.above > column("calm")) & known, axis=1)
        new_scene = np.r_[True, self.scene[1:] != self.scene[:-1]]
        begins = stirred & (new_scene | ~np.r_[False, stirred[:-1]])
        begun = np.maximum.accumulate(np.where(begins, np.arange(len(self)), 0))
        return np.flatnonzero(stirred), self.at_s - self.at_s[begun]


def collect(seeds: Sequence[int], tell: Callable[[str], None]) -> Examples:
    """Examples of every kind, a scene per seed and kind, spread over the kind's rooms."""
    parts: list[_Moments] = []
    scenes = 0
    for kind in KINDS:
        for place, room in enumerate(kind.rooms):
            drawn = draw(kind.name, seeds[place :: len(kind.rooms)], room)
            parts += _moments(kind, drawn, play(drawn, kind.seconds), scenes)
            scenes += len(drawn.seeds)
        tell(f"{kind.name}: {scenes} scenes")
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
    order = np.lexsort((columns[4], columns[3]))
    above, rise_min, look, scene, at_s, heat_kw = (each[order] for each in columns)
    return Examples(
        above=above.astype(np.float32),
        rise_min=rise_min.astype(np.float32),
        look=look.astype(np.int64),
        scene=scene.astype(np.int64),
        at_s=at_s,
        heat_kw=heat_kw,
    )


def _heating_k_s(seeds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Meanwhile every other room is being heated, by up to half a degree a minute."""
    shares = [np.random.default_rng([int(seed), 2]).uniform(-1.0, 1.0) for seed in seeds]
    return np.maximum(shares, 0.0) * HEATING_K_MIN / 60


def _moments(kind: Kind, scenes: Scenes, played: Played, first: int) -> list[_Moments]:
    count, seconds = played.heat_kw.shape
    values = np.stack([getattr(played, channel.signal)[:, 0] for channel in CHANNELS], axis=1).astype(np.float64)
    if not scenes.fire:
        values[:, HEAT] += np.outer(_heating_k_s(scenes.seeds), np.arange(seconds))
    levels = Levels(np.tile(np.arange(len(CHANNELS)), count))
    rows = np.arange(count * len(CHANNELS))
    begins_s, flames_s = scenes.begins_s, scenes.flames_s
    before, after = LOOKS.index(kind.before), LOOKS.index(kind.after)
    found: list[_Moments] = []
    for second in range(0, seconds, EVERY_S):
        levels.update(rows, np.full(len(rows), float(second)), values[:, :, second].ravel())
        on = np.flatnonzero(second >= begins_s)
        look = np.where(second >= flames_s[on], after, before)
        if kind.before is Look.COOKING and kind.after is Look.FLAMING:
            look[(look == before) & (second >= flames_s[on] - UNSURE_S)] = _UNSURE
        found.append(
            (
                levels.above(rows).reshape(count, -1)[on],
                levels.rise_min(rows).reshape(count, -1)[on],
                look,
                first + on,
                np.full(len(on), float(second)),
                played.heat_kw[on, second],
            )
        )
    return found
