"""One readable log of all programs: on the terminal, and in a file that is turned over by size."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

FILE = "anxin.log"
LIMIT_BYTES = 20_000_000
KEPT = 3
_QUIET_WORDS = (" INFO ", " DEBUG ")


class Output:
    """Writes ``program | line``; ``quiet`` keeps what is only information off the terminal.

    Without a data directory there is only the terminal.
    """

    def __init__(self, data: Path | None, *, quiet: bool = False, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = data / FILE if data is not None else None
        self._quiet = quiet
        self._limit_bytes = limit_bytes
        self._file: TextIO | None = None
        self._size = 0
        self._terminal = True

    def say(self, action: str, **facts: object) -> None:
        """A line of the supervisor's own."""
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        words = " ".join([action, *(f"{key}={value}" for key, value in facts.items())])
        self.line("up", f"{at}Z up       INFO    {words}", always=True)

    def line(self, program: str, text: str, *, always: bool = False) -> None:
        """A line of a program's."""
        whole = f"{program:<8} | {text}\n"
        self._write(whole)
        if always or not self._quiet or not any(word in text for word in _QUIET_WORDS):
            self.tell(whole)

    def tell(self, text: str) -> None:
        """Text for the person at the terminal only. A terminal that went away stops nobody."""
        if not self._terminal:
            return
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError:
            self._terminal = False

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, whole: str) -> None:
        if self._path is None:
            return
        try:
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8", errors="replace")
                self._size = self._path.stat().st_size
            if self._size > self._limit_bytes:
                self._file = self._turn_over(self._path)
            self._size += len(whole.encode("utf-8", "replace"))
            self._file.write(whole)
            self._file.flush()
        except OSError:
            # a full disk: the terminal still has the line
            self.close()

    def _turn_over(self, path: Path) -> TextIO:
        self.close()
        for number in range(KEPT - 1, 0, -1):
            older = path.with_suffix(f".log.{number}")
            if older.exists():
                older.replace(path.with_suffix(f".log.{number + 1}"))
        path.replace(path.with_suffix(".log.1"))
        self._size = 0
        return path.open("a", encoding="utf-8", errors="replace")
