"""The last changes of the registry, as ``registry_change`` has them, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.database import Row
from console.errors import DatabaseAwayError
from console.language import N_
from console.setup.place import Place
from console.setup.words import WHATS

_DOES = {"added": N_("added"), "changed": N_("changed"), "removed": N_("removed")}
_PROGRAM = N_("command line or program")
_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``parts`` are the fields that differ: name, before, after."""

    at: datetime
    by: str
    does: str
    what: str
    name: str
    parts: list[tuple[str, str, str]]


async def last_changes(place: Place, site_id: str | None) -> tuple[list[Change], bool]:
    """The newest changes of a site (None: of what belongs to none), and whether the database is away."""
    try:
        rows = await place.parts.database.fetch("registry_changes", {"site_id": site_id})
    except DatabaseAwayError:
        return [], True
    return [_change(place, row) for row in rows], False


def differences(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[tuple[str, str, str]]:  # Any: JSON
    """The fields of a changed entry that differ; nothing for what was added or removed."""
    if before is None or after is None:
        return []
    return [
        (key, _short(before.get(key)), _short(after.get(key))) for key in after if before.get(key) != after.get(key)
    ]


def _change(place: Place, row: Row) -> Change:
    before, after = row["before"], row["after"]
    entry = after or before or {}
    by = str(row["by"])
    does = "added" if before is None else "removed" if after is None else "changed"
    return Change(
        at=row["at"],
        by=place.text(_PROGRAM) if by.startswith("anxin-") else place.parts.name_of(by),
        does=place.text(_DOES[does]),
        what=place.text(WHATS.get(row["what"], "")) or str(row["what"]),
        name=str(entry.get("name") or row["entry_id"]),
        parts=differences(before, after),
    )


def _short(value: object) -> str:
    text = "–" if value in (None, "", [], False) else "✓" if value is True else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
