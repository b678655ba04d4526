"""One-time login links: for the first login, for a demo, for a person who has lost the password."""

from __future__ import annotations

import secrets
from hashlib import sha256
from pathlib import Path

from console.auth.store import AuthStore
from ingest.clock import Clock, SystemClock

LINK_LIFE_S = 30 * 60


def store_path(data: Path) -> Path:
    """Where the console keeps sessions and links."""
    return data / "console" / "console.sqlite"


def seal_path(data: Path) -> Path:
    """The key that closes the secrets of second factors."""
    return data / "console" / "factor.key"


def create_login_link(data: Path, user_id: str, clock: Clock | None = None) -> str:
    """A path ``/login/once/{token}`` that logs ``user_id`` in, once, within 30 minutes."""
    now = (clock or SystemClock()).now().timestamp()
    token = new_token()
    store = AuthStore(store_path(data))
    try:
        store.add_link(token_hash(token), user_id, now + LINK_LIFE_S)
    finally:
        store.close()
    return f"/login/once/{token}"


def new_token() -> str:
    """256 random bits for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored instead of the token."""
    return sha256(token.encode()).hexdigest()
