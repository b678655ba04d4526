"""What a panel is, as plain data; ``render.py`` turns it into the SDK's builders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dashboards.src.text import Text

Steps = tuple[tuple[float | None, str], ...]
"""Thresholds: from this value on, this colour; the first begins at None."""


class Look(StrEnum):
    """The visualisation."""

    STAT = "stat"
    TABLE = "table"
    LINES = "lines"
    BARS = "bars"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """How one value of a closed set is written and coloured."""

    text: Text
    color: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a query's answer, as people see it. ``link`` opens from its cells; ``hidden`` only feeds links."""

    name: str
    title: Text
    unit: str = "short"
    decimals: int | None = None
    words: Mapping[str, Word] | None = None
    steps: Steps = ()
    color: str = ""
    width: int | None = None
    link: tuple[Text, str] | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel; every column of its query has a field, so that no raw column name reaches a reader.

    ``interval`` is the shortest ``$__interval``. ``goal`` draws a line across the graph.
    """

    look: Look
    title: Text
    description: Text
    sql: str
    fields: tuple[Field, ...]
    width: int
    height: int
    interval: str = ""
    goal: Steps = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled row of panels."""

    title: Text
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A variable with a fixed list of values. ``first`` is chosen when the board opens; empty: all of them."""

    name: str
    title: Text
    words: Mapping[str, Text]
    first: tuple[str, ...] = ()
    multi: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """An annotation: moments or spans laid over the graphs."""

    title: Text
    sql: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One dashboard. ``name`` is its file and the beginning of its uid."""

    name: str
    title: Text
    description: Text
    choices: tuple[Choice, ...]
    marks: tuple[Marks, ...]
    sections: tuple[Section, ...]
    refresh: str
    start: str
