"""The fleet's spool: one SQLite file for all of its gateways, and the record of every press that was spooled."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.wire.topics import Lane

FILE = "fleet.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledPress:
    """A press that is durable: it must become an alarm. ``at_s`` is its time in seconds since 1970."""

    gateway_id: str
    boot: str
    seq: int
    at_s: float
    device_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStart:
    """Where a lane stands in the file: the next sequence and the lowest one held (``next_seq`` when none is)."""

    next_seq: int
    floor: int


@dataclass(frozen=True, slots=True)
class SpooledPack:
    """A pack without its envelope: ``body`` is JSON that follows the envelope's fields."""

    gateway_id: str
    lane: Lane
    seq: int
    body: bytes


class FleetSpool:
    """Owned by one thread. ``write`` commits everything of one tick with one flush to the disk."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(directory / FILE, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)

    def boot(self, gateway_id: str) -> str:
        """The spool's identity for a gateway; made once and kept."""
        row = self._db.execute("SELECT boot FROM gateway WHERE gateway_id = ?", (gateway_id,)).fetchone()
        if row is not None:
            return str(row[0])
        boot = secrets.token_hex(8)
        self._db.execute("INSERT INTO gateway (gateway_id, boot) VALUES (?, ?)", (gateway_id, boot))
        return boot

    def lane(self, gateway_id: str, lane: Lane) -> LaneStart:
        """Where a lane stands after a restart."""
        row = self._db.execute(
            "SELECT next_seq FROM lane WHERE gateway_id = ? AND lane = ?", (gateway_id, lane)
        ).fetchone()
        next_seq = int(row[0]) if row else 0
        low = self._db.execute(
            "SELECT min(seq) FROM pack WHERE gateway_id = ? AND lane = ?", (gateway_id, lane)
        ).fetchone()[0]
        return LaneStart(next_seq=next_seq, floor=next_seq if low is None else int(low))

    def packs(self, gateway_id: str, lane: Lane, first: int, limit: int) -> list[tuple[int, bytes]]:
        """Up to ``limit`` packs from ``first`` on, in order: sequence and body."""
        rows = self._db.execute(
            "SELECT seq, body FROM pack WHERE gateway_id = ? AND lane = ? AND seq >= ? ORDER BY seq LIMIT ?",
            (gateway_id, lane, first, limit),
        )
        return [(int(seq), bytes(body)) for seq, body in rows]

    def write(
        self,
        packs: Sequence[SpooledPack],
        presses: Sequence[SpooledPress],
        released: Iterable[tuple[str, Lane, int]],
    ) -> None:
        """Keep new packs and presses, forget what was released (gateway, lane, lowest sequence still held)."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            "INSERT INTO pack (gateway_id, lane, seq, body) VALUES (?, ?, ?, ?)",
            [(p.gateway_id, p.lane, p.seq, p.body) for p in packs],
        )
        self._db.executemany(
            "INSERT INTO lane (gateway_id, lane, next_seq) VALUES (?, ?, ?) "
            "ON CONFLICT (gateway_id, lane) DO UPDATE SET next_seq = excluded.next_seq",
            [(p.gateway_id, p.lane, p.seq + 1) for p in packs],
        )
        self._db.executemany(
            "INSERT INTO press (gateway_id, boot, seq, at_s, device_id) VALUES (?, ?, ?, ?, ?)",
            [(p.gateway_id, p.boot, p.seq, p.at_s, p.device_id) for p in presses],
        )
        self._db.executemany("DELETE FROM pack WHERE gateway_id = ? AND lane = ? AND seq < ?", list(released))
        self._db.execute("COMMIT")

    def held(self) -> int:
        """Packs that are not released yet."""
        return int(self._db.execute("SELECT count(*) FROM pack").fetchone()[0])

    def close(self) -> None:
        self._db.close()


def spooled_presses(directory: Path) -> list[SpooledPress]:
    """Every press that the fleet in ``directory`` ever spooled; may be asked while the fleet runs."""
    with _reading(directory) as db:
        rows = db.execute("SELECT gateway_id, boot, seq, at_s, device_id FROM press ORDER BY at_s").fetchall()
    db.close()
    return [SpooledPress(gateway_id=g, boot=b, seq=s, at_s=t, device_id=d) for g, b, s, t, d in rows]


def held_packs(directory: Path) -> int:
    """Packs of the fleet in ``directory`` that no consumer has released yet."""
    with _reading(directory) as db:
        count = int(db.execute("SELECT count(*) FROM pack").fetchone()[0])
    db.close()
    return count


def _reading(directory: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{directory / FILE}?mode=ro", uri=True, timeout=10)


_SCHEMA = """
CREATE TABLE IF NOT EXISTS gateway (gateway_id TEXT PRIMARY KEY, boot TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS lane (
  gateway_id TEXT NOT NULL, lane TEXT NOT NULL, next_seq INTEGER NOT NULL, PRIMARY KEY (gateway_id, lane)
) STRICT;
CREATE TABLE IF NOT EXISTS pack (
  gateway_id TEXT NOT NULL, lane TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (gateway_id, lane, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS press (
  gateway_id TEXT NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL, at_s REAL NOT NULL, device_id TEXT NOT NULL,
  PRIMARY KEY (gateway_id, boot, seq)
) STRICT;
"""
