"""The supervisor over real processes: restarts, a clean end in the right order, no orphans."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from console.cli.run_file import Run, read_run

Eventually = Callable[..., None]
PATIENT = "import time\nprint('here')\nwhile True: time.sleep(1)"
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: print('no'))\nprint('here')\n"
    "while True: time.sleep(1)"
)
PARENT = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print('grandchild', child.pid)\nwhile True: time.sleep(1)"
)


class Supervised:
    """A supervisor in a process of its own."""

    def __init__(self, data: Path, *plan: dict[str, object]) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.supervised", str(data), json.dumps(plan)], stdout=subprocess.DEVNULL
        )

    @property
    def run(self) -> Run | None:
        return read_run(self.data)

    def pid(self, name: str) -> int | None:
        state = self.run.programs.get(name) if self.run else None
        return state.pid if state else None

    @property
    def log(self) -> str:
        path = self.data / "anxin.log"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(*plan: dict[str, object]) -> Supervised:
        started.append(Supervised(tmp_path, *plan))
        return started[-1]

    yield start
    for supervised in started:
        supervised.process.kill()
        supervised.process.wait()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_killed_program_starts_again_at_once(supervise: Callable[..., Supervised], eventually: Eventually) -> None:
    supervised = supervise({"name": "alarms", "code": PATIENT})
    eventually(lambda: supervised.log.count("alarms   | here") == 1, "it runs")
    first = supervised.pid("alarms")
    assert first is not None
    killed_at = time.monotonic()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervised.pid("alarms") not in (None, first), "it has started again", within_s=2)
    assert time.monotonic() - killed_at < 1.0
    eventually(lambda: "exit=SIGKILL" in supervised.log, "the log says how it ended")
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(10) == 0


def test_a_program_that_is_done_stays_done(supervise: Callable[..., Supervised], eventually: Eventually) -> None:
    supervised = supervise(
        {"name": "migrate", "code": "print('migrated')", "once": True}, {"name": "alarms", "code": PATIENT}
    )
    eventually(lambda: "program=migrate took_s" in supervised.log, "it is done")
    eventually(lambda: "alarms   | here" in supervised.log, "the other one runs")
    assert supervised.log.count("migrate  | migrated") == 1


def test_ctrl_c_ends_producers_first_and_the_ground_last(
    supervise: Callable[..., Supervised], eventually: Eventually
) -> None:
    supervised = supervise(
        {"name": "broker", "code": PATIENT, "stage": "GROUND"},
        {"name": "alarms", "code": PATIENT, "stage": "HANDLE"},
        {"name": "sim", "code": PATIENT, "stage": "PRODUCE"},
    )
    eventually(lambda: supervised.log.count("| here") == 3, "all run")
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(10) == 0
    stopped = [
        line.split("program=")[1].split()[0] for line in supervised.log.splitlines() if "program.stopped" in line
    ]
    assert stopped == ["sim", "alarms", "broker"]
    assert supervised.run is None


def test_a_program_that_will_not_stop_is_killed_within_ten_seconds(
    supervise: Callable[..., Supervised], eventually: Eventually
) -> None:
    names = {"GROUND": "broker", "HANDLE": "alarms", "PRODUCE": "sim"}
    supervised = supervise(*({"name": name, "code": STUBBORN, "stage": stage} for stage, name in names.items()))
    eventually(lambda: supervised.log.count("| here") == 3, "all run")
    pids = [supervised.pid(name) for name in names.values()]
    asked_at = time.monotonic()
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(12) == 0
    assert time.monotonic() - asked_at < 10
    assert all(pid is not None and gone(pid) for pid in pids)


def test_nothing_outlives_a_supervisor_that_was_killed(
    supervise: Callable[..., Supervised], eventually: Eventually
) -> None:
    supervised = supervise({"name": "gateway", "code": PARENT}, {"name": "alarms", "code": PATIENT})
    eventually(lambda: "grandchild" in supervised.log and "| here" in supervised.log, "all run")
    grandchild = int(supervised.log.split("grandchild ")[1].split()[0])
    pids = [pid for name in ("gateway", "alarms") if (pid := supervised.pid(name))]
    assert len(pids) == 2
    supervised.process.kill()
    eventually(lambda: all(gone(pid) for pid in [*pids, grandchild]), "children and grandchildren are gone")


def test_after_a_killed_supervisor_the_next_one_waits_for_its_children_to_end(
    supervise: Callable[..., Supervised], eventually: Eventually
) -> None:
    killed = supervise({"name": "alarms", "code": STUBBORN})
    eventually(lambda: "| here" in killed.log, "it runs")
    old = killed.pid("alarms")
    assert old is not None
    killed.process.kill()
    killed.process.wait()
    following = supervise({"name": "alarms", "code": PATIENT})
    eventually(lambda: following.pid("alarms") not in (None, old), "the next one runs", within_s=15)
    assert gone(old)
