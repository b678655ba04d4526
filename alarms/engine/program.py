"""The program ``alarms``."""

from __future__ import annotations

import signal
import sys
import threading

from alarms.engine.wiring import Program, build
from alarms.errors import AlarmsError
from alarms.settings import AlarmsSettings
from ingest.errors import SettingsError
from ingest.health import FILE, Health
from ingest.log import Log, start_logging
from ingest.settings import ConnectionSettings

_SWITCH_S = 0.0005  # the loop gives the interpreter away at every write to the journal; senders must soon give it back


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 when it ended as asked, 1 when the journal is unusable, 2 on wrong settings."""
    start_logging()
    log = Log("alarms")
    try:
        connection = ConnectionSettings.load()
        program = build(connection, AlarmsSettings.load())
    except SettingsError as error:
        log.error("settings.refused", error=error)
        return 2
    except AlarmsError as error:
        log.error("journal.refused", error=error)
        return 1
    sys.setswitchinterval(_SWITCH_S)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    program.follower.start()
    program.projector.start()
    program.notes.start()
    program.channels.start()
    program.dispatcher.start()
    program.session.start()
    reporter = threading.Thread(
        target=_report, args=(program, Health(connection.data / "alarms" / FILE), stopping), name="health", daemon=True
    )
    reporter.start()
    for channel in program.channels.absent:
        log.info("channel.absent", channel=channel)
    log.info("alarms.started", open=len(program.journal.open_alarms()))
    program.loop.run(stopping)
    log.info("alarms.stopping")
    program.session.stop()
    program.dispatcher.stop()
    program.channels.stop()
    program.projector.stop()
    program.notes.stop()
    program.follower.stop()
    program.journal.close()
    return 0


def _report(program: Program, health: Health, stopping: threading.Event) -> None:
    while not stopping.wait(1.0):
        health.report(
            turns=program.loop.turns,
            broker=program.session.subscribed,
            database=program.projector.reachable,
            projected=program.projector.position,
        )
