"""Second factors in ``console.sqlite``: sealed secrets, hashes of recovery codes, logins that stand half way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.auth.store import AuthStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """An account's authenticator app; ``secret`` is sealed, ``last_step`` the latest step whose code was taken."""

    factor_id: str
    secret: bytes
    last_step: int
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfLogin:
    """The first factor was proved, the second is still to come. It is no session and opens nothing.

    With a sealed ``secret`` it is about a new app, in the place of the factor ``replaces`` (empty: there was none).
    """

    token_hash: str
    user_id: str
    credential: str
    secret: bytes | None
    replaces: str
    expires_at: float


class FactorStore:
    """Every change is one statement or one transaction, so that several processes may work on the file."""

    def __init__(self, store: AuthStore) -> None:
        self._store = store

    def factor(self, user_id: str) -> Factor | None:
        rows = self._store.run(
            "SELECT factor_id, secret, last_step, created_at FROM factor WHERE user_id = ?", (user_id,)
        )
        if not rows:
            return None
        factor_id, secret, last_step, created_at = rows[0]
        return Factor(factor_id=factor_id, secret=secret, last_step=last_step, created_at=created_at)

    def set_factor(self, user_id: str, factor: Factor, code_hashes: Sequence[str], replaces: str) -> bool:
        """Put it in the place of ``replaces``; False: somebody was faster, and nothing is changed."""
        with self._store.transaction():
            present = self.factor(user_id)
            if (present.factor_id if present is not None else "") != replaces:
                return False
            self._store.run(
                "INSERT OR REPLACE INTO factor VALUES (?, ?, ?, ?, ?)",
                (user_id, factor.factor_id, factor.secret, factor.last_step, factor.created_at),
            )
            self.set_codes(user_id, code_hashes)
            self._store.run("DELETE FROM half_login WHERE user_id = ?", (user_id,))
        return True

    def remove_factor(self, user_id: str) -> bool:
        """Forget the factor, its recovery codes and every half login; False: there was no factor."""
        with self._store.transaction():
            gone = self._store.run("DELETE FROM factor WHERE user_id = ? RETURNING 1", (user_id,))
            self.set_codes(user_id, ())
            self._store.run("DELETE FROM half_login WHERE user_id = ?", (user_id,))
        return bool(gone)

    def take_step(self, user_id: str, factor: Factor, step: int) -> bool:
        """Use up the codes of this step and all before it; False: they were used already."""
        statement = "UPDATE factor SET last_step = ? WHERE user_id = ? AND factor_id = ? AND last_step < ? RETURNING 1"
        return bool(self._store.run(statement, (step, user_id, factor.factor_id, step)))

    def set_codes(self, user_id: str, code_hashes: Sequence[str]) -> None:
        """New recovery codes instead of the old ones."""
        self._store.run("DELETE FROM recovery_code WHERE user_id = ?", (user_id,))
        for code_hash in code_hashes:
            self._store.run("INSERT INTO recovery_code VALUES (?, ?)", (user_id, code_hash))

    def renew_codes(self, user_id: str, code_hashes: Sequence[str]) -> None:
        with self._store.transaction():
            self.set_codes(user_id, code_hashes)

    def take_code(self, user_id: str, code_hash: str) -> bool:
        """Use a recovery code up; False: there is no such code any more."""
        statement = "DELETE FROM recovery_code WHERE user_id = ? AND code_hash = ? RETURNING 1"
        return bool(self._store.run(statement, (user_id, code_hash)))

    def codes_left(self, user_id: str) -> int:
        return int(self._store.run("SELECT count(*) FROM recovery_code WHERE user_id = ?", (user_id,))[0][0])

    def add_half(self, half: HalfLogin) -> None:
        self._store.run(
            "INSERT INTO half_login VALUES (?, ?, ?, ?, ?, ?)",
            (half.token_hash, half.user_id, half.credential, half.secret, half.replaces, half.expires_at),
        )

    def half(self, token_hash: str) -> HalfLogin | None:
        rows = self._store.run(
            "SELECT user_id, credential, secret, replaces, expires_at FROM half_login WHERE token_hash = ?",
            (token_hash,),
        )
        if not rows:
            return None
        user_id, credential, secret, replaces, expires_at = rows[0]
        return HalfLogin(
            token_hash=token_hash,
            user_id=user_id,
            credential=credential,
            secret=secret,
            replaces=replaces,
            expires_at=expires_at,
        )

    def end_half(self, token_hash: str) -> bool:
        """Use it up; False: it is gone already."""
        return bool(self._store.run("DELETE FROM half_login WHERE token_hash = ? RETURNING 1", (token_hash,)))
