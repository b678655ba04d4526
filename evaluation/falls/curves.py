"""What the plots show, counted: the ROC over the threshold, and how often each kind of trial went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.falls.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Roc:
    """Shares at falling thresholds, shape (n,) each; a point's alarms are those that score at least so much.

    ``at`` is the share of falls and of daily activities with an alarm as the detector decided.
    """

    threshold: NDArray[np.float64]
    detected: NDArray[np.float64]
    false: NDArray[np.float64]
    at: tuple[float, float]


def roc(outcomes: Sequence[Outcome]) -> Roc | None:
    """Of recordings at one placement; None without falls or without daily activities."""
    falls = [outcome for outcome in outcomes if outcome.trial.fall]
    daily = [outcome for outcome in outcomes if not outcome.trial.fall]
    if not falls or not daily:
        return None
    of_falls = np.sort([outcome.score for outcome in falls])
    of_daily = np.sort([outcome.score for outcome in daily])
    scores = np.unique(np.concatenate([of_falls, of_daily]))[::-1]
    threshold = np.concatenate([[np.inf], scores[np.isfinite(scores)]])
    return Roc(
        threshold=threshold,
        detected=1 - np.searchsorted(of_falls, threshold) / len(falls),
        false=1 - np.searchsorted(of_daily, threshold) / len(daily),
        at=(
            sum(bool(outcome.raised) for outcome in falls) / len(falls),
            sum(bool(outcome.raised) for outcome in daily) / len(daily),
        ),
    )


def by_code(outcomes: Sequence[Outcome], *, fall: bool) -> dict[str, tuple[int, int]]:
    """Of each code of falls those missed, of daily activities those with a false alarm; and how many there are."""
    found: dict[str, tuple[int, int]] = {}
    for outcome in sorted(outcomes, key=lambda outcome: outcome.trial.code):
        if outcome.trial.fall is fall:
            wrong, of = found.get(outcome.trial.code, (0, 0))
            found[outcome.trial.code] = wrong + (bool(outcome.raised) is not fall), of + 1
    return found
