"""One resident's card out of the registry, the live alarms, and what the database knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alarms.core.routine.note import Note
from alarms.lifecycle.alarm import Alarm
from console.auth.visitor import Visitor
from console.errors import DatabaseAwayError, ProblemError
from console.parts import Parts
from console.records import read_state, site_filter
from console.residents.rhythm import Rhythm, rhythm
from console.residents.routine import find_notes
from console.sensitivity import SENSITIVITY
from ingest.registry.homes import home_of
from ingest.registry.model import Contact, Device, Resident, Room, Site, Zone

_ALARMS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """``past``, ``day`` and ``notes`` are None while the database is away.

    ``sensitivity`` to falls is that of the worn devices, by their ids.
    """

    resident: Resident
    site: Site
    room: Room | None
    zone: Zone | None
    contacts: list[Contact]
    devices: list[Device]
    sensitivity: Mapping[str, str]
    open: list[Alarm]
    past: list[Alarm] | None
    day: Rhythm | None
    notes: list[Note] | None


async def card_of(parts: Parts, visitor: Visitor, resident_id: str) -> Card:
    """The card, as far as the visitor may see it.

    Raises
    ------
    ProblemError
        404: nobody of this id lives at a site of the visitor.
    """
    registry = parts.registry()
    resident = registry.resident.get(resident_id)
    site = registry.site.get(resident.site_id) if resident is not None else None
    if resident is None or site is None or not visitor.sees(site.site_id):
        raise ProblemError(404, "unknown_resident")
    room = registry.room.get(resident.room_id or "")
    devices = [
        device
        for device in registry.devices
        if device.resident_id == resident_id or (room is not None and device.room_id == room.room_id)
    ]
    past, day, notes = await _known(parts, visitor, resident, [device.number for device in devices])
    return Card(
        resident=resident,
        site=site,
        room=room,
        zone=registry.zone.get(room.zone_id or "") if room is not None else None,
        contacts=[one for one in registry.contacts_of(site.site_id, resident_id) if one.resident_id == resident_id],
        devices=devices,
        sensitivity={
            device.device_id: level for device in devices if (level := SENSITIVITY.of(parts.profiles, device, registry))
        },
        open=[alarm for alarm in parts.live.open_alarms() if resident_id in alarm.identity.people],
        past=past,
        day=day,
        notes=notes,
    )


async def _known(
    parts: Parts, visitor: Visitor, resident: Resident, numbers: list[int]
) -> tuple[list[Alarm] | None, Rhythm | None, list[Note] | None]:
    until = parts.clock.now()
    about = {
        "resident_id": resident.resident_id,
        "site_id": resident.site_id,
        "home": home_of(parts.registry(), resident),
        "site_ids": site_filter(visitor),
        "limit": _ALARMS,
    }
    try:
        states = await parts.database.fetch("resident_alarms", about)
        rows = await parts.database.fetch("resident_day", {"numbers": numbers, "until": until})
        notes = await find_notes(parts, resident.resident_id)
    except DatabaseAwayError:
        return None, None, None
    past = [alarm for alarm in (read_state(row["state"]) for row in states) if alarm is not None]
    return past, rhythm(rows, until), notes
