"""Connections to PostgreSQL that never hang: time limits on both sides."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg

from ingest.store.errors import TransientStoreError

Connection = psycopg.Connection[Any]
"""A connection whose rows are tuples."""  # Any: rows are typed where they are read


def connect(
    dsn: str, program: str, *, connect_timeout_s: int = 2, statement_timeout_s: float = 10.0, autocommit: bool = False
) -> Connection:
    """A connection of ``program`` (its name in ``pg_stat_activity``).

    Raises
    ------
    TransientStoreError
        The database cannot be reached in time.
    """
    try:
        connection: Connection = psycopg.connect(
            dsn,
            autocommit=autocommit,
            connect_timeout=connect_timeout_s,
            application_name=f"anxin-{program}",
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=int(statement_timeout_s * 1000),
        )
        with deadline(connection, statement_timeout_s):
            set_locally(connection, "statement_timeout", f"{int(statement_timeout_s * 1000)}ms")
            set_locally(connection, "timezone", "UTC")
            if not autocommit:
                connection.commit()
    except psycopg.Error as error:
        raise TransientStoreError(f"the database cannot be reached: {error}") from error
    return connection


def set_locally(connection: Connection, name: LiteralString, value: str) -> None:
    """Set a server parameter for this connection."""
    connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def require_table(connection: Connection, table: str) -> None:
    """Ask whether ``table`` is there before statements that need it: at the first start migrations may still run.

    Raises
    ------
    TransientStoreError
        It is not.
    """
    if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() == (None,):
        raise TransientStoreError(f"the database has no table {table} yet: run anxin migrate")


@contextlib.contextmanager
def deadline(connection: Connection, seconds: float) -> Iterator[None]:
    """Give up on a server that does not answer at all within ``seconds``.

    The server's own ``statement_timeout`` does nothing in a process that is stopped. Cutting the socket wakes the
    waiting thread with an ``OperationalError``; the connection is of no use afterwards.
    """
    descriptor = os.dup(connection.fileno())
    wire = socket.socket(fileno=descriptor)
    timer = threading.Timer(seconds, _cut, (wire,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        wire.close()


def _cut(wire: socket.socket) -> None:
    with contextlib.suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
