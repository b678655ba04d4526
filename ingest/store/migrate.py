"""The schema's one way forward: plain ``.sql`` files, applied in order, each once, never changed afterwards.

A file's first lines may hold headers::

    -- transaction: no          run statement by statement outside a transaction
    -- requires: timescaledb    only where the store runs on TimescaleDB
    -- requires: plain          only where it runs on native partitions

Which of the two a database runs on is decided at its first migration and never changes afterwards.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import psycopg

from ingest.store import partitions
from ingest.store.connection import Connection, connect
from ingest.store.errors import MigrationError
from ingest.store.queries import load

_DIRECTORY = Path(__file__).parent / "migrations"
_SQL = load(Path(__file__).parent / "queries.sql")
_HEADER = re.compile(r"^-- (transaction|requires): (\S+)$")
_FILE = re.compile(r"\d{4}_[a-z0-9_]+\.sql\Z")
_LOCK = 0x616E78696E  # "anxin"


class Backend(StrEnum):
    """What carries the readings' tables."""

    TIMESCALEDB = "timescaledb"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file of the chain."""

    name: str
    text: str
    in_transaction: bool
    requires: Backend | None

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrate(dsn: str, directory: Path = _DIRECTORY) -> list[str]:
    """Bring the database to the newest schema; the names of the files that were applied now.

    Several programs may call it at once: one works, the others wait for it.

    Raises
    ------
    TransientStoreError
        The database cannot be reached.
    MigrationError
        An applied file was changed or is missing, or a file fails: its name and the reason.
    """
    migrations = read(directory)
    with connect(dsn, "migrate", connect_timeout_s=5, statement_timeout_s=600, autocommit=True) as connection:
        try:
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            connection.execute(_SQL["create_migration_table"])
            return _apply(connection, migrations)
        except psycopg.Error as error:
            raise MigrationError(f"the schema cannot be migrated: {error}") from error


def pending(connection: Connection, directory: Path = _DIRECTORY) -> list[str]:
    """The names of the files that the database still lacks."""
    migrations = read(directory)
    if connection.execute("SELECT to_regclass('schema_migration')").fetchone() == (None,):
        return [migration.name for migration in migrations]
    known = {row[0] for row in connection.execute(_SQL["applied_migrations"])}
    backend = backend_of(connection)
    return [m.name for m in migrations if m.name not in known and m.requires in (None, backend)]


def read(directory: Path = _DIRECTORY) -> list[Migration]:
    """The chain in ``directory``, in order."""
    paths = sorted(directory.glob("*.sql"))
    wrong = [path.name for path in paths if not _FILE.match(path.name)]
    if wrong:
        raise MigrationError(f"a migration is named 0007_what_it_does.sql, not {wrong[0]}")
    numbers = [path.name[:4] for path in paths]
    if len(set(numbers)) != len(numbers):
        raise MigrationError("two migrations have the same number")
    return [_parse(path.name, path.read_text("utf-8")) for path in paths]


def backend_of(connection: Connection) -> Backend:
    """What the database's readings run on."""
    row = connection.execute(_SQL["backend"]).fetchone()
    if row is None:
        raise MigrationError("the database has no schema yet: run anxin migrate")
    return Backend(row[0])


def _apply(connection: Connection, migrations: list[Migration]) -> list[str]:
    backend = _settle_backend(connection)
    applied: dict[str, str] = dict(connection.execute(_SQL["applied_migrations"]).fetchall())
    _check_history(migrations, applied, backend)
    done: list[str] = []
    for migration in migrations:
        if migration.name in applied or migration.requires not in (None, backend):
            continue
        _run(connection, migration)
        done.append(migration.name)
    with connection.transaction():
        connection.execute(_SQL["grant_boards"])
    if backend is Backend.PLAIN:
        partitions.prepare(connection, datetime.now(UTC))
    return done


def _settle_backend(connection: Connection) -> Backend:
    row = connection.execute(_SQL["backend"]).fetchone()
    if row is not None:
        return Backend(row[0])
    backend = Backend.TIMESCALEDB if _timescale_usable(connection) else Backend.PLAIN
    connection.execute(_SQL["settle_backend"], {"backend": backend})
    return backend


def _timescale_usable(connection: Connection) -> bool:
    if connection.execute(_SQL["timescale_installed"]).fetchone() is None:
        row = connection.execute(_SQL["timescale_installable"]).fetchone()
        if row is None or not row[0]:
            return False
        connection.execute("CREATE EXTENSION timescaledb")
    # the Apache edition lacks columnstore, continuous aggregates and policies
    row = connection.execute("SELECT current_setting('timescaledb.license', true)").fetchone()
    return row is not None and row[0] == "timescale"


def _check_history(migrations: list[Migration], applied: dict[str, str], backend: Backend) -> None:
    ours = {migration.name: migration for migration in migrations}
    for name, checksum in applied.items():
        if name not in ours:
            raise MigrationError(f"{name} was applied by a newer version of Anxin: update this program")
        if ours[name].checksum != checksum:
            raise MigrationError(f"{name} was changed after it was applied: migrations only go forward")
    newest = max(applied, default="")
    for migration in migrations:
        if migration.name < newest and migration.name not in applied and migration.requires in (None, backend):
            raise MigrationError(f"{migration.name} comes before {newest}, which was applied already")


def _run(connection: Connection, migration: Migration) -> None:
    record = {"name": migration.name, "checksum": migration.checksum, "applied_at": datetime.now(UTC)}
    text = migration.text
    try:
        if migration.in_transaction:
            with connection.transaction():
                connection.execute(text)
                connection.execute(_SQL["record_migration"], record)
            return
        for statement in text.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(_SQL["record_migration"], record)
    except psycopg.Error as error:
        raise MigrationError(f"{migration.name} fails: {error}") from error


def _parse(name: str, text: str) -> Migration:
    headers: dict[str, str] = {}
    for line in text.splitlines():
        match = _HEADER.match(line)
        if match is None:
            break
        headers[match[1]] = match[2]
    requires = headers.get("requires")
    if requires is not None and requires not in list(Backend):
        raise MigrationError(f"{name} requires {requires}: one of {', '.join(Backend)} is known")
    if headers.get("transaction", "yes") not in ("yes", "no"):
        raise MigrationError(f"{name}: the header transaction is yes or no")
    return Migration(
        name=name,
        text=text,
        in_transaction=headers.get("transaction", "yes") == "yes",
        requires=None if requires is None else Backend(requires),
    )
