"""Browser libraries: from the npm lock file to where the console serves them; no other host is ever asked."""

from __future__ import annotations

import os
import shutil

from console.cli.embedded.errors import EmbeddedPartError
from console.cli.embedded.node import REPOSITORY, ensure_packages

VENDOR = REPOSITORY / "console" / "static" / "vendor"
_FILES = ("htmx.org/dist/htmx.min.js",)


def ensure() -> None:
    """Put the libraries of the lock file into ``console/static/vendor``.

    Raises
    ------
    MissingEmbeddedPartError
        There is no lock file or no Node here.
    EmbeddedPartError
        A library cannot be installed.
    """
    modules = ensure_packages()
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        source = modules / name
        if not source.is_file():
            raise EmbeddedPartError(f"{source} is missing: remove node_modules and start again")
        target = VENDOR / source.name
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            temporary = target.with_name(f".{target.name}.{os.getpid()}.new")  # another program may be at it too
            shutil.copyfile(source, temporary)
            temporary.replace(target)
