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
from alarms.core.fire.channels import CHANNELS
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


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The weights for rooms with these ``signals``.

    ``weights`` has a row per look and a column per feature, ``bias`` a number per look; features are taken relative to
    ``center`` in ``spread``.
    """

    signals: list[str]
    center: list[float]
    spread: list[float]
    weights: list[list[float]]
    bias: list[float]


class FireModel(msgspec.Struct, frozen=True, kw_only=True):
    """A head for each set of signals, and what they were fitted to (``facts``, from which the card is written).

    ``cloudy``: how likely each look is beforehand where cooking or steam is usual; ``elsewhere``: in other rooms.
    """

    version: int
    looks: list[Look]
    features: list[str]
    cloudy: list[float]
    elsewhere: list[float]
    heads: list[Head]
    facts: dict[str, Any] = {}  # Any: JSON values


class Judge:
    """A model laid out as arrays: a head is found by the bits of the room's known channels."""

    def __init__(self, model: FireModel) -> None:
        self.looks = tuple(model.looks)
        self._is_fire = np.array([look in FIRES for look in self.looks])
        self._before = np.array([model.elsewhere, model.cloudy])
        heads, looks, columns = 2 ** len(CHANNELS), len(self.looks), len(FEATURES)
        self._center, self._spread = np.zeros((heads, columns)), np.ones((heads, columns))
        self._weights, self._bias = np.zeros((heads, looks, columns)), np.zeros((heads, looks))
        self._is_there = np.zeros(heads)
        for head in model.heads:
            place = _bits(np.array([[channel.signal in head.signals for channel in CHANNELS]]))[0]
            self._is_there[place] = 1.0
            self._center[place], self._spread[place] = head.center, head.spread
            self._weights[place], self._bias[place] = head.weights, head.bias

    def shares(self, found: Floats, known: NDArray[np.bool_], cloudy: NDArray[np.bool_]) -> Floats:
        """How likely each look is.

        Parameters
        ----------
        found : float64, shape (k, features)
        known : bool, shape (k, channels)
            Which signals the room has.
        cloudy : bool, shape (k,)
            Whether cooking or steam is usual there.

        Returns
        -------
        float64, shape (k, looks)
            Zeros where nothing is known that a fire would show in.
        """
        head = _bits(known)
        comparable = np.clip((found - self._center[head]) / self._spread[head], -CLIP, CLIP)
        # each room is summed by itself, so that a judgement does not depend on who else is judged
        score = (comparable[:, None, :] * self._weights[head]).sum(axis=2) + self._bias[head]
        likely = np.exp(score - score.max(axis=1, keepdims=True)) * self._before[cloudy.astype(np.int64)]
        shares: Floats = likely / likely.sum(axis=1, keepdims=True) * self._is_there[head][:, None]
        return shares

    def logit(self, shares: Floats) -> Floats:
        """Over 0: rather a fire than anything else, shape (k,)."""
        fire, other = (np.maximum(shares[:, which].sum(axis=1), 1e-12) for which in (self._is_fire, ~self._is_fire))
        found: Floats = np.where(shares.any(axis=1), np.log(fire / other), -np.inf)
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
    for head in model.heads:
        sizes = {len(head.center), len(head.spread), *(len(row) for row in head.weights)}
        if tuple(model.features) != FEATURES or sizes != {columns} or {len(head.weights), len(head.bias)} != {rows}:
            raise ModelError(f"weights must have {rows} rows of the {columns} features {', '.join(FEATURES)}")
    return model


def _bits(known: NDArray[np.bool_]) -> NDArray[np.int64]:
    places: NDArray[np.int64] = known @ (1 << np.arange(len(CHANNELS)))
    return places
