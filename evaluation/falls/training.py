"""Training the fall detector's weights: seeded, on a CPU, in minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alarms.core.motion.features import CHANNELS, LENGTH, TAPS, Kernels, channels_of, measures
from alarms.core.motion.model import FallModel, Head, Linear
from alarms.core.motion.sensitivity import Sensitivity
from evaluation.errors import NothingToMeasureError
from evaluation.falls.examples import Collected, collect
from evaluation.falls.logistic import fit
from firmware_sim.recordings.trial import Recording
from ingest.wire.motion import Placement

KERNELS = 512
PENALTY = 200.0
INNER_FOLDS = 3
"""Limits are chosen on people that the judging weights have not seen: so many parts, by person."""

ACCEPTED = {
    Placement.UNKNOWN: 0.01,
    Placement.WAIST: 0.002,
    Placement.WRIST: 0.025,
    Placement.NECK: 0.008,
    Placement.POCKET: 0.015,
}
"""The share of recordings of daily life, most of them of young people, that may have a false alarm at the normal
sensitivity: what staff can bear, where the device is worn. ``FACTOR`` of it at each sensitivity."""

FACTOR = {Sensitivity.LOW: 1 / 3, Sensitivity.NORMAL: 1.0, Sensitivity.HIGH: 3.0}
ENOUGH_ELDERS = 50
"""From so many recordings of elders on, what daily life costs is told from theirs alone."""

GATE_LOSS, GATE_SLACK = 0.01, 0.7
"""The gate lies by this logit below where it would refuse this share of unseen people's falls."""

ELSEWHERE = 0.1
"""How much what was worn elsewhere weighs beside what was worn at the place that is learned."""

_NOTHING = "there is nothing to train on: recordings of falls and of daily activities of several people are needed"
_STRETCHES = ((0, LENGTH), (40, 70), (60, LENGTH))
_BLOCK = 512
_SAMPLE = 400

