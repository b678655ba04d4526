"""A spell of silence between signs of one kind, and what spells each home is used to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.bar import Bar
from alarms.core.inactivity.longest import Longest
from alarms.core.inactivity.rhythm import Rhythm
from alarms.core.inactivity.signs import Heard

OUT = 1.5
"""Whoever went through a door and was not heard of again is out, and may be for so many times as long at least."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]


class Spell:
    """The silence of n homes between signs of one kind, slot by slot.

    The score grows with every silent slot by what the rhythm says, and falls by what a sign says; at 0 silence begins
    anew. Where somebody went out, silence is judged by what it usually reaches then, and the rhythm, which is that of
    people at home, does not learn from it.

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
    out : bool, shape (n,)
        Somebody went through the door, and no sign came since but what may be from before.
    bar, longest, out_bar, out_longest : Bar, Longest, Bar, Longest
        What score and length usually reach at home, and where somebody went out.
    """

    STATE = ("score", "silent", "missed", "out")

    def __init__(self, size: int, beyond: float, longest: float) -> None:
        self.rhythm = Rhythm(size)
        self.bar = Bar(size, beyond)
        self.longest = Longest(size, longest)
        self.out_bar = Bar(size, OUT * beyond)
        self.out_longest = Longest(size, longest)
        self.score: Singles = np.zeros(size, np.float32)
        self.silent = np.zeros(size, np.int32)
        self.missed = np.zeros(size, np.int32)
        self.out: Bools = np.zeros(size, np.bool_)

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

    def learn(self, slot: Ints, day: Ints, heard: Heard, counts: Bools, at_the_door: Bools) -> None:
        """Remember the slot where it counts, bool of shape (n,); ``at_the_door``: a door was heard just now."""
        out = self.out
        self.rhythm.learn(slot, day, heard.sign, heard.known & counts & (heard.people | ~out))
        self.bar.reach(self.score, counts & ~out)
        self.longest.reach(self.silent, counts & ~out)
        self.out_bar.reach(self.score, counts & out)
        self.out_longest.reach(self.silent, counts & out)
        self.out = np.where(heard.people & ~heard.earlier, at_the_door, out)

    @property
    def reached(self) -> Singles:
        """The score, and the length in slots, float32, shape (2, n)."""
        told: Singles = np.stack((self.score, self.silent)).astype(np.float32)
        return told

    def alarms_at(self) -> Singles:
        """What alarms of ``reached``, float32, shape (2, n)."""
        inside = np.stack((self.bar.alarms_at(), self.longest.bar))
        outside = np.stack((self.out_bar.alarms_at(), self.out_longest.bar))
        known = np.where(np.isfinite(outside), outside, 0)
        told: Singles = np.where(self.out, np.maximum(OUT * inside, known), inside).astype(np.float32)
        return told

    def lift(self, homes: Bools, by: float) -> None:
        """The scores that alarm are higher for a while in these homes, bool of shape (n,)."""
        self.bar.lift(homes, by)
        self.out_bar.lift(homes, by)

    def begin(self, home: int) -> None:
        """Silence begins anew at a home."""
        self.score[home] = self.silent[home] = self.missed[home] = 0
        self.rhythm.begin(np.arange(len(self.score)) == home)

    def end_day(self, home: Ints, day: Ints, counts: Bools) -> None:
        """The day is over in these homes, and the next begins; ``counts``: enough of it is known."""
        for usual in (self.bar, self.longest, self.out_bar, self.out_longest):
            usual.end_day(home, day - 1, counts)
        self.rhythm.turn(home, day)

    def parts(self) -> list[tuple[str, Any]]:  # Any: STATE names the arrays of each
        """What is to be kept, by name."""
        return [
            ("home", self),
            ("rhythm", self.rhythm),
            ("bar", self.bar),
            ("longest", self.longest),
            ("out_bar", self.out_bar),
            ("out_longest", self.out_longest),
        ]
