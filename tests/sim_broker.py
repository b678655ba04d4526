"""An open Mosquitto for tests of the simulator: no accounts, so that any gateway may come; it can be killed."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import parts


class OpenBroker:
    """Mosquitto on a port of its own."""

    def __init__(self, directory: Path) -> None:
        self.host, self.port = "127.0.0.1", parts.free_port()
        self._program = parts.find_program("mosquitto")
        if self._program is None:
            parts.missing("Mosquitto (Debian: apt-get install mosquitto)")
        self._config = directory / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n"
            "max_queued_messages 0\nmax_inflight_messages 65535\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(self._program), "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < end, "the broker does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """As by ``kill -9``; nothing of it survives."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex((self.host, self.port)) == 0


@contextmanager
def open_broker(directory: Path) -> Iterator[OpenBroker]:
    broker = OpenBroker(directory)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()
