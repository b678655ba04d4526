"""The console's own SQLite file: sessions, one-time links, failed logins; a restart forgets nobody.

Second factors are in the same file: see ``factor_store.py``.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS session (
  token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, csrf TEXT NOT NULL, credential TEXT NOT NULL,
  created_at REAL NOT NULL, seen_at REAL NOT NULL, expires_at REAL NOT NULL,
  agent TEXT NOT NULL DEFAULT '', second INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_user_idx ON session (user_id);
CREATE TABLE IF NOT EXISTS ended_session (
  token_hash TEXT PRIMARY KEY, why TEXT NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS login_link (
  token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS login_failure (
  key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS half_login (
  token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, credential TEXT NOT NULL, secret BLOB, replaces TEXT NOT NULL,
  expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS factor (
  user_id TEXT PRIMARY KEY, factor_id TEXT NOT NULL, secret BLOB NOT NULL, last_step INTEGER NOT NULL,
  created_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recovery_code (
  user_id TEXT NOT NULL, code_hash TEXT NOT NULL, PRIMARY KEY (user_id, code_hash)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS access_act (
  act_id INTEGER PRIMARY KEY, at REAL NOT NULL, user_id TEXT NOT NULL, what TEXT NOT NULL, by TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS access_act_user_idx ON access_act (user_id, act_id);
"""
_ADDED = {"agent": "TEXT NOT NULL DEFAULT ''", "second": "INTEGER NOT NULL DEFAULT 0"}
_ENDED_KEPT_S = 7 * 86_400
_ACTS_KEPT_S = 400 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session; ``credential`` is a mark of the password it was opened under, so that a new password ends it.

    ``agent`` is what the browser calls itself; ``second`` says that a second factor was proved.
    """

    token_hash: str
    user_id: str
    csrf: str
    credential: str
    created_at: float
    seen_at: float
    expires_at: float
    agent: str = ""
    second: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessAct:
    """Something that happened to an account's ways in; ``by`` is an account, or ``cli``."""

    at: float
    what: str
    by: str


class AuthStore:
    """The file ``console.sqlite``; times are seconds since 1970, tokens are kept as hashes only."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=5, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        with self.transaction():
            there = {row[1] for row in self.run("PRAGMA table_info(session)")}
            for column, kind in _ADDED.items():
                if column not in there:  # the file of an earlier release
                    self.run(f"ALTER TABLE session ADD COLUMN {column} {kind}")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def run(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:  # Any: a column's value
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, for other processes too."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def add_session(self, row: SessionRow) -> None:
        self.run(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(row.token_hash, row.user_id, row.csrf, row.credential, row.created_at, row.seen_at, row.expires_at),
                *(row.agent, row.second),
            ),
        )

    def session(self, token_hash: str) -> SessionRow | None:
        rows = self.run(f"{_SELECT} WHERE token_hash = ?", (token_hash,))
        return _session(rows[0]) if rows else None

    def sessions_of(self, user_id: str) -> list[SessionRow]:
        """The account's sessions, the latest used first; some may be too old by now."""
        rows = self.run(f"{_SELECT} WHERE user_id = ? ORDER BY seen_at DESC, created_at DESC", (user_id,))
        return [_session(row) for row in rows]

    def touch_session(self, token_hash: str, now: float) -> None:
        self.run("UPDATE session SET seen_at = ? WHERE token_hash = ?", (now, token_hash))

    def end_session(self, token_hash: str, why: str = "", now: float = 0.0) -> None:
        """End it; ``why`` is told to the browser that comes back with it."""
        with self.transaction():
            gone = self.run("DELETE FROM session WHERE token_hash = ? RETURNING 1", (token_hash,))
            if why and gone:
                self.run("INSERT OR REPLACE INTO ended_session VALUES (?, ?, ?)", (token_hash, why, now))

    def end_sessions_of(self, user_id: str, why: str, now: float, keep: str = "") -> list[str]:
        """End every session of an account but ``keep``, at one moment: which these were."""
        with self.transaction():
            gone = self.run(
                "DELETE FROM session WHERE user_id = ? AND token_hash <> ? RETURNING token_hash", (user_id, keep)
            )
            for (token_hash,) in gone:
                self.run("INSERT OR REPLACE INTO ended_session VALUES (?, ?, ?)", (token_hash, why, now))
        return [token_hash for (token_hash,) in gone]

    def why_ended(self, token_hash: str) -> str:
        """Why somebody ended this session; empty: nobody did."""
        rows = self.run("SELECT why FROM ended_session WHERE token_hash = ?", (token_hash,))
        return str(rows[0][0]) if rows else ""

    def note(self, user_id: str, what: str, by: str, now: float) -> None:
        """Write down what happened to an account's ways in."""
        self.run("INSERT INTO access_act (at, user_id, what, by) VALUES (?, ?, ?, ?)", (now, user_id, what, by))

    def acts(self, user_id: str, most: int) -> list[AccessAct]:
        """The latest acts, newest first."""
        statement = "SELECT at, what, by FROM access_act WHERE user_id = ? ORDER BY act_id DESC LIMIT ?"
        return [AccessAct(at=at, what=what, by=by) for at, what, by in self.run(statement, (user_id, most))]

    def drop_expired(self, now: float, idle_before: float) -> None:
        """Forget what can no longer be used."""
        self.run("DELETE FROM session WHERE expires_at < ? OR seen_at < ?", (now, idle_before))
        self.run("DELETE FROM ended_session WHERE at < ?", (now - _ENDED_KEPT_S,))
        self.run("DELETE FROM login_link WHERE expires_at < ?", (now,))
        self.run("DELETE FROM half_login WHERE expires_at < ?", (now,))
        self.run("DELETE FROM login_failure WHERE last_at < ?", (now - 86_400,))
        self.run("DELETE FROM access_act WHERE at < ?", (now - _ACTS_KEPT_S,))

    def add_link(self, token_hash: str, user_id: str, expires_at: float) -> None:
        self.run("INSERT INTO login_link VALUES (?, ?, ?)", (token_hash, user_id, expires_at))

    def take_link(self, token_hash: str, now: float) -> str | None:
        """The link's account, once; None when it is unknown, used or too old."""
        rows = self.run("DELETE FROM login_link WHERE token_hash = ? RETURNING user_id, expires_at", (token_hash,))
        return str(rows[0][0]) if rows and rows[0][1] >= now else None

    def failures(self, key: str) -> tuple[int, float]:
        """How often a login failed under this key, and when last."""
        rows = self.run("SELECT failures, last_at FROM login_failure WHERE key = ?", (key,))
        return (int(rows[0][0]), float(rows[0][1])) if rows else (0, 0.0)

    def set_failures(self, key: str, failures: int, now: float) -> None:
        self.run("INSERT OR REPLACE INTO login_failure VALUES (?, ?, ?)", (key, failures, now))

    def forget_failures(self, key: str) -> None:
        self.run("DELETE FROM login_failure WHERE key = ?", (key,))


_SELECT = "SELECT token_hash, user_id, csrf, credential, created_at, seen_at, expires_at, agent, second FROM session"


def _session(row: tuple[Any, ...]) -> SessionRow:  # Any: a column's value
    token, user_id, csrf, credential, created_at, seen_at, expires_at, agent, second = row
    return SessionRow(
        token_hash=token,
        user_id=user_id,
        csrf=csrf,
        credential=credential,
        created_at=created_at,
        seen_at=seen_at,
        expires_at=expires_at,
        agent=agent,
        second=bool(second),
    )
