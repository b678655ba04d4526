"""Dense smoke, detector by detector, above what soiling has made usual."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.latch import Flips, Latch

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


class Smoke:
    """One slot per detector. Smoke alone is enough at once, unless the room's other signals can tell what it is.

    Where cooking or steam is usual and heat or carbon monoxide is heard too, smoke that is rather a fire must last for
    ``cloudy_on_s``, and smoke that is rather something else is none: the room's judgement speaks for it.

    Parameters
    ----------
    limit, clear : float64, shape (n,)
        dB/m above the usual.
    on_s, cloudy_on_s, off_s : float64, shape (n,)
        Seconds.
    """

    def __init__(self, *, limit: Floats, clear: Floats, on_s: Floats, cloudy_on_s: Floats, off_s: Floats) -> None:
        def latch(on_s: Floats) -> Latch:
            return Latch(limit=limit, clear=clear, on_s=on_s, off_s=off_s)

        self.limit = limit
        self.alone, self.told_apart = latch(on_s), latch(cloudy_on_s)

    @property
    def raised(self) -> NDArray[np.bool_]:
        return self.alone.raised | self.told_apart.raised

    def update(
        self, slot: Rows, at_s: Floats, received_s: Floats, above: Floats, told_apart: NDArray[np.bool_], logit: Floats
    ) -> list[Flips]:
        """Judge one sample of each slot.

        Parameters
        ----------
        above : float64, shape (k,)
            How far it is above the usual, dB/m.
        told_apart : bool, shape (k,)
            Whether the room's other signals can tell what it is.
        logit : float64, shape (k,)
            Over 0: rather a fire.
        """
        alone = np.where(told_apart, 0.0, above)
        rather_fire = np.where(told_apart & (logit >= 0), above, 0.0)
        return [
            *_first_or_last(self.alone.update(slot, at_s, received_s, alone), self.told_apart),
            *_first_or_last(self.told_apart.update(slot, at_s, received_s, rather_fire), self.alone),
        ]

    def tick(self, now_s: float) -> list[Flips]:
        """The changes whose deadline has passed."""
        return [
            *_first_or_last(self.alone.tick(now_s), self.told_apart),
            *_first_or_last(self.told_apart.tick(now_s), self.alone),
        ]

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self.alone.clock_set(by_s)
        self.told_apart.clock_set(by_s)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.alone.nbytes() + self.told_apart.nbytes()


def _first_or_last(flips: list[Flips], other: Latch) -> list[Flips]:
    """Without the changes of detectors that the other latch holds."""
    found = []
    for one in flips:
        free = ~other.raised[one.slot]
        if free.any():
            found.append(Flips(one.row[free], one.slot[free], one.raised[free], one.at_s[free]))
    return found
