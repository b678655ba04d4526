"""Statements of a ``queries.sql`` by their names: a block begins with ``-- name: the_name``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import LiteralString

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(path: Path) -> dict[str, LiteralString]:
    """The statements in the file at ``path``.

    Raises
    ------
    ValueError
        Two statements have one name.
    """
    parts = _NAME.split(path.read_text("utf-8"))
    names = parts[1::2]
    if len(names) != len(set(names)):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"{path}: more than one statement is called {', '.join(twice)}")
    return {name: text.strip() for name, text in zip(names, parts[2::2], strict=True)}
