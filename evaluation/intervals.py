"""95 % intervals of shares and of rates."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Z_95 = 1.959963984540054
"""The normal distribution's 97.5 % quantile."""

_TAIL = 0.025
_HALVINGS = 60


def wilson(hits: int, of: int) -> tuple[float, float] | None:
    """The interval of a share (score interval, Wilson 1927, JASA 22:209); None of nothing."""
    if of == 0:
        return None
    share, weight = hits / of, Z_95**2 / of
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def poisson_rate(events: int, exposure: float) -> tuple[float, float] | None:
    """The exact interval of a rate, in events per unit of exposure (Garwood 1936, Biometrika 28:437).

    Its ends are the rates under which so many events or more, or so many or fewer, have a chance of 2.5 %. None of no
    exposure.
    """
    if exposure <= 0:
        return None
    high = events + 10 * math.sqrt(events + 1) + 10
    low = 0.0 if not events else _root(lambda mean: 1 - _at_most(events - 1, mean) - _TAIL, 0.0, float(events))
    return low / exposure, _root(lambda mean: _TAIL - _at_most(events, mean), float(events), high) / exposure


def _at_most(events: int, mean: float) -> float:
    """The chance of so many events or fewer."""
    if mean <= 0:
        return 1.0
    counts = np.arange(events + 1)
    log_factorials = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    return min(1.0, float(np.exp(counts * math.log(mean) - mean - log_factorials).sum()))


def _root(rises: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    return (low + high) / 2