Floats = NDArray[np.float32]
Tell = Callable[[str], None]
Expected = dict[Sensitivity, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Learned:
    """A head, and what is expected of it at each sensitivity, from people whom the judging weights had not seen.

    ``detected`` is the share of falls, ``false_share`` that of movements of daily life that raise a false alarm (with
    half of one added, as Jeffreys' prior has it, so that none seen is not none expected).
    """

    head: Head
    expected: Expected


def train(recordings: Iterable[Recording], *, seed: int, progress: Tell) -> FallModel:
    """Weights for every placement; one without recordings of its own uses those of all placements.

    Raises
    ------
    NothingToMeasureError
        There are no falls, or no daily life, among the recordings, or they are all of one person.
    """
    collected = collect(recordings, seed=seed)
    worn = collected.examples.windows[collected.examples.as_worn]
    if not len(worn):
        raise NothingToMeasureError(_NOTHING)
    kernels = random_kernels(worn, seed)
    progress(f"{len(collected.examples)} examples of {len(collected.fall)} recordings: features")
    features = features_of(collected, kernels)
    heads: dict[Placement, Learned | None] = {}
    for placement in Placement:
        progress(f"fitting: {placement.name.lower()}")
        heads[placement] = head(collected, features, placement, seed=seed)
    everywhere = heads[Placement.UNKNOWN]
    if everywhere is None:
        raise NothingToMeasureError(_NOTHING)
    learned = {placement: found or everywhere for placement, found in heads.items()}
    return FallModel(
        kernels=kernels,
        heads={placement: found.head for placement, found in learned.items()},
        facts={
            "trained_on": sorted(collected.people),
            "seed": seed,
            "recordings": len(collected.fall),
            "falls": int(collected.fall.sum()),
            "expected": {placement.name.lower(): found.expected for placement, found in learned.items()},
        },
    )


def random_kernels(windows: NDArray[np.float16], seed: int) -> Kernels:
    """Kernels of random taps (of length one, mostly without a mean) over 1 to 3 channels.

    From ``windows``, shape (n, LENGTH, COLUMNS), come the channels' scales, and for each kernel the bias: a random
    quantile of its responses, as in Dempster and others' MiniRocket (doi 10.1145/3447548.3467231).
    """
    random = np.random.default_rng(seed)
    some = random.choice(len(windows), min(_SAMPLE, len(windows)), replace=False)
    channels = channels_of(windows[some].astype(np.float32))
    stacked = channels.stacked_of(np.arange(len(some)))
    weights = np.zeros((KERNELS, CHANNELS, TAPS), np.float32)
    dilation, stretch = np.zeros(KERNELS, np.int64), np.zeros((KERNELS, 2), np.int64)
    for kernel in range(KERNELS):
        read = random.choice(CHANNELS, int(random.integers(1, 4)), replace=False)
        taps = random.normal(size=(len(read), TAPS))
        taps -= taps.mean()
        taps /= np.sqrt((taps**2).sum())
        if random.random() < 0.3:
            taps += 0.15 * random.normal()
        weights[kernel, read] = taps
        dilation[kernel] = int(2 ** random.uniform(0, np.log2((LENGTH - 1) / (TAPS - 1) / 1.5)))
        stretch[kernel] = _STRETCHES[int(random.integers(len(_STRETCHES)))]
    unbiased = Kernels(
        weights=weights, dilation=dilation, stretch=stretch, bias=np.zeros(KERNELS, np.float32),
        center=stacked.mean(axis=(0, 2)), spread=stacked.std(axis=(0, 2)) + np.float32(1e-3),
    )  # fmt: skip
    quantile = random.uniform(0.1, 0.95, KERNELS)
    bias = [np.quantile(found, quantile[kernel]) for kernel, found in enumerate(unbiased.responses(stacked))]
    return replace(unbiased, bias=np.array(bias, np.float32))


def features_of(collected: Collected, kernels: Kernels) -> Floats:
    """Measures and kernel features of every example, shape (n, d)."""
    windows = collected.examples.windows
    found = []
    for first in range(0, len(windows), _BLOCK):
        channels = channels_of(windows[first : first + _BLOCK].astype(np.float32))
        rows = np.arange(len(channels.peak))
        found.append(np.concatenate([measures(channels), kernels.features(channels.stacked_of(rows))], axis=1))
    return np.concatenate(found)


def head(
    collected: Collected,
    features: Floats,
    placement: Placement,
    *,
    seed: int,
    known: NDArray[np.bool_] | None = None,
) -> Learned | None:
    """The judgement for a placement, learned from the recordings ``known`` (bool, one per recording; None: all).

    ``UNKNOWN`` learns from all placements alike. None: there are no falls, or no daily life, to learn from, or nobody
    is left to judge others' by.
    """
    known = np.ones(len(collected.fall), bool) if known is None else known
    own = known & ((collected.placement == placement) | (placement is Placement.UNKNOWN))
    recording, is_fall = collected.examples.recording, collected.examples.is_fall
    mine = own[recording]
    if not is_fall[mine].any() or is_fall[mine].all():
        return None
    rows = np.flatnonzero(mine | (known[recording] & collected.examples.as_worn))
    seen = measures_in(features)
    judged, gated = np.full(len(features), -np.inf), np.full(len(features), -np.inf)
    fold = _folds(collected, np.flatnonzero(known), seed)[recording]
    if len(np.unique(fold[rows])) == 1:
        return None
    for number in range(INNER_FOLDS):
        held = np.flatnonzero(mine & (fold == number))
        others = rows[fold[rows] != number]
        judged[held] = _fit(collected, features, others, own).logit(features[held])
        gated[held] = _fit(collected, seen, others, own).logit(seen[held])
    gate = _fit(collected, seen, rows, own)
    least = np.quantile(gated[mine & is_fall & collected.examples.as_worn], GATE_LOSS) - GATE_SLACK
    gate = Linear(gate.center, gate.spread, gate.weight, gate.bias - least)
    strongest = np.full(len(collected.fall), -np.inf)
    worn = collected.examples.as_worn & mine
    np.maximum.at(strongest, recording[worn], judged[worn])
    daily, fallen = strongest[own & ~collected.fall], strongest[own & collected.fall]
    limit = np.array([_limit(daily, fallen, ACCEPTED[placement] * FACTOR[each]) for each in Sensitivity])
    elders = strongest[own & ~collected.fall & collected.elder]
    judged_by = elders if len(elders) >= ENOUGH_ELDERS else daily
    expected = {
        each: {
            "detected": float((fallen > least).mean()),
            "false_share": float(((judged_by > least).sum() + 0.5) / (len(judged_by) + 1)),
        }
        for each, least in zip(Sensitivity, limit, strict=True)
    }
    return Learned(Head(gate=gate, judge=_fit(collected, features, rows, own), limit=limit), expected)


def _limit(daily: NDArray[np.float64], fallen: NDArray[np.float64], accepted: float) -> float:
    """The logit that at most this share of ``daily`` recordings exceeds; in the middle to the next fall above it."""
    least = float(np.quantile(daily, 1 - accepted, method="higher"))
    if not np.isfinite(least):
        return 0.0
    return (least + float(fallen.min(where=fallen > least, initial=least + 2))) / 2


def measures_in(features: Floats) -> Floats:
    """The measures among all features."""
    return features[:, : features.shape[1] - 2 * KERNELS]


def _fit(collected: Collected, features: Floats, rows: NDArray[np.intp], own: NDArray[np.bool_]) -> Linear:
    return fit(features[rows], collected.examples.is_fall[rows], _weights(collected, rows, own), PENALTY)


def _weights(collected: Collected, rows: NDArray[np.intp], own: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Falls and daily life of every data set weigh the same; many impacts in one recording weigh less each."""
    recording = collected.examples.recording[rows]
    weight: NDArray[np.float64] = 1 / np.sqrt(np.bincount(recording)[recording])
    is_own = own[recording]
    part = 4 * collected.dataset[recording] + 2 * is_own + collected.examples.is_fall[rows]
    weight /= np.bincount(part, weight)[part]
    weight[~is_own] *= ELSEWHERE
    found: NDArray[np.float64] = weight * (len(rows) / weight.sum())
    return found


def _folds(collected: Collected, recordings: NDArray[np.intp], seed: int) -> NDArray[np.int64]:
    """A part for each recording, by person within the data set; 0 for the others."""
    random = np.random.default_rng(seed)
    found = np.zeros(len(collected.fall), np.int64)
    for dataset in range(len(collected.datasets)):
        mine = recordings[collected.dataset[recordings] == dataset]
        for place, person in enumerate(random.permutation(np.unique(collected.person[mine]))):
            found[mine[collected.person[mine] == person]] = place % INNER_FOLDS
    return found
