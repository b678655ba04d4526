"""The guard: a tiny process that ends the supervisor's children when the supervisor itself was killed.

It reads ``+GROUP`` and ``-GROUP`` lines from its standard input. When that ends, the supervisor is gone; the process
groups still named are asked to stop, and killed when they do not.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

PATIENCE_S = 5.0


class Guard:
    """The supervisor's side. A guard that died is replaced."""

    def __init__(self, *keep_open: int) -> None:
        self._keep_open = keep_open
        self._groups: set[int] = set()
        self._process = self._spawn()

    def watch(self, group: int) -> None:
        self._groups.add(group)
        self._say(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._groups.discard(group)
        self._say(f"-{group}\n")

    def close(self) -> None:
        """Let it go: it ends whoever is still named."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2 * PATIENCE_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        # it holds the data directory's lock (keep_open) until the last child is gone
        return subprocess.Popen(
            [sys.executable, "-m", "console.cli.supervise.guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
            pass_fds=self._keep_open,
        )

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
        except OSError:
            self._process.stdin.close()
            self._process.wait()
            self._process = self._spawn()
            assert self._process.stdin is not None
            self._process.stdin.write("".join(f"+{group}\n" for group in self._groups).encode())


def end_groups(groups: Iterable[int], patience_s: float = PATIENCE_S) -> None:
    """Ask process groups to stop, and kill them when they do not."""
    left = [group for group in groups if _send(group, signal.SIGTERM)]
    end = time.monotonic() + patience_s
    while left and time.monotonic() < end:
        time.sleep(0.05)
        left = [group for group in left if _send(group, 0)]
    for group in left:
        _send(group, signal.SIGKILL)


def main() -> int:
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    end_groups(groups)
    return 0


def _send(group: int, sign: int) -> bool:
    try:
        os.killpg(group, sign)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
