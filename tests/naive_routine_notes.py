"""Slow twins of what is usual and of a trend, one number at a time."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping


def naive_usual(known: Mapping[int, float], before: int) -> tuple[float, float, float] | None:
    """Median, trimmed mean and spread of the counts of the 28 days before that day."""
    values = sorted(value for day, value in known.items() if before - 28 <= day < before)
    if len(values) < 10:
        return None
    capped = [min(value, quantile(values, 0.9)) for value in values]
    mean = max(0.2, sum(capped) / len(capped))
    strays = sorted(naive_residual(value, mean) for value in values)
    widened = 1 + 1 / math.sqrt(2 * len(values))
    spread = max(1.0, widened * statistics.pstdev(strays), widened * quantile(strays, 0.9) / 1.2816)
    return statistics.median(values), mean, spread


def naive_residual(count: float, mean: float) -> float:
    half = 0.0 if count <= 0 else count * math.log(count / mean)
    return math.copysign(math.sqrt(max(0.0, 2 * (half - (count - mean)))), count - mean)


def quantile(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def naive_fall_chance(known: Mapping[int, float], last: int) -> float:
    """Every order of the weeks' medians, and how many of them fall at least as much."""
    medians = []
    for week in range(8):
        days = [known[day] for day in range(last - 55 + 7 * week, last - 48 + 7 * week) if day in known]
        if len(days) >= 4:
            medians.append(statistics.median(days))
    if len(medians) < 7:
        return 1.0
    rises = _rises(medians)
    orders = list(itertools.permutations(range(len(medians))))
    return sum(_rises(order) <= rises for order in orders) / len(orders)


def naive_levels(known: Mapping[int, float], last: int) -> tuple[float, float]:
    days = sorted(day for day in known if last - 56 < day <= last)
    slopes = [(known[b] - known[a]) / (b - a) for a, b in itertools.combinations(days, 2)]
    slope = statistics.median(slopes)
    level = statistics.median(known[day] - slope * (day - last) for day in days)
    return level - 55 * slope, level


def _rises(values: object) -> int:
    return sum((b > a) - (b < a) for a, b in itertools.combinations(values, 2))  # type: ignore[call-overload]
