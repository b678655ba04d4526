"""Changes to the registry in PostgreSQL. Adding what is there already changes it to what is given now.

Each function is one transaction of its own, or a part of the caller's. Programs see the change within a second
(``RegistryFollower``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from ingest.registry.checks_home import (
    check_badge,
    check_contact,
    check_device,
    check_doorway,
    check_gateway,
    check_output,
    check_resident,
    check_room,
    check_site,
    check_user,
    check_zone,
)
from ingest.registry.errors import ConflictingEntryError, UnknownEntryError
from ingest.registry.model import Badge, Contact, Device, Doorway, Gateway, Output, Resident, Room, Site, User, Zone
from ingest.registry.writing import SQL, change, get, other_site, write
from ingest.store.connection import Connection
from ingest.wire.topics import CANARY

Thresholds = dict[str, dict[str, Any]]  # Any: rule -> parameter -> number or text


def get_site(connection: Connection, site_id: str) -> Site | None:
    return get(connection, "get_site", site_id, Site)


def get_gateway(connection: Connection, gateway_id: str) -> Gateway | None:
    return get(connection, "get_gateway", gateway_id, Gateway)


def get_device(connection: Connection, device_id: str) -> Device | None:
    return get(connection, "get_device", device_id, Device)


def get_user(connection: Connection, user_id: str) -> User | None:
    return get(connection, "get_user", user_id, User)


def add_site(connection: Connection, site: Site) -> None:
    """Add or change a site; its shard never changes. The canary's name is taken: no person sees its alarms."""
    if site.site_id == CANARY:
        said = f"site {CANARY} is the platform's own: choose another id"
        raise ConflictingEntryError(said, "reserved", "site_id")
    check_site(site)
    said = f"site {site.site_id} has another shard, and a shard never changes"
    fixed = ConflictingEntryError(said, "shard_fixed", "site_id", what="site", entry_id=site.site_id)
    write(connection, "add_site", site, fixed)


def add_zone(connection: Connection, zone: Zone) -> None:
    check_zone(zone)
    write(connection, "add_zone", zone, other_site("zone", zone.zone_id))


def add_room(connection: Connection, room: Room) -> None:
    check_room(room)
    write(connection, "add_room", room, other_site("room", room.room_id))


def add_badge(connection: Connection, badge: Badge) -> None:
    """Say whose a badge is, or what it is called."""
    check_badge(badge)
    write(connection, "add_badge", badge, other_site("badge", badge.badge_id))


def remove_badge(connection: Connection, badge_id: str) -> None:
    change(connection, "remove_badge", "badge", badge_id, {"badge_id": badge_id})


def add_output(connection: Connection, output: Output) -> None:
    """Add or change what a fire switches. What says that it has moved is behind its own gateway, which looks for it."""
    check_output(output)
    with connection.transaction():
        teller = get_device(connection, output.feedback_device_id) if output.feedback_device_id else None
        if teller is not None and teller.gateway_id != output.gateway_id:
            said = f"device {teller.device_id} is behind another gateway than the output"
            raise ConflictingEntryError(said, "feedback_elsewhere", "feedback_device_id")
        write(connection, "add_output", output, other_site("output", output.output_id))


def remove_output(connection: Connection, output_id: str) -> None:
    change(connection, "remove_output", "output", output_id, {"output_id": output_id})


def add_doorway(connection: Connection, doorway: Doorway) -> None:
    """Say that two rooms adjoin, named in either order."""
    check_doorway(doorway)
    one, other = sorted((doorway.room_id, doorway.other_room_id))
    ordered = msgspec.structs.replace(doorway, room_id=one, other_room_id=other)
    write(connection, "add_doorway", ordered, other_site("doorway", doorway.doorway_id))


def remove_doorway(connection: Connection, doorway_id: str) -> None:
    change(connection, "remove_doorway", "doorway", doorway_id, {"doorway_id": doorway_id})


def add_resident(connection: Connection, resident: Resident) -> None:
    check_resident(resident)
    write(connection, "add_resident", resident, other_site("resident", resident.resident_id))


def add_contact(connection: Connection, contact: Contact) -> None:
    check_contact(contact)
    write(connection, "add_contact", contact, other_site("contact", contact.contact_id))


