"""Takes entries out of the registry: only what nothing belongs to any more, and what nobody counts on."""

from __future__ import annotations

from ingest.registry.edit import get_gateway
from ingest.registry.errors import ConflictingEntryError
from ingest.registry.writing import SQL, remove, require_unnamed
from ingest.store.connection import Connection


def remove_site(connection: Connection, site_id: str) -> None:
    remove(connection, "site", site_id)


def remove_zone(connection: Connection, zone_id: str) -> None:
    remove(connection, "zone", zone_id)


def remove_room(connection: Connection, room_id: str) -> None:
    remove(connection, "room", room_id)


def remove_resident(connection: Connection, resident_id: str) -> None:
    remove(connection, "resident", resident_id)


def remove_contact(connection: Connection, contact_id: str) -> None:
    """Remove a contact that no rota and no policy names; the channels go with it, and what it was let see."""
    person = f"contact:{contact_id}"
    with connection.transaction():
        require_unnamed(connection, "contact", contact_id, "rota", "rotas_naming", {"person": person})
        require_unnamed(connection, "contact", contact_id, "policy", "policies_naming", {"word": person})
        connection.execute(SQL["remove_reaches_of"], {"person": person})
        connection.execute(SQL["withdraw_consents"], {"contact_id": contact_id, "by": f"{person} removed"})
        remove(connection, "contact", contact_id)


def remove_gateway(connection: Connection, gateway_id: str) -> None:
    """Remove a gateway that is revoked: one that may still speak would be heard as a stranger."""
    with connection.transaction():
        known = get_gateway(connection, gateway_id)
        if known is not None and not known.revoked:
            raise ConflictingEntryError(f"gateway {gateway_id} may still speak: revoke it first", "not_revoked")
        remove(connection, "gateway", gateway_id)


def remove_device(connection: Connection, device_id: str) -> None:
    """Remove a device that was never heard, such as a mistyped one; its readings would be nobody's."""
    with connection.transaction():
        if connection.execute(SQL["has_readings"], {"device_id": device_id}).fetchone() == (True,):
            said = f"device {device_id} has readings: put it out of service instead"
            raise ConflictingEntryError(said, "has_readings")
        remove(connection, "device", device_id)
