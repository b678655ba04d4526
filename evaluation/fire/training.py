"""Fitting the fire judgement's weights to simulated scenes: seeded, on a CPU, in minutes."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from alarms.core.fire.channels import CHANNELS, CO, SMOKE
from alarms.core.fire.features import FEATURES, features
from alarms.core.fire.model import CLIP, FIRES, VERSION, FireModel, Head, Look
from evaluation.fire.examples import LOOKS, Examples, collect
from evaluation.fire.softmax import fit

SCENES = 150
FIRST_SEED = 10_000
"""Training draws seeds from here on; evaluation draws from 0 on, and no more than this."""

MOST_KW = 400.0
"""Moments of a bigger fire teach nothing: it must be known before."""

MOMENTS = 40
"""So many moments of a scene are looked at."""

PENALTY = 1e-3
CLOUDY = {Look.SMOULDERING: 0.02}
ELSEWHERE = {Look.COOKING: 0.05, Look.STEAM: 0.05}
"""How likely looks are beforehand in kitchens and bathrooms, where nothing is upholstered, and in other rooms, which
cooking and steam reach now and then (estimates); 1 for the others."""


def train(*, scenes: int = SCENES, seed: int = FIRST_SEED, tell: Callable[[str], None]) -> FireModel:
    """Weights for every set of signals, from ``scenes`` scenes of each kind, seeds from ``seed`` on."""
    examples = collect(range(seed, seed + scenes), tell)
    heads = []
    for bits in itertools.product((True, False), repeat=len(CHANNELS)):
        known = np.array(bits, np.bool_)
        if known[SMOKE] or known[CO]:
            tell(f"fitting: {', '.join(_signals(known))}")
            heads.append(_head(examples, known, seed))
    facts = {"scenes": scenes, "seed": seed, "moments": len(examples)}
    return FireModel(
        version=VERSION,
        looks=list(LOOKS),
        features=list(FEATURES),
        cloudy=[CLOUDY.get(look, 1.0) for look in LOOKS],
        elsewhere=[ELSEWHERE.get(look, 1.0) for look in LOOKS],
        heads=heads,
        facts=facts,
    )


def _head(examples: Examples, known: NDArray[np.bool_], seed: int) -> Head:
    rows, lasts_s = examples.awake(known)
    is_fire = np.isin(examples.look[rows], [LOOKS.index(look) for look in FIRES])
    rows = rows[(examples.look[rows] >= 0) & (~is_fire | (examples.heat_kw[rows] < MOST_KW))]
    rows = _some(rows, examples.scene, np.random.default_rng(seed))
    found = features(
        examples.above[rows].astype(np.float64),
        examples.rise_min[rows].astype(np.float64),
        np.broadcast_to(known, (len(rows), len(known))),
        lasts_s[rows],
    )
    center, spread = found.mean(axis=0), found.std(axis=0)
    spread[spread < 1e-9] = 1.0
    look = examples.look[rows]
    comparable = np.clip((found - center) / spread, -CLIP, CLIP)
    weights = fit(comparable, look, _weight(look, examples.scene[rows]), len(LOOKS), PENALTY)
    return Head(
        signals=_signals(known),
        center=_short(center),
        spread=_short(spread),
        weights=[_short(row) for row in weights[:, :-1]],
        bias=_short(weights[:, -1]),
    )


def _some(rows: NDArray[np.intp], scene: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.intp]:
    """At most ``MOMENTS`` of each scene's rows."""
    mixed = random.permutation(rows)
    mixed = mixed[np.argsort(scene[mixed], kind="stable")]
    new = np.r_[True, scene[mixed][1:] != scene[mixed][:-1]]
    nth = np.arange(len(mixed)) - np.maximum.accumulate(np.where(new, np.arange(len(mixed)), 0))
    return np.sort(mixed[nth < MOMENTS])


def _weight(look: NDArray[np.int64], scene: NDArray[np.int64]) -> NDArray[np.float64]:
    """Every look counts the same, and every scene the same within its look."""
    _, which, count = np.unique(scene, return_inverse=True, return_counts=True)
    weight: NDArray[np.float64] = 1.0 / count[which]
    of_look = np.bincount(look, weight, len(LOOKS))
    return weight / of_look[look]


def _signals(known: NDArray[np.bool_]) -> list[str]:
    return [channel.signal for channel, there in zip(CHANNELS, known, strict=True) if there]


def _short(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.5g}") for value in values]
