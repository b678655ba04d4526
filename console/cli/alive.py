"""Does a program's heart beat? ``python -m console.cli.alive PROGRAM``: 0 yes, 1 no. Containers ask it."""

from __future__ import annotations

import sys
import time

from ingest.health import FILE, read_health
from ingest.settings import ConnectionSettings

OLD_S = 15.0


def main(program: str) -> int:
    """True to the shell when the program reported less than 15 s ago."""
    health = read_health(ConnectionSettings.load().data / program / FILE)
    age_s = time.time() - float(health["at"]) if health else float("inf")
    return 0 if age_s < OLD_S else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
