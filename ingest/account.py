"""Where the broker is and who we are there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A broker and an account on it. ``socket``: the broker's Unix socket, taken instead of ``host`` and ``port``."""

    host: str
    port: int
    username: str
    password: str
    ca: Path | None = None
    socket: Path | None = None
