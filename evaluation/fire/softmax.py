"""Multinomial logistic regression with an L2 penalty, by Newton's method: there is one best fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS = 25
_ENOUGH = 1e-6
"""It ends when a step lowers the loss by a smaller share."""

Doubles = NDArray[np.float64]


def fit(comparable: Doubles, kind: NDArray[np.int64], weight: Doubles, kinds: int, penalty: float) -> Doubles:
    """Weights and, in the last column, biases; shape (kinds, d + 1).

    Parameters
    ----------
    comparable : float64, shape (n, d)
        Features, made comparable.
    kind : int64, shape (n,)
        What each example is, 0 to ``kinds`` - 1.
    weight : float64, shape (n,)
        How much each example counts.
    penalty : float
        Half of it times the squared weights (not the biases) is added to the mean loss.
    """
    problem = _Problem(comparable, kind, weight / weight.sum(), kinds, penalty)
    found = np.zeros((kinds, comparable.shape[1] + 1))
    loss = problem.loss(found)
    for _ in range(_STEPS):
        step, length = problem.newton_step(found), 1.0
        while (now := problem.loss(found - length * step)) > loss and length > 1e-3:
            length /= 2
        found, gain, loss = found - length * step, loss - now, now
        if gain < _ENOUGH * loss:
            break
    return found


class _Problem:
    def __init__(
        self, comparable: Doubles, kind: NDArray[np.int64], weight: Doubles, kinds: int, penalty: float
    ) -> None:
        self._features = np.column_stack([comparable, np.ones(len(comparable))])
        self._is = kind[:, None] == np.arange(kinds)
        self._weight = weight
        self._penalty = np.full(self._features.shape[1], penalty)
        self._penalty[-1] = 1e-8

    def loss(self, at: Doubles) -> float:
        score = self._features @ at.T
        best = score.max(axis=1)
        log_sum = np.log(np.exp(score - best[:, None]).sum(axis=1)) + best
        return float(self._weight @ (log_sum - score[self._is]) + 0.5 * (self._penalty * at * at).sum())

    def newton_step(self, at: Doubles) -> Doubles:
        score = self._features @ at.T
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        slope = ((share - self._is) * self._weight[:, None]).T @ self._features + self._penalty * at
        kinds, width = at.shape
        bend = np.zeros((kinds, width, kinds, width))
        for one in range(kinds):
            for other in range(one, kinds):
                curved = self._weight * share[:, one] * ((one == other) - share[:, other])
                bend[one, :, other] = (self._features * curved[:, None]).T @ self._features
                bend[other, :, one] = bend[one, :, other].T
        square = bend.reshape(kinds * width, kinds * width)
        square[np.diag_indices_from(square)] += np.tile(self._penalty, kinds) + 1e-9
        step: Doubles = np.linalg.solve(square, slope.ravel()).reshape(at.shape)
        return step