def add_gateway(connection: Connection, gateway: Gateway) -> None:
    check_gateway(gateway)
    write(connection, "add_gateway", gateway, other_site("gateway", gateway.gateway_id))


def revoke_gateway(connection: Connection, gateway_id: str) -> None:
    change(connection, "revoke_gateway", "gateway", gateway_id, {"gateway_id": gateway_id})


def add_device(connection: Connection, device: Device) -> Device:
    """Add or change a device. Its number is given by the database, whatever ``device.number`` says, and stays."""
    check_device(device)
    row = write(connection, "add_device", device, other_site("device", device.device_id))
    return msgspec.structs.replace(device, number=int(row[0]))


def move_device(connection: Connection, device_id: str, room_id: str | None) -> None:
    """The device hangs in another room of its site now."""
    change(connection, "move_device", "device", device_id, {"device_id": device_id, "room_id": room_id})


def assign_device(connection: Connection, device_id: str, resident_id: str | None) -> None:
    """The device is worn by, or belongs to, this resident now; None: to nobody."""
    change(connection, "assign_device", "device", device_id, {"device_id": device_id, "resident_id": resident_id})


def swap_device(connection: Connection, old_device_id: str, new_device_id: str, native: str = "") -> Device:
    """Put a new device in the place of an old one, which is out of service from now on; its readings stay its own.

    ``native`` is the new device's name at its adapter; left out, the old one's name is taken over.
    """
    with connection.transaction():
        old = get_device(connection, old_device_id)
        if old is None:
            raise UnknownEntryError("device", old_device_id)
        if old_device_id == new_device_id:
            said = f"device {old_device_id} cannot be swapped for itself"
            raise ConflictingEntryError(said, "itself", "device_id")
        change(connection, "retire_device", "device", old_device_id, {"device_id": old_device_id})
        new = msgspec.structs.replace(
            old, device_id=new_device_id, number=0, native=native or old.native, out_of_service=False
        )
        return add_device(connection, new)


def set_out_of_service(connection: Connection, device_id: str, *, out_of_service: bool) -> None:
    given = {"device_id": device_id, "out_of_service": out_of_service}
    change(connection, "set_out_of_service", "device", device_id, given)


def set_resident_away(connection: Connection, resident_id: str, *, away: bool) -> None:
    given = {"resident_id": resident_id, "away": away}
    change(connection, "set_resident_away", "resident", resident_id, given)


def take_away_back(connection: Connection, resident_ids: Sequence[str], back_at: datetime) -> list[str]:
    """Signs of life at ``back_at`` end "away" that was said before; of whom they did."""
    given = {"resident_ids": list(resident_ids), "back_at": back_at}
    return [str(row[0]) for row in connection.execute(SQL["take_away_back"], given).fetchall()]


def set_site_thresholds(connection: Connection, site_id: str, thresholds: Thresholds) -> None:
    change(connection, "set_site_thresholds", "site", site_id, {"id": site_id, "thresholds": Jsonb(thresholds)})


def set_room_thresholds(connection: Connection, room_id: str, thresholds: Thresholds) -> None:
    change(connection, "set_room_thresholds", "room", room_id, {"id": room_id, "thresholds": Jsonb(thresholds)})


def set_device_thresholds(connection: Connection, device_id: str, thresholds: Thresholds) -> None:
    given = {"id": device_id, "thresholds": Jsonb(thresholds)}
    change(connection, "set_device_thresholds", "device", device_id, given)


def add_user(connection: Connection, user: User) -> None:
    """Add or change an account; an empty ``password_hash`` keeps the one that is stored."""
    check_user(user)
    write(connection, "add_user", user, ConflictingEntryError(f"user {user.user_id} cannot be added"))


def set_user_password(connection: Connection, user_id: str, password_hash: str) -> None:
    given = {"user_id": user_id, "password_hash": password_hash}
    change(connection, "set_user_password", "user", user_id, given)


def set_user_disabled(connection: Connection, user_id: str, *, disabled: bool) -> None:
    change(connection, "set_user_disabled", "user", user_id, {"user_id": user_id, "disabled": disabled})
