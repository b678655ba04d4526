"""A person's change of the registry: one at a time, signed, and only of what the person has seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import msgspec

from ingest.registry.errors import ConflictingEntryError, OutdatedEntryError
from ingest.registry.model import (
    Badge,
    Contact,
    Device,
    Doorway,
    Gateway,
    Output,
    Policy,
    Resident,
    Room,
    Rota,
    Site,
    User,
    Window,
    Zone,
)
from ingest.registry.plan_model import FloorPlan
from ingest.registry.writing import SQL, get
from ingest.store.connection import Connection

_TYPES: dict[str, type[msgspec.Struct]] = {
    "site": Site,
    "zone": Zone,
    "room": Room,
    "resident": Resident,
    "contact": Contact,
    "gateway": Gateway,
    "device": Device,
    "user": User,
    "badge": Badge,
    "output": Output,
    "doorway": Doorway,
    "policy": Policy,
    "rota": Rota,
    "window": Window,
    "plan": FloorPlan,
}


@contextmanager
def changing(connection: Connection, by: str) -> Iterator[None]:
    """One transaction of changes by the account ``by``; another person's waits for its end."""
    with connection.transaction():
        connection.execute(SQL["said_by"], {"by": by})
        connection.execute(SQL["lock"])
        yield


def fingerprint(entry: msgspec.Struct | None) -> str:
    """What a form carries to tell later whether the entry is still the one that was shown; empty: there is none."""
    if entry is None:
        return ""
    if isinstance(entry, User):
        entry = msgspec.structs.replace(entry, password_hash="")
    return sha256(msgspec.json.encode(entry, order="deterministic")).hexdigest()[:16]


def require_unchanged(connection: Connection, what: str, entry_id: str, seen: str) -> None:
    """Let only through whoever has ``seen`` the entry as it is now, within ``changing``.

    Raises
    ------
    ConflictingEntryError
        Nothing was seen, and the id is taken.
    OutdatedEntryError
        Somebody else was faster.
    """
    current = get(connection, f"get_{what}", entry_id, _TYPES[what])
    if fingerprint(current) == seen:
        return
    if not seen and what != "plan":  # nobody chooses a plan's id: it is the floor's
        said = f"{what} {entry_id} is there already: choose another id"
        raise ConflictingEntryError(said, "id_taken", f"{what}_id", what=what, entry_id=entry_id)
    raise OutdatedEntryError(what, entry_id, current)
