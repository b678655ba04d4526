"""Failed logins cost time: per account and address, per address, and per account from everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from console.auth.store import AuthStore

_FORGET_S = 15 * 60
_LONGEST_S = 300.0
_FIRST_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    key: str
    free: int  # failures without a wait


class Throttle:
    """Says how long a login must wait. Kept in the store, so that a restart or a second console changes nothing."""

    def __init__(self, store: AuthStore) -> None:
        self._store = store

    def wait_s(self, account: str, address: str, now: float) -> float:
        """Seconds until the next try is allowed; 0 when it is now."""
        return max(self._wait_s(limit, now) for limit in _limits(account, address))

    def failed(self, account: str, address: str, now: float) -> None:
        for limit in _limits(account, address):
            failures, last_at = self._store.failures(limit.key)
            self._store.set_failures(limit.key, 1 if now - last_at > _FORGET_S else failures + 1, now)

    def succeeded(self, account: str, address: str) -> None:
        self._store.forget_failures(_limits(account, address)[0].key)

    def _wait_s(self, limit: _Limit, now: float) -> float:
        failures, last_at = self._store.failures(limit.key)
        over = failures - limit.free
        if over < 0 or now - last_at > _FORGET_S:
            return 0.0
        return max(0.0, last_at + min(_FIRST_S * 2.0 ** min(over, 10), _LONGEST_S) - now)


def _limits(account: str, address: str) -> tuple[_Limit, ...]:
    account = account.strip().casefold()[:64]
    return (
        _Limit(key=f"both:{account}|{address}", free=5),
        _Limit(key=f"address:{address}", free=20),
        _Limit(key=f"account:{account}", free=30),
    )
