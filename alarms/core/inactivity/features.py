"""What a minute of power shows: in which bin its step and its level above the base load fall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEP_W = 8.0
"""A smaller change is noise."""

UP = 31
LEVELS = 12
WIDTH = 2 * UP + LEVELS
"""Bins of a row: steps up, steps down, levels."""

_GROWTH = 1.25
_LEVEL_W = 10.0
_HEATS = 21
_PER_OCTAVE = 1.2

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def step_bin(watts: Floats) -> Ints:
    """The bin of steps of at least ``STEP_W``, int64, shape (k,): 31 sizes up, each 1.25 times the last, 31 down."""
    size = (np.log(np.abs(watts) / STEP_W) / np.log(_GROWTH)).astype(np.int64)
    place: Ints = np.minimum(size, UP - 1) + UP * (watts < 0)
    return place


def heats(place: Ints) -> NDArray[np.bool_]:
    """Which bins are steps of about 1 kW or more: kettles, cookers, showers, irons."""
    told: NDArray[np.bool_] = (place < 2 * UP) & (place % UP >= _HEATS)
    return told


def level_bin(watts: Floats) -> Ints:
    """The bin of levels above the base load, int64, shape (k,): under 10 W, then eleven that grow by 2^(5/6)."""
    above = np.maximum(watts, _LEVEL_W)
    size = 1 + (np.log2(above / _LEVEL_W) * _PER_OCTAVE).astype(np.int64)
    return 2 * UP + np.where(watts < _LEVEL_W, 0, np.minimum(size, LEVELS - 1))


def blurred(counts: Floats) -> Floats:
    """Counts in which a step also counts half in the neighbouring bins; shape (n, ``WIDTH``)."""
    out = counts.copy()
    for first in (0, UP):
        part, into = counts[:, first : first + UP], out[:, first : first + UP]
        into[:, 1:] += 0.5 * part[:, :-1]
        into[:, :-1] += 0.5 * part[:, 1:]
    return out
