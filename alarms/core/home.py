"""A home as the core needs it: whose it is, whether they are there, and when it is night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

DAY_S = 86_400.0
_QUARTER_S = 900
"""Clocks are changed at whole quarters of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The home that a device watches.

    ``resident_id`` is whoever moves there alone; None: nobody does, or several. ``away``: all whom it concerns are,
    ``away_at_s`` is when that was said of the last of them, inf where nobody knows.
    ``home_id`` names what is behind one entrance door, a flat or somebody's room; None: nobody lives there.
    ``subject`` is whom its silence is about, as an alarm names it: ``resident:…`` alone, else the home's ``site:…`` or
    ``room:…``. ``well_at_s`` is when somebody last said that all is well there.
    """

    resident_id: str | None = None
    away: bool = False
    away_at_s: float = np.inf
    home_id: str | None = None
    subject: str | None = None
    well_at_s: float = -np.inf
    timezone: str = "Asia/Shanghai"


class Nights:
    """Which moments are night by the local clock, one row per slot.

    Parameters
    ----------
    zones : sequence of str, length n
        Names such as Asia/Shanghai.
    from_h, to_h : float64, shape (n,)
        Hours of the local day, 0 to 24; an end that is not later is the next day's.
    """

    def __init__(self, zones: Sequence[str], from_h: NDArray[np.float64], to_h: NDArray[np.float64]) -> None:
        names = sorted(set(zones))
        place = {name: index for index, name in enumerate(names)}
        self._clocks = [ZoneInfo(name) for name in names]
        self._zone = np.array([place[name] for name in zones], np.int64)
        self._from_s = from_h * 3600
        self._length_s = np.where(to_h > from_h, to_h - from_h, to_h - from_h + 24) * 3600

    def left_s(self, row: NDArray[np.int64], at_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds until the night ends, float64, shape (k,); negative by day."""
        into_s = (self._local_s(row, at_s) - self._from_s[row]) % DAY_S
        left_s: NDArray[np.float64] = self._length_s[row] - into_s
        return left_s

    def shown(self, row: int, at_s: float) -> str:
        """What the clock shows there: 02:10."""
        moment = datetime.fromtimestamp(at_s, UTC)
        return f"{moment.astimezone(self._clocks[self._zone[row]]):%H:%M}"

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._zone.nbytes + self._from_s.nbytes + self._length_s.nbytes

    def _local_s(self, row: NDArray[np.int64], at_s: NDArray[np.float64]) -> NDArray[np.float64]:
        quarter = np.floor(at_s / _QUARTER_S).astype(np.int64)
        asked, which = np.unique(quarter * len(self._clocks) + self._zone[row], return_inverse=True)
        ahead_s = [self._ahead_s(*divmod(one, len(self._clocks))) for one in asked.tolist()]
        return at_s + np.array(ahead_s, np.float64)[which]

    def _ahead_s(self, quarter: int, zone: int) -> float:
        ahead = datetime.fromtimestamp(quarter * _QUARTER_S, self._clocks[zone]).utcoffset()
        assert ahead is not None  # a moment of a zone has one
        return ahead.total_seconds()
