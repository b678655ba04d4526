"""Sessions, one-time links and failed logins in the console's own SQLite file; a restart forgets nobody."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS session (
  token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, csrf TEXT NOT NULL, credential TEXT NOT NULL,
  created_at REAL NOT NULL, seen_at REAL NOT NULL, expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_user_idx ON session (user_id);
CREATE TABLE IF NOT EXISTS login_link (
  token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS login_failure (
  key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at REAL NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session; ``credential`` is a mark of the password it was opened under, so that a new password ends it."""

    token_hash: str
    user_id: str
    csrf: str
    credential: str
    created_at: float
    seen_at: float
    expires_at: float


class AuthStore:
    """The file ``console.sqlite``; times are seconds since 1970, tokens are kept as hashes only."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=5, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def add_session(self, row: SessionRow) -> None:
        self._run(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.token_hash, row.user_id, row.csrf, row.credential, row.created_at, row.seen_at, row.expires_at),
        )

    def session(self, token_hash: str) -> SessionRow | None:
        rows = self._run(
            "SELECT token_hash, user_id, csrf, credential, created_at, seen_at, expires_at FROM session"
            " WHERE token_hash = ?",
            (token_hash,),
        )
        if not rows:
            return None
        token, user_id, csrf, credential, created_at, seen_at, expires_at = rows[0]
        return SessionRow(
            token_hash=token,
            user_id=user_id,
            csrf=csrf,
            credential=credential,
            created_at=created_at,
            seen_at=seen_at,
            expires_at=expires_at,
        )

    def touch_session(self, token_hash: str, now: float) -> None:
        self._run("UPDATE session SET seen_at = ? WHERE token_hash = ?", (now, token_hash))

    def end_session(self, token_hash: str) -> None:
        self._run("DELETE FROM session WHERE token_hash = ?", (token_hash,))

    def end_sessions_of(self, user_id: str) -> None:
        self._run("DELETE FROM session WHERE user_id = ?", (user_id,))

    def drop_expired(self, now: float, idle_before: float) -> None:
        """Forget what can no longer be used."""
        self._run("DELETE FROM session WHERE expires_at < ? OR seen_at < ?", (now, idle_before))
        self._run("DELETE FROM login_link WHERE expires_at < ?", (now,))
        self._run("DELETE FROM login_failure WHERE last_at < ?", (now - 86_400,))

    def add_link(self, token_hash: str, user_id: str, expires_at: float) -> None:
        self._run("INSERT INTO login_link VALUES (?, ?, ?)", (token_hash, user_id, expires_at))

    def take_link(self, token_hash: str, now: float) -> str | None:
        """The link's account, once; None when it is unknown, used or too old."""
        rows = self._run("DELETE FROM login_link WHERE token_hash = ? RETURNING user_id, expires_at", (token_hash,))
        return str(rows[0][0]) if rows and rows[0][1] >= now else None

    def failures(self, key: str) -> tuple[int, float]:
        """How often a login failed under this key, and when last."""
        rows = self._run("SELECT failures, last_at FROM login_failure WHERE key = ?", (key,))
        return (int(rows[0][0]), float(rows[0][1])) if rows else (0, 0.0)

    def set_failures(self, key: str, failures: int, now: float) -> None:
        self._run("INSERT OR REPLACE INTO login_failure VALUES (?, ?, ?)", (key, failures, now))

    def forget_failures(self, key: str) -> None:
        self._run("DELETE FROM login_failure WHERE key = ?", (key,))

    def _run(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:  # Any: a column's value
        with self._lock:
            return self._connection.execute(statement, values).fetchall()
