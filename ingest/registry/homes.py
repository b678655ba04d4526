"""Who lives behind one door: a private home is one, elsewhere a room is. Pure."""

from __future__ import annotations

from ingest.registry.model import Registry, Resident

PRIVATE = "private_home"


def home_of(registry: Registry, resident: Resident) -> str:
    """The home as an alarm names it, ``site:…`` or ``room:…``; empty where nobody knows the resident's room."""
    site = registry.site.get(resident.site_id)
    if site is not None and site.kind == PRIVATE:
        return f"site:{site.site_id}"
    return f"room:{resident.room_id}" if resident.room_id is not None else ""


def people_of(registry: Registry, home: str) -> list[Resident]:
    """Everybody who lives behind that door, in the registry's order; nobody where it is no home."""
    kind, _, name = home.partition(":")
    if kind == "room":
        return [one for one in registry.residents if one.room_id == name]
    site = registry.site.get(name) if kind == "site" else None
    is_home = site is not None and site.kind == PRIVATE
    return [one for one in registry.residents if is_home and one.site_id == name]


def others_of(registry: Registry, resident: Resident) -> list[Resident]:
    """Everybody else who lives behind the resident's door."""
    return [one for one in people_of(registry, home_of(registry, resident)) if one.resident_id != resident.resident_id]
