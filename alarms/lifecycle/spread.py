"""The way of a fire through a site: in which rooms its alarms began, in which order and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from alarms.lifecycle.alarm import Alarm

WAY = "way"
"""In the evidence of a fire's member the rooms until it began: ``[{"room_id", "room", "at_s", "clock"}]``, ``clock``
as the site's clocks showed."""

MOST = 30
"""Rooms that a way names: what comes later is no news about where it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A room in which a fire's first alarm began at ``at``."""

    room_id: str
    room: str
    at: datetime


def way(members: Iterable[Alarm]) -> tuple[Reached, ...]:
    """The rooms of members of one fire in the order in which it reached them, also those that members tell of.

    A pre-alarm that was taken back is no room of a fire.
    """
    told = [one for member in members for one in (*known(member.evidence), *_own(member))]
    first: dict[str, Reached] = {}
    for one in sorted(told, key=lambda one: (one.at, one.room_id)):
        first.setdefault(one.room_id, one)
    return tuple(first.values())[:MOST]


def known(evidence: Mapping[str, Any]) -> Iterable[Reached]:  # Any: JSON
    """The way that an evidence holds; what cannot be read is left out."""
    listed = evidence.get(WAY)
    for one in listed if isinstance(listed, list) else ():
        match one:
            case {"room_id": str(room_id), "room": str(room), "at_s": float() | int() as at_s} if 0 <= at_s < 2**35:
                yield Reached(room_id=room_id, room=room, at=datetime.fromtimestamp(at_s, UTC))


def evidence(way: Sequence[Reached], zone: tzinfo) -> dict[str, Any]:  # Any: a JSON object
    """The way as evidence; a fire of one room has none."""
    listed = [{"room_id": one.room_id, "room": one.room, **_when(one, zone)} for one in way]
    return {WAY: listed} if len(listed) > 1 else {}


def told(evidence: Mapping[str, Any]) -> str:  # Any: JSON
    """The way in one line, the same in every language: 卧室 19:02 → 走廊 19:04; empty: it has not spread."""
    listed = evidence.get(WAY)
    rooms = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return " → ".join(f"{one.get('room', '')} {one.get('clock', '')}".strip() for one in rooms)


def _when(one: Reached, zone: tzinfo) -> dict[str, Any]:  # Any: JSON
    return {"at_s": one.at.timestamp(), "clock": f"{one.at.astimezone(zone):%H:%M}"}


def _own(member: Alarm) -> Iterable[Reached]:
    who = member.identity
    if who.room_id is not None and (member.is_open or not member.is_pre_alarm):
        yield Reached(room_id=who.room_id, room=who.room_name, at=member.raised_at)
