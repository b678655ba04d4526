"""``--data`` and ``--broker-port``: which installation a command is about."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from console.cli.run_file import read_run
from ingest.settings import ConnectionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The data directory, the broker and the database of an installation."""

    data: Path
    broker_host: str
    broker_port: int
    broker_ca: Path | None
    database: str


def connection_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options to a click command, which gets ``where``."""

    @click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="The data directory of `anxin up`.")
    @click.option("--broker-port", type=click.IntRange(1, 65535), help="The broker's port.")
    @functools.wraps(command)
    def wrapped(*args: Any, data: Path | None, broker_port: int | None, **kwargs: Any) -> int:  # Any: click's
        return command(*args, where=find(data, broker_port), **kwargs)

    return wrapped


def find(data: Path | None = None, broker_port: int | None = None) -> Where:
    """What was given; else what runs on the data directory; else the settings."""
    settings = ConnectionSettings.load()
    directory = (data or settings.data).absolute()
    run = read_run(directory)
    database = settings.database
    if not database and run is not None:
        database = run.dsn
    return Where(
        data=directory,
        broker_host=settings.broker_host,
        broker_port=broker_port or (run.broker_port if run else settings.broker_port),
        broker_ca=settings.broker_ca,
        database=database,
    )
