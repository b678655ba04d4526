"""Local times of a place as moments, also in the nights in which its clocks are changed."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def first_shown(zone: ZoneInfo, wall: datetime) -> datetime:
    """The first moment (UTC) at which a clock in ``zone`` shows ``wall`` or a later time.

    ``wall`` is naive and in whole seconds. A time that exists twice is meant the first time; a time that does not exist
    is the moment at which the clocks jump over it. So a later ``wall`` never gives an earlier moment.
    """
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shown(zone, moment) == wall:
        return moment
    # the clocks jump over it: both readings of the missing time enclose the jump, which is at a whole second
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range(int((moment - before).total_seconds()) + 1)
    jump_s = bisect_left(seconds, True, key=lambda s: _shown(zone, before + timedelta(seconds=s)) >= wall)
    return before + timedelta(seconds=jump_s)


def _shown(zone: ZoneInfo, moment: datetime) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
