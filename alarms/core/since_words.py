"""Since when, in words: the time of day, with the day where it is not today."""

from __future__ import annotations

from datetime import datetime, timedelta


def since_words(since: datetime, now: datetime) -> tuple[str, str]:
    """In Chinese and in English; both moments are of one place's wall clock."""
    at = f"{since:%H:%M}"
    match now.date() - since.date():
        case timedelta(days=0):
            return at, at
        case timedelta(days=1):
            return f"昨天{at}", f"yesterday {at}"
        case _:
            return f"{since.month}月{since.day}日{at}", f"{since:%Y-%m-%d} {at}"
