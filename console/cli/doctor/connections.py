"""What the programs stand on, seen from here: broker, database, console."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from console.cli.doctor.finding import Finding, Verdict
from console.cli.doctor.journal import look_at_journal
from console.cli.doctor.settings import DoctorSettings
from console.cli.run_file import read_run
from console.cli.sim_account import sim_account
from console.cli.where import Where
from console.watch.feed import trust
from ingest.store.connection import Connection, connect
from ingest.store.errors import StoreError
from ingest.store.migrate import pending

SLOW_S = 0.5
_WAIT_S = 3.0


def look_at_broker(where: Where) -> Finding:
    """Log in as the simulator's account, the weakest there is."""
    place = f"{where.broker_host}:{where.broker_port}"
    username, password = sim_account(where.data)
    answer: list[str] = []
    answered = threading.Event()

    def on_connect(_client: object, _data: object, _flags: object, reason: ReasonCode, _more: object) -> None:
        answer.append(str(reason) if reason.is_failure else "")
        answered.set()

    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"anxin-doctor-{time.time_ns()}")
    client.username_pw_set(username, password)
    client.on_connect = on_connect
    if where.broker_ca is not None:
        client.tls_set(str(where.broker_ca))
    started = time.monotonic()
    try:
        client.connect_timeout = _WAIT_S
        client.connect(where.broker_host, where.broker_port, keepalive=10)
    except (OSError, ValueError) as error:
        advice = "nothing moves without it; the gateways keep their messages. Is `anxin up` running?"
        return Finding(check="broker", verdict=Verdict.BAD, text=f"{place} does not answer: {error}", advice=advice)
    client.loop_start()
    answered.wait(_WAIT_S)
    took_s = time.monotonic() - started
    client.disconnect()
    client.loop_stop()
    if not answer:
        advice = "it accepts connections and hangs: restart it"
        return Finding(check="broker", verdict=Verdict.BAD, text=f"{place} says nothing", advice=advice)
    if answer[0] and not password:
        return Finding(
            check="broker",
            verdict=Verdict.OK,
            text=f"{place} answers in {took_s * 1000:.0f} ms (login not tried: no password for {username})",
        )
    if answer[0]:
        advice = f"its accounts are not those of {where.data}: is this the right data directory?"
        return Finding(check="broker", verdict=Verdict.BAD, text=f"{place} refuses us: {answer[0]}", advice=advice)
    verdict = Verdict.SLOW if took_s > SLOW_S else Verdict.OK
    advice = "the broker's machine is busy" if verdict is Verdict.SLOW else ""
    return Finding(
        check="broker", verdict=verdict, text=f"{place} lets us in after {took_s * 1000:.0f} ms", advice=advice
    )


def look_at_database(where: Where) -> Iterator[Finding]:
    """Reachable, fast, newest schema; then what it holds about the programs."""
    if not where.database:
        text = "no database is set: alarms work, history is not stored"
        yield Finding(check="database", verdict=Verdict.SLOW, text=text, advice="set ANXIN_DATABASE or use `anxin up`")
        return
    started = time.monotonic()
    try:
        with connect(where.database, "doctor", connect_timeout_s=5, statement_timeout_s=5) as connection:
            connection.execute("SELECT 1")
            took_s = time.monotonic() - started
            yield _speed(took_s)
            lacking = pending(connection)
            if lacking:
                text = f"{len(lacking)} migrations are not applied, first {lacking[0]}"
                yield Finding(check="schema", verdict=Verdict.BAD, text=text, advice="run: anxin migrate")
                return
            yield from _projection(connection, where.data)
            yield from _quarantine(connection)
    except (StoreError, psycopg.Error) as error:
        advice = "alarms go on without it; history and registry changes wait"
        text = str(error).strip().splitlines()[0]
        yield Finding(check="database", verdict=Verdict.BAD, text=text, advice=advice)


def look_at_console(where: Where, settings: DoctorSettings) -> Iterator[Finding]:
    """Ask the console whether it is ready; nothing to say where no console of ours is known."""
    run = read_run(where.data)
    url = settings.console_url.rstrip("/") or (run.console_url if run is not None else "")
    if not url:
        return
    certificate = settings.console_certificate
    if certificate is None and run is not None and run.certificate and url == run.console_url:
        certificate = Path(run.certificate)
    started = time.monotonic()
    try:
        answer = httpx.get(f"{url}/readyz", timeout=_WAIT_S, verify=trust(certificate))
    except (httpx.HTTPError, OSError, ValueError) as error:
        text = f"{url} does not answer: {error}"
        yield Finding(check="page", verdict=Verdict.BAD, text=text, advice="see console; phones are still told")
        return
    took_s = time.monotonic() - started
    if answer.status_code != httpx.codes.OK:
        text = f"{url} answers, but is not ready: {answer.text.strip()[:200]}"
        yield Finding(check="page", verdict=Verdict.BAD, text=text, advice="see broker and alarms")
        return
    verdict = Verdict.SLOW if took_s > SLOW_S else Verdict.OK
    yield Finding(check="page", verdict=verdict, text=f"{url} is ready, {took_s * 1000:.0f} ms")


def _speed(took_s: float) -> Finding:
    verdict = Verdict.SLOW if took_s > SLOW_S else Verdict.OK
    advice = "its disk or machine is busy" if verdict is Verdict.SLOW else ""
    return Finding(check="database", verdict=verdict, text=f"answers in {took_s * 1000:.0f} ms", advice=advice)


def _projection(connection: Connection, data: Path) -> Iterator[Finding]:
    row = connection.execute("SELECT coalesce(max(position), 0) FROM projection_cursor").fetchone()
    yield from look_at_journal(data, int(row[0]) if row else 0)


def _quarantine(connection: Connection) -> Iterator[Finding]:
    rows = connection.execute(
        "SELECT reason, count(*) FROM quarantine WHERE received_at > %s GROUP BY 1 ORDER BY 2 DESC",
        (datetime.now(UTC) - timedelta(days=1),),
    ).fetchall()
    counts = {str(reason): int(count) for reason, count in rows}
    if not counts:
        yield Finding(check="quarantine", verdict=Verdict.OK, text="nothing was set aside in the last 24 hours")
        return
    text = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    yield Finding(
        check="quarantine",
        verdict=Verdict.SLOW,
        text=f"set aside in the last 24 hours: {text}",
        advice="see them: SELECT topic, reason, detail FROM quarantine ORDER BY received_at DESC LIMIT 20",
        facts={"counts": counts},
    )
