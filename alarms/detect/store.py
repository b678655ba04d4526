"""detect's file: the core's state, the lane positions and the judgements on their way, durable together."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path

import msgspec

from alarms.errors import DetectStateError, DetectStateFullError
from ingest.log import Log
from ingest.store.batch import LaneMove
from ingest.wire.topics import Lane

_AHEAD = msgspec.json.Decoder(tuple[int, ...])
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class DetectStore:
    """One file, one writer, one thread. ``boot`` is the file's identity; no seq of a judgement pack is given twice."""

    def __init__(self, path: Path | None) -> None:
        """Open or create; None is a store in memory.

        Raises
        ------
        sqlite3.DatabaseError
            The file is damaged, no store, or cannot be written.
        """
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript((resources.files("alarms.detect") / "schema.sql").read_text("utf-8"))
            self._db.execute(
                "INSERT INTO identity (boot, next_seq) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM identity)",
                (secrets.token_hex(8),),
            )
            self.boot: str
            self.next_seq: int
            self.boot, self.next_seq = self._db.execute("SELECT boot, next_seq FROM identity").fetchone()
            lowest = self._db.execute("SELECT min(seq) FROM judgement").fetchone()[0]
            self.released = (self.next_seq if lowest is None else int(lowest)) - 1
        except BaseException:
            self._db.close()
            raise

    @classmethod
    def open(cls, path: Path, log: Log) -> DetectStore:
        """The store at ``path``; a damaged file is set aside: judging anew is better than not at all.

        Raises
        ------
        DetectStateError
            The file cannot be written.
        """
        try:
            try:
                return cls(path)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                    raise
                log.error("state.set_aside", path=_set_aside(path), error=error)
                return cls(path)
        except (sqlite3.Error, OSError) as error:
            raise DetectStateError(f"{path}: {error}") from error

    def close(self) -> None:
        self._db.close()

    def save(
        self,
        *,
        packs: Sequence[bytes] = (),
        lanes: Mapping[Lane, Iterable[LaneMove]] | None = None,
        state: Mapping[str, bytes] | None = None,
        now_s: float = 0.0,
    ) -> None:
        """All of it, or nothing: new judgement packs, moved lanes, changed state; acknowledged packs go.

        Raises
        ------
        DetectStateFullError
            Nothing is written.
        """
        rows = [
            (lane, move.gateway_id, move.boot, move.position, msgspec.json.encode(move.ahead), now_s)
            for lane, moves in (lanes or {}).items()
            for move in moves
        ]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM judgement WHERE seq <= ?", (self.released,))
            self._db.executemany(
                "INSERT INTO judgement (seq, body) VALUES (?, ?)", list(enumerate(packs, self.next_seq))
            )
            self._db.execute("UPDATE identity SET next_seq = ?", (self.next_seq + len(packs),))
            self._db.executemany(
                "INSERT INTO lane (lane, gateway_id, boot, position, ahead, used_at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (lane, gateway_id, boot)"
                " DO UPDATE SET position = excluded.position, ahead = excluded.ahead, used_at = excluded.used_at",
                rows,
            )
            self._db.executemany(
                "INSERT INTO state (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
                list((state or {}).items()),
            )
            self._db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            with contextlib.suppress(sqlite3.Error):
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            raise DetectStateFullError(str(error)) from error
        self.next_seq += len(packs)

    def lanes(self, lane: Lane) -> list[LaneMove]:
        """Where we stand in every gateway's lane."""
        rows = self._db.execute("SELECT gateway_id, boot, position, ahead FROM lane WHERE lane = ?", (lane,))
        return [
            LaneMove(gateway_id, boot, position, _AHEAD.decode(ahead)) for gateway_id, boot, position, ahead in rows
        ]

    def forget(self, before_s: float) -> None:
        """Drop the places in lanes of spools that were not heard since ``before_s``."""
        self._db.execute("DELETE FROM lane WHERE used_at < ?", (before_s,))

    def state(self, name: str) -> bytes | None:
        """What was saved under ``name``."""
        row = self._db.execute("SELECT body FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def release(self, seq: int) -> None:
        """Packs up to ``seq`` are acknowledged; they go with the next ``save``."""
        if seq < self.next_seq:
            self.released = max(self.released, seq)

    @property
    def waiting(self) -> int:
        """How many judgement packs are not acknowledged."""
        return self.next_seq - 1 - self.released

    def pending(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """The next unacknowledged packs behind seq ``after``, oldest first."""
        return self._db.execute(
            "SELECT seq, body FROM judgement WHERE seq > ? ORDER BY seq LIMIT ?", (max(after, self.released), limit)
        ).fetchall()


def _set_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside
