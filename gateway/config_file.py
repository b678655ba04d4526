"""The site's configuration: verified, the newest one kept, so that the gateway works without the broker."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.errors import ConfigError
from ingest.wire import site_config
from ingest.wire.errors import DecodeError
from ingest.wire.site_config import SiteConfig


class ConfigFile:
    """The configuration of one gateway, in a file that holds the signed message as it came."""

    def __init__(self, path: Path, gateway_id: str, key_hex: str) -> None:
        """Begin with what the file holds.

        Raises
        ------
        ConfigError
            ``key_hex`` is no Ed25519 public key.
        """
        self._path = path
        self._gateway_id = gateway_id
        try:
            self._key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key_hex))
        except ValueError as error:
            raise ConfigError(f"the config key is no Ed25519 public key in hex: {error}") from error
        self.config: SiteConfig | None = None
        self.problem: ConfigError | None = None
        try:
            self.config = self._verified(path.read_bytes())
        except OSError:
            pass  # none yet
        except ConfigError as error:
            self.problem = error

    def offer(self, payload: bytes) -> bool:
        """Take a configuration that is newer than the known one, keep it; True when it was taken.

        Raises
        ------
        ConfigError
            It is not from the platform, or not for this gateway.
        """
        config = self._verified(payload)
        if self.config is not None and config.version <= self.config.version:
            return False
        self.config = config
        draft = self._path.with_suffix(".new")
        try:
            with draft.open("wb") as file:
                file.write(payload)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            self.problem = ConfigError(f"the configuration cannot be kept: {error}")
        return True

    def _verified(self, payload: bytes) -> SiteConfig:
        try:
            signed, signature = site_config.open_envelope(payload)
            self._key.verify(signature, signed)
            config = site_config.decode(signed)
        except DecodeError as error:
            raise ConfigError(str(error)) from error
        except InvalidSignature as error:
            raise ConfigError("the signature is not the platform's") from error
        if config.gateway_id != self._gateway_id:
            raise ConfigError(f"it is for gateway {config.gateway_id}")
        return config
