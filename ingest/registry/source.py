"""The registry out of PostgreSQL, and as a file."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from ingest.registry.model import Registry
from ingest.store.connection import Connection
from ingest.store.queries import load as load_queries

_SQL = load_queries(Path(__file__).parent / "queries.sql")
NEWEST_TABLE = "doorway"
"""The last of the registry's tables that migrations make: with it all are there."""

_DECODER = msgspec.json.Decoder(Registry)


def load(connection: Connection) -> Registry:
    """The whole registry at one moment."""
    row = connection.execute(_SQL["load"]).fetchone()
    assert row is not None  # the statement always gives one row
    return _DECODER.decode(row[0])


def version(connection: Connection) -> int:
    """The registry's version in the database."""
    row = connection.execute(_SQL["version"]).fetchone()
    return 0 if row is None else int(row[0])


def read_copy(path: Path) -> Registry:
    """The local copy; an empty registry when there is none or it cannot be read."""
    try:
        return _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Registry()


def write_copy(path: Path, registry: Registry) -> None:
    """Replace the local copy in one step; it holds names and phone numbers, so only the owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(registry))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
