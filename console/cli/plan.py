"""The programs of one machine: what ``anxin up`` runs, in which order, with which settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from console.cli.embedded import accounts, broker, database
from console.cli.https import Https
from console.cli.ports import answers
from console.cli.supervise.program import Command, Program, Stage
from console.tls.names import host_in_url
from ingest.wire import topics

PROGRAMS = ("ingest", "detect", "alarms", "console")
_ALARM_CAP_S = 1.0
_HISTORY_NICE = 10
_DETECT_NICE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The settings of one run.

    ``database`` empty: the embedded one. ``public_url`` as in the settings of messages. ``https`` None: plain HTTP.
    ``phone_host`` is the host by which phones reach the console by HTTPS; empty: they do not. ``second_factor`` as in
    the console's settings.
    """

    data: Path
    broker_listen: str
    broker_port: int
    console_host: str
    console_port: int
    database: str = ""
    demo: bool = False
    public_url: str = ""
    https: Https | None = None
    phone_host: str = ""
    second_factor: str = "required"

    @property
    def embedded_database(self) -> bool:
        return not self.database

    @property
    def dsn(self) -> str:
        """The database's connection string; the embedded one's is known before it runs."""
        return self.database or database.dsn(self.data)

    @property
    def console_url(self) -> str:
        host = "127.0.0.1" if self.console_host in ("0.0.0.0", "::") else self.console_host  # noqa: S104 - compared only
        return f"{'http' if self.https is None else 'https'}://{host_in_url(host)}:{self.console_port}"

    @property
    def phone_url(self) -> str:
        """The console's address for phones; empty when only this machine reaches it."""
        return f"https://{self.phone_host}:{self.console_port}" if self.phone_host else ""

    @property
    def trust_url(self) -> str:
        """The page by which phones trust the authority; empty when none is needed."""
        if self.https is None or self.https.trust_port is None:
            return ""
        return f"http://{self.phone_host or '127.0.0.1'}:{self.https.trust_port}"

    def environment(self) -> dict[str, str]:
        """The settings that every program gets. Passwords stay in files."""
        secrets = self.data / "secrets"
        env = {
            "ANXIN_DATA": str(self.data),
            "ANXIN_BROKER_HOST": "127.0.0.1",
            "ANXIN_BROKER_PORT": str(self.broker_port),
            "ANXIN_DATABASE": self.dsn,
            "ANXIN_CONSOLE_HOST": self.console_host,
            "ANXIN_CONSOLE_PORT": str(self.console_port),
            "ANXIN_CONSOLE_SECOND_FACTOR": self.second_factor,
            "PYTHONUNBUFFERED": "1",
        }
        if not self.public_url and (self.phone_url or self.demo):
            env["ANXIN_NOTIFY_PUBLIC_URL"] = self.phone_url or self.console_url  # the links of messages lead somewhere
        if self.https is not None:
            env |= {"ANXIN_CONSOLE_TLS_CERT": str(self.https.certificate), "ANXIN_CONSOLE_TLS_KEY": str(self.https.key)}
            if self.https.trust_port is not None:
                env["ANXIN_CONSOLE_TRUST_PORT"] = env["ANXIN_TLS_TRUST_PORT"] = str(self.https.trust_port)
                env["ANXIN_TLS_NAMES"] = json.dumps([str(name) for name in self.https.names])
        if socket := broker.socket(self.data):
            env["ANXIN_BROKER_SOCKET"] = str(socket)
        for account in accounts.SERVICE_ROLES:
            env[f"ANXIN_{account.upper()}_PASSWORD_FILE"] = str(secrets / account)
        env["ANXIN_CONSOLE_ADMIN_PASSWORD_FILE"] = str(secrets / accounts.ADMIN)
        env["ANXIN_WATCH_PASSWORD_FILE"] = str(secrets / topics.CANARY)
        return env


def programs(
    machine: Machine, done: Callable[[str], bool], running: Callable[[str], bool], seeded: Callable[[str], None]
) -> list[Program]:
    """Every program. ``done`` and ``running`` tell how another one stands, ``seeded`` takes the demo's facts.

    The alarm path waits for the broker only. Each program is started again whatever becomes of the others.
    """

    def verb(*words: str, nice: int = 0) -> Callable[[], Command]:
        argv = [sys.executable, "-m", "console.cli.main", *words]
        return lambda: Command(argv=argv, env=machine.environment(), nice=nice)

    def broker_answers() -> bool:
        return running("broker") and answers("127.0.0.1", machine.broker_port)

    def console_answers() -> bool:
        return answers(machine.console_host, machine.console_port)

    def database_answers() -> bool:
        return not machine.embedded_database or database.ready(machine.data)

    plan = [Program(name="broker", command=lambda: _broker(machine), cap_s=_ALARM_CAP_S, stage=Stage.GROUND)]
    if machine.embedded_database:
        plan.append(
            Program(
                name="database",
                command=lambda: Command(
                    argv=[sys.executable, "-m", "console.cli.embedded.database", str(machine.data)],
                    env=machine.environment(),
                    nice=_HISTORY_NICE,
                ),
                cap_s=5.0,
                stage=Stage.GROUND,
            )
        )
    if machine.https is not None and machine.https.keeper is not None:
        plan.append(
            Program(
                name="certificate",
                command=lambda: Command(argv=[sys.executable, "-m", "console.tls.program"], env=machine.environment()),
                cap_s=5.0,
            )
        )
    plan += [
        Program(name="alarms", command=verb("alarms"), after=broker_answers, cap_s=_ALARM_CAP_S),
        Program(name="detect", command=verb("detect", nice=_DETECT_NICE), after=broker_answers, cap_s=2.0),
        Program(name="console", command=verb("console"), after=broker_answers, cap_s=2.0),
        Program(name="watch", command=verb("watch"), after=broker_answers, cap_s=2.0),
        Program(name="migrate", command=verb("migrate"), after=database_answers, once=True),
        Program(
            name="ingest",
            command=verb("ingest", nice=_HISTORY_NICE),
            after=lambda: done("migrate") and broker_answers(),
            cap_s=5.0,
        ),
        Program(
            name="gateway",
            command=verb("gateway"),
            after=broker_answers,
            cap_s=2.0,
            stage=Stage.PRODUCE,
        ),
    ]
    if machine.demo:
        plan += [
            Program(
                name="seed",
                command=lambda: Command(
                    argv=[sys.executable, "-m", "console.cli.demo.seed"], env=machine.environment()
                ),
                after=lambda: done("migrate") and broker_answers(),
                once=True,
                told=seeded,
            ),
            Program(
                name="sim",
                command=verb("sim", "run", "demo", "--stay"),
                after=lambda: done("seed") and running("gateway") and running("alarms") and console_answers(),
                stage=Stage.PRODUCE,
            ),
        ]
    return plan


def _broker(machine: Machine) -> Command:
    prepared = broker.prepare(machine.data, machine.broker_port, accounts.service_passwords(machine.data))
    return Command(argv=prepared.argv, env=prepared.env)
