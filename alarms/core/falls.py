"""The simple published fall rule: an impact, then a still second in another posture. A streaming core, per wearer.

Samples are gathered into blocks of about a tenth of a second, on the wearer's own sample count, so that the result
does not depend on how the stream is cut into windows, and hardly on its rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK_S = 0.1
DEPTH = 96
"""Blocks kept per wearer: nine and a half seconds."""

GAP_S = 0.5
"""A window that begins this much later than expected starts the wearer's stream anew; an earlier one overlaps."""

REWIND_S = 60.0
"""A window that begins this much earlier than expected is no repeat: the wearer's clock was set."""

_STILL_S = 1.0
_BEFORE_S = 2.0
_SETTLE_S = 0.5

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall of a wearer.

    ``impact_at`` and ``judged_at`` are in the samples' time. ``times_s`` and ``peak_g`` draw the strongest
    acceleration of each block before and after.
    """

    wearer: int
    impact_at: float
    judged_at: float
    peak_g: float
    turn_deg: float
    times_s: list[float]
    peaks_g: list[float]


class Falls:
    """One row per wearer; the memory is fixed.

    Parameters
    ----------
    impact_g : float64, shape (n,)
        |a| over this is an impact.
    turn_deg : float64, shape (n,)
        By this angle gravity must have turned.
    within_s : float64, shape (n,)
        The still second must end this long after the last impact.
    still_g : float64, shape (n,)
        A second is still when |a| spreads (standard deviation) less than this.
    """

    def __init__(
        self,
        *,
        impact_g: NDArray[np.float64],
        turn_deg: NDArray[np.float64],
        within_s: NDArray[np.float64],
        still_g: NDArray[np.float64],
    ) -> None:
        size = len(impact_g)
        self._impact_g = impact_g
        self._turn_cos = np.cos(np.radians(turn_deg))
        self._within_s = within_s
        self._still_g = still_g
        self.blocks: Floats = np.zeros((size, DEPTH, 6), np.float32)
        """Per block: mean x, y, z, mean |a|, mean |a|^2, peak |a|."""
        self.filled = np.zeros(size, np.int64)
        self.rate_hz = np.zeros(size)
        self.expected_s = np.full(size, np.nan)
        self.carry = np.zeros((size, 7))
        """The block being filled: sums of x, y, z, |a|, |a|^2, the peak, the number of samples."""
        self.pending: NDArray[np.bool_] = np.zeros(size, np.bool_)
        self.reference: NDArray[np.float64] = np.zeros((size, 3))
        self.first_impact_s = np.zeros(size)
        self.since_impact = np.zeros(size, np.int64)

    def update(self, wearer: int, start_s: float, rate_hz: float, accel_g: Floats, now_s: float) -> list[Fall]:
        """Take a window of one wearer.

        Parameters
        ----------
        wearer : int
            The row.
        start_s : float
            Time of the first sample in seconds; NaN: it follows the last one.
        rate_hz : float
            Samples per second; a new rate starts the stream anew.
        accel_g : float32, shape (k, 3)
            Acceleration with gravity. NaN counts as no acceleration. Samples that were here already are dropped.
        now_s : float
            Time of arrival, used when neither the window nor the stream has a time.
        """
        accel_g = np.nan_to_num(accel_g)
        expected_s = float(self.expected_s[wearer])
        if not np.isfinite(start_s):
            start_s = expected_s if np.isfinite(expected_s) else now_s - len(accel_g) / rate_hz
        ahead_s = start_s - expected_s
        if not -REWIND_S <= ahead_s <= GAP_S or rate_hz != self.rate_hz[wearer]:  # also when expected_s is NaN
            self._begin(wearer, rate_hz)
        elif ahead_s < -GAP_S:
            accel_g = accel_g[round(-ahead_s * rate_hz) :]
            start_s = expected_s
        if not len(accel_g):
            return []
        self.expected_s[wearer] = start_s + len(accel_g) / rate_hz
        return self._judge(wearer, *self._blocks(wearer, start_s, accel_g))

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def _begin(self, wearer: int, rate_hz: float) -> None:
        self.rate_hz[wearer] = rate_hz
        self.filled[wearer] = 0
        self.carry[wearer] = 0
        self.pending[wearer] = False

    def _blocks(self, wearer: int, start_s: float, accel_g: Floats) -> tuple[NDArray[np.float64], float, float]:
        """Whole blocks of the samples, shape (m, 6), the end of the first one and a block's length, in seconds."""
        rate_hz = float(self.rate_hz[wearer])
        size = max(1, round(rate_hz * BLOCK_S))
        strength = np.linalg.norm(accel_g, axis=1).astype(np.float64)
        columns = np.column_stack([accel_g, strength, strength**2])
        carried = int(self.carry[wearer, 6])
        first = min(size - carried, len(columns))
        carry = self.carry[wearer]
        carry[:5] += columns[:first].sum(axis=0)
        carry[5] = max(carry[5], strength[:first].max())
        carry[6] += first
        found = []
        if carry[6] == size:
            found.append(np.append(carry[:5] / size, carry[5])[None])
            whole = (len(columns) - first) // size
            middle = slice(first, first + whole * size)
            means = columns[middle].reshape(whole, size, 5).mean(axis=1)
            peaks = strength[middle].reshape(whole, size).max(axis=1) if whole else np.empty(0)
            found.append(np.column_stack([means, peaks]))
            rest = columns[middle.stop :]
            carry[:5] = rest.sum(axis=0)
            carry[5] = strength[middle.stop :].max(initial=0.0)
            carry[6] = len(rest)
        blocks = np.concatenate(found) if found else np.empty((0, 6))
        return blocks, start_s + first / rate_hz, size / rate_hz

    def _judge(self, wearer: int, blocks: NDArray[np.float64], end_s: float, block_s: float) -> list[Fall]:
        found = []
        impacts = blocks[:, 5] > self._impact_g[wearer]
        for place in range(len(blocks)):
            if not self.pending[wearer] and not impacts[place:].any():
                self._keep(wearer, blocks[place:])
                break
            self._keep(wearer, blocks[place : place + 1])
            at_s = end_s + place * block_s
            if impacts[place]:
                self._impact(wearer, at_s, block_s)
            elif self.pending[wearer]:
                self.since_impact[wearer] += 1
                fall = self._lying(wearer, at_s, block_s)
                if fall is not None:
                    found.append(fall)
                if fall is not None or self.since_impact[wearer] * block_s >= self._within_s[wearer]:
                    self.pending[wearer] = False
        return found

    def _keep(self, wearer: int, blocks: NDArray[np.float64]) -> None:
        blocks = blocks[-DEPTH:]
        places = (self.filled[wearer] + np.arange(len(blocks))) % DEPTH
        self.blocks[wearer, places] = blocks
        self.filled[wearer] += len(blocks)

    def _last(self, wearer: int, count: int, skip: int = 0) -> Floats:
        """The ``count`` blocks before the last ``skip``, oldest first; fewer when there are not so many."""
        filled = int(self.filled[wearer])
        stop = filled - skip
        start = max(stop - count, filled - DEPTH, 0)
        found: Floats = self.blocks[wearer, np.arange(start, max(stop, start)) % DEPTH]
        return found

    def _impact(self, wearer: int, at_s: float, block_s: float) -> None:
        self.since_impact[wearer] = 0
        if self.pending[wearer]:
            return
        before = self._last(wearer, round(_BEFORE_S / block_s), skip=1 + round(_SETTLE_S / block_s))
        if len(before) * block_s < _STILL_S / 2:
            before = self._last(wearer, round(_BEFORE_S / block_s), skip=1)
        if not len(before):
            return
        self.pending[wearer] = True
        self.reference[wearer] = before[:, :3].mean(axis=0)
        self.first_impact_s[wearer] = at_s

    def _lying(self, wearer: int, at_s: float, block_s: float) -> Fall | None:
        """The fall, when the last second was still and gravity points elsewhere than before the impact."""
        count = max(2, round(_STILL_S / block_s))
        if self.since_impact[wearer] < count:
            return None
        second = self._last(wearer, count).astype(np.float64)
        spread = np.sqrt(max(0.0, second[:, 4].mean() - second[:, 3].mean() ** 2))
        if spread > self._still_g[wearer]:
            return None
        gravity = second[:, :3].mean(axis=0)
        reference = self.reference[wearer]
        lengths = np.linalg.norm(gravity) * np.linalg.norm(reference)
        cosine = float(gravity @ reference / lengths) if lengths > 0 else 1.0
        if cosine > self._turn_cos[wearer]:
            return None
        drawn = self._last(wearer, DEPTH)[:, 5]
        times = at_s + block_s * (np.arange(len(drawn)) - len(drawn))
        return Fall(
            wearer=wearer,
            impact_at=float(self.first_impact_s[wearer]),
            judged_at=at_s,
            peak_g=float(drawn[-int(self._within_s[wearer] / block_s) - count :].max()),
            turn_deg=float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))),
            times_s=[round(value, 3) for value in times.tolist()],
            peaks_g=[round(value, 3) for value in drawn.tolist()],
        )
