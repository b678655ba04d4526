"""One started program: its process, its process group and the lines that it writes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from console.cli.supervise.program import Command

_LONGEST_LINE = 16_384


@dataclass(slots=True)
class LineReader:
    """Cuts what comes out of a pipe into lines; ``take`` gets each without its end."""

    descriptor: int
    take: Callable[[str], None]
    _rest: bytes = b""

    def read(self) -> bool:
        """Read what is there; False at the end of the pipe."""
        while True:
            try:
                chunk = os.read(self.descriptor, 65_536)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            if len(self._rest) > _LONGEST_LINE:
                lines, self._rest = [*lines, self._rest], b""
            for line in lines:
                self.take(line.decode("utf-8", "replace").rstrip())

    def close(self) -> None:
        """Read the last words, then close. A grandchild that still holds the pipe is not waited for."""
        with contextlib.suppress(OSError):
            self.read()
        if self._rest:
            self.take(self._rest.decode("utf-8", "replace"))
        os.close(self.descriptor)


class Child:
    """A running process in a process group of its own, so that a Ctrl-C at the terminal reaches the supervisor only."""

    def __init__(self, command: Command, log: Callable[[str], None], told: Callable[[str], None] | None) -> None:
        self.started_s = time.monotonic()
        self._process = subprocess.Popen(
            list(command.argv),
            env={**os.environ, **command.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if told is None else subprocess.PIPE,
            process_group=0,
        )
        self.pid = self._process.pid
        if command.nice:
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, self.pid, command.nice)
        self.readers = [self._reader(self._process.stdout, told or log)]
        if told is not None:
            self.readers.append(self._reader(self._process.stderr, log))

    def ended(self) -> int | None:
        """The exit code (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    def signal(self, sign: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(sign)

    def kill_group(self) -> None:
        """End whatever is left of the process and of those that it started."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def _reader(self, pipe: object, take: Callable[[str], None]) -> LineReader:
        descriptor = os.dup(pipe.fileno())  # type: ignore[attr-defined] # Popen's pipes are typed as optional
        os.set_blocking(descriptor, False)
        pipe.close()  # type: ignore[attr-defined] # as above
        return LineReader(descriptor, take)
