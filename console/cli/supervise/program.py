"""What the supervisor is told about one program."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum


class Stage(IntEnum):
    """The order of stopping: first those who produce, then those who handle, then what they stand on."""

    PRODUCE = 0
    HANDLE = 1
    GROUND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How to start a program; ``env`` is laid over the supervisor's own. Passwords travel in files, never in argv.

    ``nice`` above 0 leaves the processor to others first: the alarm path never waits for the history path.
    """

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    nice: int = 0


def at_once() -> bool:
    """A start that waits for nothing."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program.

    ``command`` is asked anew before every start. ``after`` says whether it may start now. A ``once`` program that ends
    with 0 is done; every other end is a failure and restarts it, the first time at once, later after a delay that
    doubles up to ``cap_s``. ``told`` takes the lines of its standard output; without it they go to the log.
    """

    name: str
    command: Callable[[], Command]
    after: Callable[[], bool] = at_once
    once: bool = False
    cap_s: float = 10.0
    stage: Stage = Stage.HANDLE
    stop_signal: signal.Signals = signal.SIGTERM
    told: Callable[[str], None] | None = None
