"""The journal's addresses that have ended: the registry may learn of it later, an alarm must know at once."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

_PROOFS = msgspec.json.Decoder(tuple[datetime, ...])
_COLUMNS = "channel, address, at, reason, proofs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A provider said at ``at`` that this address of a channel has ended for good, and why.

    ``proofs`` are the moments at which the test messages were answered that counted until then: an answer at any other
    moment is a new one, whatever clocks say.
    """

    channel: str
    address: str
    at: datetime
    reason: str
    proofs: tuple[datetime, ...] = ()


class EndedTable:
    """The part of the journal that is about addresses that have ended; transactions are the journal's."""

    _db: sqlite3.Connection

    def ended(self, channel: str, address: str) -> Ended | None:
        """That an address has ended, as far as it is kept."""
        sql = f"SELECT {_COLUMNS} FROM ended WHERE channel = ? AND address = ?"  # noqa: S608 - our own names
        row = self._db.execute(sql, (channel, address)).fetchone()
        return None if row is None else _ended(row)

    def all_ended(self) -> list[Ended]:
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM ended ORDER BY at, channel, address")  # noqa: S608 - likewise
        return [_ended(row) for row in rows]

    def write_ended(self, ended: Ended) -> None:
        proofs = msgspec.json.encode(ended.proofs).decode()
        row = (ended.channel, ended.address, ended.at.timestamp(), ended.reason, proofs)
        self._db.execute(f"INSERT OR REPLACE INTO ended ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)", row)  # noqa: S608 - likewise

    def forget_ended(self, ended: Ended) -> None:
        """The registry says it now, or has no such address any more."""
        self._db.execute("DELETE FROM ended WHERE channel = ? AND address = ?", (ended.channel, ended.address))


def _ended(row: tuple[Any, ...]) -> Ended:  # Any: columns of a row
    channel, address, at_s, reason, proofs = row
    at = datetime.fromtimestamp(at_s, UTC)
    return Ended(channel=channel, address=address, at=at, reason=reason, proofs=_PROOFS.decode(proofs))
