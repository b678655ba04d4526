"""The facts that a running program writes about itself for ``anxin doctor``: ``{data}/{program}/health.json``.

Every file has ``at`` (wall clock, seconds) and ``pid``; their age is the program's heartbeat. The rest are the
program's own facts. ``docs/operations.md`` lists those that the doctor reads.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import msgspec

FILE = "health.json"


class Health:
    """Writes facts at most once in ``interval_s``; a reader never sees half a file."""

    def __init__(self, path: Path, *, interval_s: float = 1.0) -> None:
        self._path = path
        self._interval_s = interval_s
        self._next_s = 0.0

    def due(self) -> bool:
        """True when ``report`` would write: ask first where facts are costly to find."""
        return time.monotonic() >= self._next_s

    def report(self, **facts: Any) -> None:  # Any: JSON values
        """Write the facts, or nothing when the last ones are younger than the interval. A full disk stops nobody."""
        if not self.due():
            return
        self._next_s = time.monotonic() + self._interval_s
        body = msgspec.json.encode({"at": round(time.time(), 3), "pid": os.getpid(), **facts})
        draft = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(body)
            draft.replace(self._path)
        except OSError:
            self._next_s = time.monotonic() + 10 * self._interval_s


def read_health(path: Path) -> dict[str, Any] | None:  # Any: JSON values
    """The facts in a health file, or None when there are none to read."""
    try:
        facts = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None
    return facts if isinstance(facts, dict) else None
