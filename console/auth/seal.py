"""Closes the secrets of second factors with a key in a file of its own, so that the database alone opens nothing."""

from __future__ import annotations

import contextlib
import os
import secrets
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Seal:
    """AES-256-GCM, bound to whose the secret is: a row copied to another account opens nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def close(self, secret: str, owner: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str | None:
        """The secret; None when the key or the owner is another one."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode()).decode()
        except InvalidTag:
            return None

    @cached_property
    def _cipher(self) -> AESGCM:
        with contextlib.suppress(FileExistsError):
            self._make()
        return AESGCM(self._path.read_bytes())

    def _make(self) -> None:
        """Put a new key there whole, unless another process was first."""
        if self._path.exists():
            return
        part = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            os.link(part, self._path)
        finally:
            part.unlink()
