"""The second factor of a login: whom it is asked of, how an app is enrolled, how a code is proved."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from console.auth import recovery, totp
from console.auth.factor_store import Factor, FactorStore, HalfLogin
from console.auth.permissions import needs_second
from console.auth.seal import Seal
from console.auth.sessions import credential_of
from console.auth.store import AccessAct, AuthStore
from console.auth.throttle import Throttle
from console.auth.tokens import new_token, token_hash
from console.errors import ProblemError
from ingest.clock import Clock
from ingest.log import Log
from ingest.registry.model import User

HALF_LIFE_S = 10 * 60
"""How long the second step may take."""

_ACTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorState:
    """What may be told of an account's factor; ``since`` None: it has none."""

    since: float | None
    codes_left: int
    acts: list[AccessAct]


class SecondFactor:
    """``required`` False: it is only offered, and asked of who has one."""

    def __init__(self, store: AuthStore, seal: Seal, throttle: Throttle, clock: Clock, *, required: bool) -> None:
        self._store = store
        self._factors = FactorStore(store)
        self._seal = seal
        self._throttle = throttle
        self._clock = clock
        self._required = required
        self._log = Log("console")

    def needed(self, user: User) -> bool:
        """Whether the account's sessions open nothing without it."""
        return self._required and needs_second(user.role)

    async def asked(self, user: User) -> bool:
        """Whether a login of this account has a second step."""
        return self.needed(user) or await asyncio.to_thread(self._factors.factor, user.user_id) is not None

    async def state(self, user: User) -> FactorState:
        return await asyncio.to_thread(self._state, user.user_id)

    async def begin(self, user: User, *, anew: bool = False) -> str:
        """A half login's token: to prove the app's code, or to enrol one where there is none or for ``anew``."""
        return await asyncio.to_thread(self._begin, user, anew)

    async def half(self, token: str, users: Mapping[str, User]) -> tuple[HalfLogin, User] | None:
        """The half login and whose it is; None when it is unknown, used, too old or of an earlier password."""
        half = await asyncio.to_thread(self._factors.half, token_hash(token)) if token else None
        user = users.get(half.user_id) if half is not None else None
        if half is None or user is None or user.disabled or half.credential != credential_of(user):
            return None
        return (half, user) if half.expires_at >= self._now else None

    async def give_up(self, token: str) -> None:
        await asyncio.to_thread(self._factors.end_half, token_hash(token))

    def secret_of(self, half: HalfLogin) -> str:
        """The secret that an app is to learn.

        Raises
        ------
        ProblemError
            409 ``factor_meanwhile``: it cannot be opened any more.
        """
        secret = self._seal.open(half.secret or b"", half.user_id)
        if secret is None:
            raise ProblemError(409, "factor_meanwhile")
        return secret

    async def finish(self, half: HalfLogin, typed: str, address: str) -> None:
        """Prove the code or a recovery code of a half login, which is used up by it.

        Raises
        ------
        ProblemError
            As ``prove``; 401 ``signed_out``: it was used up meanwhile.
        """
        await self.prove(half.user_id, typed, address)
        if not await asyncio.to_thread(self._factors.end_half, half.token_hash):
            raise ProblemError(401, "signed_out")

    async def enrol(self, half: HalfLogin, typed: str, address: str) -> list[str]:
        """Take the new app, which a code of it has proved: the recovery codes, to be shown this once.

        Raises
        ------
        ProblemError
            429 ``wait_code``, 401 ``wrong_code``; 409 ``factor_meanwhile``: another one was enrolled first.
        """
        return await asyncio.to_thread(self._enrol, half, typed, address)

    async def prove(self, user_id: str, typed: str, address: str) -> None:
        """Take a code of the account's app, or one of its recovery codes; each is good once.

        Raises
        ------
        ProblemError
            429 ``wait_code``: too many wrong ones; 401 ``wrong_code``, ``used_code``.
        """
        await asyncio.to_thread(self._prove, user_id, typed, address)

    async def new_codes(self, user_id: str) -> list[str]:
        """Other recovery codes instead of the ones that there are."""
        codes = recovery.new_codes()
        await asyncio.to_thread(self._factors.renew_codes, user_id, [recovery.code_hash(code) for code in codes])
        await self.note(user_id, "codes_renewed", user_id)
        return codes

    async def remove(self, user_id: str, by: str) -> bool:
        """The account has no factor any more; False: it had none."""
        gone = await asyncio.to_thread(self._factors.remove_factor, user_id)
        if gone:
            await self.note(user_id, "factor_removed" if by == user_id else "factor_reset", by)
        return gone

    async def note(self, user_id: str, what: str, by: str) -> None:
        """Write down, and into the log, what happened to an account's ways in."""
        await asyncio.to_thread(self._note, user_id, what, by)

    @property
    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _state(self, user_id: str) -> FactorState:
        factor = self._factors.factor(user_id)
        return FactorState(
            since=factor.created_at if factor is not None else None,
            codes_left=self._factors.codes_left(user_id),
            acts=self._store.acts(user_id, _ACTS),
        )

    def _begin(self, user: User, anew: bool) -> str:
        factor, token = self._factors.factor(user.user_id), new_token()
        enrols = anew or factor is None
        half = HalfLogin(
            token_hash=token_hash(token),
            user_id=user.user_id,
            credential=credential_of(user),
            secret=self._seal.close(totp.new_secret(), user.user_id) if enrols else None,
            replaces=factor.factor_id if factor is not None else "",
            expires_at=self._now + HALF_LIFE_S,
        )
        self._factors.add_half(half)
        return token

    def _enrol(self, half: HalfLogin, typed: str, address: str) -> list[str]:
        now = self._count(half.user_id, address)
        step = totp.matched_step(self.secret_of(half), typed, now)
        if step is None:
            raise ProblemError(401, "wrong_code")
        codes = recovery.new_codes()
        factor = Factor(factor_id=secrets.token_hex(8), secret=half.secret or b"", last_step=step, created_at=now)
        hashes = [recovery.code_hash(code) for code in codes]
        if not self._factors.set_factor(half.user_id, factor, hashes, half.replaces):
            raise ProblemError(409, "factor_meanwhile")
        self._succeeded(half.user_id, address)
        self._note(half.user_id, "factor_set", half.user_id)
        return codes

    def _prove(self, user_id: str, typed: str, address: str) -> None:
        now = self._count(user_id, address)
        if not totp.digits(typed):
            self._prove_recovery(user_id, typed)
        else:
            self._prove_code(user_id, typed, now)
        self._succeeded(user_id, address)

    def _prove_code(self, user_id: str, typed: str, now: float) -> None:
        factor = self._factors.factor(user_id)
        secret = self._seal.open(factor.secret, user_id) if factor is not None else None
        step = totp.matched_step(secret, typed, now) if secret is not None else None
        if factor is None or step is None:
            raise ProblemError(401, "wrong_code")
        if not self._factors.take_step(user_id, factor, step):
            raise ProblemError(401, "used_code")

    def _prove_recovery(self, user_id: str, typed: str) -> None:
        if not self._factors.take_code(user_id, recovery.code_hash(typed)):
            raise ProblemError(401, "wrong_code")
        self._note(user_id, "code_used", user_id)

    def _note(self, user_id: str, what: str, by: str) -> None:
        self._log.info("access.changed", user_id=user_id, what=what, by=by)
        self._store.note(user_id, what, by, self._now)

    def _count(self, user_id: str, address: str) -> float:
        """Count a try before it is looked at: a hundred at once are a hundred. The moment of it."""
        now = self._now
        wait_s = self._throttle.wait_s(*_keys(user_id, address), now)
        if wait_s > 0:
            seconds = ceil(wait_s)
            problem = ProblemError(429, "wait_code", seconds=seconds)
            problem.headers["Retry-After"] = str(seconds)
            raise problem
        self._throttle.failed(*_keys(user_id, address), now)
        return now

    def _succeeded(self, user_id: str, address: str) -> None:
        self._throttle.succeeded(*_keys(user_id, address))


def _keys(user_id: str, address: str) -> tuple[str, str]:
    """The throttle's own counts for codes, apart from those for passwords."""
    return f"code:{user_id}", f"code:{address}"
