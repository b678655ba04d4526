"""Is somebody listening there already?"""

from __future__ import annotations

import socket

from console.cli.exit_codes import CommandError


def require_free(host: str, port: int, what: str, option: str) -> None:
    """Make sure that ``what`` can listen on the port.

    Raises
    ------
    CommandError
        Another program has it: the message says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # as servers do: the rests of closed connections are no obstacle
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"{what} cannot listen on {host}:{port} ({error.strerror}).\n"
                f"Stop the program that has this port (`ss -ltnp 'sport = :{port}'` names it), or choose another port:"
                f" anxin up {option} {port + 1}"
            ) from error


def answers(host: str, port: int, timeout_s: float = 0.2) -> bool:
    """True when somebody accepts a connection."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - a listener's address, not ours
        host = "127.0.0.1"
    try:
        with socket.create_connection((host, port), timeout_s):
            return True
    except OSError:
        return False
