"""PostgreSQL queries for the SDK, which has none: the target of a panel and the source of a variable."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from dashboards.src.sdk import Builder, Dataquery, common_model

PLUGIN = "grafana-postgresql-datasource"
UID = "anxin-pg"
VARIABLE = "datasource"
SOURCE = common_model.DataSourceRef(type_val=PLUGIN, uid=f"${{{VARIABLE}}}")
"""Templated: the same board serves one data source per organisation."""

_NAME = re.compile(r"^-- name: ([a-z0-9_]+)\n", re.MULTILINE)


class Form(StrEnum):
    """How Grafana reads the rows: ``time_series`` needs a column ``time``, ascending."""

    TABLE = "table"
    TIME_SERIES = "time_series"


class PostgresQuery(Builder[Dataquery], Dataquery):
    """One query of a panel or an annotation."""

    def __init__(self, sql: str, *, form: Form = Form.TABLE, ref_id: str = "A") -> None:
        self.sql = sql
        self.form = form
        self.ref_id = ref_id

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        """The target as the data source's editor would save it."""
        return {
            "refId": self.ref_id,
            "datasource": SOURCE.to_json(),
            "format": str(self.form),
            "rawQuery": True,
            "editorMode": "code",
            "rawSql": self.sql,
        }


def statements(path: Path) -> dict[str, str]:
    """The statements of a ``.sql`` file by name, each without its comment lines."""
    parts = _NAME.split(path.read_text("utf-8"))
    return {name: _without_comments(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _without_comments(body: str) -> str:
    lines = [line.rstrip() for line in body.strip().splitlines() if not line.startswith("--")]
    return "\n".join(lines)
