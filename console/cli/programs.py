"""``anxin ingest|detect|alarms|console|watch``: one program in the foreground, set up by file and environment."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import click

from console.cli.exit_codes import ExitCode
from console.cli.supervise.output import Output
from console.cli.supervise.program import Command, Program
from console.cli.supervise.supervisor import Supervisor

_CAP_S = 1.0


def run_program(module: str) -> int:
    """Run the ``main`` of a program's module; its exit code is returned."""
    # what a program imports stays: looking for garbage in it costs a tenth of the start and, later, of every tick
    gc.disable()
    main = import_module(module).main
    gc.freeze()
    gc.enable()
    return int(main())


def keep_running(name: str) -> int:
    """Run ``anxin NAME`` as a child and start it again within a second whenever it ends, until SIGTERM."""
    command = Command(argv=[sys.executable, "-m", "console.cli.main", name])
    Supervisor(Output(None)).run([Program(name=name, command=lambda: command, cap_s=_CAP_S)])
    return ExitCode.OK


def _program(name: str, module: str, about: str) -> click.Command:
    @click.command(name, help=about)
    @click.option("--keep", is_flag=True, help="Start it again by itself whenever it ends (containers).")
    def command(*, keep: bool) -> int:
        return keep_running(name) if keep else run_program(module)

    return command


ingest = _program("ingest", "ingest.pipeline.program", "Telemetry to the database; acknowledges after the commit.")
detect = _program("detect", "alarms.detect.program", "Telemetry and motion through the detectors, to an alarm lane.")
alarms = _program("alarms", "alarms.engine.program", "Alarm records: journal, lifecycle, notifications.")
console = _program("console", "console.program", "The API, the operator console and the live feed.")
watch = _program("watch", "console.watch.program", "A canary's presses through the whole path, and the dead-man ping.")
