"""Simulated fires, whose every moment is known, and what is mistaken for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alarms.core.fire.channels import CHANNELS
from alarms.core.profiles import Profiles
from evaluation.fire.rows import FIRE, FUSED, Row
from evaluation.fire.stream import Told, judge
from evaluation.intervals import wilson
from firmware_sim.fires.scenes import Played, Scenes, draw, play
from firmware_sim.recordings.fire_test import FireTest, Probe

BEFORE_KW = 250.0
MOST_SCENES = 10_000
"""Training draws its seeds from here on."""

AT_ONCE = 250
_SHOWN = 20

Tell = Callable[[str], None]


SIGNALS = tuple(channel.signal for channel in CHANNELS)
_NEXT_DOOR = 2
_SMOKE_ONLY = ("obscuration_db_m",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of scene in the simulator, in which room's ranges, what the room is used for, for how many seconds.

    ``detector``: 0 in the middle of the room, 2 in the neighbouring one. ``signals``: those that it tells.
    """

    name: str
    scene: str
    room: str
    room_use: str | None
    seconds: int
    detector: int = 0
    signals: tuple[str, ...] = SIGNALS


_FIRES = tuple(
    Kind(name=name, scene=name, room="room_20", room_use=None, seconds=600) for name in ("medium", "fast", "ultra_fast")
)
_KITCHEN = tuple(
    Kind(name=name, scene=name, room="kitchen", room_use="kitchen", seconds=1200)
    for name in ("toast", "frying", "boiling", "oven", "steam", "dust")
)
KINDS = (
    *_FIRES,
    *_KITCHEN,
    Kind(name="kitchen_fire", scene="kitchen_fire", room="kitchen", room_use="kitchen", seconds=1500),
    Kind(name="smouldering", scene="smouldering", room="bedroom", room_use="bedroom", seconds=2400),
    *(replace(kind, name=f"{kind.name}_smoke_only", signals=_SMOKE_ONLY) for kind in _FIRES),
    *(
        replace(kind, name=f"{kind.name}_smoke_only", signals=_SMOKE_ONLY)
        for kind in _KITCHEN
        if kind.name in ("toast", "frying", "steam")
    ),
    *(replace(kind, name=f"{kind.name}_next_door", detector=_NEXT_DOOR) for kind in _FIRES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What became of the scenes of a kind; arrays float64, shape (seeds,), in seconds of the scene; NaN: never.

    Attributes
    ----------
    begins_s, flames_s, reach_s : when it begins, when it first flames, and when the fire releases ``BEFORE_KW``.
    any_s, fused_s : the first fire alarm and the first fused one since it began.
    any_kw, fused_kw : the heat that is released then, in kW.
    false : alarms before it began, or at all where nothing burns.
    rules : every fire alarm by its rule.
    """

    kind: str
    fire: bool
    begins_s: NDArray[np.float64]
    flames_s: NDArray[np.float64]
    reach_s: NDArray[np.float64]
    any_s: NDArray[np.float64]
    fused_s: NDArray[np.float64]
    any_kw: NDArray[np.float64]
    fused_kw: NDArray[np.float64]
    false: NDArray[np.int64]
    rules: dict[str, int]
    hours: float

    @property
    def reached(self) -> NDArray[np.bool_]:
        return np.isfinite(self.reach_s)

    @property
    def caught(self) -> int:
        return int((self.reached & (self.any_s < self.reach_s)).sum())

    @property
    def caught_fused(self) -> int:
        return int((self.reached & (self.fused_s < self.reach_s)).sum())

    @property
    def row(self) -> Row:
        """The row of ``--json``."""
        reached = int(self.reached.sum())
        missed = np.flatnonzero(self.reached & ~(self.any_s < self.reach_s))
        return {
            "dataset": "simulated",
            "experiment": self.kind,
            "ignition_s": None,
            "fused_alarm_s": None,
            "heat_alarm_s": None,
            "reach_57c_s": None,
            "first_photoelectric_recorded_s": None,
            "median_recorded_s": None,
            "false_alarms": int(self.false.sum()),
            "hours": round(self.hours, 4),
            "seeds": len(self.reach_s),
            "reached": reached if self.fire else None,
            "alarmed": int(np.isfinite(self.any_s).sum()),
            "before_flames": int((self.any_s < self.flames_s).sum()) if self.fire else None,
            "caught": self.caught if self.fire else None,
            "caught_fused": self.caught_fused if self.fire else None,
            "caught_interval": _both(wilson(self.caught, reached)) if self.fire else None,
            "caught_fused_interval": _both(wilson(self.caught_fused, reached)) if self.fire else None,
            "alarms_by_rule": self.rules,
            "delay_s_median": _percentile(self.any_s - self.begins_s, 50),
            "delay_s_p95": _percentile(self.any_s - self.begins_s, 95),
            "fused_delay_s_median": _percentile(self.fused_s - self.begins_s, 50),
            "fused_delay_s_p95": _percentile(self.fused_s - self.begins_s, 95),
            "alarm_kw_median": _percentile(self.any_kw, 50),
            "alarm_kw_p95": _percentile(self.any_kw, 95),
            "alarm_kw_max": _percentile(self.any_kw, 100),
            "fused_kw_median": _percentile(self.fused_kw, 50),
            "fused_kw_p95": _percentile(self.fused_kw, 95),
            "fused_kw_max": _percentile(self.fused_kw, 100),
            "missed_seeds": missed[:_SHOWN].tolist(),
            "false_seeds": np.flatnonzero(self.false)[:_SHOWN].tolist(),
        }


def simulate(scenes: int, profiles: Profiles, tell: Tell) -> list[Simulated]:
    """So many scenes of every kind, seeds from 0 on: one detector in each room, with every sensor."""
    found = []
    for kind in KINDS:
        parts = [
            _judged(kind, range(first, min(first + AT_ONCE, scenes)), profiles) for first in range(0, scenes, AT_ONCE)
        ]
        found.append(_joined(kind, parts))
        tell(f"simulated {kind.name}: {scenes} scenes")
    return found


def _judged(kind: Kind, seeds: Sequence[int], profiles: Profiles) -> Simulated:
    drawn = draw(kind.scene, seeds, kind.room)
    played = play(drawn, kind.seconds)
    told = judge(_tests(kind, drawn, played), profiles, room_use=kind.room_use)
    fires = [[one for one in scene if one.kind == FIRE] for scene in told]
    begins_s = drawn.begins_s
    from_s = begins_s if drawn.fire else np.full(len(seeds), np.inf)
    any_s = _first_s(fires, begins_s)
    fused_s = _first_s([[one for one in scene if one.rule == FUSED] for scene in fires], begins_s)
    return Simulated(
        kind=kind.name,
        fire=drawn.fire,
        begins_s=begins_s,
        flames_s=drawn.flames_s,
        reach_s=played.reach_s(BEFORE_KW) if drawn.fire else np.full(len(seeds), np.nan),
        any_s=any_s,
        fused_s=fused_s,
        any_kw=_heat_kw(played, any_s),
        fused_kw=_heat_kw(played, fused_s),
        false=np.array([sum(one.at_s < at_s for one in scene) for scene, at_s in zip(fires, from_s, strict=True)]),
        rules=dict(Counter(one.rule for scene in fires for one in scene)),
        hours=len(seeds) * kind.seconds / 3600,
    )


def _tests(kind: Kind, drawn: Scenes, played: Played) -> list[FireTest]:
    time_s = np.arange(played.heat_kw.shape[1], dtype=np.float64)
    return [
        FireTest(
            dataset="simulated",
            name=f"{kind.name} {seed}",
            time_s=time_s,
            probes=(
                Probe(
                    name="detector",
                    room="room",
                    readings={
                        signal: getattr(played, signal)[scene, kind.detector].astype(np.float64)
                        for signal in kind.signals
                    },
                ),
            ),
        )
        for scene, seed in enumerate(drawn.seeds.tolist())
    ]


def _first_s(told: Sequence[Sequence[Told]], begins_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array(
        [
            min((one.at_s for one in scene if one.at_s >= from_s), default=np.nan)
            for scene, from_s in zip(told, begins_s, strict=True)
        ]
    )


def _heat_kw(played: Played, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    there = np.isfinite(at_s)
    found = np.full(len(at_s), np.nan)
    found[there] = played.heat_kw[there, at_s[there].astype(np.int64)]
    return found


def _joined(kind: Kind, parts: Sequence[Simulated]) -> Simulated:
    rules: Counter[str] = Counter()
    for part in parts:
        rules.update(part.rules)
    columns = ("begins_s", "flames_s", "reach_s", "any_s", "fused_s", "any_kw", "fused_kw")
    return Simulated(
        kind=kind.name,
        fire=parts[0].fire,
        false=np.concatenate([part.false for part in parts]),
        rules=dict(rules),
        hours=sum(part.hours for part in parts),
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns},
    )


def _percentile(values: NDArray[np.float64], percent: float) -> float | None:
    there = values[np.isfinite(values)]
    return round(float(np.percentile(there, percent)), 2) if len(there) else None


def _both(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [round(end, 4) for end in interval]
