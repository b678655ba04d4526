"""What is usual for one resident: the middle of the last four weeks, and how far days stray from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alarms.core.routine.facts import Floats, Past

WEEKS_DAYS = 28
LEAST_DAYS = 10
"""Fewer known days of the last four weeks tell nothing."""

_NINETY = 1.2816
"""The 90 % quantile of a normal distribution, in spreads."""

_LEAST_MEAN = 0.2
"""Of a count that was never above none in 28 days; the true mean is below 0.1 in 19 of 20 such cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """``median`` and ``most`` as counts of a day; ``mean`` without the busiest tenth; ``spread`` as of ``strays``."""

    median: float
    most: float
    mean: float
    spread: float

    def strays(self, count: float) -> float:
        """How far ``count`` lies above usual; a normal spread is 1. Half a count less, as counts are whole."""
        return float(_residual(np.array([max(0.0, count - 0.5)]), self.mean)[0]) / self.spread


def usual(past: Past, name: str, before: int) -> Usual | None:
    """What a count usually is in the four weeks before the day of ordinal ``before``; None: too few are known.

    The spread is what chance alone gives (Poisson), or more where this resident's days differ more: by their standard
    deviation or by the busiest tenth, whichever says more. What is measured on so few days is widened by its own
    standard error.
    """
    _, value = past.between(name, before - WEEKS_DAYS, before - 1)
    if len(value) < LEAST_DAYS:
        return None
    mean = max(_LEAST_MEAN, float(np.minimum(value, np.quantile(value, 0.9)).mean()))
    strays = _residual(value, mean)
    busiest = float(np.quantile(strays, 0.9)) / _NINETY
    widened = 1 + 1 / np.sqrt(2 * len(value))
    return Usual(
        median=float(np.median(value)),
        most=float(value.max()),
        mean=mean,
        spread=max(1.0, widened * float(strays.std()), widened * busiest),
    )


def _residual(count: Floats, mean: float) -> Floats:
    """The signed root of a Poisson count's deviance: nearly normal, in the tails and for small means too."""
    safe = np.maximum(count, 1e-9)
    deviance = 2 * (safe * np.log(safe / mean) - (safe - mean))
    signed: Floats = np.sign(count - mean) * np.sqrt(np.maximum(deviance, 0))
    return signed
