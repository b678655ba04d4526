"""One thing that lasts while another one that belongs to it does not: a pump that runs and no water that flows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.latch import Flips, Latch
from alarms.core.saved import Array

UNTOLD = -1


class Without:
    """Raised or not, per slot: its own signal is past its limit, and the other one is on nowhere in its group.

    Of a group that has never told the other signal nothing is judged: there may be no such device. Only a sample that
    is news is judged: one on the same side of every limit as its input's last one changes nothing. One that is older
    than its group's newest news says what it says at that one's moment.

    Parameters
    ----------
    input, group, other : int64, shape (n,)
        The slot's own input, which no other slot has; its group; its other signal, of 0 to ``signals`` - 1.
    sign, limit, clear : float64, shape (n,)
        Of the own signal; ``sign`` is -1 where the rule means "below": limits are turned over.
    hold_s : float64, shape (n,)
        Seconds.
    of_group : int64, shape (inputs,)
        The group of every input; input ``i`` is of the signal ``i % signals``.
    """

    def __init__(
        self,
        *,
        input: NDArray[np.int64],  # noqa: A002 - the word of the core for it
        group: NDArray[np.int64],
        other: NDArray[np.int64],
        sign: NDArray[np.float64],
        limit: NDArray[np.float64],
        clear: NDArray[np.float64],
        hold_s: NDArray[np.float64],
        of_group: NDArray[np.int64],
        signals: int,
    ) -> None:
        size = len(input)
        self._input, self._sign, self._limit, self._clear = input, sign, limit, clear
        self._asked = group * signals + other
        self._of_group, self._signals = of_group, signals
        self._by_group = np.argsort(group, kind="stable")
        groups = int(of_group.max()) + 1 if len(of_group) else 0
        self._size = np.bincount(group, minlength=groups)
        self._first = np.cumsum(self._size) - self._size
        half = np.full(size, 0.5)
        self.latch = Latch(limit=half, clear=half, on_s=hold_s, off_s=np.zeros(size))
        self.over: NDArray[np.bool_] = np.zeros(size, np.bool_)
        self.at_s: NDArray[np.float64] = np.full(size, -np.inf)
        self.told: NDArray[np.int8] = np.full(len(of_group), UNTOLD, np.int8)
        self.side: NDArray[np.int8] = np.full(len(of_group), UNTOLD, np.int8)
        self._own = np.full(len(of_group), -1, np.int64)
        self._own[input] = np.arange(size)
        self.count_anew()

    def is_news(self, inputs: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which samples, one of each input, lie on another side of a limit than the last one: bool, shape (k,)."""
        slot = self._own[inputs]
        turned = value * self._sign[slot]
        zone = (turned >= self._limit[slot]).astype(np.int8) + (turned >= self._clear[slot])
        side = (value >= 0.5) + 2 * np.where(slot >= 0, zone, 0).astype(np.int8)
        news: NDArray[np.bool_] = side != self.side[inputs]
        self.side[inputs] = side
        return news

    def update(
        self,
        inputs: NDArray[np.int64],
        at_s: NDArray[np.float64],
        received_s: NDArray[np.float64],
        value: NDArray[np.float64],
    ) -> list[Flips]:
        """Judge news of different groups, one of each; the rows of what is found count in them."""
        self._tell(inputs, value)
        slot, row = self._reached(self._of_group[inputs])
        own = np.flatnonzero(self._input[slot] == inputs[row])
        mine = slot[own]
        turned = value[row[own]] * self._sign[mine]
        self.over[mine] = turned >= np.where(self.over[mine], self._clear[mine], self._limit[mine])
        self.at_s[slot] = np.maximum(self.at_s[slot], at_s[row])
        asked = self._asked[slot]
        lacks = self.over[slot] & (self._on[asked] == 0) & (self._known[asked] > 0)
        found = self.latch.update(slot, self.at_s[slot], received_s[row], lacks.astype(np.float64))
        return [Flips(row[flips.row], flips.slot, flips.raised, flips.at_s) for flips in found]

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self.latch.clock_set(by_s)
        self.at_s += min(by_s, 0.0)

    def count_anew(self) -> None:
        """Bring what follows from ``told`` up to date."""
        asked = self._of_group * self._signals + np.arange(len(self.told)) % self._signals
        size = len(self._size) * self._signals
        self._on = np.bincount(asked[self.told > 0], minlength=size)
        self._known = np.bincount(asked[self.told >= 0], minlength=size)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own: list[Array] = [value for value in vars(self).values() if isinstance(value, np.ndarray)]
        return sum(value.nbytes for value in own) + self.latch.nbytes()

    def _tell(self, inputs: NDArray[np.int64], value: NDArray[np.float64]) -> None:
        asked = self._of_group[inputs] * self._signals + inputs % self._signals
        before, now = self.told[inputs], (value >= 0.5).astype(np.int8)
        self.told[inputs] = now
        self._on[asked] += now - np.maximum(before, 0)
        self._known[asked] += before == UNTOLD

    def _reached(self, group: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The slots of the groups, and for each the place of its group."""
        size = self._size[group]
        row = np.repeat(np.arange(len(group)), size)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
        return self._by_group[self._first[group][row] + nth], row
