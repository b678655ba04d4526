"""Accounts as one person changes those of others: nobody raises oneself, and an administrator always remains."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.registry.edit import add_user, get_site, get_user, set_user_password
from ingest.registry.errors import ConflictingEntryError, UnknownEntryError
from ingest.registry.model import User
from ingest.registry.writing import SQL
from ingest.store.connection import Connection

ADMINISTRATOR = "administrator"


def within_sites(wanted: Sequence[str], own: Sequence[str]) -> bool:
    """Whether somebody of the sites ``own`` may decide about an account of ``wanted``; empty: of every site."""
    return not own or (bool(wanted) and set(wanted) <= set(own))


def save_account(connection: Connection, account: User, by: User) -> None:
    """Add or change an account, as the person ``by``; its password stays.

    Raises
    ------
    ConflictingEntryError
        ``own_role``, ``own_sites``, ``own_access``: oneself; ``beyond_own_sites``; ``last_administrator``.
    UnknownEntryError
        There is no such site.
    """
    with connection.transaction():
        before = get_user(connection, account.user_id)
        if before is not None and account.user_id == by.user_id:
            _keep_own(before, account)
        for sites in (account.site_ids, *(() if before is None else (before.site_ids,))):
            if not within_sites(sites, by.site_ids):
                raise ConflictingEntryError(
                    f"user {account.user_id} would have sites that {by.user_id} has not", "beyond_own_sites", "site_ids"
                )
        for site_id in account.site_ids:
            if get_site(connection, site_id) is None:
                raise UnknownEntryError("site", site_id)
        if before is not None and _decides(before) and not _decides(account):
            _keep_one(connection, account.user_id)
        add_user(connection, account)


def forget_password(connection: Connection, user_id: str) -> None:
    """The password opens nothing any more, and sessions end: for who has lost it, before a new login link."""
    set_user_password(connection, user_id, "")


def _decides(user: User) -> bool:
    return user.role == ADMINISTRATOR and not user.disabled and not user.site_ids


def _keep_own(before: User, after: User) -> None:
    for code, field, same in (
        ("own_role", "role", before.role == after.role),
        ("own_sites", "site_ids", before.site_ids == after.site_ids),
        ("own_access", "disabled", before.disabled == after.disabled),
    ):
        if not same:
            raise ConflictingEntryError(f"nobody changes their own {field}: ask another administrator", code, field)


def _keep_one(connection: Connection, user_id: str) -> None:
    others = connection.execute(SQL["other_administrators"], {"role": ADMINISTRATOR, "user_id": user_id}).fetchone()
    if others == (0,):
        said = f"{user_id} is the last administrator of every site: name another one first"
        raise ConflictingEntryError(said, "last_administrator", "role")
