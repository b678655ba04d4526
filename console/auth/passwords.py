"""Passwords as argon2id, hashed in a small pool of threads so that a flood of logins cannot starve the console."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import ARGON2_VERSION

from console.errors import ProblemError

SHORTEST = 10
"""The fewest characters of a password."""

_THREADS = 2
_WAITING = 20


def hash_password(password: str) -> str:
    """The argon2id hash to keep in the registry."""
    return PasswordHasher().hash(password)


class PasswordCheck:
    """Checks passwords; an unknown account takes as long as a known one."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="console-password")
        self._waiting = 0
        self._nobody = _hash_of_no_password()

    async def matches(self, password: str, password_hash: str) -> bool:
        """True when the password belongs to the hash; never true for an empty hash.

        Raises
        ------
        ProblemError
            503 when too many wait already.
        """
        if self._waiting >= _WAITING:
            raise ProblemError(503, "busy")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            good = await loop.run_in_executor(self._pool, _verify, password_hash or self._nobody, password)
        finally:
            self._waiting -= 1
        return good and bool(password_hash)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _hash_of_no_password() -> str:
    """Costs nothing to make, and as much as any hash of ours to check."""
    cost = PasswordHasher()
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (cost.salt_len, cost.hash_len)
    )
    settings = f"m={cost.memory_cost},t={cost.time_cost},p={cost.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${settings}${salt}${digest}"


def _verify(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
