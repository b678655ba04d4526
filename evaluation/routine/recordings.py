"""Days of two real homes, as far as their recordings tell them."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from alarms.core.routine.facts import NAN, DayFacts
from evaluation.errors import EvaluationError

_BATHROOM = frozenset({"Toilet", "Basin", "Shower"})
_BED = "Bedroom"
_ELSEWHERE_S, _GONE_S, _QUIET_S = 300.0, 1200.0, 600.0
"""As the statement of the day's facts has it: five minutes with a sign elsewhere, twenty without, ten of quiet."""


def elder_hours(folder: Path) -> list[DayFacts]:
    """UCI 799: an elder alone, movement by the hour. Hours with movement stand for quarters of an hour."""
    hours: dict[date, dict[int, float]] = defaultdict(dict)
    for row in _rows(folder / "uci799_elder" / "uci799_hourly.csv.gz"):
        at = datetime.fromisoformat(row["timestamp"])
        hours[(at - timedelta(hours=6)).date()][at.hour] = float(row["movement"])
    found = []
    for day, moved in sorted(hours.items()):
        whole = len(moved) >= 23
        by_day = sum(moved.get(hour, 0) > 0 for hour in range(6, 23))
        by_night = sum(moved.get(hour, 0) > 0 for hour in (23, 0, 1, 2, 3, 4))
        found.append(_day(day, night_up=by_night, morning_h=by_day) if whole else DayFacts(day=day, sensors=(1,)))
    return found


def ordonez_home(folder: Path) -> list[DayFacts]:
    """UCI 271, home B: doors, seats, the bathroom and the bed for three weeks; the first and the last day are cut."""
    signs: dict[date, list[tuple[datetime, str, str]]] = defaultdict(list)
    for row in _rows(folder / "ordonez" / "ordonezB_sensors.csv.gz"):
        for moment in (row["start"], row["end"]):
            at = datetime.fromisoformat(moment)
            signs[(at - timedelta(hours=6)).date()].append((at, row["location"], row["place"]))
    return [_facts(day, sorted(own)) for day, own in sorted(signs.items())][1:-1]


def _facts(day: date, signs: list[tuple[datetime, str, str]]) -> DayFacts:
    by_day = by_night = up = 0
    up_at = bath_at = elsewhere_at = None
    quarters = set()
    for at, location, place in signs:
        night = at.hour >= 23 or at.hour < 5
        if place != _BED:
            up += night and (up_at is None or (at - up_at).total_seconds() > _QUIET_S)
            up_at = at
        if location in _BATHROOM:
            since_s = (at - bath_at).total_seconds() if bath_at is not None else float("inf")
            came = bath_at is not None and elsewhere_at is not None and elsewhere_at > bath_at
            if since_s > _GONE_S or (came and since_s > _ELSEWHERE_S):
                by_night, by_day = by_night + night, by_day + (not night)
            bath_at = at
        else:
            elsewhere_at = at
        if 6 <= at.hour < 23:
            quarters.add(at.timestamp() // 900)
    return _day(day, night_up=up, morning_h=len(quarters) / 4, visits_day=by_day, visits_night=by_night)


def _day(
    day: date, *, night_up: float, morning_h: float, visits_day: float = NAN, visits_night: float = NAN
) -> DayFacts:
    return DayFacts(
        day=day, sensors=(1,), night_up=float(night_up), morning_h=float(morning_h), afternoon_h=0.0, evening_h=0.0,
        visits_day=visits_day, visits_night=visits_night,
    )  # fmt: skip


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
