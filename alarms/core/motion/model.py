"""The learned judgement of one impact: weights, and the score of windows. ``falls.md`` is the model's card."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.errors import ModelError
from alarms.core.motion.features import Kernels, channels_of, measures
from alarms.core.motion.sensitivity import Sensitivity
from ingest.wire.motion import Placement

VERSION = 1
CLIP = 4.0
"""Features count for at most so many standard deviations."""

_FILE = "falls.npz"

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear judgement of features.

    Attributes
    ----------
    center, spread, weight : float32, shape (features,)
        Features are taken relative to these, at most four spreads away.
    bias : float64, shape (1,)
    """

    center: Floats
    spread: Floats
    weight: Floats
    bias: NDArray[np.float64]

    def logit(self, features: Floats) -> NDArray[np.float64]:
        """Over 0: rather a fall. Shape (k,)."""
        comparable = np.clip((features - self.center) / self.spread, -CLIP, CLIP)
        # each row is summed by itself, so that a judgement does not depend on who else is judged
        found: NDArray[np.float64] = (comparable * self.weight).sum(axis=1, dtype=np.float64) + self.bias
        return found


@dataclass(frozen=True, slots=True)
class Head:
    """The judgement for one placement.

    ``gate`` looks at the measures alone and refuses what cannot be a fall, so that kernels run for few windows.
    ``limit`` (float64, shape (3,)) has the logit to be reached at each sensitivity, in the order of ``Sensitivity``.
    """

    gate: Linear
    judge: Linear
    limit: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FallModel:
    """Kernels that all placements share, a head for each, and what they were trained on.

    ``facts`` is what the model's card is written from; its ``trained_on`` lists ``data set/subject``.
    """

    kernels: Kernels
    heads: Mapping[Placement, Head]
    facts: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON values

    @property
    def trained_on(self) -> frozenset[str]:
        """``data set/subject`` of everybody whose recordings it was trained on."""
        return frozenset(self.facts.get("trained_on", ()))

    def limit(self, placement: Placement, sensitivity: Sensitivity) -> float:
        """The logit that a fall must reach."""
        return float(self.heads[placement].limit[list(Sensitivity).index(sensitivity)])

    def logits(self, windows: Floats, placement: NDArray[np.int8]) -> NDArray[np.float64]:
        """How much each window looks like a fall.

        Parameters
        ----------
        windows : float32, shape (k, LENGTH, COLUMNS)
            Frames around an impact, in g.
        placement : int8, shape (k,)
            Where each is worn.

        Returns
        -------
        float64, shape (k,)
            -inf where the gate refused it.
        """
        found = np.full(len(windows), -np.inf)
        if not len(windows):
            return found
        channels = channels_of(windows)
        seen = measures(channels)
        for place in np.unique(placement):
            head = self.heads[Placement(place)]
            mine = np.flatnonzero(placement == place)
            mine = mine[head.gate.logit(seen[mine]) >= 0]
            if mine.size:
                more = self.kernels.features(channels.stacked_of(mine))
                found[mine] = head.judge.logit(np.concatenate([seen[mine], more], axis=1))
        return found


@cache
def shipped() -> FallModel:
    """The weights that come with Anxin."""
    return decode(files("alarms.core.motion").joinpath(_FILE).read_bytes())


def encode(model: FallModel) -> bytes:
    """The model as an ``.npz`` archive."""
    arrays: dict[str, NDArray[Any]] = {"version": np.array(VERSION), "facts": np.array(json.dumps(dict(model.facts)))}
    for part in fields(Kernels):
        arrays[f"kernels.{part.name}"] = getattr(model.kernels, part.name)
    for placement, head in model.heads.items():
        name = placement.name.lower()
        arrays[f"{name}.limit"] = head.limit
        for which, linear in (("gate", head.gate), ("judge", head.judge)):
            for part in fields(Linear):
                arrays[f"{name}.{which}.{part.name}"] = getattr(linear, part.name)
    target = io.BytesIO()
    np.savez_compressed(target, allow_pickle=False, **arrays)
    return target.getvalue()


def decode(data: bytes) -> FallModel:
    """The model in an archive.

    Raises
    ------
    ModelError
        It is none, is damaged, or is of another version.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            version = int(archive["version"])
            found = _model(archive) if version == VERSION else None
    except Exception as error:  # what is damaged fails in zip, zlib, numpy or JSON, each in its own way
        raise ModelError(f"these are no weights of the fall detector: {error}") from error
    if found is None:
        raise ModelError(f"the weights are of version {version}, this is version {VERSION}")
    return found


def _model(archive: Mapping[str, Any]) -> FallModel:  # Any: arrays of several dtypes
    return FallModel(
        kernels=Kernels(*(archive[f"kernels.{part.name}"] for part in fields(Kernels))),
        heads={placement: _head(archive, placement.name.lower()) for placement in Placement},
        facts=json.loads(str(archive["facts"])),
    )


def _head(archive: Mapping[str, Any], name: str) -> Head:  # Any: arrays of several dtypes
    gate, judge = (
        Linear(*(archive[f"{name}.{which}.{part.name}"] for part in fields(Linear))) for which in ("gate", "judge")
    )
    return Head(gate=gate, judge=judge, limit=archive[f"{name}.limit"])
