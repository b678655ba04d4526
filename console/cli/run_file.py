"""``{data}/run.json``: what ``anxin up`` runs now, for the doctor and for the tests."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from console.cli.supervise.supervisor import Entry

FILE = "run.json"


class ProgramState(msgspec.Struct, frozen=True):
    """One supervised program; ``last_exit`` below zero is the signal that ended it."""

    state: str
    pid: int | None
    starts: int
    last_exit: int | None


class Run(msgspec.Struct, frozen=True):
    """One ``anxin up``; ``dsn`` is the embedded database's, empty where another one is set.

    ``certificate`` is what the console serves by HTTPS, ``phone_url`` its address for phones; empty: plain HTTP, and
    this machine only. ``second_factor`` as in the console's settings.
    """

    pid: int
    started_at: float
    demo: bool
    broker: str
    broker_port: int
    console_url: str
    dsn: str
    programs: dict[str, ProgramState]
    certificate: str = ""
    phone_url: str = ""
    second_factor: str = "required"


class RunFile:
    """Writes the file whenever a program starts or ends; ``remove`` at the end."""

    def __init__(self, data: Path, **facts: Any) -> None:  # Any: the fields of Run
        self._path = data / FILE
        self._facts = {"pid": os.getpid(), "started_at": round(time.time(), 3), **facts}

    def write(self, entries: Sequence[Entry]) -> None:
        programs = {
            entry.program.name: ProgramState(
                str(entry.state), entry.child.pid if entry.child else None, entry.starts, entry.last_exit
            )
            for entry in entries
        }
        draft = self._path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(Run(**self._facts, programs=programs)))
        draft.replace(self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


def read_run(data: Path) -> Run | None:
    """What runs on this data directory, or None. Its supervisor may be gone: see ``pid``."""
    try:
        return msgspec.json.decode((data / FILE).read_bytes(), type=Run)
    except (OSError, msgspec.MsgspecError):
        return None
