"""One person's electricity, minute by minute: a refrigerator and standby by themselves, and what somebody switches."""

from __future__ import annotations

import copy
from datetime import datetime

import numpy as np

_KETTLE_W, _LIGHT_W, _TV_W, _COOKER_W = 2_000.0, 60.0, 110.0, 1_200.0


class Life:
    """Up at about 7, kettle, cooker, television, lights; to bed at about 22; every minute out of a seed."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._minute = 0
        self._left = {"kettle": 0, "cooker": 0, "tv": 0, "light": 0}

    def watts(self, at: datetime, *, alone: bool) -> float:
        """The meter's mean of this minute; ``alone``: nobody switches anything."""
        self._minute += 1
        draws = self._random.random(5)
        hour = at.hour + at.minute / 60
        if alone:
            self._left = dict.fromkeys(self._left, 0)
        elif 7 <= hour < 22:
            self._switch(hour, draws)
        house = 40.0 + (95.0 if self._minute % 55 < 18 else 0.0) + 2.0 * draws[4]
        used = {"kettle": _KETTLE_W, "cooker": _COOKER_W, "tv": _TV_W, "light": _LIGHT_W}
        people = sum(watts for name, watts in used.items() if self._left[name] > 0)
        self._left = {name: max(0, left - 1) for name, left in self._left.items()}
        return float(house + people)

    def skip(self, minutes: int) -> None:
        """Be where the life is after so many minutes, nothing being on."""
        self._minute += minutes

    def copy(self) -> Life:
        return copy.deepcopy(self)

    def _switch(self, hour: float, draws: np.ndarray) -> None:
        for name, chance, lasts in (
            ("kettle", 1 / 90 if hour > 7.3 else 1 / 20, 4),
            ("cooker", 1 / 40 if 11 <= hour < 13 or 17 <= hour < 19 else 1 / 2_000, 25),
            ("tv", 1 / 60 if hour > 13 else 1 / 200, 70),
            ("light", 1 / 15 if hour < 8 or hour > 17 else 1 / 300, 40),
        ):
            place = ("kettle", "cooker", "tv", "light").index(name)
            if draws[place] < chance and not self._left[name]:
                self._left[name] = lasts
