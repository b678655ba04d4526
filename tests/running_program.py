"""A program of ours as a real process that can be stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.children import ended
from tests.running_broker import RunningBroker


class RunningProgram:
    """``anxin NAME``, or the program of a ``module``, against a test's broker, with its own data directory and log."""

    def __init__(
        self,
        name: str,
        broker: RunningBroker,
        data: Path,
        *,
        database: str = "",
        settings: dict[str, str] | None = None,
        module: str = "",
    ) -> None:
        self.name = name
        self._words = [module] if module else ["console.cli.main", name]
        self.log = data / f"{name}.log"
        data.mkdir(parents=True, exist_ok=True)
        self._env = os.environ | {
            "ANXIN_DATA": str(data),
            "ANXIN_BROKER_HOST": broker.host,
            "ANXIN_BROKER_PORT": str(broker.port),
            "ANXIN_DATABASE": database,
            f"ANXIN_{name.upper()}_PASSWORD": broker.passwords.get(name, ""),
            **({"ANXIN_BROKER_SOCKET": str(broker.socket)} if broker.socket else {}),
            **(settings or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            argv = [sys.executable, "-m", *self._words]
            self._process = subprocess.Popen(argv, env=self._env, stdout=log, stderr=log)

    def kill(self) -> None:
        """As by ``kill -9``."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return ended(self._process)
