"""Count in window: how often something happened lately."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Count:
    """The moments of each slot's last events, as many as its rule counts.

    An event is a sample of an event signal at or over the limit, or a state's change to it. The window is half open:
    ``count`` events in less than ``window_s``. A repeated sample (same time) is no second event.

    Parameters
    ----------
    limit : float64, shape (n,)
        From which value on it is an event.
    count : int64, shape (n,)
        2 to ``rules.MAX_COUNT``.
    window_s : float64, shape (n,)
        Seconds.
    every : bool, shape (n,)
        True for event signals: each sample counts; False: only the change does.
    """

    def __init__(
        self,
        *,
        limit: NDArray[np.float64],
        count: NDArray[np.int64],
        window_s: NDArray[np.float64],
        every: NDArray[np.bool_],
    ) -> None:
        self._limit = limit
        self.size = count
        self._window_s = window_s
        self._every = every
        depth = int(count.max()) if len(count) else 1
        self.times: NDArray[np.float64] = np.full((len(limit), depth), -np.inf)
        self.head: NDArray[np.int64] = np.zeros(len(limit), np.int64)
        self.was: NDArray[np.bool_] = np.zeros(len(limit), np.bool_)

    def update(
        self,
        slot: NDArray[np.int64],
        at_s: NDArray[np.float64],
        value: NDArray[np.float64],
        repeated: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Take one sample of each slot.

        Returns
        -------
        float64, shape (k,)
            Until when the count stands from this event on; -inf where the sample is no event or the count is not full.
        """
        on = value >= self._limit[slot]
        event = np.flatnonzero(on & ~repeated & (self._every[slot] | ~self.was[slot]))
        self.was[slot] = on
        until_s = np.full(len(slot), -np.inf)
        if event.size:
            hit = slot[event]
            self.times[hit, self.head[hit]] = at_s[event]
            self.head[hit] = (self.head[hit] + 1) % self.size[hit]
            until_s[event] = self.times[hit, self.head[hit]] + self._window_s[hit]
        return until_s

    def clock_set(self, by_s: float) -> None:
        """Move the moments."""
        self.times += by_s

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))
