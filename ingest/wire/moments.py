"""Which times of a device are believed (docs/storage.md)."""

from __future__ import annotations

from ingest.wire.senml import ABSOLUTE_S

AHEAD_S = 300.0
"""A clock may lead by this much."""

BEHIND_S = 90 * 86_400.0
"""A spool may hold readings for this long."""

ABSURD_S = 2.0**40
"""A time from here on is no time: as with one that is not absolute, the received time is used."""


def has_clock(at_s: float) -> bool:
    """Whether a device's time is an absolute time at all."""
    return ABSOLUTE_S <= at_s < ABSURD_S


def why_impossible(at_s: float, received_s: float) -> str | None:
    """The reason why an absolute time is refused, or None."""
    if at_s > received_s + AHEAD_S:
        return "future_time"
    if at_s < received_s - BEHIND_S:
        return "too_old"
    return None
