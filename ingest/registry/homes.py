"""Who lives behind one door: a private home is one, elsewhere a room is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.registry.model import PRIVATE_HOME, Registry, Resident


def home_of(registry: Registry, resident: Resident) -> str:
    """The home as an alarm names it, ``site:…`` or ``room:…``; empty where nobody knows the resident's room."""
    site = registry.site.get(resident.site_id)
    if site is not None and site.kind == PRIVATE_HOME:
        return f"site:{site.site_id}"
    return f"room:{resident.room_id}" if resident.room_id is not None else ""


def people_of(registry: Registry, home: str) -> Sequence[Resident]:
    """Everybody who lives behind that door; nobody where it is no home."""
    return registry.residents_behind.get(home, ())


def others_of(registry: Registry, resident: Resident) -> list[Resident]:
    """Everybody else who lives behind the resident's door."""
    return [one for one in people_of(registry, home_of(registry, resident)) if one.resident_id != resident.resident_id]
