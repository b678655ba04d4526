"""What the watcher keeps over a restart: its place in the lane, and how the canary fared."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from console.cli.embedded.private_file import write_private
from console.watch.canary import Canary, Leg
from ingest.log import Log

FILE = "canary.json"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """``boot`` is the file's identity, ``next_seq`` the seq that no pack has yet.

    ``passed_at`` is when a press last came through, in seconds since 1970; 0: never.
    """

    boot: str
    next_seq: int = 0
    misses: int = 0
    failed: Leg | None = None
    passed_at: float = 0.0


class KeptFile:
    """The file. A disk that does not take it is told once and stops nobody."""

    def __init__(self, path: Path, log: Log) -> None:
        self._path = path
        self._log = log
        self._refused = False
        self.now = self._read()

    def save(self, **changes: object) -> None:
        """Change what is kept; it is durable when this returns."""
        self.now = msgspec.structs.replace(self.now, **changes)
        try:
            write_private(self._path, msgspec.json.encode(self.now).decode())
            self._refused = False
        except OSError as error:
            if not self._refused:
                self._log.error("kept.not_written", path=self._path, error=error)
            self._refused = True

    def fared(self, canary: Canary, passed_at: float) -> None:
        """Keep how the canary fared."""
        self.save(misses=canary.misses, failed=canary.failed, passed_at=passed_at)

    def _read(self) -> Kept:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Kept)
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._log.warning("kept.begun_anew", path=self._path, error=error)
        return Kept(boot=secrets.token_hex(8))
