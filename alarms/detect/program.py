"""The program ``detect``."""

from __future__ import annotations

import signal
import threading
import time

import msgspec

from alarms.core.errors import CoreError
from alarms.core.profiles import load_profiles
from alarms.detect.loop import CONSUMER, SHARD, SUBSCRIPTIONS, Loop
from alarms.detect.settings import DetectSettings
from alarms.detect.state import DetectState
from alarms.errors import AlarmsError
from ingest.clock import SystemClock
from ingest.errors import SettingsError
from ingest.health import FILE, Health
from ingest.log import Log, start_logging
from ingest.mqtt import Account, Session, Will
from ingest.registry.follower import RegistryFollower
from ingest.settings import ConnectionSettings
from ingest.wire import topics


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 when it ended as asked, 1 when its state is unusable, 2 on wrong settings."""
    start_logging()
    log = Log("detect")
    try:
        connection, settings = ConnectionSettings.load(), DetectSettings.load()
        profiles = load_profiles()
        state = DetectState(connection.data / "detect" / "state.sqlite")
    except SettingsError as error:
        log.error("settings.refused", error=error)
        return 2
    except (AlarmsError, CoreError) as error:
        log.error("state.refused", error=error)
        return 1
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    started_s = time.time()
    session = _session(connection, settings, state, started_s)
    follower = RegistryFollower(connection.database, connection.data / "detect" / "registry.json", "detect")
    follower.subscribe(session.post)
    loop = Loop(
        profiles=profiles,
        registry=follower.current,
        state=state,
        session=session,
        clock=SystemClock(),
        save_s=settings.save_s,
        resend_s=settings.resend_s,
        started_s=started_s,
    )
    follower.start()
    session.start()
    health = Health(connection.data / "detect" / FILE)
    reporter = threading.Thread(target=_report, args=(loop, session, health, stopping), name="health", daemon=True)
    reporter.start()
    log.info("detect.started", devices=len(follower.current.devices))
    loop.run(stopping)
    log.info("detect.stopping")
    session.stop()
    follower.stop()
    state.close()
    return 0


def _session(connection: ConnectionSettings, settings: DetectSettings, state: DetectState, started_s: float) -> Session:
    account = Account(
        host=connection.broker_host,
        port=connection.broker_port,
        username=settings.username,
        password=settings.password.get_secret_value(),
        ca=connection.broker_ca,
    )
    gone = msgspec.json.encode({"state": "offline", "boot": state.boot, "at": started_s})
    will = Will(topics.status(SHARD, CONSUMER), gone)
    return Session(account, "anxin-detect", subscriptions=SUBSCRIPTIONS, will=will)


def _report(loop: Loop, session: Session, health: Health, stopping: threading.Event) -> None:
    while not stopping.wait(1.0):
        health.report(broker=session.connected, readings=loop.readings, judged=loop.judged, devices=loop.presence())
