"""``anxin family``: which account is which contact, and what a resident shares with whom."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from console.cli.exit_codes import CommandError, ExitCode
from console.cli.registry import registry_connection
from console.cli.where import Where, connection_options
from ingest.registry import edit_family, source
from ingest.registry.errors import RegistryError
from ingest.registry.family_model import Share
from ingest.registry.model import Registry
from ingest.registry.sharing import shares
from ingest.store.connection import Connection


@click.group()
def family() -> None:
    """Which account is which contact, and what a resident shares with whom."""


@family.command()
@click.argument("contact_id")
@click.argument("user_id")
@connection_options
def link(contact_id: str, user_id: str, where: Where) -> int:
    """The account USER_ID (role family) is the contact CONTACT_ID."""
    with _editing(where) as (connection, _):
        edit_family.link_account(connection, contact_id, user_id)
    click.echo(f"{user_id} is contact {contact_id} now; shared until the resident says more: endings")
    return ExitCode.OK


@family.command()
@click.argument("contact_id")
@connection_options
def unlink(contact_id: str, where: Where) -> int:
    """The contact CONTACT_ID has no account any more."""
    with _editing(where) as (connection, _):
        edit_family.link_account(connection, contact_id, None)
    click.echo(f"contact {contact_id} has no account now")
    return ExitCode.OK


@family.command()
@click.argument("contact_id")
@click.argument("what", nargs=-1, type=click.Choice([str(share) for share in Share]))
@click.option("--by", required=True, help="Who decided: the resident, or a guardian by name.")
@connection_options
def share(contact_id: str, what: tuple[str, ...], by: str, where: Where) -> int:
    """The resident of CONTACT_ID shares exactly WHAT with this contact; nothing given: nothing at all."""
    with _editing(where) as (connection, registry):
        contact = registry.contact.get(contact_id)
        if contact is None or contact.resident_id is None:
            raise CommandError(f"{contact_id} is no contact of a resident")
        wanted = {Share(one) for one in what}
        clerk, now = f"cli:{getpass.getuser()}", datetime.now(UTC)
        changed = edit_family.share_exactly(connection, registry, contact, wanted, by=by, recorded_by=clerk, at=now)
    for line in changed:
        click.echo(f"{'given' if line.given else 'taken back'}\t{line.share}")
    return ExitCode.OK


@family.command("list")
@connection_options
def list_(where: Where) -> int:
    """Every contact of a resident, one per line: resident, contact, account, what is shared."""
    with _editing(where) as (_, registry):
        for contact in registry.contacts:
            if contact.resident_id is not None:
                shared = shares(registry, contact)
                words = [contact.resident_id, contact.contact_id, contact.user_id or "no account"]
                click.echo("\t".join([*words, ",".join(one for one in Share if one in shared) or "nothing"]))
    return ExitCode.OK


@family.command()
@click.argument("resident_id")
@connection_options
def ledger(resident_id: str, where: Where) -> int:
    """Every word of RESIDENT_ID about sharing, oldest first: when, contact, what, given or not, by, recorded by."""
    with _editing(where) as (connection, _):
        for line in edit_family.consent_ledger(connection, resident_id):
            given = "given" if line.given else "taken back"
            words = [f"{line.at:%Y-%m-%d %H:%M}Z", line.contact_id, line.share, given, line.by, line.recorded_by]
            click.echo("\t".join(words))
    return ExitCode.OK


@contextmanager
def _editing(where: Where) -> Iterator[tuple[Connection, Registry]]:
    with registry_connection(where) as connection:
        try:
            yield connection, source.load(connection)
        except RegistryError as error:
            raise CommandError(str(error)) from error
