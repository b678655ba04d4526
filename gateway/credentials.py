"""A gateway's credentials, as ``anxin gateway add`` writes them into its directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from gateway.errors import CredentialsError
from ingest.wire.topics import SHARDS, valid_id

FILE = "credentials.json"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Who the gateway is; ``config_key`` is the platform's Ed25519 public key in hex."""

    gateway_id: str
    site_id: str
    shard: int
    username: str
    password: str
    config_key: str

    def __repr__(self) -> str:
        return f"Credentials(gateway_id={self.gateway_id!r})"


def read(path: Path) -> Credentials:
    """The credentials in the file.

    Raises
    ------
    CredentialsError
        The file cannot be used.
    """
    try:
        raw = msgspec.json.decode(path.read_bytes())
        if isinstance(raw, dict) and isinstance(raw.get("shard"), str):
            raw["shard"] = int(raw["shard"], 16)  # as it stands in topics
        found = msgspec.convert(raw, Credentials)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise CredentialsError(f"{path}: {error}") from error
    if not valid_id(found.gateway_id) or not 0 <= found.shard < SHARDS:
        raise CredentialsError(f"{path}: gateway_id or shard is not valid")
    return found


def scan(directory: Path) -> Mapping[Path, int]:
    """Every credentials file below ``directory`` and when it was written, in nanoseconds."""
    found = {}
    for path in sorted(directory.glob(f"*/{FILE}")):
        try:
            found[path] = path.stat().st_mtime_ns
        except OSError:
            continue  # revoked at this very moment
    return found
