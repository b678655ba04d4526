"""Overload as a breaker feels it: the heat that a circuit's current leaves in it, per slot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.stage import array_bytes

GAP_S = 900.0
"""After a longer gap a circuit counts as cold: nothing is invented for missing samples."""

FAR = 4.0
"""Two squares that differ by more than this (twice the current) are not one load."""


class Overload:
    """The thermal image of a circuit: heat in units of what the rated current would leave in it for ever.

    It follows the square of current over rating with one time constant, as a bimetal does. Between two samples their
    mean counts, but the smaller one where they are far apart: a start-up that one sample shows alone leaves nothing.

    Parameters
    ----------
    rated : float64, shape (n,)
        What the circuit may carry for ever, in the signal's unit; more than 0.
    tau_s : float64, shape (n,)
        Seconds in which it warms to 63 % of what a steady current comes to.

    Attributes
    ----------
    last_at : float64, shape (n,)
        Moment of the last sample, -inf: none.
    last, heat : float64, shape (n,)
        Its (value / rated)², and the heat at it; both without unit, 0 when cold.
    """

    STATE: tuple[str, ...] = ("last_at", "last", "heat")
    SAME: tuple[str, ...] = ("rated",)

    def __init__(self, *, rated: NDArray[np.float64], tau_s: NDArray[np.float64]) -> None:
        self.rated = rated
        self._tau_s = tau_s
        self.last_at: NDArray[np.float64] = np.full(len(rated), -np.inf)
        self.last: NDArray[np.float64] = np.zeros(len(rated))
        self.heat: NDArray[np.float64] = np.zeros(len(rated))

    def update(
        self, slot: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The heat after one sample of each slot, float64, shape (k,).

        A repeated sample (same time) replaces the value that counts from then on.
        """
        passed_s = at_s - self.last_at[slot]
        share = value / self.rated[slot]
        square = share * share
        last = self.last[slot]
        steady = (square + last) / 2
        low, high = np.minimum(square, last), np.maximum(square, last)
        np.copyto(steady, low, where=high > FAR * low)
        heat = steady + (self.heat[slot] - steady) * np.exp(-passed_s / self._tau_s[slot])
        heat[passed_s > GAP_S] = 0.0
        self.last_at[slot] = at_s
        self.last[slot] = square
        self.heat[slot] = heat
        return heat

    def clock_set(self, by_s: float) -> None:
        """Move the moments."""
        self.last_at += by_s

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self)
