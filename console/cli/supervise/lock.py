"""One supervisor per data directory."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

from console.cli.exit_codes import AlreadyRunningError
from console.cli.processes import lives

FILE = "lock"
_CLEANING_S = 12.0


class DataLock:
    """Holds ``{data}/lock`` as long as its descriptor is open, here or in the guard."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self.descriptor = -1

    def take(self) -> None:
        """Take the lock and write our process id into it.

        Raises
        ------
        AlreadyRunningError
            Another supervisor holds it. One that was killed is given the time to end its children.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        end = time.monotonic() + _CLEANING_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = holder_of(self._path.parent)
                if (holder is None or lives(holder)) or time.monotonic() > end:
                    os.close(descriptor)
                    raise AlreadyRunningError(
                        f"Anxin already runs on {self._path.parent}"
                        + (f" (process {holder})." if holder else ".")
                        + "\nStop it with Ctrl-C in its window"
                        + (f" or `kill {holder}`" if holder else "")
                        + ", or give this one a directory of its own: anxin up --data DIR"
                    ) from None
                time.sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self.descriptor = descriptor

    def release(self) -> None:
        if self.descriptor >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self.descriptor, 0)
            os.close(self.descriptor)
            self.descriptor = -1


def holder_of(data: Path) -> int | None:
    """The process id in the lock file, or None."""
    try:
        return int((data / FILE).read_text("ascii"))
    except (OSError, ValueError):
        return None
