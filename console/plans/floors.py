"""Floors as the console shows them: every floor that has rooms, with its plan or a proposed one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from console.plans.grid import natural, proposal
from ingest.registry.model import Device, Registry, Room, Site
from ingest.registry.plan_model import FloorPlan, plan_id_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A floor of a site; ``name`` is empty for the rooms that belong to none."""

    site: Site
    zone_id: str | None
    name: str
    rooms: tuple[Room, ...]

    @property
    def floor_id(self) -> str:
        return plan_id_of(self.site.site_id, self.zone_id)


def floors_of(registry: Registry, sites: Iterable[Site]) -> list[Floor]:
    """The floors of these sites that have rooms, each site's by their names; the rooms without a floor come last."""
    rooms: defaultdict[tuple[str, str | None], list[Room]] = defaultdict(list)
    for room in registry.rooms:
        rooms[room.site_id, room.zone_id].append(room)
    zones: defaultdict[str, list[tuple[str | None, str]]] = defaultdict(list)
    for zone in sorted(registry.zones, key=lambda one: one.name):
        zones[zone.site_id].append((zone.zone_id, zone.name))
    return [
        _floor(site, zone_id, name, rooms[site.site_id, zone_id])
        for site in sorted(sites, key=lambda one: one.name)
        for zone_id, name in [*zones[site.site_id], (None, "")]
        if (site.site_id, zone_id) in rooms
    ]


def floor_of(registry: Registry, floor_id: str) -> Floor | None:
    """The floor of this id, with or without rooms."""
    zone = registry.zone.get(floor_id)
    site = registry.site.get(zone.site_id if zone is not None else floor_id.removeprefix("@"))
    if site is None or (zone is None and not floor_id.startswith("@")):
        return None
    zone_id, name = (zone.zone_id, zone.name) if zone is not None else (None, "")
    own = [one for one in registry.rooms if one.site_id == site.site_id and one.zone_id == zone_id]
    return _floor(site, zone_id, name, own)


def devices_on(registry: Registry, floor: Floor) -> list[Device]:
    """The devices in the rooms of a floor."""
    ids = {room.room_id for room in floor.rooms}
    return [device for device in registry.devices if device.room_id in ids]


def plan_of(registry: Registry, floor: Floor) -> tuple[FloorPlan, bool]:
    """What was saved, less what is no longer on this floor, or else a proposal; and whether it was saved."""
    devices = devices_on(registry, floor)
    saved = registry.plan.get(floor.floor_id)
    if saved is None:
        return proposal(floor.site.site_id, floor.zone_id, floor.rooms, devices), False
    rooms, own = {room.room_id for room in floor.rooms}, {device.device_id for device in devices}
    still = msgspec.structs.replace(
        saved,
        rooms=tuple(room for room in saved.rooms if room.room_id in rooms),
        devices=tuple(device for device in saved.devices if device.device_id in own),
    )
    return still, True


def _floor(site: Site, zone_id: str | None, name: str, rooms: Iterable[Room]) -> Floor:
    return Floor(site=site, zone_id=zone_id, name=name, rooms=tuple(sorted(rooms, key=natural)))
