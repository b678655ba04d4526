"""What a generated board must keep to; every fault is one line for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from dashboards.src.postgres import PLUGIN, VARIABLE

UNITS = frozenset({"short", "percent", "s", "dateTimeAsLocal", "volt", "dBm"})
LINKS = frozenset({"${console:raw}/alarms/${__data.fields.alarm_id}"})
"""The console's pages that a board may open."""

_COLUMNS = 24
_SHORTEST_REFRESH_S = 10
_NESTED_MACRO = re.compile(r"\$__\w+\([^)]*\(")
_BARE_GROUP = re.compile(r"\$__timeGroup\(")
_SCHEMA = re.compile(r"\b(?:FROM|JOIN)\s+(?!LATERAL\b)([a-z_][\w.]*)", re.IGNORECASE)
_EXTRACT = re.compile(r"extract\(\w+ FROM", re.IGNORECASE)
_Json = Mapping[str, Any]  # Any: a JSON object


def faults(board: _Json) -> list[str]:
    """Everything wrong with the board, in no order of weight."""
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    found = [*_board_faults(board), *_grid_faults(board["panels"])]
    for panel in panels:
        found += [f"panel {panel.get('title')!r}: {fault}" for fault in _panel_faults(panel)]
    for sql in queries(board):
        found += [f"{fault}: {sql.splitlines()[0]}" for fault in _sql_faults(sql)]
    return found


def queries(board: _Json) -> list[str]:
    """Every SQL of panels, annotations and variables."""
    found = [target["rawSql"] for panel in board["panels"] for target in panel.get("targets", ())]
    found += [marks["target"]["rawSql"] for marks in board["annotations"]["list"]]
    return found + [v["query"] for v in board["templating"]["list"] if v["type"] == "query"]


def _board_faults(board: _Json) -> Iterator[str]:
    for key in ("uid", "title", "description"):
        if not board.get(key):
            yield f"the board has no {key}"
    if board.get("editable"):
        yield "the board can be edited in Grafana: it would drift from its source"
    refresh = re.fullmatch(r"(\d+)(s|m)", str(board.get("refresh")))
    if refresh is None or int(refresh[1]) * (60 if refresh[2] == "m" else 1) < _SHORTEST_REFRESH_S:
        yield f"refresh {board.get('refresh')!r} is not {_SHORTEST_REFRESH_S} s or more"
    ids = [panel["id"] for panel in board["panels"]]
    if len(set(ids)) != len(ids):
        yield "two panels have one id"
    names = [variable["name"] for variable in board["templating"]["list"]]
    used = set(re.findall(r"\$\{?(\w+)", " ".join(queries(board)))) - {"__interval", "__interval_ms"}
    for name in sorted(name for name in used if not name.startswith("__") and name not in names):
        yield f"the variable ${name} is not defined"


def _panel_faults(panel: _Json) -> Iterator[str]:
    if not panel.get("title") or not panel.get("description"):
        yield "no title or no description"
    if not panel.get("targets"):
        yield "no query"
    for source in (panel.get("datasource"), *(target.get("datasource") for target in panel.get("targets", ()))):
        if source != {"type": PLUGIN, "uid": f"${{{VARIABLE}}}"}:
            yield f"its data source is not the variable: {source}"
    properties = [p for override in panel["fieldConfig"]["overrides"] for p in override["properties"]]
    for unit in (p["value"] for p in properties if p["id"] == "unit"):
        if unit not in UNITS:
            yield f"unknown unit {unit!r}"
    for links in (p["value"] for p in properties if p["id"] == "links"):
        yield from (f"{link['url']} is no page of the console" for link in links if link["url"] not in LINKS)
    if panel["type"] == "table":
        for target in panel["targets"]:
            if not re.search(r"\bLIMIT \d+\s*\Z", target["rawSql"]):
                yield "a table without LIMIT"


def _grid_faults(panels: list[Any]) -> Iterator[str]:  # Any: JSON objects
    places = [(panel["title"], panel["gridPos"]) for panel in panels]
    for title, place in places:
        if not (place["x"] >= 0 and place["x"] + place["w"] <= _COLUMNS and place["w"] > 0 and place["h"] > 0):
            yield f"panel {title!r} is off the grid"
    for (one, a), (other, b) in combinations(places, 2):
        if (
            a["x"] < b["x"] + b["w"]
            and b["x"] < a["x"] + a["w"]
            and a["y"] < b["y"] + b["h"]
            and b["y"] < a["y"] + a["h"]
        ):
            yield f"panels {one!r} and {other!r} overlap"


def _sql_faults(sql: str) -> Iterator[str]:
    if re.search(r"SELECT\s+(\w+\.)?\*", sql, re.IGNORECASE):
        yield "SELECT *"
    if _NESTED_MACRO.search(sql):
        yield "parentheses inside a macro: Grafana ends it at the first one"
    if _BARE_GROUP.search(sql):
        yield "$__timeGroup without Alias"
    for source in _SCHEMA.findall(_EXTRACT.sub("", sql)):
        if not source.startswith("g."):
            yield f"{source} is not in schema g"
