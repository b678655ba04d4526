"""The registry's database, for commands that change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from console.cli.exit_codes import MissingPartError
from console.cli.where import Where
from ingest.store.connection import Connection, connect
from ingest.store.errors import TransientStoreError


@contextmanager
def registry_connection(where: Where) -> Iterator[Connection]:
    """A connection whose changes are committed together at the end.

    Raises
    ------
    MissingPartError
        There is no database, or it does not answer.
    """
    if not where.database:
        raise MissingPartError(
            f"no database: start `anxin up` on {where.data}, or set ANXIN_DATABASE (connection.database in anxin.toml)"
        )
    try:
        connection = connect(where.database, "cli")
    except TransientStoreError as error:
        raise MissingPartError(str(error)) from error
    # one transaction for all: the registry's functions commit by themselves when they find none
    with connection, connection.transaction():
        yield connection
