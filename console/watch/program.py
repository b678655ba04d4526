"""``anxin watch``: a program of its own, so that it lives when ``alarms`` or ``console`` does not."""

from __future__ import annotations

import signal
import sys
import threading
import time

from prometheus_client import start_http_server

from console.settings import ConsoleSettings
from console.watch.canary import Timing
from console.watch.dead_man import DeadMan
from console.watch.feed import FeedListener
from console.watch.kept import FILE as KEPT
from console.watch.kept import KeptFile
from console.watch.loop import SUBSCRIPTIONS, Loop
from console.watch.metrics import Metrics
from console.watch.settings import WatchSettings
from ingest.errors import SettingsError
from ingest.health import FILE, Health
from ingest.log import Log, start_logging
from ingest.mqtt import Message, Session
from ingest.settings import ConnectionSettings

_SETTLE_S = 10.0  # the other programs may be starting too
_TAKE = 100


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 when it ended as asked, 2 on wrong settings."""
    start_logging()
    log = Log("watch")
    try:
        connection, settings = ConnectionSettings.load(), WatchSettings.load()
        if not settings.console_url:
            settings = settings.beside(ConsoleSettings.load())
    except SettingsError as error:
        log.error("settings.refused", error=error)
        return 2
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run(connection, settings, stopping, log)
    return 0


def run(connection: ConnectionSettings, settings: WatchSettings, stopping: threading.Event, log: Log) -> None:
    """Watch until ``stopping``."""
    folder = connection.data / "watch"
    metrics = Metrics()
    session = Session(
        connection.account(settings.username, settings.password.get_secret_value()),
        "anxin-watch",
        subscriptions=SUBSCRIPTIONS,
        clean=True,
    )
    loop = Loop(
        publisher=session,
        kept=KeptFile(folder / KEPT, log),
        timing=Timing(every_s=settings.every_s, limit_s=settings.limit_s, settle_s=min(_SETTLE_S, settings.every_s)),
        metrics=metrics,
        clock=time.monotonic,
        wall=time.time,
        log=log,
    )
    feed = FeedListener(
        settings.console_url,
        settings.console_token.get_secret_value(),
        settings.console_certificate,
        session.post,
        log,
    )
    dead_man = DeadMan(
        settings.dead_man_url.get_secret_value(),
        settings.dead_man_method,
        settings.dead_man_every_s,
        loop.is_well,
        metrics.ping,
        log,
    )
    health = Health(folder / FILE)
    if settings.metrics_port:
        start_http_server(settings.metrics_port, "127.0.0.1", registry=metrics.registry)
    for part in (session, feed, dead_man):
        part.start()
    log.info("watch.started", console=settings.console_url, every_s=settings.every_s)
    while not stopping.is_set():
        items = session.take(_TAKE, loop.wait_s())
        loop.turn(items)
        session.acknowledge(item for item in items if isinstance(item, Message))
        if health.due():
            health.report(broker=session.connected, feed=feed.connected, **loop.facts())
    log.info("watch.stopping")
    for part in (dead_man, feed, session):
        part.stop()


if __name__ == "__main__":
    sys.exit(main())
