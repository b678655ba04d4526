"""``python -m console.tls.program``: keeps the console's certificate, and serves the page by which phones trust it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from console.errors import CertificateError
from console.settings import LOOPBACK, ConsoleSettings
from console.tls import machine
from console.tls.keeper import Keeper
from console.tls.settings import TlsSettings
from console.tls.trust_page import create_trust_page
from ingest.clock import Clock, SystemClock
from ingest.errors import SettingsError
from ingest.log import Log, start_logging
from ingest.settings import ConnectionSettings

LOOKED_AT_EVERY_S = 60.0
_CONNECTIONS = 100


def main() -> int:
    """Run until SIGTERM or SIGINT; 1 when its port is taken, 2 on wrong settings."""
    try:
        connection, console, tls = ConnectionSettings.load(), ConsoleSettings.load(), TlsSettings.load()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - said to the person who starts it
        return 2
    start_logging()
    os.umask(0o077)
    keeper = Keeper(connection.data, tls.parsed)
    return asyncio.run(run(keeper, console, tls.trust_port or console.port + 1, SystemClock(), Log("certificate")))


async def run(keeper: Keeper, console: ConsoleSettings, port: int, clock: Clock, log: Log) -> int:
    """Serve the page and look after the certificate."""
    config = uvicorn.Config(
        create_trust_page(
            keeper,
            console_port=console.port,
            own_port=port,
            addresses=list if console.host in LOOPBACK else machine.addresses,
            fallback=console.language,
            clock=clock,
        ),
        host=console.host,
        port=port,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=5,
        limit_concurrency=_CONNECTIONS,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    renewing = asyncio.create_task(_renew(keeper, clock, log), name="certificate-renewal")
    log.info("trust_page.starting", host=console.host, port=port)
    try:
        await server.serve()
    except SystemExit:
        # uvicorn's way to say that the address is taken
        log.error("trust_page.not_started", host=console.host, port=port)
        return 1
    finally:
        renewing.cancel()
    return 0


async def _renew(keeper: Keeper, clock: Clock, log: Log) -> None:
    """Look after the certificate for ever; a trouble is told once and tried again."""
    trouble = ""
    while True:
        try:
            if keeper.look(clock.now()):
                log.info("certificate.renewed", path=keeper.certificate)
            trouble = ""
        except CertificateError as error:
            if str(error) != trouble:
                log.error("certificate.not_renewed", reason=error)
            trouble = str(error)
        await asyncio.sleep(LOOKED_AT_EVERY_S)


class _Server(uvicorn.Server):
    """Leaves signals to the program."""

    def stop(self) -> None:
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


if __name__ == "__main__":
    sys.exit(main())
