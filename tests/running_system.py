"""The whole product as ``anxin up`` runs it, on a data directory of its own, and what a tester does to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg

from console.auth.tokens import create_login_link
from console.cli.broker_admin import BrokerAdmin
from console.cli.run_file import Run, read_run
from ingest.registry import edit
from ingest.registry.model import Device, Gateway, Site, User
from ingest.wire.signals import Kind
from tests import parts
from tests.children import ended


class RunningSystem:
    """``anxin up`` and its children; ``broker`` is ``mosquitto`` or ``aedes``."""

    def __init__(
        self,
        data: Path,
        *,
        broker: str,
        database: str = "",
        settings: dict[str, str] | None = None,
        demo: bool = False,
    ) -> None:
        self.data = data
        self.broker_port, self.console_port = parts.free_port(), parts.free_port()
        self._demo = demo
        self._env = os.environ | {"ANXIN_BROKER": broker, "ANXIN_DATABASE": database, **(settings or {})}
        self._database = database
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "console.cli.main", "up", "--quiet", "--data", str(self.data)]
        argv += ["--demo"] if self._demo else []
        argv += ["--port", str(self.console_port), "--broker-port", str(self.broker_port)]
        with (self.data / "up.log").open("ab") as log:
            self._process = subprocess.Popen(argv, env=self._env, stdout=log, stderr=log)

    def anxin(self, *words: str, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Another command of ours on the same data directory."""
        argv = [sys.executable, "-m", "console.cli.main", *words, "--data", str(self.data)]
        return subprocess.run(argv, env=self._env, capture_output=True, text=True, check=False, timeout=timeout_s)

    def stop(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return ended(self._process)

    @property
    def log(self) -> str:
        """What everything has said so far."""
        path = self.data / "anxin.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    @property
    def run(self) -> Run | None:
        return read_run(self.data)

    @property
    def dsn(self) -> str:
        return self._database or (self.run.dsn if self.run is not None else "")

    def pid(self, program: str) -> int | None:
        """The process of a program; ``postgres`` is the embedded database's own server."""
        if program == "postgres":
            files = list(self.data.glob("pg/**/postmaster.pid"))
            try:
                return int(files[0].read_text().split()[0]) if files else None
            except (OSError, ValueError, IndexError):
                return None
        state = self.run.programs.get(program) if self.run is not None else None
        return state.pid if state is not None else None

    def send_signal(self, program: str, number: int) -> bool:
        pid = self.pid(program)
        if pid is None:
            return False
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def is_ready(self, programs: Sequence[str] = ("broker", "alarms", "detect", "console", "ingest")) -> bool:
        """True when every program runs, the schema stands and the console answers."""
        run = self.run
        if run is None or any(run.programs[name].pid is None for name in programs if name in run.programs):
            return False
        if set(programs) - set(run.programs):
            return False
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.console_port, timeout=5)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.dsn, autocommit=True, connect_timeout=5)

    def admin(self) -> BrokerAdmin:
        password = (self.data / "secrets" / "admin").read_text().strip()
        return BrokerAdmin("127.0.0.1", self.broker_port, "admin", password)

    def add_fleet(self, gateways: int, meters: int = 10) -> Path:
        """Sites, gateways and meters for a fleet of light gateways; the file of their credentials."""
        credentials: dict[str, dict[str, Any]] = {}
        admin = self.admin()
        with self.connect() as connection, connection.transaction():
            for number in range(gateways):
                name, shard = f"fleet{number:04}", number % 64
                edit.add_site(connection, Site(site_id=f"site{number:04}", name=f"院{number}", shard=shard))
                edit.add_gateway(connection, Gateway(gateway_id=name, site_id=f"site{number:04}"))
                owned = [f"{name}:meter{index}" for index in range(meters)]
                for device_id in owned:
                    edit.add_device(
                        connection,
                        Device(
                            device_id=device_id, number=0, site_id=f"site{number:04}", gateway_id=name,
                            kind=Kind.METER, profile="meter", name=device_id,
                        ),
                    )  # fmt: skip
                credentials[name] = {"password": secrets.token_hex(12), "shard": shard, "meters": owned}
        for name, entry in credentials.items():
            admin.add_gateway(name, entry["shard"], entry["password"])
        admin.close()
        path = self.data / "fleet.json"
        path.write_text(json.dumps(credentials))
        return path

    @contextlib.contextmanager
    def database_away(self, how: str) -> Iterator[None]:
        """The database is ``up``, ``stopped`` or ``hung`` for a while; nobody starts it again meanwhile."""
        if how == "up":
            yield
            return
        server, keeper = self.pid("postgres"), self.pid("database")
        assert server is not None
        assert keeper is not None
        family = [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]
        os.kill(keeper, signal.SIGSTOP)
        for member in family if how == "hung" else [server]:
            os.kill(member, signal.SIGSTOP if how == "hung" else signal.SIGQUIT)
        try:
            yield
        finally:
            for member in family if how == "hung" else []:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member, signal.SIGCONT)
            os.kill(keeper, signal.SIGCONT)

    def log_in(self, eventually: Callable[..., None]) -> str:
        """An operator's cookie; that role needs no second step."""
        with self.connect() as connection:
            edit.add_user(connection, User(user_id="tester", name="Tester", role="operator"))
        cookies: list[str] = []

        def accepted() -> bool:
            with httpx.Client(base_url=f"http://127.0.0.1:{self.console_port}") as client:
                client.get(create_login_link(self.data, "tester"))
                if client.get("/api/v1/alarms").status_code == 200:
                    cookies.extend(f"{name}={value}" for name, value in client.cookies.items())
            return bool(cookies)

        eventually(accepted, "the console knows the new user", within_s=15)
        return cookies[0]


class RunningFleet:
    """``python -m firmware_sim.fleet`` as a process."""

    def __init__(
        self, system: RunningSystem, credentials: Path, *, readings: float, presses: float, gateways: int
    ) -> None:
        self.directory = system.data / "fleet"
        self._argv = [
            sys.executable, "-m", "firmware_sim.fleet", "--dir", str(self.directory), "--credentials", str(credentials),
            "--gateways", str(gateways), "--readings", str(readings), "--presses", str(presses),
            "--port", str(system.broker_port), "--fresh-buttons", "--drain", "600",
        ]  # fmt: skip
        self._log = system.data / "fleet.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._argv, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def finish(self) -> dict[str, Any]:
        """Stop making, wait until everything is acknowledged, and give the fleet's own summary."""
        assert self._process is not None
        wait_for(self._catches_sigterm, 20)
        self._process.send_signal(signal.SIGTERM)
        ended(self._process, 660)
        lines = [line for line in self._log.read_text().splitlines() if line.startswith("{")]
        summary: dict[str, Any] = json.loads(lines[-1])
        return summary

    def _catches_sigterm(self) -> bool:
        """One that has only just started would die of it without a summary."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
        return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def wait_for(holds: Callable[[], object], within_s: float) -> bool:
    """Ask until true or too late."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False
