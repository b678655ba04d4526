"""Logistic regression with an L2 penalty, by Newton's method with conjugate gradients: there is one best fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.motion.model import CLIP, Linear

_STEPS = 30
_ENOUGH = 1e-4
"""It ends when a step lowers the loss by a smaller share."""

_INNER_STEPS = 60
_INNER_ENOUGH = 1e-4

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def fit(features: Floats, is_fall: NDArray[np.bool_], weight: Doubles, penalty: float) -> Linear:
    """Fit a linear judgement.

    Parameters
    ----------
    features : float32, shape (n, d)
        They are made comparable first: relative to their mean, in standard deviations, at most ``CLIP`` of them.
    is_fall : bool, shape (n,)
        What each example is.
    weight : float64, shape (n,)
        How much each example counts; their mean should be 1.
    penalty : float
        Half of it times the squared weights (not the bias) is added to the loss.
    """
    center = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = (features.std(axis=0, dtype=np.float64) + 1e-6).astype(np.float32)
    problem = _Problem(np.clip((features - center) / spread, -CLIP, CLIP), is_fall, weight, penalty)
    found = np.zeros(features.shape[1] + 1)
    loss = problem.loss(found)
    for _ in range(_STEPS):
        step = problem.newton_step(found)
        length = 1.0
        while (now := problem.loss(found - length * step)) > loss and length > 1e-4:
            length /= 2
        found, gain, loss = found - length * step, loss - now, now
        if gain < _ENOUGH * loss:
            break
    return Linear(center=center, spread=spread, weight=found[:-1].astype(np.float32), bias=found[-1:])


class _Problem:
    """The loss of weights (the last one is the bias), and the way down."""

    def __init__(self, features: Floats, is_fall: NDArray[np.bool_], weight: Doubles, penalty: float) -> None:
        self._features = np.column_stack([features, np.ones(len(features), np.float32)]).astype(np.float32)
        self._target = is_fall.astype(np.float64)
        self._weight = weight
        self._penalty = np.full(self._features.shape[1], penalty)
        self._penalty[-1] = 1e-9

    def loss(self, at: Doubles) -> float:
        logit = self._logit(at)
        fit = self._weight @ (np.logaddexp(0, logit) - self._target * logit)
        return float(fit + 0.5 * (self._penalty * at) @ at)

    def newton_step(self, at: Doubles) -> Doubles:
        """The step by which a Newton step lowers the loss, solved by conjugate gradients."""
        chance = 1 / (1 + np.exp(-self._logit(at)))
        left = self._summed(self._weight * (chance - self._target)) + self._penalty * at
        curved = self._weight * chance * (1 - chance)
        found, toward = np.zeros_like(at), left.copy()
        length = first = float(left @ left)
        for _ in range(_INNER_STEPS if first > 0 else 0):
            bent = self._summed(curved * self._logit(toward)) + self._penalty * toward
            share = length / float(toward @ bent)
            found += share * toward
            left = left - share * bent
            before, length = length, float(left @ left)
            if length < _INNER_ENOUGH * first:
                break
            toward = left + length / before * toward
        return found

    def _logit(self, weights: Doubles) -> Doubles:
        found: Doubles = (self._features @ weights.astype(np.float32)).astype(np.float64)
        return found

    def _summed(self, each: Doubles) -> Doubles:
        found: Doubles = (each.astype(np.float32) @ self._features).astype(np.float64)
        return found
