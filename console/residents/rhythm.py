"""A resident's last 24 hours as half hours: movement, the bed, doors; pure, for the strip on the card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

HALF_HOUR = timedelta(minutes=30)
HOURS = 24
_SLOTS = HOURS * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Half an hour from ``begins_at``; ``level`` is 0 to 3: how much moved, against the busiest half hour."""

    begins_at: datetime
    moved: int
    doors: int
    in_bed: bool
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Oldest first; ``last_at`` is the newest sign of life among the readings, None: nothing was heard."""

    slots: list[Slot]
    last_at: datetime | None


def rhythm(rows: Iterable[Mapping[str, Any]], until: datetime) -> Rhythm:  # Any: a column's value
    """``rows`` have ``ago`` (half hours before ``until``, 0: newest), ``moved``, ``doors``, ``in_bed``, ``last_at``.

    Rows outside of the day are left out; several of one half hour are added up.
    """
    moved, doors, in_bed = [0] * _SLOTS, [0] * _SLOTS, [False] * _SLOTS
    last_at: datetime | None = None
    for row in rows:
        if not 0 <= row["ago"] < _SLOTS:
            continue
        place = _SLOTS - 1 - row["ago"]
        moved[place] += row["moved"]
        doors[place] += row["doors"]
        in_bed[place] = in_bed[place] or bool(row["in_bed"])
        if row["last_at"] is not None and (last_at is None or row["last_at"] > last_at):
            last_at = row["last_at"]
    most = max(moved)
    slots = [
        Slot(
            begins_at=until - HALF_HOUR * (_SLOTS - place),
            moved=moved[place],
            doors=doors[place],
            in_bed=in_bed[place],
            level=_level(moved[place], most),
        )
        for place in range(_SLOTS)
    ]
    return Rhythm(slots=slots, last_at=last_at)


def _level(moved: int, most: int) -> int:
    return 0 if moved == 0 else 1 + min(2, 3 * moved // (most + 1))
