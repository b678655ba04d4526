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
from console.cli.plan import Machine, programs
from console.cli.ports import answers, require_free
from console.cli.run_file import RunFile
from console.cli.supervise.lock import DataLock
from console.cli.supervise.output import Output
from console.cli.supervise.supervisor import Supervisor
from console.settings import ConsoleSettings
from ingest.settings import ConnectionSettings


@click.command()
@click.option("--demo", is_flag=True, help="Add a simulated nursing home and six private homes, and stage some alarms.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where everything is kept.")
@click.option("--port", type=click.IntRange(1, 65535), help="The console's port.")
@click.option("--broker-port", type=click.IntRange(1, 65535), help="The MQTT broker's port.")
@click.option("--quiet", is_flag=True, help="Show only warnings here; the log file has everything.")
def up(*, demo: bool, data: Path | None, port: int | None, broker_port: int | None, quiet: bool) -> int:
    """Run everything on this machine until Ctrl-C."""
    machine = _machine(demo, data, port, broker_port)
    try:
        machine.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"the data directory {machine.data} cannot be made: {error.strerror}") from error
    lock = DataLock(machine.data)
    lock.take()
    try:
        require_free(machine.broker_listen, machine.broker_port, "The broker", "--broker-port")
        require_free(machine.console_host, machine.console_port, "The console", "--port")
        _run(machine, lock, Output(machine.data, quiet=quiet))
    finally:
        lock.release()
    return ExitCode.OK


def _machine(demo: bool, data: Path | None, port: int | None, broker_port: int | None) -> Machine:
    connection, console = ConnectionSettings.load(), ConsoleSettings.load()
    return Machine(
        data=(data or connection.data).absolute(),
        broker_listen=EmbeddedSettings.load().broker_listen,
        broker_port=broker_port or connection.broker_port,
        console_host=console.host,
        console_port=port or console.port,
        database=connection.database,
        demo=demo,
        public_url=str(NotifySettings.load().public_url or ""),
    )


def _run(machine: Machine, lock: DataLock, output: Output) -> None:
    output.tell("Anxin 安心 is starting; the first time this takes a minute.\n")
    browser_libraries.ensure()
    described = broker.prepare(machine.data, machine.broker_port, accounts.service_passwords(machine.data)).describe
    facts = {
        "demo": machine.demo,
        "broker": described,
        "broker_port": machine.broker_port,
        "console_url": machine.console_url,
        "dsn": machine.dsn if machine.embedded_database else "",
    }
    run_file = RunFile(machine.data, **facts)
    greeting = _Greeting(machine, described, output)
    supervisor = Supervisor(output, keep_open=[lock.descriptor], changed=run_file.write, tick=greeting.say_when_ready)
    try:
        supervisor.run(programs(machine, supervisor.done, supervisor.running, greeting.seeded))
    finally:
        run_file.remove()
        output.close()


class _Greeting:
    """Tells the person once what runs and where, when the console answers and the demo stands."""

    def __init__(self, machine: Machine, described: str, output: Output) -> None:
        self._machine = machine
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
            )
        )
