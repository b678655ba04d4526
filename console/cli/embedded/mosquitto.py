"""Mosquitto as the embedded broker: where it is, and its configuration."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Sequence
from pathlib import Path

_PLUGIN = "mosquitto_dynamic_security.so"
# Debian keeps the broker where a user's PATH does not look
_MORE_PATH = ("/usr/local/sbin", "/usr/sbin", "/opt/homebrew/sbin")


def find_mosquitto() -> Path | None:
    """The broker's program, or None."""
    found = shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_MORE_PATH]))
    return Path(found) if found else None


def find_plugin(mosquitto: Path) -> Path | None:
    """The dynamic-security plugin that belongs to the program, or None: it lets accounts change without a restart."""
    prefix = mosquitto.resolve().parent.parent
    for root in dict.fromkeys((prefix, Path("/usr"), Path("/usr/local"))):
        for lib in (f"lib/{platform.machine()}-linux-gnu", "lib64", "lib"):
            if (path := root / lib / _PLUGIN).is_file():
                return path
        # other names of the machine (armhf …), and packages that keep plugins in a directory of their own
        if found := sorted([*root.glob(f"lib/*-linux-*/{_PLUGIN}"), *root.glob(f"lib*/mosquitto*/{_PLUGIN}")]):
            return found[0]
    return None


def configuration(directory: Path, plugin: Path, state: Path, listeners: Sequence[str]) -> str:
    """The text of ``mosquitto.conf``."""
    lines = [
        "# written by anxin at every start: changes here are lost",
        *listeners,
        "allow_anonymous false",
        f"plugin {plugin}",
        f"plugin_opt_config_file {state}",
        # a burst is not held back, but a consumer that stays away finds the rest in the spools: memory is bounded
        "max_queued_messages 0",
        "max_queued_bytes 268435456",
        "max_inflight_messages 65535",
        "set_tcp_nodelay true",
        "persistence true",
        f"persistence_location {directory}/",
        # a consumer that stays away so long finds everything in the spools
        "persistent_client_expiration 14d",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "log_timestamp_format %Y-%m-%dT%H:%M:%SZ",
        "connection_messages false",
    ]
    if os.geteuid() == 0:
        # else it would become the user "mosquitto", who cannot write below the data directory
        lines.append("user root")
    return "\n".join(lines) + "\n"
