"""The spool: every pack stays on disk until all consumers of its lane have acknowledged it (DESIGN law 3)."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections import deque
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from gateway.errors import SpoolDamagedError, SpoolError, SpoolFullError
from ingest.log import Log
from ingest.wire.topics import Lane

DROPPED_FIRST = (Lane.MOTION, Lane.DATA)
"""When the spool is full the oldest packs of these lanes go, in this order; alarms never."""

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Spool:
    """One gateway's packs, in one file that one process may open. Not thread-safe.

    ``boot`` is the file's identity. What stands inside ``transaction()`` is durable together or not at all; a single
    ``append`` outside of one is durable when it returns. An acknowledgement counts at once and is written with the
    next transaction: a crash before it only sends again what was acknowledged.
    """

    def __init__(self, path: Path | None, *, max_bytes: int) -> None:
        """Open or create; None is a spool in memory, as short-lived as the program.

        Raises
        ------
        SpoolDamagedError
            The file is damaged or no spool.
        SpoolFullError
            A new file cannot be written.
        SpoolError
            Another process holds it.
        """
        self._max_bytes = max_bytes
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with _wrapped():
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=1, check_same_thread=False)
            try:
                self._open()
                self._load()
            except BaseException:
                self._db.close()  # else the file would stay locked
                raise

    @classmethod
    def open(cls, path: Path, *, max_bytes: int, log: Log) -> Spool:
        """The spool at ``path``; a damaged one is set aside with a warning, and what is readable of its alarms kept.

        Raises
        ------
        SpoolError
            As the constructor, but never for damage.
        """
        try:
            return cls(path, max_bytes=max_bytes)
        except SpoolDamagedError as error:
            aside = _set_aside(path)
            saved = _readable_alarms(aside)
            log.warning("spool.set_aside", path=aside, alarms_saved=len(saved), error=error)
        spool = cls(path, max_bytes=max_bytes)
        with spool.transaction():
            for body in saved:
                spool.append(Lane.ALARM, body)
        return spool

    def close(self) -> None:
        """Write what was acknowledged, then close."""
        with contextlib.suppress(SpoolError):
            self.tidy()
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit on leaving, durable on disk; undo everything on an exception.

        Raises
        ------
        SpoolFullError, SpoolDamagedError, SpoolError
            Nothing of it is written.
        """
        try:
            with _wrapped():
                self._db.execute("BEGIN IMMEDIATE")
                self._write_released()
                yield
                self._db.execute("COMMIT")
            self._released.clear()
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            with contextlib.suppress(sqlite3.Error):
                self._load()
            raise

    def append(self, lane: Lane, body: bytes) -> int:
        """Add a pack to its lane; the seq that it got."""
        if not self._db.in_transaction:
            with self.transaction():
                return self.append(lane, body)
        seq = self._next[lane]
        self._db.execute("INSERT INTO pack (lane, seq, body) VALUES (?, ?, ?)", (lane, seq, body))
        self._db.execute("UPDATE lane SET next_seq = ? WHERE lane = ?", (seq + 1, lane))
        self._next[lane] = seq + 1
        self._held[lane].append((seq, len(body)))
        self._bytes += len(body)
        self._make_room()
        return seq

    def pending(self, lane: Lane, after: int, limit: int) -> list[tuple[int, bytes]]:
        """The next ``limit`` unacknowledged packs behind seq ``after``, oldest first."""
        floor = self.floor(lane)
        with _wrapped():
            return self._db.execute(
                "SELECT seq, body FROM pack WHERE lane = ? AND seq > ? ORDER BY seq LIMIT ?",
                (lane, max(after, floor - 1), limit),
            ).fetchall()

    def acknowledge(self, lane: Lane, seq: int) -> None:
        """Release every pack of the lane up to ``seq``."""
        held = self._held[lane]
        while held and held[0][0] <= seq:
            self._released[lane], size = held.popleft()
            self._bytes -= size

    def tidy(self) -> None:
        """Write the acknowledgements that no transaction has taken along yet."""
        if self._released:
            with self.transaction():
                pass

    def renew(self) -> None:
        """Take another ``boot``, because this one has a future elsewhere: the file is an old copy, put back.

        Raises
        ------
        SpoolError
            It is as it was.
        """
        fresh = secrets.token_hex(8)
        with self.transaction():
            self._db.execute("UPDATE identity SET boot = ?", (fresh,))
        self.boot = fresh

    def floor(self, lane: Lane) -> int:
        """The lowest seq that is still held; the next one when none is."""
        held = self._held[lane]
        return held[0][0] if held else self._next[lane]

    def next_seq(self, lane: Lane) -> int:
        """The seq that the next pack will get."""
        return self._next[lane]

    def count(self, lane: Lane) -> int:
        """How many packs of the lane are held."""
        return len(self._held[lane])

    def dropped(self, lane: Lane) -> int:
        """How many packs of the lane this file has dropped for want of room."""
        return self._dropped[lane]

    @property
    def held_bytes(self) -> int:
        return self._bytes

    def save_state(self, name: str, body: bytes) -> None:
        """Keep ``body`` under ``name``, within the transaction that is open."""
        self._db.execute(
            "INSERT INTO state (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
            (name, body),
        )

    def load_state(self, name: str) -> bytes | None:
        """What was kept under ``name``."""
        with _wrapped():
            row = self._db.execute("SELECT body FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def _open(self) -> None:
        # one process per file: it saves a shared-memory file, and a second gateway would break the sequence
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        (verdict,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise SpoolDamagedError(verdict)
        self._db.executescript((resources.files("gateway") / "schema.sql").read_text("utf-8"))
        self._db.execute("BEGIN IMMEDIATE")
        fresh = secrets.token_hex(8)
        self._db.execute("INSERT INTO identity (boot) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM identity)", (fresh,))
        self._db.executemany("INSERT OR IGNORE INTO lane (lane, next_seq) VALUES (?, 0)", [(lane,) for lane in Lane])
        self._db.execute("COMMIT")

    def _load(self) -> None:
        (self.boot,) = self._db.execute("SELECT boot FROM identity").fetchone()
        self._next: dict[Lane, int] = {}
        self._dropped: dict[Lane, int] = {}
        for lane, next_seq, dropped in self._db.execute("SELECT lane, next_seq, dropped FROM lane"):
            self._next[Lane(lane)], self._dropped[Lane(lane)] = next_seq, dropped
        released: dict[Lane, int] = getattr(self, "_released", {})
        self._held: dict[Lane, deque[tuple[int, int]]] = {lane: deque() for lane in Lane}
        for lane, seq, size in self._db.execute("SELECT lane, seq, length(body) FROM pack ORDER BY seq"):
            if seq > released.get(Lane(lane), -1):
                self._held[Lane(lane)].append((seq, size))
        self._released = released
        self._bytes = sum(size for held in self._held.values() for _, size in held)

    def _write_released(self) -> None:
        for lane, seq in self._released.items():
            self._db.execute("DELETE FROM pack WHERE lane = ? AND seq <= ?", (lane, seq))

    def _make_room(self) -> None:
        for lane in DROPPED_FIRST:
            held = self._held[lane]
            before = len(held)
            while self._bytes > self._max_bytes and held:
                seq, size = held.popleft()
                self._bytes -= size
                self._db.execute("DELETE FROM pack WHERE lane = ? AND seq = ?", (lane, seq))
            if len(held) < before:
                self._dropped[lane] += before - len(held)
                self._db.execute("UPDATE lane SET dropped = ? WHERE lane = ?", (self._dropped[lane], lane))


@contextlib.contextmanager
def _wrapped() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _FULL:
            raise SpoolFullError(str(error)) from error
        if code in _DAMAGED:
            raise SpoolDamagedError(str(error)) from error
        raise SpoolError(str(error)) from error


def _set_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside


def _readable_alarms(path: Path) -> list[bytes]:
    """What can still be read of the alarms in a damaged file, oldest first."""
    saved: list[bytes] = []
    try:
        with contextlib.closing(sqlite3.connect(path)) as db:
            for (body,) in db.execute("SELECT body FROM pack WHERE lane = ? ORDER BY seq", (Lane.ALARM,)):
                if isinstance(body, bytes):
                    saved.append(body)
    except sqlite3.Error:
        pass
    return saved
