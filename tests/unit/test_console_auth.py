"""Sessions, links, throttle, permissions, and settings that must not pass."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import extract_parameters

from console.auth.passwords import PasswordCheck, hash_password
from console.auth.permissions import Permission, Role, allows
from console.auth.sessions import Sessions
from console.auth.store import AuthStore
from console.auth.throttle import Throttle
from console.auth.tokens import create_login_link, store_path, token_hash
from console.settings import ConsoleSettings
from ingest.errors import SettingsError
from tests.console_desk import a_registry


class _Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self._now = datetime(2025, 6, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def forward(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AuthStore]:
    opened = AuthStore(store_path(tmp_path))
    yield opened
    opened.close()


def test_a_session_ends_by_idleness_and_in_any_case(store: AuthStore) -> None:
    clock = _Clock()
    registry = a_registry()
    sessions = Sessions(store, lambda: registry, clock, life_s=1000, idle_s=300)

    async def story() -> None:
        token = await sessions.open(registry.user["operator"])
        for _ in range(4):
            clock.forward(200)
            assert await sessions.visitor(token) is not None
        clock.forward(300.5)
        assert await sessions.visitor(token) is None, "idle too long"
        token = await sessions.open(registry.user["operator"])
        for _ in range(6):
            clock.forward(160)
            await sessions.visitor(token)
        clock.forward(60)
        assert await sessions.visitor(token) is None, "as long as a session may live"
        assert await sessions.visitor("") is None
        assert await sessions.visitor("guessed") is None

    asyncio.run(story())


def test_a_link_works_once_and_for_half_an_hour(store: AuthStore, tmp_path: Path) -> None:
    clock = _Clock()
    token = create_login_link(tmp_path, "operator", clock).removeprefix("/login/once/")
    now = clock.now().timestamp()
    assert store.take_link(token_hash(token), now) == "operator"
    assert store.take_link(token_hash(token), now) is None
    late = create_login_link(tmp_path, "operator", clock).removeprefix("/login/once/")
    assert store.take_link(token_hash(late), now + 1801) is None


def test_tokens_are_not_in_the_file_and_the_file_is_the_owners(store: AuthStore, tmp_path: Path) -> None:
    token = create_login_link(tmp_path, "operator").removeprefix("/login/once/")
    files = list(store_path(tmp_path).parent.iterdir())
    assert all(token.encode() not in file.read_bytes() for file in files)
    assert stat.S_IMODE(store_path(tmp_path).stat().st_mode) == 0o600


def test_wrong_logins_wait_longer_and_longer_and_one_address_does_not_lock_out_another(store: AuthStore) -> None:
    throttle = Throttle(store)
    for _ in range(5):
        assert throttle.wait_s("lina", "1.1.1.1", 1000) == 0
        throttle.failed("lina", "1.1.1.1", 1000)
    assert throttle.wait_s("lina", "1.1.1.1", 1000) == 5
    assert throttle.wait_s(" LINA ", "1.1.1.1", 1000) == 5, "the same account"
    throttle.failed("lina", "1.1.1.1", 1005)
    assert throttle.wait_s("lina", "1.1.1.1", 1005) == 10
    assert throttle.wait_s("lina", "2.2.2.2", 1005) == 0
    for _ in range(30):
        throttle.failed("lina", "1.1.1.1", 1005)
    assert throttle.wait_s("lina", "1.1.1.1", 1005) == 300, "never longer than five minutes"
    assert throttle.wait_s("lina", "1.1.1.1", 1005 + 901) == 0


def test_no_hash_is_no_password() -> None:
    check = PasswordCheck()
    good = hash_password("secret")

    async def story() -> None:
        assert await check.matches("secret", good)
        assert not await check.matches("other", good)
        assert not await check.matches("", "")
        assert not await check.matches("secret", "")
        assert not await check.matches("secret", "not a hash")

    asyncio.run(story())
    check.close()


def test_an_unknown_account_takes_as_long_as_a_known_one() -> None:
    check = PasswordCheck()
    assert extract_parameters(check._nobody) == extract_parameters(hash_password("secret"))
    check.close()


def test_an_unknown_role_may_nothing() -> None:
    assert not any(allows("janitor", permission) for permission in Permission)
    assert {p for p in Permission if allows(Role.FAMILY, p)} == {Permission.SIGNED_IN, Permission.SEE_FAMILY}


@pytest.mark.parametrize(
    "given",
    [{"host": "0.0.0.0"}, {"tls_cert": "c.pem"}, {"port": 0}, {"language": "fr"}, {"colour": "red"}],
)
def test_a_wrong_or_unsafe_setting_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="console"):
        ConsoleSettings.load(**given)


@pytest.mark.parametrize("given", [{"behind_https": True}, {"plain_http": True}])
def test_other_machines_are_served_when_it_is_said_how(given: dict[str, object]) -> None:
    assert ConsoleSettings.load(host="0.0.0.0", **given).host == "0.0.0.0"
