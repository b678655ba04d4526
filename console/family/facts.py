"""Collects what there is to know about one resident, shared or not: from memory, and from the history if it answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from alarms.core.routine.note import Note
from alarms.engine.family_view import KEPT, Facts
from alarms.lifecycle.alarm import Alarm
from console.errors import DatabaseAwayError
from console.parts import Parts
from console.records import read_state
from console.residents.routine import find_notes
from ingest.registry.homes import home_of
from ingest.registry.model import Device, Registry, Resident

_ACTIVE_WITHIN = timedelta(hours=24)


async def find_facts(parts: Parts, resident: Resident, now: datetime) -> tuple[Facts, bool]:
    """The facts, and whether the history answered; what is open is known without it."""
    live, since = parts.live, now - KEPT
    known = {alarm_id: alarm for alarm_id, alarm in live.closed.items() if not alarm.is_open}
    told: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
    active_at, is_whole, notes = None, True, list[Note]()
    try:
        home = home_of(parts.registry(), resident)
        wanted = {"resident_id": resident.resident_id, "site_id": resident.site_id, "home": home, "since": since}
        for row in await parts.database.fetch("resident_week", wanted):
            stored = read_state(row["state"])
            if stored is not None and not stored.is_open:
                known.setdefault(stored.alarm_id, stored)
        for row in await parts.database.fetch("resident_told", wanted):
            told[row["alarm_id"]].append((row["target"], row["at"]))
        numbers = [device.number for device in devices_of(parts.registry(), resident)]
        values = {"numbers": numbers, "since": now - _ACTIVE_WITHIN}
        notes = await find_notes(parts, resident.resident_id, KEPT)
        active_at = (await parts.database.fetch("last_activity", values))[0]["at"]
    except DatabaseAwayError:
        is_whole = False
    alarms: list[Alarm] = [*(known | live.alarms).values()]
    check_ins = parts.registry().check_ins
    return Facts(alarms=alarms, told=told, check_ins=check_ins, active_at=active_at, notes=notes), is_whole


def devices_of(registry: Registry, resident: Resident) -> list[Device]:
    """The devices that see this resident and nobody else: worn, in a room or in a home of their own."""
    others = [one for one in registry.residents if one.site_id == resident.site_id and one != resident]
    alone_in_home = not others
    alone_in_room = resident.room_id is not None and all(one.room_id != resident.room_id for one in others)

    def sees(device: Device) -> bool:
        if device.resident_id is not None or device.site_id != resident.site_id:
            return device.resident_id == resident.resident_id
        return alone_in_home or (alone_in_room and device.room_id == resident.room_id)

    return [device for device in registry.devices if sees(device)]
