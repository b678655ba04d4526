"""Outages added to a home with mains: of the untouched days, and of those after people were removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evaluation.inactivity.machines import MOST_DAYS
from evaluation.inactivity.recording import DAY_MIN, Floats, Recording
from evaluation.inactivity.removal import CAP_MIN, Removal

A_DAY = 4
"""So many a day on average, at any time."""

LEAST_MIN, MOST_MIN = 40, 90
Outage = NDArray[np.bool_]


def drawn_outages(minutes: int, rng: np.random.Generator) -> Outage:
    """Whether nothing is known, bool, shape (minutes,)."""
    out, at = np.zeros(minutes, np.bool_), 0
    while (at := at + 1 + int(rng.exponential(DAY_MIN / A_DAY))) < minutes:
        lasts = int(rng.integers(LEAST_MIN, MOST_MIN + 1))
        out[at : at + lasts] = True
        at += lasts
    return out


def with_outages(
    recording: Recording, removals: Sequence[Removal], home: int, seed: int
) -> tuple[Recording, list[Removal]]:
    """The first days of a home, its meter silent now and then, and those of its removals that lie in them.

    They are of home ``home``, at the same moments as without outages.
    """
    minutes = min(recording.minutes, MOST_DAYS * DAY_MIN)
    out = drawn_outages(minutes + CAP_MIN, np.random.default_rng([seed, *recording.home.encode(), 0]))
    first = recording.first(minutes)
    there = replace(first, home=f"{recording.home} + outages", watts=_without(first.watts, out[:minutes]))
    gone = [
        replace(one, home=home, watts=_without(one.watts, out[one.minute : one.minute + CAP_MIN]))
        for one in removals
        if one.minute < minutes
    ]
    return there, gone


def _without(watts: Floats, out: Outage) -> Floats:
    return np.where(out[:, None], np.float32(np.nan), watts)
