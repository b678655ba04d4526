"""``anxin journal``: is the log of alarms as it was written?"""

from __future__ import annotations

import json
from importlib.metadata import version

import click

from alarms.errors import JournalError
from alarms.journal.journal import Journal
from console.cli.exit_codes import CommandError, ExitCode, MissingPartError
from console.cli.where import Where, connection_options


@click.group()
def journal() -> None:
    """The journal of alarms."""


@journal.command()
@connection_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def verify(where: Where, *, as_json: bool) -> int:
    """Follow the chain of hashes through the whole log; exit code 1 where a line was changed, lost or put in.

    The newest hash, noted somewhere else, also shows later whether lines at the end were cut off.
    """
    path = where.data / "alarms" / "journal.sqlite"
    if not path.exists():
        raise MissingPartError(f"there is no journal at {path} (--data)")
    try:
        file = Journal(path)
    except JournalError as error:
        raise CommandError(f"the journal cannot be read: {error}") from error
    verdict = file.verify()
    file.close()
    if verdict.broken is None:
        click.echo(f"whole: {verdict.lines} lines, newest hash {verdict.head.hex()}", err=as_json)
    else:
        click.echo(f"BROKEN at line {verdict.broken}: it does not follow from the line before", err=as_json)
    if as_json:
        row = {"lines": verdict.lines, "head": verdict.head.hex(), "broken": verdict.broken}
        body = {"command": "journal verify", "version": version("anxin"), "settings": {}, "results": [row]}
        click.echo(json.dumps(body))
    return ExitCode.OK if verdict.broken is None else ExitCode.FAILED
