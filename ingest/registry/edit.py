"""Changes to the registry in PostgreSQL. Adding what is there already changes it to what is given now.

Each function is one transaction of its own, or a part of the caller's. Programs see the change within a second
(``RegistryFollower``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, LiteralString, TypeVar

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from ingest.registry.errors import ConflictingEntryError, UnknownEntryError
from ingest.registry.model import Contact, Device, Gateway, Resident, Room, Site, User, Zone
from ingest.store.connection import Connection
from ingest.store.queries import load

_SQL = load(Path(__file__).parent / "queries.sql")
_WHAT_IS_UNKNOWN = {  # the foreign keys of 0001_registry.sql: what they point to, and through which field
    "zone_site_fk": "site_id",
    "room_site_fk": "site_id",
    "resident_site_fk": "site_id",
    "contact_site_fk": "site_id",
    "gateway_site_fk": "site_id",
    "device_site_fk": "site_id",
    "room_zone_fk": "zone_id",
    "resident_room_fk": "room_id",
    "contact_resident_fk": "resident_id",
    "device_gateway_fk": "gateway_id",
    "device_room_fk": "room_id",
    "device_resident_fk": "resident_id",
}
T = TypeVar("T")
Thresholds = dict[str, dict[str, Any]]  # Any: rule -> parameter -> number or text


def get_site(connection: Connection, site_id: str) -> Site | None:
    return _get(connection, "get_site", site_id, Site)


def get_gateway(connection: Connection, gateway_id: str) -> Gateway | None:
    return _get(connection, "get_gateway", gateway_id, Gateway)


def get_device(connection: Connection, device_id: str) -> Device | None:
    return _get(connection, "get_device", device_id, Device)


def get_user(connection: Connection, user_id: str) -> User | None:
    return _get(connection, "get_user", user_id, User)


def add_site(connection: Connection, site: Site) -> None:
    """Add or change a site; its shard never changes."""
    _write(connection, "add_site", site, f"site {site.site_id} has another shard, and a shard never changes")


def add_zone(connection: Connection, zone: Zone) -> None:
    _write(connection, "add_zone", zone, f"zone {zone.zone_id} belongs to another site")


def add_room(connection: Connection, room: Room) -> None:
    _write(connection, "add_room", room, f"room {room.room_id} belongs to another site")


def add_resident(connection: Connection, resident: Resident) -> None:
    _write(connection, "add_resident", resident, f"resident {resident.resident_id} belongs to another site")


def add_contact(connection: Connection, contact: Contact) -> None:
    _write(connection, "add_contact", contact, f"contact {contact.contact_id} belongs to another site")


def add_gateway(connection: Connection, gateway: Gateway) -> None:
    _write(connection, "add_gateway", gateway, f"gateway {gateway.gateway_id} belongs to another site")


def revoke_gateway(connection: Connection, gateway_id: str) -> None:
    _change(connection, "revoke_gateway", "gateway", gateway_id, {"gateway_id": gateway_id})


def add_device(connection: Connection, device: Device) -> Device:
    """Add or change a device. Its number is given by the database, whatever ``device.number`` says, and stays."""
    row = _write(connection, "add_device", device, f"device {device.device_id} belongs to another site")
    return msgspec.structs.replace(device, number=int(row[0]))


def move_device(connection: Connection, device_id: str, room_id: str | None) -> None:
    """The device hangs in another room of its site now."""
    _change(connection, "move_device", "device", device_id, {"device_id": device_id, "room_id": room_id})


def assign_device(connection: Connection, device_id: str, resident_id: str | None) -> None:
    """The device is worn by, or belongs to, this resident now; None: to nobody."""
    _change(connection, "assign_device", "device", device_id, {"device_id": device_id, "resident_id": resident_id})


def swap_device(connection: Connection, old_device_id: str, new_device_id: str, native: str = "") -> Device:
    """Put a new device in the place of an old one, which is out of service from now on; its readings stay its own.

    ``native`` is the new device's name at its adapter; left out, the old one's name is taken over.
    """
    with connection.transaction():
        old = get_device(connection, old_device_id)
        if old is None:
            raise UnknownEntryError("device", old_device_id)
        if old_device_id == new_device_id:
            raise ConflictingEntryError(f"device {old_device_id} cannot be swapped for itself")
        _change(connection, "retire_device", "device", old_device_id, {"device_id": old_device_id})
        new = msgspec.structs.replace(
            old, device_id=new_device_id, number=0, native=native or old.native, out_of_service=False
        )
        return add_device(connection, new)


def set_out_of_service(connection: Connection, device_id: str, *, out_of_service: bool) -> None:
    given = {"device_id": device_id, "out_of_service": out_of_service}
    _change(connection, "set_out_of_service", "device", device_id, given)


def set_resident_away(connection: Connection, resident_id: str, *, away: bool) -> None:
    given = {"resident_id": resident_id, "away": away}
    _change(connection, "set_resident_away", "resident", resident_id, given)


def set_site_thresholds(connection: Connection, site_id: str, thresholds: Thresholds) -> None:
    _change(connection, "set_site_thresholds", "site", site_id, {"id": site_id, "thresholds": Jsonb(thresholds)})


def set_room_thresholds(connection: Connection, room_id: str, thresholds: Thresholds) -> None:
    _change(connection, "set_room_thresholds", "room", room_id, {"id": room_id, "thresholds": Jsonb(thresholds)})


def set_device_thresholds(connection: Connection, device_id: str, thresholds: Thresholds) -> None:
    given = {"id": device_id, "thresholds": Jsonb(thresholds)}
    _change(connection, "set_device_thresholds", "device", device_id, given)


def add_user(connection: Connection, user: User) -> None:
    """Add or change an account; an empty ``password_hash`` keeps the one that is stored."""
    _write(connection, "add_user", user, f"user {user.user_id} cannot be added")


def set_user_password(connection: Connection, user_id: str, password_hash: str) -> None:
    given = {"user_id": user_id, "password_hash": password_hash}
    _change(connection, "set_user_password", "user", user_id, given)


def set_user_disabled(connection: Connection, user_id: str, *, disabled: bool) -> None:
    _change(connection, "set_user_disabled", "user", user_id, {"user_id": user_id, "disabled": disabled})


def _get(connection: Connection, name: str, entry_id: str, kind: type[T]) -> T | None:
    row = connection.execute(_SQL[name], {"id": entry_id}).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=kind)


def _write(connection: Connection, name: str, entry: msgspec.Struct, conflict: str) -> tuple[Any, ...]:
    given = {field: _adapt(value) for field, value in msgspec.structs.asdict(entry).items()}
    row = _execute(connection, _SQL[name], given)
    if row is None:
        raise ConflictingEntryError(conflict)
    return row


def _change(connection: Connection, name: str, what: str, entry_id: str, given: dict[str, Any]) -> None:
    if _execute(connection, _SQL[name], given) is None:
        raise UnknownEntryError(what, entry_id)


def _execute(connection: Connection, query: LiteralString, given: dict[str, Any]) -> tuple[Any, ...] | None:
    try:
        with connection.transaction():
            row: tuple[Any, ...] | None = connection.execute(query, given).fetchone()
            return row
    except psycopg.errors.ForeignKeyViolation as error:
        field = _WHAT_IS_UNKNOWN.get(error.diag.constraint_name or "")
        if field is None:
            raise ConflictingEntryError(str(error)) from error
        raise UnknownEntryError(field.removesuffix("_id"), str(given.get(field))) from error
    except psycopg.errors.UniqueViolation as error:
        raise ConflictingEntryError(error.diag.message_detail or str(error)) from error
    except psycopg.errors.CheckViolation as error:
        raise ConflictingEntryError(str(error).splitlines()[0]) from error


def _adapt(value: Any) -> Any:  # Any: a field's value
    if isinstance(value, dict):
        return Jsonb(value)
    return list(value) if isinstance(value, tuple) else value
