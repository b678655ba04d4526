"""Statements of a ``queries.sql`` by their names: a block begins with ``-- name: the_name``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import LiteralString

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(path: Path) -> dict[str, LiteralString]:
    """The statements in the file at ``path``."""
    parts = _NAME.split(path.read_text("utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
