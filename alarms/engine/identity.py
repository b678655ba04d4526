"""Who and where: the registry's answer at the moment of onset, kept with the alarm for ever."""

from __future__ import annotations

from dataclasses import replace

from alarms.lifecycle.alarm import BETWEEN_NAMES, ContactAtOnset, Flag, Identity
from ingest.registry.homes import people_of
from ingest.registry.model import Contact, Device, Registry, Resident
from ingest.wire.topics import CANARY

UNASSIGNED = "unassigned"
"""The site of a gateway that is in no registry."""

DETECT = "detect"
"""The account of the platform's own detectors: it may speak about any device, room or gateway."""

PLACES = ("room", "resident", "gateway", "site")
"""What a record may be about beside a device: ``room:…`` and so on."""

PLATFORM = "platform"
"""The site of what concerns the platform itself."""


def identify(registry: Registry, gateway_id: str, device_id: str | None) -> tuple[Identity, tuple[Flag, ...]]:
    """The identity behind a record of ``gateway_id``, and UNREGISTERED where the registry does not know it.

    Who speaks is the account: a device of another gateway's site is as good as unknown. ``device_id`` may also be
    ``room:…``, ``resident:…``, ``gateway:…`` or ``site:…``; None is the gateway itself.
    """
    if gateway_id == CANARY:
        return _canary(device_id)
    kind, _, name = (device_id or "").partition(":")
    if kind == "gateway" and gateway_id == DETECT:
        gateway_id = name
    gateway = registry.gateway.get(gateway_id)
    site_id = gateway.site_id if gateway is not None else UNASSIGNED
    room_id: str | None = None
    resident: Resident | None = None
    device: Device | None = None
    if kind == "room" and name in registry.room:
        room_id = name
        if gateway_id == DETECT:
            site_id = registry.room[name].site_id
    elif kind == "site" and gateway_id == DETECT and name in registry.site:
        site_id = name
    elif kind == "resident" and gateway_id == DETECT and name in registry.resident:
        resident = registry.resident[name]
        site_id, room_id = resident.site_id, resident.room_id
    elif device_id is not None:
        device = registry.device.get(device_id)
        if device is not None and gateway_id == DETECT:
            site_id, gateway_id = device.site_id, device.gateway_id
        elif device is not None and device.site_id != site_id:
            device = None
    known = site_id != UNASSIGNED and (device is not None or kind in PLACES or device_id is None)
    flags = () if known else (Flag.UNREGISTERED,)
    return _identity(registry, site_id, gateway_id, device_id, device, room_id, resident), flags


def of_home(registry: Registry, identity: Identity, subject: str) -> Identity:
    """Whose silence it is where several live behind one door: all of them, with the contacts of each."""
    people = people_of(registry, subject)
    if identity.resident_id is not None or not people:
        return identity
    own = (contact for one in people for contact in registry.contacts_about.get(one.resident_id, ()))
    return replace(
        identity,
        resident_ids=tuple(one.resident_id for one in people),
        resident_name=BETWEEN_NAMES.join(one.name for one in people),
        resident_needs="\n".join(f"{one.name}: {one.needs}" for one in people if one.needs),
        resident_away=all(one.away for one in people),
        contacts=(*map(_at_onset, sorted(own, key=lambda one: one.rank)), *identity.contacts),
    )


def _canary(device_id: str | None) -> tuple[Identity, tuple[Flag, ...]]:
    """The canary's home is in no registry: it is there without a database, and no list of homes or devices shows it.

    Its account may say of the platform itself that the path is broken; all else that it says is the canary's.
    """
    if device_id == f"site:{PLATFORM}":
        return Identity(site_id=PLATFORM, site_name="Anxin", gateway_id=CANARY), ()
    return Identity(site_id=CANARY, site_name="Canary", gateway_id=CANARY, device_id=device_id or ""), (Flag.CANARY,)


def _identity(
    registry: Registry,
    site_id: str,
    gateway_id: str,
    device_id: str | None,
    device: Device | None,
    room_id: str | None,
    resident: Resident | None,
) -> Identity:
    if device is not None:
        resident = registry.resident.get(device.resident_id or "")
        room_id = device.room_id or (resident.room_id if resident is not None else None)
        if resident is None:
            in_room = [r for r in registry.residents if r.room_id is not None and r.room_id == device.room_id]
            resident = in_room[0] if len(in_room) == 1 else None
    room = registry.room.get(room_id or "")
    zone = registry.zone.get(room.zone_id or "") if room is not None else None
    site = registry.site.get(site_id)
    return Identity(
        site_id=site_id,
        site_name=site.name if site is not None else "",
        zone_name=zone.name if zone is not None else "",
        room_id=room.room_id if room is not None else None,
        room_name=room.name if room is not None else "",
        resident_id=resident.resident_id if resident is not None else None,
        resident_name=resident.name if resident is not None else "",
        resident_needs=resident.needs if resident is not None else "",
        resident_away=resident is not None and resident.away,
        gateway_id=gateway_id,
        device_id=device_id or "",
        device_name=device.name if device is not None else "",
        contacts=tuple(
            _at_onset(c) for c in registry.contacts_of(site_id, resident.resident_id if resident is not None else None)
        ),
    )


def _at_onset(contact: Contact) -> ContactAtOnset:
    return ContactAtOnset(
        name=contact.name,
        contact_id=contact.contact_id,
        relation=contact.relation,
        phone=contact.phone,
        webhook=contact.webhook,
    )
