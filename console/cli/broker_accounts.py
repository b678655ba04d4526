"""The production broker's accounts file, before the broker starts: ``python -m console.cli.broker_accounts FILE UID``.

Passwords come from ``ANXIN_{ACCOUNT}_PASSWORD_FILE``. The accounts of gateways that are in the file stay.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from console.cli.embedded import dynamic_security
from console.cli.embedded.accounts import SERVICE_ROLES
from console.cli.exit_codes import ExitCode


def main(arguments: list[str]) -> int:
    """Bring the file up to date and hand it to the broker's user."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m console.cli.broker_accounts FILE UID\n")
        return ExitCode.USAGE
    state, owner = Path(arguments[0]), int(arguments[1])
    passwords: dict[str, str] = {}
    for account in SERVICE_ROLES:
        name = f"ANXIN_{account.upper()}_PASSWORD_FILE"
        try:
            passwords[account] = Path(os.environ[name]).read_text("utf-8").strip()
        except (KeyError, OSError) as error:
            sys.stderr.write(f"{name}: {error}\n")
            return ExitCode.MISSING
    dynamic_security.refresh(state, SERVICE_ROLES, passwords)
    os.chown(state, owner, owner)
    os.chown(state.parent, owner, owner)
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
