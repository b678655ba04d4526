"""What ``detect`` must not forget: the core's state, the lanes' positions and the judgements nobody has acknowledged.

They change in one transaction, and packs are acknowledged only up to it: after a kill the core stands exactly where the
positions say, and what came later is sent again by the gateways.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from alarms.errors import DetectStateError
from ingest.wire.lane import LanePosition
from ingest.wire.topics import Lane

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spool (boot TEXT NOT NULL, next_seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS core (state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS lane (
    gateway_id TEXT NOT NULL, boot TEXT NOT NULL, lane TEXT NOT NULL,
    position INTEGER NOT NULL, ahead BLOB NOT NULL, used_at REAL NOT NULL,
    PRIMARY KEY (gateway_id, boot, lane)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS judgement (seq INTEGER PRIMARY KEY, records BLOB NOT NULL);
"""
_ENCODE = msgspec.json.Encoder().encode
_FORGET_S = 30 * 86_400


@dataclass(frozen=True, slots=True)
class LaneKey:
    """One lane of one gateway's spool."""

    gateway_id: str
    boot: str
    lane: Lane


class DetectState:
    """The state's file; used by one thread."""

    def __init__(self, path: Path) -> None:
        """Open or create it.

        Raises
        ------
        DetectStateError
            The file is damaged or is something else.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
            if self._db.execute("SELECT count(*) FROM spool").fetchone()[0] == 0:
                self._db.execute("INSERT INTO spool VALUES (?, 0)", (uuid.uuid4().hex[:16],))
            self.boot, self._next_seq = self._db.execute("SELECT boot, next_seq FROM spool").fetchone()
        except sqlite3.DatabaseError as error:
            raise DetectStateError(f"{path}: {error}") from error

    def close(self) -> None:
        self._db.close()

    def core(self) -> bytes | None:
        """The core's state at the last save."""
        row = self._db.execute("SELECT state FROM core").fetchone()
        return None if row is None else bytes(row[0])

    def lanes(self) -> dict[LaneKey, LanePosition]:
        rows = self._db.execute("SELECT gateway_id, boot, lane, position, ahead FROM lane")
        return {
            LaneKey(gateway_id, boot, Lane(lane)): LanePosition(position, set(msgspec.json.decode(ahead)))
            for gateway_id, boot, lane, position, ahead in rows
        }

    def save(
        self, core: bytes, lanes: Iterable[tuple[LaneKey, LanePosition]], judgements: Sequence[bytes]
    ) -> list[tuple[int, bytes]]:
        """Make all of it durable together; gives the new judgements their places in the alarm lane."""
        now = time.time()
        seq = self._next_seq
        spooled = [(seq + index, records) for index, records in enumerate(judgements)]
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("DELETE FROM core")
            self._db.execute("INSERT INTO core VALUES (?)", (core,))
            self._db.executemany(
                "INSERT OR REPLACE INTO lane VALUES (?, ?, ?, ?, ?, ?)",
                [(k.gateway_id, k.boot, k.lane, p.position, _ENCODE(sorted(p.ahead)), now) for k, p in lanes],
            )
            self._db.executemany("INSERT INTO judgement VALUES (?, ?)", spooled)
            if spooled:
                self._db.execute("UPDATE spool SET next_seq = ?", (seq + len(spooled),))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._next_seq = seq + len(spooled)
        return spooled

    def unacknowledged(self) -> list[tuple[int, bytes]]:
        """Judgements that ``alarms`` has not journaled yet, in order."""
        return [(seq, bytes(records)) for seq, records in self._db.execute("SELECT * FROM judgement ORDER BY seq")]

    def acknowledge(self, seq: int) -> int:
        """Forget the judgements up to ``seq``; how many there were."""
        return self._db.execute("DELETE FROM judgement WHERE seq <= ?", (seq,)).rowcount

    def forget(self) -> None:
        """Drop the positions of spools that were not heard for a month."""
        self._db.execute("DELETE FROM lane WHERE used_at < ?", (time.time() - _FORGET_S,))
