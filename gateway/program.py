"""``anxin gateway``: every gateway whose credentials lie below ``{data}/gateway/``, each in a thread of its own."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from alarms.core.errors import RuleFileError
from alarms.core.profiles import Profiles, load_profiles
from gateway import credentials as files
from gateway.credentials import Credentials
from gateway.errors import CredentialsError
from gateway.settings import GatewaySettings
from gateway.wiring import run_gateway
from ingest.errors import SettingsError
from ingest.health import Health
from ingest.log import Log, start_logging
from ingest.settings import ConnectionSettings

_SCAN_EVERY_S = 1.0
_LONGEST_PAUSE_S = 30.0
_STOP_WITHIN_S = 5.0


def main() -> int:
    """Run until SIGTERM or SIGINT; 0, or 2 when a setting or rule file is wrong."""
    try:
        connection, settings = ConnectionSettings.load(), GatewaySettings.load()
        profiles = load_profiles()
    except (SettingsError, RuleFileError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    start_logging()
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    Site(connection, settings, profiles, Log("gateway")).run(stop)
    return 0


class Site:
    """Starts a gateway when its credentials appear, again when they change, and stops it when they are gone."""

    def __init__(self, connection: ConnectionSettings, settings: GatewaySettings, profiles: Profiles, log: Log) -> None:
        self._connection = connection
        self._settings = settings
        self._profiles = profiles
        self._log = log
        self._directory = connection.data / "gateway"
        self._running: dict[Path, tuple[int, Runner | None]] = {}
        self._health = Health(self._directory / "health.json")

    def run(self, stop: threading.Event) -> None:
        """Watch the credentials until ``stop``."""
        while not stop.is_set():
            self.scan()
            runners = [runner for _, runner in self._running.values() if runner is not None]
            self._health.report(gateways=len(runners), faults=sum(runner.faults for runner in runners))
            stop.wait(_SCAN_EVERY_S)
        self._stop([runner for _, runner in self._running.values() if runner is not None])

    def scan(self) -> None:
        """Compare what runs with the credentials that are there."""
        found = files.scan(self._directory)
        gone = [path for path, (written, _) in self._running.items() if found.get(path) != written]
        self._stop([runner for path in gone if (runner := self._running.pop(path)[1]) is not None])
        for path, written in found.items():
            if path not in self._running:
                self._running[path] = (written, self._start(path))

    def _start(self, path: Path) -> Runner | None:
        try:
            credentials = files.read(path)
        except CredentialsError as error:
            self._log.error("credentials.refused", error=error)
            return None
        runner = Runner(path.parent, credentials, self._connection, self._settings, self._profiles, self._log)
        runner.start()
        return runner

    def _stop(self, runners: list[Runner]) -> None:
        for runner in runners:
            runner.end()
        for runner in runners:
            runner.join(_STOP_WITHIN_S)


class Runner(threading.Thread):
    """Keeps one gateway running: a fault in it is logged, and it begins anew after a pause."""

    def __init__(
        self,
        directory: Path,
        credentials: Credentials,
        connection: ConnectionSettings,
        settings: GatewaySettings,
        profiles: Profiles,
        log: Log,
    ) -> None:
        super().__init__(name=f"gateway-{credentials.gateway_id}", daemon=True)
        self._arguments = (directory, credentials, connection, settings, profiles)
        self._gateway_id = credentials.gateway_id
        self._log = log
        self._ending = threading.Event()
        self._wake = threading.Event()
        self.faults = 0

    def end(self) -> None:
        """Ask the gateway to stop."""
        self._ending.set()
        self._wake.set()

    def run(self) -> None:
        pause_s = 1.0
        while not self._ending.is_set():
            try:
                run_gateway(*self._arguments, self._ending, self._wake, self._log)
            except Exception:  # noqa: BLE001 - a fault in one gateway never stops another
                self.faults += 1
                self._log.exception("gateway.failed", gateway_id=self._gateway_id, again_in_s=pause_s)
                self._ending.wait(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


if __name__ == "__main__":
    sys.exit(main())
