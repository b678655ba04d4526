"""A home's usual day, and today, out of the evidence: pure geometry for the inline SVG of ``templates/day.html``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alarms.lifecycle.inactivity import silent_since
from console.pages.chart import number_of

WIDTH, HEIGHT = 460.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 34.0, 26.0
MARKS_Y = 18.0
_SLOTS, _HOURS = 48, 24.0
_FOOT = HEIGHT - BOTTOM
_SLOT = (WIDTH - LEFT - RIGHT) / _SLOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfHour:
    """Half an hour of the day from ``at``, as a clock shows it.

    ``percent`` of the days had a sign of life in it, None: not known; ``today`` has, None: not known or not yet.
    """

    at: str
    x: float
    percent: int | None
    height: float
    today: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualDay:
    """The day ready to draw. The silence goes from ``quiet_x`` to ``now_x``; a line at ``now_x``, None: not known."""

    halves: tuple[HalfHour, ...]
    now_x: float | None
    quiet_x: float | None
    since: datetime | None

    @property
    def bar(self) -> float:
        """The width of a bar."""
        return _SLOT - 2


def usual_day(evidence: Mapping[str, Any]) -> UsualDay | None:  # Any: a JSON object
    """The day that the evidence tells; None where there is nothing to draw. What cannot be read is left out."""
    day = evidence.get("day")
    if not isinstance(day, dict):
        return None
    usual, today = _list(day.get("usual")), _list(day.get("today"))
    halves = tuple(_half(place, _at(usual, place), _at(today, place)) for place in range(_SLOTS))
    if all(half.percent is None and half.today is None for half in halves):
        return None
    now_h, since_h = number_of(day.get("now_h")), number_of(day.get("since_h"))
    now_x = _x(now_h) if now_h is not None and 0 <= now_h <= _HOURS else None
    quiet_x = _x(max(since_h, 0)) if now_x is not None and since_h is not None and since_h <= (now_h or 0) else None
    return UsualDay(halves=halves, now_x=now_x, quiet_x=quiet_x, since=silent_since(evidence))


def _half(place: int, usual: object, today: object) -> HalfHour:
    share = None if isinstance(usual, bool) else number_of(usual)
    known = share if share is not None and 0 <= share <= 1 else None
    return HalfHour(
        at=f"{place // 2:02}:{place % 2 * 30:02}",
        x=_x(place / 2),
        percent=None if known is None else round(100 * known),
        height=0.0 if known is None else known * (_FOOT - TOP),
        today=today if isinstance(today, bool) else None,
    )


def _x(hour: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * hour / _HOURS


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _at(values: list[object], place: int) -> object:
    return values[place] if place < len(values) else None
