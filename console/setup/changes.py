"""The last changes of the registry, as ``registry_change`` has them, in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.database import Row
from console.errors import DatabaseAwayError
from console.language import N_
from console.setup.place import Place
from console.setup.words import FIELDS, WHATS
from console.words import HEAT_CLASSES, SENSITIVITIES

_DOES = {"added": N_("added"), "changed": N_("changed"), "removed": N_("removed")}
_PROGRAM = N_("command line or program")
_LONGEST = 60
_SECRETS = ("password_hash", "webhook")
_WORDS = {"sensitivity@fall_impact": SENSITIVITIES, "class@heat_high": HEAT_CLASSES}
Entry = dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``parts`` are the fields that differ: name, before, after."""

    at: datetime
    by: str
    does: str
    what: str
    name: str
    parts: list[tuple[str, str, str]]


async def last_changes(place: Place, whats: Collection[str]) -> tuple[list[Change], bool]:
    """The newest changes of these kinds at the place, and whether the database is away."""
    values = {"site_id": place.site.site_id or None, "whats": list(whats)}
    try:
        rows = await place.parts.database.fetch("registry_changes", values)
    except DatabaseAwayError:
        return [], True
    return [_change(place, row) for row in rows], False


def differences(before: Entry | None, after: Entry | None) -> list[tuple[str, Any, Any]]:  # Any: JSON
    """The fields of a changed entry that differ; nothing for what was added or removed."""
    if before is None or after is None:
        return []
    old, new = _spread(before), _spread(after)
    return [(key, old.get(key), new.get(key)) for key in new | old if old.get(key) != new.get(key)]


def _change(place: Place, row: Row) -> Change:
    before, after = row["before"], row["after"]
    entry = after or before or {}
    by = str(row["by"])
    does = "added" if before is None else "removed" if after is None else "changed"
    return Change(
        at=row["at"],
        by=place.text(_PROGRAM) if not by or by.startswith("anxin-") else place.parts.name_of(by),
        does=place.text(_DOES[does]),
        what=place.text(WHATS.get(row["what"], "")) or str(row["what"]),
        name=str(entry.get("name") or row["entry_id"]),
        parts=[
            (_name(place, key), _named(place, key, old), _named(place, key, new))
            for key, old, new in differences(before, after)
        ],
    )


def _spread(entry: Entry) -> Entry:
    """Each threshold as a part of its own, under its parameter's name and its rule's."""
    thresholds = entry.get("thresholds") or {}
    spread = {f"{parameter}@{rule}": value for rule, own in thresholds.items() for parameter, value in own.items()}
    return {key: value for key, value in entry.items() if key != "thresholds"} | spread


def _name(place: Place, key: str) -> str:
    own, _, rule = key.partition("@")
    name = place.text(FIELDS[own]) if own in FIELDS else own
    return name if not rule or own in FIELDS else f"{rule} {name}"


def _named(place: Place, key: str, value: Any) -> str:  # Any: JSON
    """A value in few words: names instead of ids, parts only by their number, nothing of a secret."""
    if key in _SECRETS:
        return ""
    if value in _WORDS.get(key, ()):
        return place.text(_WORDS[key][value])
    what, is_id, _ = key.partition("_id")
    if is_id and isinstance(value, str):
        return str(getattr(getattr(place.registry, what).get(value), "name", "") or value)
    if isinstance(value, list):
        nested = any(isinstance(part, dict) for part in value)
        value = len(value) if nested else ", ".join(map(str, value))
    text = "–" if value in (None, "", False) else "✓" if value is True else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
