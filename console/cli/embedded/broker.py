"""The embedded broker: Mosquitto where it is installed, else aedes; the same accounts file and the same rules."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from console.cli.embedded import dynamic_security, mosquitto
from console.cli.embedded.accounts import SERVICE_ROLES
from console.cli.embedded.errors import MissingEmbeddedPartError
from console.cli.embedded.node import ensure_packages, node_program
from console.cli.embedded.private_file import private_directory, write_private
from console.cli.embedded.settings import BrokerChoice, EmbeddedSettings

# sun_path of Linux holds 108 bytes with its end, that of macOS 104
_SOCKET_BYTES = 103
_PROGRAM = Path(__file__).with_name("broker.mjs")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerCommand:
    """What to run as the broker; it stays in the foreground and ends on SIGTERM."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    describe: str


def socket(data: Path) -> Path | None:
    """The broker's Unix socket, cheaper for each message than TCP; None where the path is too long for one."""
    path = data.absolute() / "broker" / "mqtt.sock"
    return path if len(os.fsencode(path)) <= _SOCKET_BYTES else None


def prepare(data: Path, port: int, accounts: Mapping[str, str], *, choice: BrokerChoice | None = None) -> BrokerCommand:
    """Write what the broker needs below ``{data}/broker`` and say how to run it.

    ``accounts`` are the programs' passwords: they and their rules are brought up to date, while the accounts of
    gateways are kept. Both brokers share the accounts' file. Not to be called while the broker runs.

    Raises
    ------
    MissingEmbeddedPartError
        The wanted broker is not on this machine.
    EmbeddedPartError
        The accounts' file is damaged, or aedes cannot be installed.
    """
    settings = EmbeddedSettings.load()
    choice = choice or settings.broker
    directory = private_directory(data.absolute() / "broker")
    state = directory / "dynamic-security.json"
    dynamic_security.refresh(state, SERVICE_ROLES, accounts)
    program = None if choice == "aedes" else mosquitto.find_mosquitto()
    plugin = mosquitto.find_plugin(program) if program else None
    if program and plugin:
        config = directory / "mosquitto.conf"
        listeners = [f"listener {port} {settings.broker_listen}"]
        if place := socket(data):
            listeners.insert(0, f"listener 0 {place}")
        write_private(config, mosquitto.configuration(directory, plugin, state, listeners))
        return BrokerCommand(argv=(str(program), "-c", str(config)), describe=f"Mosquitto ({program})")
    if choice == "mosquitto":
        raise MissingEmbeddedPartError(
            f"{program} has no dynamic-security plugin" if program else "Mosquitto is not installed (Debian: mosquitto)"
        )
    ensure_packages()
    node = node_program()
    argv = (str(node), str(_PROGRAM), str(state), settings.broker_listen, str(port), str(socket(data) or ""))
    return BrokerCommand(argv=argv, env={"NODE_ENV": "production"}, describe=f"aedes ({node})")
