"""Whether a process is alive."""

from __future__ import annotations

import os
from pathlib import Path


def lives(pid: int) -> bool:
    """True while the process runs; a killed child that nobody has asked after yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] != "Z"
