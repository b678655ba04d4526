"""What the program must know before its first message."""

from __future__ import annotations

from pathlib import Path

import psycopg

from ingest.log import Log
from ingest.store.batch import LaneMove
from ingest.store.connection import connect, deadline
from ingest.store.errors import StoreError
from ingest.store.queries import load
from ingest.store.write import CONSUMER, LANE

_SQL = load(Path(__file__).parents[1] / "store" / "queries.sql")
_TIMEOUT_S = 10.0


def read_positions(dsn: str) -> list[LaneMove] | None:
    """The stored positions in all lanes; None when the database cannot be asked."""
    try:
        with (
            connect(dsn, CONSUMER, statement_timeout_s=_TIMEOUT_S, autocommit=True) as connection,
            deadline(connection, _TIMEOUT_S),
        ):
            rows = connection.execute(_SQL["lane_positions"], {"consumer": CONSUMER, "lane": LANE}).fetchall()
    except (StoreError, psycopg.Error) as error:
        Log("ingest").warning("store.away", error=error)
        return None
    return [LaneMove(gateway_id, boot, position, tuple(ahead)) for gateway_id, boot, position, ahead in rows]
