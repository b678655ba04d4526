"""``anxin migrate``: bring the database to the newest schema."""

from __future__ import annotations

import click

from console.cli.exit_codes import CommandError, ExitCode, MissingPartError
from ingest.settings import ConnectionSettings
from ingest.store.errors import StoreError, TransientStoreError
from ingest.store.migrate import migrate as bring_forward


@click.command()
def migrate() -> int:
    """Apply the migrations that the database still lacks (setting connection.database, ANXIN_DATABASE)."""
    settings = ConnectionSettings.load()
    if not settings.database:
        raise MissingPartError("no database is set: give ANXIN_DATABASE or connection.database in anxin.toml")
    try:
        applied = bring_forward(settings.database)
    except TransientStoreError as error:
        raise MissingPartError(str(error)) from error
    except StoreError as error:
        raise CommandError(str(error)) from error
    for name in applied:
        click.echo(f"applied {name}")
    click.echo(f"the database is up to date ({len(applied)} applied now)")
    return ExitCode.OK
