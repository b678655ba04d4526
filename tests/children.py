"""Child processes of a test: each gets its time to end, and none is left behind for the tests that follow."""

from __future__ import annotations

import subprocess
from typing import Any

PATIENCE_S = 90.0
"""These machines are shared: how soon a program ends is a test only where it says so."""


def ended(child: subprocess.Popen[Any], within_s: float = PATIENCE_S) -> int:  # Any: bytes or text
    """The exit code of a child that was asked to end; one that does not is killed, and the test fails."""
    try:
        return child.wait(within_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise
