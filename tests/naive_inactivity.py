"""A slow twin of a home's rhythm: sets of days, one home, one slot at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

SLOTS, DAYS, SHIFT = 288, 28, 9


def is_rest(day: int) -> bool:
    return (day + 3) % 7 >= 5


@dataclass
class NaiveRhythm:
    """Which days, by number modulo 28, had a sign in each slot and are known there."""

    signs: dict[int, set[int]] = field(default_factory=dict)
    heard: dict[int, set[int]] = field(default_factory=dict)
    rest: set[int] = field(default_factory=set)
    alike: dict[int, set[int]] = field(default_factory=dict)

    def surprise(self, slot: int, day: int) -> float:
        past = set(range(DAYS)) - {day % DAYS}
        alike_here = alike_signs = begun_here = begun_signs = 0.0
        weights = {shift: math.exp(-0.5 * (1.5 * shift / SHIFT) ** 2) for shift in range(-SHIFT, SHIFT + 1)}
        for shift, weight in weights.items():
            here, before = (slot + shift) % SLOTS, (slot + shift - 1) % SLOTS
            heard = self.heard.get(here, set()) & past
            begun = (self.heard.get(before, set()) - self.signs.get(before, set())) & heard
            alike = self.alike.get(shift, set()) & heard
            signs = self.signs.get(here, set())
            part = weight / sum(weights.values())
            alike_here += part * self._count(alike, day)
            alike_signs += part * self._count(alike & signs, day)
            begun_here += part * self._count(begun, day)
            begun_signs += part * self._count(begun & signs, day)
        usual = (begun_signs + 0.02) / (begun_here + 0.5)
        chance = (alike_signs + 4 * usual) / (alike_here + 4)
        return -math.log(1 - min(chance, 0.98))

    def go_on(self, slot: int) -> None:
        for shift in range(-SHIFT, SHIFT + 1):
            here = (slot + shift) % SLOTS
            gone = self.signs.get(here, set()) & self.heard.get(here, set())
            self.alike[shift] = self.alike.get(shift, set()) - gone

    def begin(self) -> None:
        self.alike = {shift: set(range(DAYS)) for shift in range(-SHIFT, SHIFT + 1)}

    def learn(self, slot: int, day: int, *, sign: bool, known: bool) -> None:
        for of, told in ((self.signs, sign and known), (self.heard, known)):
            of.setdefault(slot, set()).discard(day % DAYS)
            if told:
                of[slot].add(day % DAYS)

    def turn(self, day: int) -> None:
        self.alike = {shift: {(one + 1) % DAYS for one in days} for shift, days in self.alike.items()}
        (self.rest.add if is_rest(day) else self.rest.discard)(day % DAYS)

    def _count(self, days: set[int], day: int) -> float:
        return sum(2.0 if (one in self.rest) == is_rest(day) else 1.0 for one in days)
