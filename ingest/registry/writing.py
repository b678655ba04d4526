"""One entry of the registry to and from PostgreSQL; violations come back as the registry's errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any, LiteralString, TypeVar

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from ingest.registry.errors import AttachedEntryError, ConflictingEntryError, UnknownEntryError
from ingest.store.connection import Connection
from ingest.store.queries import load

SQL = load(Path(__file__).parent / "queries.sql")
_WHAT_IS_UNKNOWN = {  # the foreign keys of the registry's tables: through which field they point
    "zone_site_fk": "site_id",
    "room_site_fk": "site_id",
    "resident_site_fk": "site_id",
    "contact_site_fk": "site_id",
    "gateway_site_fk": "site_id",
    "device_site_fk": "site_id",
    "rota_site_fk": "site_id",
    "escalation_policy_site_fk": "site_id",
    "planned_window_site_fk": "site_id",
    "room_zone_fk": "zone_id",
    "resident_room_fk": "room_id",
    "device_room_fk": "room_id",
    "planned_window_room_fk": "room_id",
    "contact_resident_fk": "resident_id",
    "device_resident_fk": "resident_id",
    "device_gateway_fk": "gateway_id",
    "planned_window_device_fk": "device_id",
    "badge_site_fk": "site_id",
    "output_site_fk": "site_id",
    "output_gateway_fk": "gateway_id",
    "output_zone_fk": "zone_id",
    "output_room_fk": "room_id",
    "output_feedback_device_fk": "feedback_device_id",
    "doorway_site_fk": "site_id",
    "doorway_room_fk": "room_id",
    "doorway_other_room_fk": "other_room_id",
    "badge_user_fk": "user_id",
    "contact_user_fk": "user_id",
    "family_wish_user_fk": "user_id",
    "floor_plan_site_fk": "site_id",
    "floor_plan_zone_fk": "zone_id",
}
_WHAT_IS_TAKEN = {
    "device_native_key": ("native_taken", "native"),
    "doorway_rooms_key": ("doorway_taken", "other_room_id"),
}
_WHAT_OF_TABLE = {"app_user": "user", "escalation_policy": "policy", "planned_window": "window"}
T = TypeVar("T")
Row = tuple[Any, ...]  # Any: a row's values


def get(connection: Connection, name: str, entry_id: str, kind: type[T]) -> T | None:
    """The entry that the statement finds."""
    row = connection.execute(SQL[name], {"id": entry_id}).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=kind)


def write(
    connection: Connection, name: str, entry: msgspec.Struct, conflict: ConflictingEntryError, **columns: Jsonb
) -> Row:
    """Add or change an entry; ``columns`` go before its fields.

    ``conflict`` says why, where the statement gives no row.
    """
    given = {field: _adapt(value) for field, value in msgspec.structs.asdict(entry).items()}
    row = _execute(connection, SQL[name], given | columns)
    if row is None:
        raise conflict
    return row


def change(connection: Connection, name: str, what: str, entry_id: str, given: dict[str, Any]) -> None:
    """Change or remove an entry that must be there."""
    if _execute(connection, SQL[name], given) is None:
        raise UnknownEntryError(what, entry_id)


def other_site(what: str, entry_id: str) -> ConflictingEntryError:
    """Why nothing was written: an entry never changes its site."""
    said = f"{what} {entry_id} belongs to another site"
    return ConflictingEntryError(said, "other_site", f"{what}_id", what=what, entry_id=entry_id)


def require_unnamed(
    connection: Connection, what: str, entry_id: str, by: str, statement: str, given: dict[str, Any]
) -> None:
    """Let nobody remove what entries of the kind ``by``, which the statement finds, still name."""
    naming = ", ".join(row[0] for row in connection.execute(SQL[statement], given).fetchall())
    if naming:
        said = f"{what} {entry_id} is named by {by} {naming}: change that first"
        raise ConflictingEntryError(said, "named", what=what, by=by, names=naming)


def remove(connection: Connection, what: str, entry_id: str) -> None:
    """Remove an entry that must be there, and to which nothing may belong any more."""
    try:
        change(connection, f"remove_{what}", what, entry_id, {f"{what}_id": entry_id})
    except UnknownEntryError as error:
        violated = error.__cause__
        if isinstance(violated, psycopg.errors.ForeignKeyViolation):
            table = violated.diag.table_name or ""
            raise AttachedEntryError(what, entry_id, _WHAT_OF_TABLE.get(table, table)) from violated
        raise


def as_json(value: object) -> Jsonb:
    """Structs as a column of JSON."""
    return Jsonb(msgspec.to_builtins(value))


def _execute(connection: Connection, query: LiteralString, given: dict[str, Any]) -> Row | None:
    try:
        with connection.transaction():
            row: Row | None = connection.execute(query, given).fetchone()
            return row
    except psycopg.errors.ForeignKeyViolation as error:
        field = _WHAT_IS_UNKNOWN.get(error.diag.constraint_name or "")
        if field is None:
            raise ConflictingEntryError(str(error)) from error
        raise UnknownEntryError(field.removesuffix("_id"), str(given.get(field))) from error
    except psycopg.errors.UniqueViolation as error:
        code, field = _WHAT_IS_TAKEN.get(error.diag.constraint_name or "", ("conflict", ""))
        raise ConflictingEntryError(error.diag.message_detail or str(error), code, field) from error
    except psycopg.errors.CheckViolation as error:
        raise ConflictingEntryError(str(error).splitlines()[0]) from error


def _adapt(value: Any) -> Any:  # Any: a field's value
    if isinstance(value, dict):
        return Jsonb(value)
    return list(value) if isinstance(value, tuple) else value
