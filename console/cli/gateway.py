"""``anxin gateway``: run this machine's gateways; add, list and revoke gateways."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from console.cli import gateway_verbs
from console.cli.exit_codes import ExitCode
from console.cli.programs import keep_running, run_program
from console.cli.registry import registry_connection
from console.cli.where import Where, connection_options
from gateway import credentials
from ingest.registry import source


@click.group(invoke_without_command=True)
@click.option("--keep", is_flag=True, help="Start it again by itself whenever it ends (containers).")
@click.pass_context
def gateway(context: click.Context, *, keep: bool) -> int:
    """Without a subcommand: run every gateway whose credentials lie below the data directory's gateway/."""
    if context.invoked_subcommand is not None:
        return ExitCode.OK
    return keep_running("gateway") if keep else run_program("gateway.program")


@gateway.command()
@click.argument("name")
@connection_options
@click.option("--site", required=True, help="The site it stands at.")
@click.option("--native", is_flag=True, help="Give the account of the native devices behind it instead.")
@click.option("--here", is_flag=True, help="This machine's `anxin gateway` runs it.")
@click.option("--host", envvar="ANXIN_REACHED_HOST", help="The broker's name as the gateway reaches it.")
@click.option("--port", type=int, envvar="ANXIN_REACHED_PORT", help="The broker's port as the gateway reaches it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add(
    name: str, where: Where, site: str, host: str | None, port: int | None, *, native: bool, here: bool, as_json: bool
) -> int:
    """Register NAME and let it in at the broker, live. Keep what is printed: the password is not shown again."""
    if native:
        account = gateway_verbs.add_native_account(where, name, site, host=host)
    else:
        account = gateway_verbs.add_gateway(where, name, site, here=here, host=host)
    if port is not None:
        account = replace(account, port=port)
    if as_json:
        click.echo(json.dumps(account.as_json(), ensure_ascii=False))
    else:
        for key, value in account.as_json().items():
            click.echo(f"{key:<13} {value}")
    return ExitCode.OK


@gateway.command()
@click.argument("gateway_id")
@connection_options
def revoke(gateway_id: str, where: Where) -> int:
    """Shut GATEWAY_ID and its native devices out, at once and for good."""
    gateway_verbs.revoke_gateway(where, gateway_id)
    click.echo(f"{gateway_id} is shut out.")
    return ExitCode.OK


@gateway.command("list")
@connection_options
def list_(where: Where) -> int:
    """The gateways, one per line: id, site, whether it runs here, name."""
    with registry_connection(where) as connection:
        gateways = source.load(connection).gateways
    for entry in gateways:
        here = (where.data / "gateway" / entry.gateway_id / credentials.FILE).exists()
        state = "revoked" if entry.revoked else "here" if here else "elsewhere"
        click.echo(f"{entry.gateway_id}\t{entry.site_id}\t{state}\t{entry.name}")
    return ExitCode.OK
