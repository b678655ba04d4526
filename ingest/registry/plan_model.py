"""Floor plans in the registry: where rooms and devices stand on a drawing, in fractions of its width and height."""

from __future__ import annotations

import msgspec

LEAST_SIDE = 0.005
"""A room narrower than this fraction can neither be seen nor touched."""


class PlanRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room as a rectangle; ``x`` and ``y`` are its upper left corner."""

    room_id: str
    x: float
    y: float
    width: float
    height: float


class PlanDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device as a point."""

    device_id: str
    x: float
    y: float


class FloorPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan of one floor; ``zone_id`` None is for the rooms of a site that belong to no floor.

    ``width`` and ``height`` are the drawing's own and give its shape. ``image`` is the SHA-256 of the picture below
    (its bytes are not part of the registry); None: a plain grid.
    """

    plan_id: str
    site_id: str
    zone_id: str | None = None
    width: int = 1600
    height: int = 1000
    rooms: tuple[PlanRoom, ...] = ()
    devices: tuple[PlanDevice, ...] = ()
    image: str | None = None
    media_type: str = ""


def plan_id_of(site_id: str, zone_id: str | None) -> str:
    """A floor's plan has the floor's id; the rooms without a floor have the site's, marked as no floor's can be."""
    return zone_id if zone_id is not None else f"@{site_id}"
