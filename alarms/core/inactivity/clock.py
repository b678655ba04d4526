"""The day of a home in slots of five minutes by the local clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

SLOT_S = 300.0
SLOTS = 288
_EPOCH = 719_163
"""The ordinal of 1970-01-01, a Thursday."""


class Clock(Protocol):
    """Tells where the homes are in their days."""

    def slots(self, at_s: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Slot of the day, 0 to 287, and the day's number since 1970-01-01; both int64, shape (n,)."""


class LocalClock:
    """The clocks of n homes.

    Parameters
    ----------
    zones : sequence of str, length n
        Names such as Asia/Shanghai.
    """

    def __init__(self, zones: Sequence[str]) -> None:
        names = sorted(set(zones))
        place = {name: index for index, name in enumerate(names)}
        self._clocks = [ZoneInfo(name) for name in names]
        self._zone = np.array([place[name] for name in zones], np.int64)

    def slots(self, at_s: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Slot and day of every home."""
        shown = [datetime.fromtimestamp(at_s, clock) for clock in self._clocks]
        slot = np.array([(one.hour * 60 + one.minute) // 5 for one in shown], np.int64)
        day = np.array([one.toordinal() - _EPOCH for one in shown], np.int64)
        return slot[self._zone], day[self._zone]

    def shown(self, home: int, at_s: float) -> str:
        """What the clock shows there: 07:50."""
        return f"{datetime.fromtimestamp(at_s, self._clocks[self._zone[home]]):%H:%M}"


def is_rest(day: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which days are a Saturday or a Sunday."""
    rest: NDArray[np.bool_] = (day + 3) % 7 >= 5
    return rest
