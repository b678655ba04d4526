"""Signs of life: what five minutes say of a home, by its meters, and by what is noticed there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.clock import SLOTS
from alarms.core.inactivity.meters import Meters

SIGN = 2.5
"""What speaks for people by less is no sign."""

EVENT = 6.0
"""What a movement, a door, a bed, water or a press says; up to ``_MOST_EVENTS`` of them in a slot."""

_MOST_EVENTS = 4
_OTHERS = 3
_DOOR_SLOTS = 2

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A slot of n homes; all arrays have shape (n,).

    Attributes
    ----------
    said, sure : float32
        How much it speaks for people, and how much of that only people cause; 0 where it is not known.
    known, sign : bool
        Something could be heard; somebody, or something, stirred.
    timed : bool
        A timer began what the meters show: it says nothing of people, nor of silence.
    earlier, heated : bool
        All that was noticed may be from an hour ago, as water is; people switched something that heats.
    """

    said: Singles
    sure: Singles
    known: Bools
    sign: Bools
    timed: Bools
    earlier: Bools
    heated: Bools

    @property
    def people(self) -> Bools:
        """A sign of life."""
        return self.sign & ~self.timed

    @property
    def only_people(self) -> Bools:
        """One that nothing else causes, as far as is known."""
        return self.people & (self.sure > SIGN)

    @property
    def life(self) -> Singles:
        """How much says that people are there; a third of what something else may have caused."""
        share = np.where(self.only_people, 1, 1 / _OTHERS).astype(np.float32)
        told: Singles = np.where(self.people, self.said * share, np.float32(0))
        return told

    @property
    def quiet(self) -> Bools:
        """Nobody stirred."""
        return self.known & ~self.sign & ~self.timed

    @property
    def surely(self) -> Heard:
        """The same slot with signs that only people cause alone."""
        sign = self.only_people
        return replace(self, said=np.where(sign, self.said, np.float32(0)), sign=sign)


class Signs:
    """The signs of n homes.

    Parameters
    ----------
    meters : int64, shape (m,)
        The home of each meter and plug.
    sensed : bool, shape (n,)
        The home has sensors whose silence means something: movement, doors, beds, water.

    Attributes
    ----------
    events, earlier, doors : int32, shape (n,)
        Events in this slot; those of them that may be from an hour ago; slots since a door was heard.
    last, timed : bool, shape (n,)
        The last slot had a sign; one that a timer began.
    """

    STATE = ("events", "earlier", "doors", "last", "timed")

    def __init__(self, meters: Ints, sensed: Bools) -> None:
        size = len(sensed)
        self._home_of = meters
        self._sensed = sensed
        self.meters = Meters(len(meters))
        self.events = np.zeros(size, np.int32)
        self.earlier = np.zeros(size, np.int32)
        self.doors = np.full(size, SLOTS, np.int32)
        self.last: Bools = np.zeros(size, np.bool_)
        self.timed: Bools = np.zeros(size, np.bool_)

    def event(self, home: Ints, count: Ints, *, door: bool, earlier: bool) -> None:
        """Somebody was noticed, ``count`` times; each home at most once."""
        self.events[home] += count.astype(np.int32)
        if earlier:
            self.earlier[home] += count.astype(np.int32)
        if door:
            self.doors[home[count > 0]] = 0

    def take(self, at_s: float, blind: Bools | None, by_clock: Bools) -> Heard:
        """The slot that ends then; the next begins.

        Parameters
        ----------
        blind : bool, shape (n,), optional
            Its sensors cannot be heard now.
        by_clock : bool, shape (n,)
            What begins in this slot is a timer's.
        """
        hears = self._sensed if blind is None else self._sensed & ~blind
        *of_meters, heats = self.meters.take(at_s)
        said, sure = (self._with_events(one, hears) for one in of_meters)
        heated = np.bincount(self._home_of[heats], minlength=len(said)) > 0
        known, said = ~np.isnan(said), np.nan_to_num(said)
        sign = known & (said > SIGN)
        self.timed = sign & (self.events == 0) & (self.timed | (by_clock & ~self.last))
        self.last = sign
        by_meters = said - self._of_events() > SIGN
        earlier = (self.earlier > 0) & (self.earlier == self.events) & ~by_meters
        self.doors += 1
        self.events[:] = self.earlier[:] = 0
        sure, timed = np.nan_to_num(sure), self.timed
        return Heard(said=said, sure=sure, known=known, sign=sign, timed=timed, earlier=earlier, heated=heated)

    def at_the_door(self) -> Bools:
        """Bool, shape (n,): a door was heard just now."""
        told: Bools = self.doors <= _DOOR_SLOTS
        return told

    def end_part(self, part: Ints, ends: Bools) -> None:
        """A part of the day, int64 of shape (n,), is over in these homes."""
        meter = np.flatnonzero(ends[self._home_of])
        if meter.size:
            self.meters.end_part(meter, part[self._home_of[meter]])

    def _with_events(self, of_meters: Singles, hears: Bools) -> Singles:
        """Of each home its strongest meter, and events; NaN: unknown."""
        said = np.full(len(self.events), np.nan, np.float32)
        np.fmax.at(said, self._home_of, of_meters)
        said = np.where(np.isnan(said) & (hears | (self.events > 0)), 0, said)
        told: Singles = (said + self._of_events()).astype(np.float32)
        return told

    def _of_events(self) -> NDArray[np.float64]:
        """What the slot's events say."""
        return np.float32(EVENT) * np.minimum(self.events, _MOST_EVENTS)
