"""Names for who did something: accounts by their bare id, others as ``kind:id``."""

from __future__ import annotations

from ingest.registry.model import Registry


def name_of(registry: Registry, by: str) -> str:
    """As the desk shows it; what nobody knows stays as it is."""
    kind, _, entry_id = by.partition(":")
    match kind:
        case "contact" if entry_id in registry.contact:
            contact = registry.contact[entry_id]
            return f"{contact.name} ({contact.relation})" if contact.relation else contact.name
        case "device" if entry_id in registry.device:
            return registry.device[entry_id].name or entry_id
        case "badge" if entry_id in registry.badge:
            badge = registry.badge[entry_id]
            owner = registry.user.get(badge.user_id or "")
            return owner.name if owner is not None else badge.name or by
        case "resident" if entry_id in registry.resident:
            return registry.resident[entry_id].name
        case "staff" if entry_id in registry.room:
            return registry.room[entry_id].name or entry_id
    user = registry.user.get(by.removeprefix("user:"))
    return user.name if user is not None else by
