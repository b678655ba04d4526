"""The learned judgement: which of several things a room's features look like. ``fires.md`` is the model's card."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alarms.core.errors import ModelError
from alarms.core.fire.features import FEATURES

VERSION = 1
CLIP = 6.0
"""Features count for at most so many standard deviations."""

_FILE = "fires.json"

Floats = NDArray[np.float64]


class Look(StrEnum):
    """What it may be."""

    FLAMING = "flaming"
    SMOULDERING = "smouldering"
    COOKING = "cooking"
    STEAM = "steam"
    DUST = "dust"  # dust or a spray
    CIGARETTE = "cigarette"  # or candles


FIRES = (Look.FLAMING, Look.SMOULDERING)


class FireModel(msgspec.Struct, frozen=True, kw_only=True):
    """Weights, and what they were fitted to (``facts``, from which the card is written).

    ``weights`` has a row per look and a column per feature, ``bias`` a number per look. ``limit`` is the logit of
    "a fire" that must be reached.
    """

    version: int
    looks: list[Look]
    features: list[str]
    center: list[float]
    spread: list[float]
    weights: list[list[float]]
    bias: list[float]
    limit: float
    facts: dict[str, Any] = {}  # Any: JSON values


class Judge:
    """A model laid out as arrays."""

    def __init__(self, model: FireModel) -> None:
        self.looks = tuple(model.looks)
        self.limit = model.limit
        self._is_fire = np.array([look in FIRES for look in self.looks])
        self._center, self._spread = np.array(model.center), np.array(model.spread)
        self._weights, self._bias = np.array(model.weights), np.array(model.bias)

    def shares(self, found: Floats) -> Floats:
        """How likely each look is, shape (k, looks), of features of shape (k, features)."""
        comparable = np.clip((found - self._center) / self._spread, -CLIP, CLIP)
        # each room is summed by itself, so that a judgement does not depend on who else is judged
        score = (comparable[:, None, :] * self._weights).sum(axis=2) + self._bias
        likely = np.exp(score - score.max(axis=1, keepdims=True))
        shares: Floats = likely / likely.sum(axis=1, keepdims=True)
        return shares

    def logit(self, shares: Floats) -> Floats:
        """Over 0: rather a fire than anything else, shape (k,)."""
        fire = np.clip(shares[:, self._is_fire].sum(axis=1), 1e-12, 1 - 1e-12)
        found: Floats = np.log(fire / (1 - fire))
        return found


@cache
def shipped() -> Judge:
    """The weights that come with Anxin."""
    return Judge(decode(files("alarms.core.fire").joinpath(_FILE).read_bytes()))


def encode(model: FireModel) -> bytes:
    """The model as JSON, a line per look."""
    return msgspec.json.format(msgspec.json.encode(model), indent=0)


def decode(data: bytes) -> FireModel:
    """The model in JSON.

    Raises
    ------
    ModelError
        It is none, is of another version, or its arrays do not fit.
    """
    try:
        model = msgspec.json.decode(data, type=FireModel)
    except msgspec.MsgspecError as error:
        raise ModelError(f"these are no weights of the fire judgement: {error}") from error
    if model.version != VERSION:
        raise ModelError(f"the weights are of version {model.version}, this is version {VERSION}")
    rows, columns = len(model.looks), len(FEATURES)
    sizes = [len(model.center), len(model.spread), *(len(row) for row in model.weights)]
    if tuple(model.features) != FEATURES or {*sizes} != {columns} or {len(model.weights), len(model.bias)} != {rows}:
        raise ModelError(f"the weights must have {rows} rows of the {columns} features {', '.join(FEATURES)}")
    return model
