"""The slow twin of ``day_facts``: the readings of a day, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Reading = tuple[datetime, str, str, float]
"""When, device, signal, value."""

MINUTE = timedelta(minutes=1)


def naive_day(readings: Sequence[Reading], day: date, zone: ZoneInfo, bath: str) -> dict[str, float]:
    """Facts of movement in a flat that is heard all day; ``bath`` is the bathroom's device."""

    def at(days: int, hour: int) -> datetime:
        return datetime.combine(day + timedelta(days=days), time(hour), zone)

    night_up = visits_day = visits_night = 0
    quarters: dict[str, set[float]] = {"morning": set(), "afternoon": set(), "evening": set()}
    last: dict[tuple[str, str], float] = {}
    up_at = bath_at = elsewhere_at = None
    for moment, device, signal, value in sorted(readings):
        was = last.get((device, signal))
        last[device, signal] = value
        moved = value > 0 if signal in ("motion", "occupied") else was is not None and was != value
        if not moved or not at(0, 6) <= moment < at(1, 6):
            continue
        by_night = at(0, 23) <= moment < at(1, 5)
        if device != "pir-bedroom":
            if by_night and (up_at is None or moment - up_at > 10 * MINUTE):
                night_up += 1
            up_at = moment
        if device == bath:
            away = bath_at is None or moment - bath_at > 20 * MINUTE
            came = bath_at is not None and elsewhere_at is not None and elsewhere_at > bath_at
            if away or (bath_at is not None and came and moment - bath_at > 5 * MINUTE):
                visits_night += by_night
                visits_day += not by_night
            bath_at = moment
        else:
            elsewhere_at = moment
        quarter = moment.timestamp() // 900
        part = "morning" if moment < at(0, 12) else "afternoon" if moment < at(0, 18) else "evening"
        if quarter * 900 < at(0, 23).timestamp():
            quarters[part].add(quarter)
    hours = {f"{part}_h": len(found) / 4 for part, found in quarters.items()}
    return {"night_up": night_up, "visits_day": visits_day, "visits_night": visits_night, **hours}
