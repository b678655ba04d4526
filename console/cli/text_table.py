"""Figures for people in columns, in the language of their terminal."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

Language = Literal["zh", "en"]
NOTHING = "—"


def terminal_language(environ: Mapping[str, str] = os.environ) -> Language:
    """Chinese when the locale is."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def in_columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A line for each row, its cells below those of the others."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal; a Chinese character takes two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)
