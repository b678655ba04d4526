"""``anxin registry``: sites, rooms, people and devices as one JSON file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from console.cli.exit_codes import CommandError, ExitCode
from console.cli.registry import registry_connection
from console.cli.where import Where, connection_options
from ingest.registry import edit, edit_escalation, source
from ingest.registry.errors import RegistryError
from ingest.registry.model import (
    Badge,
    Contact,
    Device,
    Doorway,
    Output,
    Policy,
    Reach,
    Registry,
    Resident,
    Room,
    Rota,
    Site,
    Window,
    Zone,
)
from ingest.store.connection import Connection


class RegistryFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file may hold. Gateways and users have verbs of their own, because they have passwords."""

    sites: tuple[Site, ...] = ()
    zones: tuple[Zone, ...] = ()
    rooms: tuple[Room, ...] = ()
    residents: tuple[Resident, ...] = ()
    contacts: tuple[Contact, ...] = ()
    devices: tuple[Device, ...] = ()
    reaches: tuple[Reach, ...] = ()
    rotas: tuple[Rota, ...] = ()
    policies: tuple[Policy, ...] = ()
    windows: tuple[Window, ...] = ()
    badges: tuple[Badge, ...] = ()
    outputs: tuple[Output, ...] = ()
    doorways: tuple[Doorway, ...] = ()


@click.group()
def registry() -> None:
    """Sites, rooms, doors, people, devices, badges, outputs, rotas and escalation policies, from and to a JSON file."""


@registry.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@connection_options
def import_(file: Path, where: Where) -> int:
    """Add what is in FILE; what is there already is changed to what FILE says. All of it, or nothing."""
    try:
        given = msgspec.json.decode(file.read_bytes(), type=RegistryFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}") from error
    with registry_connection(where) as connection:
        try:
            _write(connection, given)
        except RegistryError as error:
            raise CommandError(f"{file}: {error}; nothing was changed") from error
    counts = ", ".join(f"{len(getattr(given, name))} {name}" for name in RegistryFile.__struct_fields__)
    click.echo(f"written: {counts}")
    return ExitCode.OK


@registry.command()
@connection_options
def export(where: Where) -> int:
    """Print the registry as such a file."""
    with registry_connection(where) as connection:
        whole = source.load(connection)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(as_file(whole)), indent=2) + b"\n")
    return ExitCode.OK


def as_file(whole: Registry) -> RegistryFile:
    """The part of the registry that a file holds."""
    return RegistryFile(**{name: getattr(whole, name) for name in RegistryFile.__struct_fields__})


def _write(connection: Connection, given: RegistryFile) -> None:
    for site in given.sites:
        edit.add_site(connection, site)
    for zone in given.zones:
        edit.add_zone(connection, zone)
    for room in given.rooms:
        edit.add_room(connection, room)
    for resident in given.residents:
        edit.add_resident(connection, resident)
    for contact in given.contacts:
        edit.add_contact(connection, contact)
    for device in given.devices:
        edit.add_device(connection, device)
    for reach in given.reaches:
        edit_escalation.add_reach(connection, reach)
    for rota in given.rotas:
        edit_escalation.add_rota(connection, rota)
    for policy in given.policies:
        edit_escalation.add_policy(connection, policy)
    for window in given.windows:
        edit_escalation.add_window(connection, window)
    for badge in given.badges:
        edit.add_badge(connection, badge)
    for output in given.outputs:
        edit.add_output(connection, output)
    for doorway in given.doorways:
        edit.add_doorway(connection, doorway)
