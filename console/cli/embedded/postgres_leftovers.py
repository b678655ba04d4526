"""What a killed server leaves behind: a server without a parent, or the pid file of one that is gone."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil

from console.cli.embedded.errors import EmbeddedPartError

_PATIENCE_S = 10.0


def clear(cluster: Path) -> None:
    """Stop a server that still runs on ``cluster``, and remove a pid file that now names somebody else's process.

    To be called only by who holds the data directory's lock: then such a server has lost its parent.

    Raises
    ------
    EmbeddedPartError
        The server cannot be stopped.
    """
    pid_file = cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text("ascii", errors="replace").splitlines()[0])
    except FileNotFoundError:
        return
    except (ValueError, IndexError):
        pid_file.unlink(missing_ok=True)  # written half: PostgreSQL would refuse to start
        return
    try:
        process = psutil.Process(pid)
        if not _serves(process, cluster):
            pid_file.unlink(missing_ok=True)
            return
        _stop(process)
    except psutil.NoSuchProcess:
        return  # PostgreSQL itself clears the file of a dead process
    except (psutil.Error, OSError) as error:
        raise EmbeddedPartError(f"the database's old server (process {pid}) cannot be stopped: {error}") from error


def _serves(process: psutil.Process, cluster: Path) -> bool:
    return process.name().startswith("postgres") and Path(process.cwd()) == cluster.resolve()


def _stop(process: psutil.Process) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(number)
        try:
            process.wait(_PATIENCE_S)
        except psutil.TimeoutExpired:
            continue
        return
    raise EmbeddedPartError(f"the database's old server (process {process.pid}) does not end")
