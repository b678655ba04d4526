"""What a room's fire is judged from: the signals, and how fast what is usual there is learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One signal.

    Attributes
    ----------
    clean : float
        The highest level that is believed to be usual: a detector that wakes up in smoke must not take it for normal.
        For smoke it is also how far soiling is compensated; beyond it a chamber needs cleaning.
    calm : float
        So far above the usual a level says nothing. Infinite where the signal alone never says anything: a heated room
        and the heat of a fire differ in their rate, which rules of their own judge.
    learn_s, wait_s : float
        Time constants with which the usual level follows a level that is calm, and one that is not: hours, so that
        neither a smouldering mattress nor a long evening of cooking becomes usual within one. Heat is learned within
        minutes: a heater warms a room by half a degree in one, a fire by ten.
    """

    signal: str
    clean: float
    calm: float
    learn_s: float
    wait_s: float


HOUR_S = 3600.0

CHANNELS = (
    Channel(signal="obscuration_db_m", clean=0.1, calm=0.03, learn_s=2 * HOUR_S, wait_s=48 * HOUR_S),
    Channel(signal="temp_c", clean=45.0, calm=np.inf, learn_s=600.0, wait_s=600.0),
    Channel(signal="co_ppm", clean=10.0, calm=6.0, learn_s=HOUR_S, wait_s=24 * HOUR_S),
    Channel(signal="humidity_pct", clean=100.0, calm=np.inf, learn_s=0.5 * HOUR_S, wait_s=0.5 * HOUR_S),
)

SMOKE, HEAT, CO, HUMIDITY = range(len(CHANNELS))


def column(name: str) -> NDArray[np.float64]:
    """One attribute of all channels, float64, shape (channels,)."""
    return np.array([getattr(channel, name) for channel in CHANNELS], np.float64)
