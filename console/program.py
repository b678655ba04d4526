"""``anxin console``: serve the console until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator

import uvicorn

from alarms.notify.settings import NotifySettings
from console.app import create_app
from console.errors import CertificateError
from console.live import Live
from console.settings import ConsoleSettings
from console.tls.follow import Follower
from console.wiring import build_parts, close_parts, registry_copy
from ingest.clock import SystemClock
from ingest.errors import SettingsError
from ingest.log import Log, start_logging
from ingest.registry.follower import RegistryFollower
from ingest.registry.model import Registry
from ingest.settings import ConnectionSettings

_STOP_S = 3
_BACKLOG = 2048


def main() -> int:
    """Run the console; 0 after SIGTERM or SIGINT, 2 when a setting is wrong."""
    try:
        connection, settings = ConnectionSettings.load(), ConsoleSettings.load()
        NotifySettings.load()  # the parts are built of them later; what is wrong is said here
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - said to the person who starts it
        return 2
    start_logging()
    os.umask(0o077)
    log = Log("console")
    certificate = _certificate(settings, log)
    try:
        if certificate is not None:
            certificate.start(SystemClock().now())
    except CertificateError as error:
        log.error("console.not_started", reason=error)
        return 2
    return asyncio.run(run(connection, settings, certificate, log))


async def run(connection: ConnectionSettings, settings: ConsoleSettings, certificate: Follower | None, log: Log) -> int:
    """Serve until SIGTERM or SIGINT."""
    follower = RegistryFollower(connection.database, registry_copy(connection.data), "console")
    parts = build_parts(settings, connection, lambda: follower.current, SystemClock())
    loop = asyncio.get_running_loop()

    def on_registry(_registry: Registry) -> None:
        loop.call_soon_threadsafe(parts.live.recheck_access)

    follower.subscribe(on_registry)
    config = uvicorn.Config(
        create_app(parts),
        host=settings.host,
        port=settings.port,
        ssl_context_factory=None if certificate is None else lambda *_: certificate.context,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=_STOP_S,
        timeout_keep_alive=30,
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
    )
    server = ConsoleServer(config, parts.live)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    follower.start()
    following = None if certificate is None else asyncio.create_task(certificate.run(), name="console-certificate")
    log.info("console.starting", host=settings.host, port=settings.port, https=settings.secure)
    try:
        await server.serve()
    except SystemExit:
        # uvicorn's way to say that the address is taken
        log.error("console.not_started", host=settings.host, port=settings.port)
        return 1
    finally:
        if following is not None:
            following.cancel()
        await asyncio.to_thread(follower.stop)
        close_parts(parts)
    log.info("console.stopped")
    return 0


def _certificate(settings: ConsoleSettings, log: Log) -> Follower | None:
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    return Follower(settings.tls_cert, settings.tls_key, log)


class ConsoleServer(uvicorn.Server):
    """Ends the live feeds first, so that a stop is quick; leaves signals to the program."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    def stop(self) -> None:
        """Finish what is under way and end."""
        self._live.close()
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


if __name__ == "__main__":
    sys.exit(main())
