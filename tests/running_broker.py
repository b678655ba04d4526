"""A real broker for one test, started as ``anxin up`` starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

from console.cli.embedded import accounts, broker
from ingest.account import Account
from tests.children import PATIENCE_S


class RunningBroker:
    """Mosquitto or aedes on a port of its own, with the programs' accounts; it can be killed and started again."""

    def __init__(self, data: Path, port: int, kind: str) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self.data = data
        self.kind = kind
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = broker.socket(data)
        self.passwords = accounts.service_passwords(data)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def account(self, username: str, password: str | None = None) -> Account:
        """Who to be at this broker: a program's account, or any account whose password is given."""
        known = self.passwords[username] if password is None else password
        return Account(host=self.host, port=self.port, username=username, password=known)

    def start(self) -> None:
        command = broker.prepare(self.data, self.port, self.passwords, choice=self.kind)
        self._process = subprocess.Popen(
            command.argv, env={**os.environ, **command.env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self._process.poll() is None, f"the broker ended: {command.describe}"
            assert time.monotonic() < end, "the broker does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """As by ``kill -9``."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex((self.host, self.port)) == 0
