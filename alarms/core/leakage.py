"""Residual current against the circuit's own natural leakage, learned slowly, per slot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.stage import array_bytes

LEARN_S = 86_400.0
"""So much must have been seen before the natural leakage counts; until then the setting alone does."""

GAP_S = 900.0
"""A value is held for so long at most: a longer gap is not learned from."""

DAILY_SHARE = 0.2
"""The natural leakage moves in a day by less than this share of the rise that alarms."""

_QUANTILE = 0.8
_FIRST_S = 600.0


class Leakage:
    """How far a residual current is beyond what is natural, or beyond its setting, per slot.

    The natural leakage is what four fifths of the time stay under, followed in small steps: a step up where the
    current is over it, a quarter of a step down where it is under (Robbins and Monro 1951). In the first day steps
    are wide and become narrower; afterwards they are so small that a fault that stays for a day hides at most
    ``DAILY_SHARE`` of the next one. While raised nothing is learned.

    Parameters
    ----------
    setting : float64, shape (n,)
        The residual current that always alarms, mA.
    rise, clear : float64, shape (n,)
        What alarms beyond the natural leakage, and under which it is over again, mA.

    Attributes
    ----------
    last_at : float64, shape (n,)
        Moment of the last sample, -inf: none.
    last, natural : float64, shape (n,)
        Its value and the natural leakage, mA.
    seen_s : float64, shape (n,)
        How much was learned from, up to ``LEARN_S``.
    over : bool, shape (n,)
        Raised, as far as a single sample tells.
    """

    STATE: tuple[str, ...] = ("last_at", "last", "natural", "seen_s", "over")
    SAME: tuple[str, ...] = ()

    def __init__(self, *, setting: NDArray[np.float64], rise: NDArray[np.float64], clear: NDArray[np.float64]) -> None:
        self._beyond = setting - rise
        self._rise = rise
        self._clear = clear
        self._widest = setting
        self.last_at: NDArray[np.float64] = np.full(len(rise), -np.inf)
        self.last: NDArray[np.float64] = np.zeros(len(rise))
        self.natural: NDArray[np.float64] = np.zeros(len(rise))
        self.seen_s: NDArray[np.float64] = np.zeros(len(rise))
        self.over: NDArray[np.bool_] = np.zeros(len(rise), np.bool_)

    def update(
        self, slot: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """One sample of each slot, float64, shape (k,): at ``rise`` the current is as far beyond as alarms, in mA.

        A repeated sample (same time) replaces the value that is learned from.
        """
        natural, seen_s = self._learn(slot, at_s, value)
        beyond = value - np.where(seen_s >= LEARN_S, np.minimum(natural, self._beyond[slot]), self._beyond[slot])
        rise = self._rise[slot]
        self.over[slot] = (beyond >= rise) | (self.over[slot] & (beyond >= self._clear[slot]))
        self.last_at[slot] = at_s
        self.last[slot] = value
        return beyond

    def known_ma(self, slot: int) -> float | None:
        """The natural leakage, once enough was seen."""
        return float(self.natural[slot]) if self.seen_s[slot] >= LEARN_S else None

    def clock_set(self, by_s: float) -> None:
        """Move the moments."""
        self.last_at += by_s

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self)

    def _learn(
        self, slot: NDArray[np.int64], at_s: NDArray[np.float64], value: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Let the time since the last sample count, with that sample's value; natural leakage and time seen."""
        last_at, last, natural = self.last_at[slot], self.last[slot], self.natural[slot]
        passed_s = at_s - last_at
        passed_s[(passed_s > GAP_S) | self.over[slot]] = 0.0
        seen_s = self.seen_s[slot]
        step = np.where(
            seen_s < LEARN_S,
            self._widest[slot] / np.maximum(seen_s, _FIRST_S),
            self._rise[slot] * (DAILY_SHARE / LEARN_S),
        )
        step *= passed_s
        higher, lower = natural + step * _QUANTILE, natural - step * (1 - _QUANTILE)
        natural = np.where(last > natural, np.minimum(higher, last), np.maximum(lower, np.minimum(last, natural)))
        natural = np.where(np.isneginf(last_at), value, natural)
        seen_s = np.minimum(seen_s + passed_s, LEARN_S)
        self.natural[slot] = natural
        self.seen_s[slot] = seen_s
        return natural, seen_s
