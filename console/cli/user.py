"""``anxin user``: the console's accounts."""

from __future__ import annotations

import sys

import click

from console.auth.factor_store import FactorStore
from console.auth.passwords import SHORTEST, hash_password
from console.auth.permissions import Role
from console.auth.sessions import Why
from console.auth.store import AuthStore
from console.auth.tokens import LINK_LIFE_S, create_login_link, store_path
from console.cli.demo.accounts import new_password
from console.cli.exit_codes import CommandError, ExitCode, MissingPartError
from console.cli.registry import registry_connection
from console.cli.run_file import read_run
from console.cli.where import Where, connection_options
from ingest.clock import SystemClock
from ingest.registry import accounts, edit, source
from ingest.registry.errors import RegistryError
from ingest.registry.model import User


@click.group()
def user() -> None:
    """Add and list the console's users, and let in who has lost a phone."""


@user.command()
@click.argument("user_id")
@connection_options
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--name", help="The person's name as others see it.")
@click.option("--site", "sites", multiple=True, help="A site that the user may see; none given: every site.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else one is made.")
@click.option("--link", is_flag=True, help="Print a one-time login link; who uses it chooses a password.")
def add(
    user_id: str,
    where: Where,
    role: str,
    name: str | None,
    sites: tuple[str, ...],
    language: str,
    *,
    password_stdin: bool,
    link: bool,
) -> int:
    """Add USER_ID, or change it when it is there."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else new_password()
    by_link = link and not password_stdin
    if len(password) < SHORTEST:
        raise click.UsageError(f"a password has at least {SHORTEST} characters")
    entry = User(
        user_id=user_id,
        name=name or user_id,
        role=role,
        password_hash="" if by_link else hash_password(password),
        language=language,
        site_ids=sites,
    )
    with registry_connection(where) as connection:
        try:
            edit.add_user(connection, entry)
            if by_link:
                accounts.forget_password(connection, user_id)
        except RegistryError as error:
            raise CommandError(str(error)) from error
    click.echo(f"{user_id} is a user now ({role}).")
    if link:
        run = read_run(where.data)
        base = run.console_url if run else ""
        click.echo(f"log in once, within {LINK_LIFE_S // 60} minutes: {base}{create_login_link(where.data, user_id)}")
    elif not password_stdin:
        click.echo(f"password: {password}")
    return ExitCode.OK


@user.command("list")
@connection_options
def list_(where: Where) -> int:
    """The users, one per line: id, role, sites, name."""
    with registry_connection(where) as connection:
        users = source.load(connection).users
    for entry in users:
        words = [entry.user_id, entry.role, ",".join(entry.site_ids) or "every site", entry.name]
        click.echo("\t".join([*words, *(["disabled"] if entry.disabled else [])]))
    return ExitCode.OK


@user.command("reset-factor")
@click.argument("user_id")
@connection_options
def reset_factor(user_id: str, where: Where) -> int:
    """Let USER_ID set up the second step anew: for who has lost the phone and the recovery codes.

    Run it where the console's data is. Every session of USER_ID ends.
    """
    path = store_path(where.data)
    if not path.is_file():
        raise MissingPartError(f"no console has run on {where.data}: give --data, or run it where the console runs")
    store, now_s = AuthStore(path), SystemClock().now().timestamp()
    try:
        if not FactorStore(store).remove_factor(user_id):
            raise CommandError(f"{user_id} has no second step here")
        store.note(user_id, "factor_reset", "cli", now_s)
        store.end_sessions_of(user_id, Why.FACTOR_RESET, now_s)
    finally:
        store.close()
    click.echo(f"{user_id} has no second step any more, and every session has ended.")
    click.echo("Whoever logs in next with the password, or with a login link, connects a new phone.")
    return ExitCode.OK
