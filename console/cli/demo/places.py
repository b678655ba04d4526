"""The simulator's places as entries of the registry."""

from __future__ import annotations

from firmware_sim.place import Place
from ingest.registry import edit
from ingest.registry.model import Contact, Device, Resident, Room, Site, Zone
from ingest.store.connection import Connection


def write_site(connection: Connection, place: Place) -> None:
    """Add the place without its gateway and devices; a second time changes nothing."""
    edit.add_site(
        connection,
        Site(
            site_id=place.site_id,
            name=place.name,
            shard=place.shard,
            kind=str(place.kind),
            address=place.address,
            thresholds=place.thresholds,
        ),
    )
    for zone in place.zones:
        edit.add_zone(connection, Zone(zone_id=zone.zone_id, site_id=place.site_id, name=zone.name))
    for room in place.rooms:
        edit.add_room(
            connection,
            Room(
                room_id=room.room_id,
                site_id=place.site_id,
                name=room.name,
                zone_id=room.zone_id,
                use=room.use,
                thresholds=room.thresholds,
            ),
        )
    for resident in place.residents:
        edit.add_resident(
            connection,
            Resident(
                resident_id=resident.resident_id,
                site_id=place.site_id,
                name=resident.name,
                room_id=resident.room_id,
                birth_year=resident.birth_year,
                needs=resident.needs,
                medication=resident.medication,
                keys=resident.keys,
            ),
        )
    for contact in place.contacts:
        edit.add_contact(
            connection,
            Contact(
                contact_id=contact.contact_id,
                site_id=place.site_id,
                name=contact.name,
                resident_id=contact.resident_id,
                relation=contact.relation,
                phone=contact.phone,
                rank=contact.rank,
            ),
        )


def write_devices(connection: Connection, place: Place) -> None:
    """Add the place's devices behind its gateway; a second time changes nothing."""
    for device in place.devices:
        edit.add_device(
            connection,
            Device(
                device_id=device.device_id,
                number=0,
                site_id=place.site_id,
                gateway_id=place.gateway_id,
                kind=device.kind,
                profile=device.profile,
                name=device.name,
                native=device.native,
                room_id=device.room_id,
                resident_id=device.resident_id,
                thresholds=device.thresholds,
            ),
        )
