"""The program ``detect``: telemetry and motion of every gateway through the core, judgements to ``alarms``."""

from __future__ import annotations

import signal
import threading
import time

from alarms.core.errors import RuleFileError
from alarms.core.profiles import Profiles, load_profiles
from alarms.detect.detector import HISTORY, STATE, Detector
from alarms.detect.intake import LANES, SUBSCRIPTIONS, Intake
from alarms.detect.loop import Loop
from alarms.detect.outlet import ACK_TOPIC, STATUS_TOPIC
from alarms.detect.returns import Returns
from alarms.detect.settings import DetectSettings
from alarms.detect.store import DetectStore
from alarms.errors import DetectStateError
from alarms.routine.settings import RoutineSettings
from alarms.routine.worker import RoutineWorker
from ingest.clock import SystemClock
from ingest.errors import SettingsError
from ingest.health import FILE, Health
from ingest.log import Log, start_logging
from ingest.mqtt import Session, Will
from ingest.registry.follower import RegistryFollower
from ingest.settings import ConnectionSettings
from ingest.wire import status

_PAUSE_S = 0.002  # between two reads: each finds more
_FORGET_S = 30 * 86_400.0


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 when it ended as asked, 1 when its file is unusable, 2 on wrong settings."""
    start_logging()
    log = Log("detect")
    try:
        connection, settings, routine = ConnectionSettings.load(), DetectSettings.load(), RoutineSettings.load()
        profiles = load_profiles()
        store = DetectStore.open(connection.data / "detect" / "state.sqlite", log)
    except (SettingsError, RuleFileError) as error:
        log.error("settings.refused", error=error)
        return 2
    except DetectStateError as error:
        log.error("state.refused", error=error)
        return 1
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    _run(connection, settings, routine, profiles, store, stopping, log)
    store.close()
    return 0


def _run(
    connection: ConnectionSettings,
    settings: DetectSettings,
    routine: RoutineSettings,
    profiles: Profiles,
    store: DetectStore,
    stopping: threading.Event,
    log: Log,
) -> None:
    folder = connection.data / "detect"
    started_s = time.time()
    store.forget(started_s - _FORGET_S)
    session = Session(
        connection.account(settings.username, settings.password.get_secret_value()),
        "anxin-detect",
        subscriptions=(*SUBSCRIPTIONS, ACK_TOPIC),
        will=Will(STATUS_TOPIC, status.encode("offline", store.boot, started_s)),
        pause_s=_PAUSE_S,
    )
    follower = RegistryFollower(connection.database, folder / "registry.json", "detect")
    returns = Returns(connection.database, lambda: follower.current)
    loop = Loop(
        session=session,
        store=store,
        detector=Detector(profiles, log, store.state(STATE), store.state(HISTORY)),
        intake=Intake({lane: store.lanes(lane) for lane in LANES}),
        health=Health(folder / FILE),
        settings=settings,
        clock=SystemClock(),
        database=lambda: follower.reachable,
        log=log,
        started_s=started_s,
        tell_back=returns.tell,
    )
    worker = RoutineWorker(connection.database, lambda: follower.current, profiles, routine, SystemClock())
    loop.set_registry(follower.current)
    follower.subscribe(session.post)
    follower.start()
    session.start()
    worker.start()
    returns.start()
    log.info("detect.started", boot=store.boot, waiting=store.waiting)
    loop.run(stopping)
    log.info("detect.stopping")
    session.stop()
    returns.stop()
    worker.stop()
    follower.stop()
