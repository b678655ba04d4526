"""Changes in PostgreSQL to families: accounts of contacts, consent, check-ins, wishes. As in ``edit``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from ingest.registry.edit import get_user
from ingest.registry.entry_check import EntryCheck
from ingest.registry.errors import ConflictingEntryError, UnknownEntryError
from ingest.registry.family_model import CheckIn, Consent, FamilyWish, Share
from ingest.registry.model import Contact, Registry
from ingest.registry.sharing import shares
from ingest.registry.writing import SQL, change, get, write
from ingest.store.connection import Connection

FAMILY = "family"


def link_account(connection: Connection, contact_id: str, user_id: str | None) -> None:
    """The family account ``user_id`` is this contact; None: the contact has no account any more.

    Raises
    ------
    UnknownEntryError
        No such contact or account.
    ConflictingEntryError
        The contact is about no resident, or the account is not one of family.
    """
    with connection.transaction():
        contact = _contact(connection, contact_id)
        if user_id is not None:
            user = get_user(connection, user_id)
            if user is None:
                raise UnknownEntryError("user", user_id)
            if user.role != FAMILY:
                raise ConflictingEntryError(
                    f"user {user_id} has the role {user.role}: only {FAMILY} is linked", "no_family", "user_id"
                )
            if contact.resident_id is None:
                raise ConflictingEntryError(
                    f"contact {contact_id} is about no resident: say about whom first", "about_nobody", "resident_id"
                )
        change(connection, "link_account", "contact", contact_id, {"contact_id": contact_id, "user_id": user_id})


def record_consent(connection: Connection, consent: Consent) -> None:
    """Write down what a resident shares with a contact, or does not share any more.

    Raises
    ------
    ConflictingEntryError
        The contact is not this resident's.
    InvalidEntryError
        It does not say who decided.
    """
    EntryCheck("consent", consent.contact_id).given("by", consent.by, "say who decided")
    with connection.transaction():
        _check_contact_of(connection, consent.contact_id, consent.resident_id)
        write(connection, "record_consent", consent, ConflictingEntryError("the consent cannot be recorded"))


def share_exactly(
    connection: Connection,
    registry: Registry,
    contact: Contact,
    wanted: Collection[Share],
    *,
    by: str,
    recorded_by: str,
    at: datetime,
) -> list[Consent]:
    """Record what differs from what the resident shares with a contact now; the new lines of the ledger.

    ``by`` decided it, ``recorded_by`` writes it down. Errors as of ``record_consent``.
    """
    before = shares(registry, contact)
    changed = [share for share in Share if (share in before) != (share in wanted)]
    lines = [
        Consent(
            resident_id=contact.resident_id or "",
            contact_id=contact.contact_id,
            share=share,
            given=share in wanted,
            by=by,
            recorded_by=recorded_by,
            at=at,
        )
        for share in changed
    ]
    with connection.transaction():
        for line in lines:
            record_consent(connection, line)
    return lines


def consent_ledger(connection: Connection, resident_id: str) -> list[Consent]:
    """Every word about one resident, oldest first."""
    rows = connection.execute(SQL["consent_ledger"], {"resident_id": resident_id}).fetchall()
    return [msgspec.json.decode(row[0], type=Consent) for row in rows]


def record_check_in(connection: Connection, check_in: CheckIn) -> None:
    """Somebody asked whether a resident is fine, or said so; the database gives the number.

    Raises
    ------
    ConflictingEntryError
        The contact is not this resident's.
    """
    with connection.transaction():
        _check_contact_of(connection, check_in.contact_id, check_in.resident_id)
        write(connection, "record_check_in", check_in, ConflictingEntryError("the check-in cannot be recorded"))


def set_family_wish(connection: Connection, wish: FamilyWish) -> None:
    """Quiet hours and the time of the digest of a family account.

    Raises
    ------
    InvalidEntryError
        Only one end of the quiet hours is given, or the digest would come within them.
    """
    check = EntryCheck("wish", wish.user_id)
    both = (wish.quiet_from is None) == (wish.quiet_to is None)
    check.that(both, "quiet_to", "one_end", "say both when it becomes quiet and until when")
    heard = wish.digest_at is None or not wish.is_quiet(wish.digest_at)
    check.that(heard, "digest_at", "in_quiet_hours", "is within the quiet hours")
    write(connection, "set_family_wish", wish, ConflictingEntryError(f"the wishes of {wish.user_id} cannot be saved"))


def _check_contact_of(connection: Connection, contact_id: str, resident_id: str) -> None:
    if _contact(connection, contact_id).resident_id != resident_id:
        raise ConflictingEntryError(f"contact {contact_id} is not one of resident {resident_id}", "not_theirs")


def _contact(connection: Connection, contact_id: str) -> Contact:
    contact = get(connection, "lock_contact", contact_id, Contact)
    if contact is None:
        raise UnknownEntryError("contact", contact_id)
    return contact
