"""What Grafana does to a query before PostgreSQL sees it: variables, then macros.

A copy of the rules of Grafana's PostgreSQL data source, so that every query can be run in tests without a Grafana.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MACRO = re.compile(r"\$(__[A-Za-z0-9_]+)\(([^)]*)\)")
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+)\b)")
_LEFT_OVER = re.compile(r"\$(\{?\w+\}?)")
_INTERVAL = re.compile(r"^(\d+)(ms|s|m|h|d|w)$")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800)


class MacroError(Exception):
    """Grafana would refuse this query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A custom "All" value: Grafana puts it in as it stands."""

    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """The value of a variable without multi-selection: its quotes are doubled, it is not wrapped in quotes."""

    text: str


Value = Sequence[str] | Single | Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a person looks at: a time range, the panel's width in points, and the variables' values."""

    start: datetime
    end: datetime
    values: Mapping[str, Value]
    timescaledb: bool = False
    max_data_points: int = 1000
    min_interval_s: float = 1.0

    @property
    def interval_s(self) -> float:
        """``$__interval``: the range over the points, rounded up to a step that Grafana knows."""
        wanted = max((self.end - self.start).total_seconds() / self.max_data_points, self.min_interval_s)
        return float(next((step for step in _STEPS_S if step >= wanted), _STEPS_S[-1]))


def expand(sql: str, view: View) -> str:
    """The SQL that reaches PostgreSQL.

    Raises
    ------
    MacroError
        An unknown macro or variable, or a macro with wrong arguments.
    """
    sql = _interval(sql, view)
    written = {name: _written(value) for name, value in view.values.items()}
    sql = _REFERENCE.sub(lambda match: written.get(match[1] or match[2], match[0]), sql)
    sql = _MACRO.sub(lambda match: _macro(match[1], match[2], view), sql)
    left = _LEFT_OVER.search(re.sub(r"'(?:[^']|'')*'", "''", sql))
    if left:
        raise MacroError(f"${left[1]} is neither a variable of the board nor a macro")
    return sql


def _interval(sql: str, view: View) -> str:
    milliseconds = int(view.interval_s * 1000)
    sql = re.sub(r"\$__interval_ms\b|\$\{__interval_ms\}", str(milliseconds), sql)
    return re.sub(r"\$__interval\b|\$\{__interval\}", f"{milliseconds // 1000}s", sql)


def _written(value: Value) -> str:
    match value:
        case Raw(sql=sql):
            return sql
        case Single(text=text):
            return text.replace("'", "''")
        case _:
            return ",".join("'" + text.replace("'", "''") + "'" for text in value)


def _macro(name: str, text: str, view: View) -> str:
    arguments = [argument.strip() for argument in text.split(",")]
    start, end = f"'{_rfc3339(view.start)}'", f"'{_rfc3339(view.end)}'"
    match name, arguments:
        case "__timeFilter", [column] if column:
            return f"{column} BETWEEN {start} AND {end}"
        case "__timeFrom", [""]:
            return start
        case "__timeTo", [""]:
            return end
        case "__time", [column] if column:
            return f'{column} AS "time"'
        case "__timeGroup" | "__timeGroupAlias", [column, interval]:
            alias = ' AS "time"' if name.endswith("Alias") else ""
            return _group(column, _seconds(interval), timescaledb=view.timescaledb) + alias
    raise MacroError(f"${name}({text}) is not a macro of this data source")


def _group(column: str, seconds: float, *, timescaledb: bool) -> str:
    if timescaledb:
        return f"time_bucket('{seconds:.3f}s',{column})"
    return f"floor((extract(epoch from {column})) / {seconds:g})*{seconds:g}"


def _seconds(interval: str) -> float:
    match = _INTERVAL.match(interval.strip("'"))
    if match is None:
        raise MacroError(f"{interval!r} is not an interval")
    return timedelta(seconds=int(match[1]) * _UNIT_S[match[2]]).total_seconds()


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
