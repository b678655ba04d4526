"""How a command ends: the exit codes of ``anxin`` and the errors that carry them (docs/operations.md)."""

from __future__ import annotations

from enum import IntEnum

import click


class ExitCode(IntEnum):
    """What the shell sees."""

    OK = 0
    FAILED = 1
    USAGE = 2
    MISSING = 3
    RUNNING = 4
    INTERRUPTED = 130


class CommandError(click.ClickException):
    """The command failed: say why and end with 1."""

    exit_code = int(ExitCode.FAILED)


class MissingPartError(CommandError):
    """Something that the command needs is not there: a program, a package, the database, the broker."""

    exit_code = int(ExitCode.MISSING)


class AlreadyRunningError(CommandError):
    """Another supervisor has this data directory."""

    exit_code = int(ExitCode.RUNNING)
