"""A home that somebody has left: its entrance door opened and closed, and nothing has stirred in it since."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.stage import array_bytes

EMPTY_S = 900.0
"""Silence after the door after which nobody is taken to be there, unless a home says otherwise. Our own number."""

LINGER_S = 120.0
"""A motion sensor may go on saying that somebody moves so long after they have gone."""

ENTRANCE = np.int8(0)  # its opening and closing: somebody comes or goes
STANDS = np.int8(1)  # on while somebody is there: a bed, an occupied room
LINGERS = np.int8(2)  # on while somebody moves, and a while longer
HAPPENS = np.int8(3)  # a moment: a press, a step, a tap that is opened
TURNS = np.int8(4)  # somebody has changed it and may have gone since: a window, a drawer
KINDS = (ENTRANCE, STANDS, LINGERS, HAPPENS, TURNS)


class Absences:
    """Which homes are empty, asked for any moment; one row per home.

    A home is left when its entrance door closes. It is empty once no sign of anybody has come for ``empty_s`` since and
    until the next one: also its door's opening. Whoever keeps something on is there for as long. The order in which
    samples of different inputs come makes no difference.

    Parameters
    ----------
    home : int64, shape (inputs,)
        The home of every input, 0 to ``len(empty_s)`` - 1.
    kind : int8, shape (inputs,)
        One of ``KINDS``.
    empty_s : float64, shape (homes,)
        Seconds of silence after the door.

    Attributes
    ----------
    can_tell : bool, shape (homes,)
        Set by the caller: whether somebody who stays would be seen now. Else a home is not empty, nor is one without an
        entrance door.
    """

    STATE: tuple[str, ...] = ("on",)
    PER_HOME: tuple[str, ...] = ("closed_at", "sign_at")

    def __init__(self, *, home: NDArray[np.int64], kind: NDArray[np.int8], empty_s: NDArray[np.float64]) -> None:
        homes = len(empty_s)
        self._home, self._kind, self._empty_s = home, kind, empty_s
        self.can_tell: NDArray[np.bool_] = np.ones(homes, np.bool_)
        self._keeps = (kind != HAPPENS) & (kind != TURNS)
        self._linger_s = np.where(kind == LINGERS, LINGER_S, 0.0)
        self.on: NDArray[np.bool_] = np.zeros(len(home), np.bool_)
        self.closed_at: NDArray[np.float64] = np.full(homes, -np.inf)
        self.sign_at: NDArray[np.float64] = np.full(homes, -np.inf)
        self.count_anew()

    def update(self, inputs: NDArray[np.int64], at_s: NDArray[np.float64], on: NDArray[np.bool_]) -> None:
        """Take samples of different inputs, none older than its input's last one.

        Parameters
        ----------
        inputs, at_s : int64 and float64, shape (k,)
            Whose, and when, in seconds since 1970.
        on : bool, shape (k,)
            Open, occupied, moving, pressed.
        """
        home, kind, was = self._home[inputs], self._kind[inputs], self.on[inputs]
        is_door = kind == ENTRANCE
        closes = is_door & was & ~on
        np.maximum.at(self.closed_at, home[closes], at_s[closes])
        begins = on & ~was
        goes_on = was & ~closes & ~(on & (kind == TURNS))  # was there until now, or until a while ago
        signs = begins | goes_on
        np.maximum.at(self.sign_at, home[signs], np.where(begins, at_s, at_s - self._linger_s[inputs])[signs])
        stays = on & (kind != HAPPENS)
        np.add.at(self._there, home, (stays.astype(np.int64) - was) * self._keeps[inputs])
        self.on[inputs] = stays

    def is_empty(self, home: NDArray[np.int64], at_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether nobody is there at these moments, not older than what was told last: bool, shape (k,)."""
        since = self.left_at(home)
        empty: NDArray[np.bool_] = at_s - since >= self._empty_s[home]
        return empty

    def left_at(self, home: NDArray[np.int64]) -> NDArray[np.float64]:
        """When the last one seems to have left, float64, shape (k,); NaN where somebody has been seen since, where
        something is still on, and where a home cannot tell."""
        closed = self.closed_at[home]
        gone = self.can_tell[home] & (self._there[home] == 0) & (closed > self.sign_at[home])
        return np.where(gone, closed, np.nan)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set: whoever has been gone for a while has been so just as long."""
        self.closed_at += by_s
        self.sign_at += by_s

    def count_anew(self) -> None:
        """Bring what follows from ``on`` up to date."""
        self._there = np.bincount(self._home[self.on & self._keeps], minlength=len(self._empty_s))

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self)
