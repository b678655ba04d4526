"""A home's rhythm: in which five minutes of the last 28 days there was a sign of life, and how unlikely silence is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.clock import SLOTS, is_rest

DAYS = 28
HALF_HOUR = 6
SHIFT = 9
"""Habits may come so many slots (45 minutes) earlier or later."""

ALIKE = 2.0
"""Past days of the same kind, working days or Saturday and Sunday, count so many times."""

_PRIOR = 4.0
_SIGNS, _SILENCES = 0.02, 0.5
_MOST = 0.98
_ALL = np.uint32((1 << DAYS) - 1)
_ONE = np.uint32(1)
_LEAST_DAYS = 10
_MOSTLY, _OFTEN = 0.8, 0.3

Ints = NDArray[np.int64]
Bits = NDArray[np.uint32]
Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]


def day_bit(day: Ints) -> Bits:
    """The bit that stands for each day, by its number modulo 28; uint32, of the same shape."""
    return _ONE << (day % DAYS).astype(np.uint32)


class Rhythm:
    """The last 28 days of n homes, a bit per day and slot; day number modulo 28 is its bit.

    Of the past days, each also up to 45 minutes earlier and later, those are kept in mind that were as silent as the
    home has been since its last sign (``alike``). Each further slot some of them show a sign: their share is the
    chance that one was due, and minus its logarithm is how much the silence says (the survival function of Kaplan and
    Meier 1958, its hazard shrunk to how often a silent home has a sign at that time of day at all). After midnight
    each of these days goes on with its own next day. The day that is running is no past day.

    Attributes
    ----------
    signs, heard : uint32, shape (n, 288)
        Bits of the days with a sign, and of those that are known.
    alike : uint32, shape (n, 19)
        Bits of the days that have been as silent, for each shift.
    rest : uint32, shape (n,)
        Bits of Saturdays and Sundays.
    """

    STATE = ("signs", "heard", "alike", "rest")

    def __init__(self, size: int) -> None:
        shift = np.arange(-SHIFT, SHIFT + 1)
        weight = np.exp(-0.5 * (1.5 * shift / SHIFT) ** 2)
        self._weight: Singles = (weight / weight.sum()).astype(np.float32)
        self.signs: Bits = np.zeros((size, SLOTS), np.uint32)
        self.heard: Bits = np.zeros((size, SLOTS), np.uint32)
        self.alike: Bits = np.zeros((size, len(shift)), np.uint32)
        self.rest: Bits = np.zeros(size, np.uint32)

    def surprise(self, slot: Ints, day: Ints) -> Singles:
        """What one more silent slot says, float32, shape (n,); ``go_on`` must be told of the slot afterwards."""
        past, weight = self._past(day)[:, None], self._weight
        all_signs, all_heard = self._around(self.signs, slot), self._around(self.heard, slot)
        signs, heard = all_signs[:, 1:], all_heard[:, 1:] & past
        silent_before = all_heard[:, :-1] & ~all_signs[:, :-1]
        kind = np.where(is_rest(day), self.rest, ~self.rest)[:, None]

        def days(bits: Bits) -> Singles:
            count = np.bitwise_count(bits) + np.float32(ALIKE - 1) * np.bitwise_count(bits & kind)
            told: Singles = count.astype(np.float32) @ weight
            return told

        alike, begun = self.alike & heard, silent_before & heard
        usual = (days(begun & signs) + _SIGNS) / (days(begun) + _SILENCES)
        chance = (days(alike & signs) + _PRIOR * usual) / (days(alike) + _PRIOR)
        told: Singles = -np.log(1 - np.minimum(chance, _MOST)).astype(np.float32)
        return told

    def go_on(self, slot: Ints, quiet: Bools) -> None:
        """These homes, bool of shape (n,), were silent in this slot: drop the days that were not."""
        stirred = (self._around(self.signs, slot) & self._around(self.heard, slot))[:, 1:]
        self.alike = np.where(quiet[:, None], self.alike & ~stirred, self.alike)

    def by_clock(self, slot: Ints, day: Ints) -> Bools:
        """Where a silence ends in this very slot on most days, bool, shape (n,): a timer does that, people hardly do.

        Of the days that were silent until then, at least ten, four in five must show a sign; and they must be three in
        ten of all.
        """
        home = np.arange(len(slot))
        known = self.heard[home, slot] & self.heard[home, slot - 1] & self._past(day)
        silent = known & ~self.signs[home, slot - 1]
        days, begun = np.bitwise_count(silent), np.bitwise_count(silent & self.signs[home, slot])
        often = (begun >= _MOSTLY * days) & (begun >= _OFTEN * np.bitwise_count(known))
        told: Bools = (days >= _LEAST_DAYS) & often
        return told

    def begin(self, home: Bools) -> None:
        """Silence begins in these homes: every day is alike."""
        self.alike[home] = _ALL

    def learn(self, slot: Ints, day: Ints, sign: Bools, known: Bools) -> None:
        """Write down whether there was a sign in a slot that is known; bool, shape (n,)."""
        home, bit = np.arange(len(slot)), day_bit(day)
        kept = self.signs[home, slot] & ~bit
        self.signs[home, slot] = np.where(sign & known, kept | bit, kept)
        kept = self.heard[home, slot] & ~bit
        self.heard[home, slot] = np.where(known, kept | bit, kept)

    def turn(self, home: Ints, day: Ints) -> None:
        """The day ``day`` begins in these homes: what is alike goes on with the next day of each past day."""
        self.alike[home] = ((self.alike[home] << _ONE) | (self.alike[home] >> np.uint32(DAYS - 1))) & _ALL
        bit = day_bit(day)
        self.rest[home] = np.where(is_rest(day), self.rest[home] | bit, self.rest[home] & ~bit)

    def days(self, home: int, slot: int, day: int) -> tuple[np.uint32, np.uint32]:
        """On which past days there was a sign from when the silence began to this slot, and which are known: bits."""
        past = _ALL & ~(_ONE << np.uint32(day % DAYS))
        known = self.heard[home, slot] & past
        return known & ~self.alike[home, SHIFT], known

    def shares(self, home: int) -> NDArray[np.float64]:
        """The learned day: the share of days with a sign in each half hour, float64, shape (48,); NaN: none known."""
        signs = np.bitwise_or.reduce(self.signs[home].reshape(-1, HALF_HOUR), axis=1)
        heard = np.bitwise_or.reduce(self.heard[home].reshape(-1, HALF_HOUR), axis=1)
        days = np.bitwise_count(heard).astype(np.float64)
        return np.where(days > 0, np.bitwise_count(signs & heard) / np.maximum(days, 1), np.nan)

    def day(self, home: int, day: int, slot: int) -> list[bool | None]:
        """Which half hours of a day, up to that of ``slot``, had a sign; None: not known."""
        bit = day_bit(np.array([day]))
        signs, heard = (self.signs[home] & bit > 0).reshape(-1, HALF_HOUR), (self.heard[home] & bit > 0)
        known = heard.reshape(-1, HALF_HOUR).any(axis=1)
        until = slot // HALF_HOUR
        return [bool(signs[half].any()) if known[half] else None for half in range(until + 1)]

    def _around(self, bits: Bits, slot: Ints) -> Bits:
        """The bits of a slot at each shift, after those of the slot before the first; uint32, shape (n, 20)."""
        around = np.arange(-SHIFT - 1, SHIFT + 1)
        if slot.size and (slot == slot[0]).all():  # one time zone
            told: Bits = bits.take((slot[0] + around) % SLOTS, axis=1)
        else:
            told = np.take_along_axis(bits, (slot[:, None] + around) % SLOTS, 1)
        return told

    def _past(self, day: Ints) -> Bits:
        return ~day_bit(day) & _ALL
