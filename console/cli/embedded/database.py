"""The embedded PostgreSQL 18: ``python -m console.cli.embedded.database DATA`` runs it until SIGTERM.

The files are below ``{data}/pg``. ``{data}/pg.dsn`` holds the connection string while the server answers. Whatever
was killed before (this program, the server, the machine), the next start goes on from what was committed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from console.cli.embedded import postgres_files, postgres_leftovers
from console.cli.embedded.errors import EmbeddedPartError
from console.cli.embedded.postgres_files import PORT
from console.cli.embedded.private_file import write_private
from console.cli.exit_codes import CommandError
from ingest.log import Log, start_logging

DATABASE = "anxin"
_ATTEMPTS = 8
_STEP_S = 0.05
_CONFIGURATION = """
# anxin: starting values, to be changed at will
max_connections = 100
shared_buffers = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
timezone = 'UTC'
log_timezone = 'UTC'
"""
_log = Log("database")


def dsn(data: Path) -> str:
    """The connection string of the server of this data directory, whether it runs or not."""
    return _dsn(postgres_files.socket_directory(data.absolute()), DATABASE)


def ready(data: Path) -> bool:
    """True when the server takes connections."""
    try:
        psycopg.connect(_told(data).read_text("utf-8").strip(), connect_timeout=2).close()
    except (FileNotFoundError, psycopg.Error):
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server; 0 after a signal, 1 when it ended by itself or could not start."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        sys.stderr.write("usage: python -m console.cli.embedded.database DATA\n")
        return 2
    start_logging()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    data = Path(given[0]).absolute()
    try:
        data.mkdir(parents=True, exist_ok=True)
        with _only_one(data):
            return Server(data).run(stopping)
    except (CommandError, OSError) as error:
        _log.error("database.failed", reason=str(error))
        return 1


class Server:
    """The server as a child process."""

    def __init__(self, data: Path) -> None:
        self._programs = postgres_files.programs()
        self._user = postgres_files.system_user()
        self._home = data / "pg"
        self._cluster = self._home / "cluster"
        self._socket = postgres_files.socket_directory(data)
        self._told = _told(data)

    def run(self, stopping: threading.Event) -> int:
        """Start, wait for a signal or the server's end, stop."""
        self._told.unlink(missing_ok=True)
        self._prepare()
        try:
            for attempt in range(_ATTEMPTS):
                child = self._start()
                try:
                    if self._comes_up(child, stopping):
                        return self._stay(child, stopping)
                finally:
                    _stop(child)
                if stopping.is_set():
                    return 0
                # after a kill the old server's children hold its shared memory for a moment
                _log.warning("database.start_failed", code=child.returncode)
                stopping.wait(0.2 * (attempt + 1))
            return 1
        finally:
            self._told.unlink(missing_ok=True)

    def _prepare(self) -> None:
        if self._user is not None:
            postgres_files.let_through(self._programs)
        for directory in dict.fromkeys((self._home, self._socket)):
            postgres_files.own(directory, self._user)
        if self._cluster.exists():
            postgres_leftovers.clear(self._cluster)
        else:
            self._init()

    def _init(self) -> None:
        """Make the cluster under another name first, so that a half-made one is never used.

        The name is new each time: an ``initdb`` whose parent was killed may still be writing to the last one.
        """
        for old in self._home.glob("new-*"):
            shutil.rmtree(old, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self._home))
        postgres_files.own(fresh, self._user)
        words = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        words += ["--builtin-locale=C.UTF-8", "--username=postgres", "-D", str(fresh)]
        made = self._child("initdb", words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, said = made.communicate()
        if made.returncode != 0:
            raise EmbeddedPartError(f"the database cannot be made in {fresh}: {said.decode(errors='replace').strip()}")
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(_CONFIGURATION)
        fresh.rename(self._cluster)

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            # a list: quoted, for a path with a comma or a blank
            "unix_socket_directories": '"{}"'.format(str(self._socket).replace('"', '""')),
            "unix_socket_permissions": "0700",
            "log_line_prefix": "%m [%p] ",
        }
        words = ["-D", str(self._cluster)]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        return self._child("postgres", words)

    def _child(
        self, program: str, words: Sequence[str], stdout: int | None = None, stderr: int | None = None
    ) -> subprocess.Popen[bytes]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        return subprocess.Popen(
            [str(self._programs / program), *words],
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
            umask=0o077,
            cwd="/",
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )

    def _comes_up(self, child: subprocess.Popen[bytes], stopping: threading.Event) -> bool:
        """Wait until it answers, however long it recovers; False when it ended or is to end."""
        while child.poll() is None and not stopping.is_set():
            try:
                self._ensure_database()
            except psycopg.OperationalError:
                stopping.wait(_STEP_S)
                continue
            write_private(self._told, _dsn(self._socket, DATABASE) + "\n")
            _log.info("database.ready", dsn_file=self._told)
            return True
        return False

    def _ensure_database(self) -> None:
        with psycopg.connect(_dsn(self._socket, "postgres"), autocommit=True, connect_timeout=2) as connection:
            name = sql.Identifier(DATABASE)
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def _stay(self, child: subprocess.Popen[bytes], stopping: threading.Event) -> int:
        while not stopping.wait(_STEP_S):
            if child.poll() is not None:
                _log.error("database.ended", code=child.returncode)
                return 1
        return 0


def _dsn(socket_directory: Path, database: str) -> str:
    return make_conninfo(user="postgres", dbname=database, host=str(socket_directory), port=PORT)


def _told(data: Path) -> Path:
    return data / "pg.dsn"


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, which ends the clients' connections; then ruder."""
    for number, patience_s in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if child.poll() is not None:
            return
        child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience_s)


@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Hold the data directory's lock; it goes with the process, however that ends."""
    with (data / "pg.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedPartError(f"a database already runs on {data}") from None
        yield


if __name__ == "__main__":
    sys.exit(main())
