"""Which time a hand-over is about: the shift that ends now, as the site's rotas say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alarms.lifecycle.rota import Rota, Shift, together

_FAR = timedelta(hours=48)
_JUST_BEGUN = timedelta(hours=2)
_WITHOUT_ROTA = timedelta(hours=12)


class Span(StrEnum):
    """What a person wants to look back over."""

    SHIFT = "shift"  # the one that ends, or has just ended
    DAY = "day"  # 24 hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From ``since`` until now. ``leaving`` and ``coming`` are people (``user:…``); empty: nobody, or no rota."""

    since: datetime
    leaving: tuple[str, ...]
    coming: tuple[str, ...]
    changes_at: datetime | None


def period_of(rotas: Sequence[Rota], now: datetime, span: Span) -> Period:
    """The shift that is being handed over at ``now``.

    In the first two hours of a shift that is the one before: whoever has just come reads what was. Without a rota, and
    for a shift longer than two days, it is the last twelve hours.
    """
    period = _of_shifts(together(rotas, now - _FAR, now + _FAR) if rotas else [], now)
    return replace(period, since=now - timedelta(hours=24)) if span is Span.DAY else period


def _of_shifts(shifts: Sequence[Shift], now: datetime) -> Period:
    place = next((place for place, shift in enumerate(shifts) if shift.begins_at <= now < shift.ends_at), None)
    if place is None:
        return Period(since=now - _WITHOUT_ROTA, leaving=(), coming=(), changes_at=None)
    if place > 0 and now - shifts[place].begins_at < _JUST_BEGUN:
        place -= 1
    leaving = shifts[place]
    coming = shifts[place + 1] if place + 1 < len(shifts) else None
    return Period(
        since=leaving.begins_at if leaving.begins_at > now - _FAR else now - _WITHOUT_ROTA,
        leaving=leaving.people,
        coming=() if coming is None else coming.people,
        changes_at=None if coming is None else coming.begins_at,
    )
