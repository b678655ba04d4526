"""What a resident shares with a contact, as the registry has it now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.registry.family_model import Share
from ingest.registry.model import Contact, Registry

WITHOUT_A_WORD = frozenset({Share.ENDINGS})
"""Shared until the resident takes it back: that somebody was called, and that it is over."""

SHARE_OF_KIND: Mapping[str, Share] = {
    "help_call": Share.CALLS,
    "fall": Share.CALLS,
    "fire": Share.SAFETY,
    "gas": Share.SAFETY,
    "co": Share.SAFETY,
    "water_flow": Share.SAFETY,
    "leak": Share.SAFETY,
    "electrical": Share.SAFETY,
    "inactivity": Share.ROUTINE,
    "bed_exit": Share.ROUTINE,
    "climate": Share.ROUTINE,
}
"""The kinds of alarms that are about a resident. What concerns equipment is shared with nobody."""


def shares(registry: Registry, contact: Contact) -> frozenset[Share]:
    """What the contact's resident shares with them; with themselves everything."""
    if contact.resident_id is None:
        return frozenset()
    if contact.is_resident:
        return frozenset(Share)
    found = set(WITHOUT_A_WORD)
    for word in registry.consents_of.get((contact.resident_id, contact.contact_id), ()):
        (found.add if word.given else found.discard)(word.share)
    return frozenset(found)


def family_of(registry: Registry, user_id: str) -> Iterator[Contact]:
    """The contacts that a family account is, each about one resident, nearest first."""
    own = [one for one in registry.contacts if one.user_id == user_id and one.resident_id in registry.resident]
    yield from sorted(own, key=lambda one: (one.rank, one.contact_id))
