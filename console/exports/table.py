"""A table as it leaves: columns with a heading, and cells of text, numbers and moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Cell = str | int | float | datetime | None
"""A moment is aware and on the clock that the reader is to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``rows`` have one cell for each of ``columns``."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
