"""The demonstration's accounts: passwords are made at random and told once; there is no default account.

One of them is a relative of somebody who will call, and who shares everything with her family.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from console.auth.passwords import hash_password
from console.auth.permissions import Role
from ingest.registry import edit, edit_family, source
from ingest.registry.family_model import Share
from ingest.registry.model import User
from ingest.store.connection import Connection

SUPERVISOR = "demo-supervisor"
FAMILY = "demo-family"
_ACCOUNTS = (
    (SUPERVISOR, "演示主管", Role.SUPERVISOR),
    ("demo-operator", "演示值班员", Role.OPERATOR),
    (FAMILY, "演示家属", Role.FAMILY),
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account that was made now, with its password in the clear for this one time."""

    user_id: str
    role: str
    password: str


def write_accounts(connection: Connection) -> list[NewAccount]:
    """Add the accounts that are not there yet."""
    made = []
    for user_id, name, role in _ACCOUNTS:
        if edit.get_user(connection, user_id) is not None:
            continue
        password = new_password()
        edit.add_user(
            connection, User(user_id=user_id, name=name, role=str(role), password_hash=hash_password(password))
        )
        made.append(NewAccount(user_id=user_id, role=str(role), password=password))
    return made


def write_family(connection: Connection, contact_id: str, now: datetime) -> None:
    """Make the relative's account a contact, with whom the resident shares everything, if it is not one yet."""
    registry = source.load(connection)
    contact = registry.contact[contact_id]
    if contact.user_id is not None or contact.resident_id is None:
        return
    edit_family.link_account(connection, contact_id, FAMILY)
    by = registry.resident[contact.resident_id].name
    edit_family.share_exactly(connection, registry, contact, set(Share), by=by, recorded_by=SUPERVISOR, at=now)


def new_password() -> str:
    """Sixteen letters and digits in groups of four: 79 bits that can be read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
