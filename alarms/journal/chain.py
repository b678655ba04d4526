"""Each line of the log carries a hash over itself and the line before: a changed, missing or inserted line shows.

What was cut off at the end shows only to who has noted the newest hash elsewhere.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_ALL = "SELECT log_id, alarm_id, version, at, event, by, detail, state, hash FROM log ORDER BY log_id"
_NONE = 0xFFFF_FFFF  # the length that stands for "no value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is hashed of a line: as it stands in the file."""

    alarm_id: str
    version: int
    at_s: float
    event: str
    by: str
    detail: bytes
    state: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``broken``: the log_id of the first line that does not follow from the one before; ``head``: the newest hash."""

    lines: int
    head: bytes
    broken: int | None


def link(before: bytes, line: Line) -> bytes:
    """SHA-256 (FIPS 180-4) over the hash before and every field with its length; 32 bytes."""
    digest = hashlib.sha256(before)
    digest.update(struct.pack(">qd", line.version, line.at_s))
    texts = (line.alarm_id.encode(), line.event.encode(), line.by.encode(), line.detail, line.state)
    for text in texts:
        digest.update(struct.pack(">I", _NONE if text is None else len(text)))
        digest.update(text or b"")
    return digest.digest()


def head(db: sqlite3.Connection) -> bytes:
    """The newest line's hash; empty before the first one."""
    row = db.execute("SELECT hash FROM log ORDER BY log_id DESC LIMIT 1").fetchone()
    return b"" if row is None or row[0] is None else bytes(row[0])


def verify(db: sqlite3.Connection) -> Verdict:
    """Follow the whole log; lines older than the chain, without a hash, may only stand before its first one."""
    lines, before = 0, b""
    for log_id, line, stored in _lines(db):
        lines += 1
        if stored is None and not before:
            continue
        if stored != link(before, line):
            return Verdict(lines=lines, head=before, broken=log_id)
        before = stored
    return Verdict(lines=lines, head=before, broken=None)


def _lines(db: sqlite3.Connection) -> Iterator[tuple[int, Line, bytes | None]]:
    for row in db.execute(_ALL):
        log_id, alarm_id, version, at_s, event, by, detail, state, stored = row
        line = Line(alarm_id=alarm_id, version=version, at_s=at_s, event=event, by=by, detail=detail, state=state)
        yield log_id, line, stored
