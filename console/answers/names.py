"""Names for a page that needs no log-in: staff by name, family by relation, nobody in full."""

from __future__ import annotations

from alarms.notify.message import short_name
from ingest.registry.model import Registry


def public_name_of(registry: Registry, by: str) -> str:
    """Who has taken an alarm; empty where ``by`` names nobody."""
    kind, _, entry_id = by.partition(":")
    contact = registry.contact.get(entry_id) if kind == "contact" else None
    if contact is not None:
        return contact.relation or short_name(contact.name)
    if kind == "badge" and entry_id in registry.badge:
        badge = registry.badge[entry_id]
        by = badge.user_id or by
        if badge.user_id is None:
            return badge.name
    user = registry.user.get(by.removeprefix("user:"))
    return user.name if user is not None else ""
