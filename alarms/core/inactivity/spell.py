"""A spell of silence between signs of one kind, and what spells each home is used to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.bar import Bar
from alarms.core.inactivity.longest import Longest
from alarms.core.inactivity.rhythm import Rhythm
from alarms.core.inactivity.signs import Heard
from alarms.core.stage import array_bytes

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]


class Spell:
    """The silence of n homes between signs of one kind, slot by slot.

    The score grows with every silent slot by what the rhythm says, and falls by what a sign says; at 0 silence begins
    anew.

    Parameters
    ----------
    size : int
        How many homes.
    beyond, longest : float
        The bars are so many times the third highest score, and the third longest silence.

    Attributes
    ----------
    score : float32, shape (n,)
        What the silence says.
    silent, missed : int32, shape (n,)
        Slots since the last sign: those that nobody stirred in, and those that say nothing, unknown or a timer's.
    """

    STATE = ("score", "silent", "missed")

    def __init__(self, size: int, beyond: float, longest: float) -> None:
        self.rhythm = Rhythm(size)
        self.bar = Bar(size, beyond)
        self.longest = Longest(size, longest)
        self.score: Singles = np.zeros(size, np.float32)
        self.silent = np.zeros(size, np.int32)
        self.missed = np.zeros(size, np.int32)

    def follow(self, slot: Ints, day: Ints, heard: Heard, ends: Bools) -> None:
        """Go on by a slot; ``ends``, bool of shape (n,): whatever was heard, silence begins anew."""
        people, quiet = heard.people, heard.quiet
        grown = np.where(quiet, self.score + self.rhythm.surprise(slot, day), self.score)
        score = np.where(people, self.score - heard.said, grown)
        anew = ends | (score <= 0)
        self.score = np.where(anew, 0, score).astype(np.float32)
        begins, says = anew | people, heard.known & ~heard.timed
        self.silent = np.where(begins, 0, self.silent + says)
        self.missed = np.where(begins, 0, self.missed + ~says)
        self.rhythm.go_on(slot, quiet)
        self.rhythm.begin(anew)

    def learn(self, slot: Ints, day: Ints, heard: Heard, stands: Bools, empty: Bools) -> None:
        """Remember the slot, but nothing while an alarm stands, nor what an empty home does."""
        self.rhythm.learn(slot, day, heard.sign, heard.known & ~stands & ~empty)
        self.bar.reach(self.score, ~stands)
        self.longest.reach(self.silent, ~stands)

    def over(self) -> Singles:
        """How many times the alarm's bars are reached, by the score and by the length; float32, shape (2, n)."""
        told: Singles = np.stack((self.score / self.bar.alarms_at(), self.silent / self.longest.bar)).astype(np.float32)
        return told

    def begin(self, home: int) -> None:
        """Silence begins anew at a home."""
        self.score[home] = self.silent[home] = self.missed[home] = 0
        self.rhythm.begin(np.arange(len(self.score)) == home)

    def end_day(self, home: Ints, day: Ints, counts: Bools) -> None:
        """The day is over in these homes, and the next begins; ``counts``: enough of it is known."""
        self.bar.end_day(home, day - 1, counts)
        self.longest.end_day(home, day - 1, counts)
        self.rhythm.turn(home, day)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return array_bytes(self) + self.rhythm.nbytes() + self.bar.nbytes() + self.longest.nbytes()
