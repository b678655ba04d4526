"""A throw-away PostgreSQL server of the distribution for a test session."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.parts import debian_postgres, free_port, missing


@contextmanager
def debian_server(directory: Path) -> Iterator[str]:
    """Run a fresh cluster below ``directory``; gives the connection string of its database ``postgres``."""
    programs = debian_postgres()
    if programs is None:
        missing("PostgreSQL server (Debian: apt-get install postgresql)")
    data, port = directory / "cluster", free_port()
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        directory.chmod(0o711)
        shutil.chown(data, "postgres", "postgres")
    _run(
        programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"
    )
    with (data / "postgresql.conf").open("a") as config:
        config.write(f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nfsync = off\n")
        config.write("max_connections = 60\nshared_buffers = 64MB\nlogging_collector = off\n")
    _run(programs / "pg_ctl", "-D", data, "-w", "-l", data / "log", "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _run(*argv: object) -> None:
    command = [str(word) for word in argv]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    # no pipe for the output: the server would inherit it and keep it open
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=60, cwd="/"
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}")
