"""``anxin up``: every program of the product on this machine, under one supervisor."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from alarms.notify.settings import NotifySettings
from console.cli.demo import guide
from console.cli.embedded import accounts, broker, browser_libraries
from console.cli.embedded.settings import EmbeddedSettings
from console.cli.exit_codes import CommandError, ExitCode
from console.cli.https import ANYWHERE, Asked, choose_https, https_options
from console.cli.plan import Machine, programs
from console.cli.ports import answers, require_free
from console.cli.run_file import RunFile
from console.cli.supervise.lock import DataLock
from console.cli.supervise.output import Output
from console.cli.supervise.supervisor import Supervisor
from console.settings import ConsoleSettings
from console.tls.settings import TlsSettings
from ingest.clock import SystemClock
from ingest.settings import ConnectionSettings


@click.command()
@click.option("--demo", is_flag=True, help="Add a simulated nursing home and six private homes, and stage some alarms.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where everything is kept.")
@click.option("--port", type=click.IntRange(1, 65535), help="The console's port.")
@click.option("--broker-port", type=click.IntRange(1, 65535), help="The MQTT broker's port.")
@https_options
@click.option("--quiet", is_flag=True, help="Show only warnings here; the log file has everything.")
def up(*, demo: bool, data: Path | None, port: int | None, broker_port: int | None, asked: Asked, quiet: bool) -> int:
    """Run everything on this machine until Ctrl-C."""
    machine = _machine(demo, data, port, broker_port, asked)
    try:
        machine.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"the data directory {machine.data} cannot be made: {error.strerror}") from error
    lock = DataLock(machine.data)
    lock.take()
    try:
        require_free(machine.broker_listen, machine.broker_port, "The broker", "--broker-port")
        require_free(machine.console_host, machine.console_port, "The console", "--port")
        warnings = _prepare_https(machine)
        _run(machine, lock, Output(machine.data, quiet=quiet), warnings)
    finally:
        lock.release()
    return ExitCode.OK


def _machine(demo: bool, data: Path | None, port: int | None, broker_port: int | None, asked: Asked) -> Machine:
    connection, console = ConnectionSettings.load(), ConsoleSettings.load()
    folder, console_port = (data or connection.data).absolute(), port or console.port
    https = choose_https(asked, console, TlsSettings.load(), folder, console_port)
    # who asks for HTTPS asks for phones; what stands in the settings stays
    is_opened = https is not None and https.certificate != console.tls_cert and "host" not in console.model_fields_set
    host = ANYWHERE if is_opened else console.host
    return Machine(
        data=folder,
        broker_listen=EmbeddedSettings.load().broker_listen,
        broker_port=broker_port or connection.broker_port,
        console_host=host,
        console_port=console_port,
        database=connection.database,
        demo=demo,
        public_url=str(NotifySettings.load().public_url or ""),
        https=https,
        phone_host="" if https is None else https.phone_host(host),
        second_factor=second_factor_of(console, demo=demo),
    )


def second_factor_of(console: ConsoleSettings, *, demo: bool) -> str:
    """As the settings say; the demo, tried on one's own machine by links of its terminal, only offers it."""
    return "offered" if demo and "second_factor" not in console.model_fields_set else console.second_factor


def _prepare_https(machine: Machine) -> list[str]:
    """Why browsers refuse the certificate that is served, if they do."""
    https = machine.https
    if https is None:
        return []
    if https.trust_port is not None:
        if https.trust_port in (machine.console_port, machine.broker_port):
            raise CommandError(
                f"The page for phones cannot have port {https.trust_port}, which is the console's or the broker's:"
                f" choose another one: anxin up --tls --trust-port {https.trust_port + 1}"
            )
        require_free(machine.console_host, https.trust_port, "The page for phones", "--tls --trust-port")
    return https.prepare(SystemClock().now())


def _run(machine: Machine, lock: DataLock, output: Output, warnings: list[str]) -> None:
    output.tell("Anxin 安心 is starting; the first time this takes a minute.\n")
    browser_libraries.ensure()
    described = broker.prepare(machine.data, machine.broker_port, accounts.service_passwords(machine.data)).describe
    facts = {
        "demo": machine.demo,
        "broker": described,
        "broker_port": machine.broker_port,
        "console_url": machine.console_url,
        "dsn": machine.dsn if machine.embedded_database else "",
        "certificate": "" if machine.https is None else str(machine.https.certificate),
        "phone_url": machine.phone_url,
        "second_factor": machine.second_factor,
    }
    run_file = RunFile(machine.data, **facts)
    greeting = _Greeting(machine, described, output, warnings)
    supervisor = Supervisor(output, keep_open=[lock.descriptor], changed=run_file.write, tick=greeting.say_when_ready)
    try:
        supervisor.run(programs(machine, supervisor.done, supervisor.running, greeting.seeded))
    finally:
        run_file.remove()
        output.close()


class _Greeting:
    """Tells the person once what runs and where, when the console answers and the demo stands."""

    def __init__(self, machine: Machine, described: str, output: Output, warnings: list[str]) -> None:
        self._machine = machine
        self._warnings = warnings
        self._described = described
        self._output = output
        self._seed: guide.Seed | None = None
        self._said = False

    def seeded(self, line: str) -> None:
        self._seed = guide.Seed(**json.loads(line))

    def say_when_ready(self) -> None:
        if self._said or (self._machine.demo and self._seed is None):
            return
        if not answers(self._machine.console_host, self._machine.console_port, 0.05):
            return
        self._said = True
        self._output.tell(
            guide.text(
                console_url=self._machine.console_url,
                broker=f"127.0.0.1:{self._machine.broker_port} ({self._described})",
                database="PostgreSQL, embedded" if self._machine.embedded_database else "PostgreSQL, as set",
                data=self._machine.data,
                command=os.environ.get("ANXIN_LAUNCHER", "anxin"),
                seed=self._seed,
                phones=self._phones(),
                second_step=self._machine.second_factor == "required",
            )
        )

    def _phones(self) -> guide.Phones | None:
        https = self._machine.https
        if https is None:
            return None
        return guide.Phones(
            console_url=self._machine.phone_url,
            trust_url=self._machine.trust_url,
            fingerprint=https.fingerprint,
            warnings=self._warnings,
        )
