"""The second factor by itself: codes, recovery codes, the seal, and what a moved clock does to a half login."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.auth import recovery, totp
from console.auth.device import UNKNOWN, device_of
from console.auth.factor_store import HalfLogin
from console.auth.permissions import Role, needs_second
from console.auth.seal import Seal
from console.auth.second import SecondFactor
from console.auth.sessions import Sessions, Why
from console.auth.store import AuthStore
from console.auth.throttle import Throttle
from console.auth.tokens import seal_path, store_path
from console.errors import ProblemError
from console.settings import ConsoleSettings
from ingest.registry.model import User
from tests.console_desk import a_registry
from tests.moved_clock import MovedClock

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238, appendix B
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
USERS = a_registry().user
ADMIN = USERS["administrator"]


class Door:
    """One console's second factor on a file, with a clock that the test moves."""

    def __init__(self, data: Path, clock: MovedClock, *, required: bool = True) -> None:
        self.clock = clock
        self.store = AuthStore(store_path(data))
        seal = Seal(seal_path(data))
        self.second = SecondFactor(self.store, seal, Throttle(self.store), clock, required=required)

    async def half(self, user: User = ADMIN, *, anew: bool = False) -> HalfLogin:
        token = await self.second.begin(user, anew=anew)
        found = await self.second.half(token, USERS)
        assert found is not None
        return found[0]

    def code(self, secret: str, steps: int = 0) -> str:
        return totp.code_at(secret, int(self.clock.now().timestamp() // totp.STEP_S) + steps)

    async def enrol(self, user: User = ADMIN) -> tuple[str, list[str]]:
        half = await self.half(user)
        secret = self.second.secret_of(half)
        return secret, await self.second.enrol(half, self.code(secret), "1.1.1.1")

    async def refused(self, work: Coroutine[Any, Any, object]) -> ProblemError:
        with pytest.raises(ProblemError) as refused:
            await work
        return refused.value


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    opened = Door(tmp_path, MovedClock(START))
    yield opened
    opened.store.close()


@pytest.mark.parametrize(
    ("moment", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard_and_their_neighbours_count(moment: int, code: str) -> None:
    step = moment // totp.STEP_S
    for off in (-30, 0, 30):
        assert totp.matched_step(RFC_SECRET, code, moment + off) == step
    for off in (-60, 60):
        assert totp.matched_step(RFC_SECRET, code, moment + off) is None
    wide = code.translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})
    assert totp.matched_step(RFC_SECRET, f" {wide[:3]} {wide[3:]}", moment) == step, "as a Chinese keyboard types it"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "½23456", "-12345", "0x1234"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert totp.digits(typed) == ""
    assert totp.matched_step(RFC_SECRET, typed, 59) is None


def test_recovery_codes_are_ten_different_ones_however_they_are_typed() -> None:
    codes = recovery.new_codes()
    assert len({recovery.code_hash(code) for code in codes}) == recovery.COUNT == 10
    code = codes[0]
    for typed in (
        code.lower(),
        code.replace("-", " "),
        code.replace("-", ""),
        code.replace("0", "o").replace("1", "l"),
    ):
        assert recovery.code_hash(typed) == recovery.code_hash(code)
    assert not set("ILOU") & set("".join(codes))


def test_a_sealed_secret_opens_for_its_owner_and_key_only(tmp_path: Path) -> None:
    seal = Seal(tmp_path / "factor.key")
    sealed = seal.close("SECRET", "li")
    assert b"SECRET" not in sealed
    assert Seal(tmp_path / "factor.key").open(sealed, "li") == "SECRET", "another process"
    assert seal.open(sealed, "wang") is None
    assert seal.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "li") is None
    assert Seal(tmp_path / "other.key").open(sealed, "li") is None
    assert stat.S_IMODE((tmp_path / "factor.key").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["factor.key", "other.key"], "no parts stay"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/128.0.0.0 Safari/537.36", ("Chrome", "Windows")),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/128.0 Safari/537.36 Edg/128.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/116 Mobile Safari/537.36 MicroMessenger/8.0", ("WeChat", "Android")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", ("Safari", "iPhone")),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1 HuaweiBrowser/5.1", ("Huawei Browser", "HarmonyOS")),
        ("python-httpx/0.28", (UNKNOWN, "")),
        ("", (UNKNOWN, "")),
    ],
)
def test_a_browser_is_told_in_words(agent: str, words: tuple[str, str]) -> None:
    assert device_of(agent) == words


def test_it_is_required_unless_it_is_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANXIN_CONSOLE_SECOND_FACTOR")
    assert ConsoleSettings.load().second_factor == "required"
    assert {role.value for role in Role if needs_second(role)} == {"administrator", "supervisor", "installer"}
    assert not needs_second("janitor")


def test_a_code_works_once_and_none_before_it(door: Door) -> None:
    async def story() -> None:
        secret, _ = await door.enrol()
        again = door.second.prove(ADMIN.user_id, door.code(secret), "1.1.1.1")
        assert (await door.refused(again)).code == "used_code", "the code that enrolled it"
        await door.second.prove(ADMIN.user_id, door.code(secret, 1), "1.1.1.1")
        for steps in (1, 0, -1):
            refused = await door.refused(door.second.prove(ADMIN.user_id, door.code(secret, steps), "1.1.1.1"))
            assert refused.code == "used_code", steps
        door.clock.forward(60)
        await door.second.prove(ADMIN.user_id, door.code(secret), "1.1.1.1")
        door.clock.forward(3600)
        late = door.second.prove(ADMIN.user_id, door.code(secret, -2), "1.1.1.1")
        assert (await door.refused(late)).code == "wrong_code"

    asyncio.run(story())


def test_one_code_at_two_consoles_at_once_opens_one_door(door: Door, tmp_path: Path) -> None:
    other = Door(tmp_path, door.clock)

    async def story() -> None:
        secret, _ = await door.enrol()
        door.clock.forward(60)
        code = door.code(secret)
        doors = [door, other, door, other]
        tries = [each.second.prove(ADMIN.user_id, code, f"1.1.1.{n}") for n, each in enumerate(doors)]
        said = await asyncio.gather(*tries, return_exceptions=True)
        assert sorted(one.code if isinstance(one, ProblemError) else "" for one in said) == ["", *["used_code"] * 3]

    asyncio.run(story())
    other.store.close()


def test_wrong_codes_wait_longer_and_longer_and_a_right_one_waits_too(door: Door) -> None:
    async def story() -> None:
        secret, codes = await door.enrol()
        door.clock.forward(60)
        for _ in range(5):
            assert (await door.refused(door.second.prove(ADMIN.user_id, "000000", "1.1.1.1"))).code == "wrong_code"
        waits = await door.refused(door.second.prove(ADMIN.user_id, door.code(secret), "1.1.1.1"))
        assert (waits.status, waits.code, waits.facts) == (429, "wait_code", {"seconds": 5})
        assert waits.headers["Retry-After"] == "5"
        recovers = await door.refused(door.second.prove(ADMIN.user_id, codes[0], "1.1.1.1"))
        assert recovers.code == "wait_code", "recovery codes cannot be tried meanwhile"
        door.clock.forward(6)
        await door.second.prove(ADMIN.user_id, door.code(secret), "1.1.1.1")
        door.clock.forward(60)
        await door.second.prove(ADMIN.user_id, door.code(secret), "1.1.1.1")

    asyncio.run(story())


def test_a_recovery_code_works_once_and_new_ones_end_the_old(door: Door) -> None:
    async def story() -> None:
        _, codes = await door.enrol()
        await door.second.prove(ADMIN.user_id, codes[3].lower(), "1.1.1.1")
        assert (await door.refused(door.second.prove(ADMIN.user_id, codes[3], "1.1.1.1"))).code == "wrong_code"
        assert (await door.second.state(ADMIN)).codes_left == 9
        operator = door.second.prove("operator", codes[4], "1.1.1.1")
        assert (await door.refused(operator)).code == "wrong_code", "nobody else's"
        new = await door.second.new_codes(ADMIN.user_id)
        assert (await door.refused(door.second.prove(ADMIN.user_id, codes[4], "1.1.1.1"))).code == "wrong_code"
        await door.second.prove(ADMIN.user_id, new[0], "1.1.1.1")
        state = await door.second.state(ADMIN)
        assert [act.what for act in state.acts] == ["code_used", "codes_renewed", "code_used", "factor_set"]

    asyncio.run(story())


def test_a_half_login_ends_after_ten_minutes_with_the_password_and_when_it_is_used(door: Door) -> None:
    async def story() -> None:
        secret, _ = await door.enrol()
        token = await door.second.begin(ADMIN)
        door.clock.forward(599)
        found = await door.second.half(token, USERS)
        assert found is not None
        assert found[0].secret is None, "a code is asked, no app is offered"
        other_password = User(user_id=ADMIN.user_id, name="A", role=ADMIN.role, password_hash="another")
        assert await door.second.half(token, {ADMIN.user_id: other_password}) is None
        disabled = User(
            user_id=ADMIN.user_id, name="A", role=ADMIN.role, password_hash=ADMIN.password_hash, disabled=True
        )
        assert await door.second.half(token, {ADMIN.user_id: disabled}) is None
        assert await door.second.half("guessed", USERS) is None
        assert await door.second.half("", USERS) is None
        await door.second.finish(found[0], door.code(secret), "1.1.1.1")
        assert await door.second.half(token, USERS) is None
        late = await door.second.begin(ADMIN)
        door.clock.forward(601)
        assert await door.second.half(late, USERS) is None

    asyncio.run(story())


def test_of_two_who_enrol_the_first_one_counts(door: Door) -> None:
    async def story() -> None:
        first, second = await door.half(), await door.half()
        stolen = door.second.secret_of(second)
        wrong = door.second.enrol(first, "000000", "1.1.1.1")
        assert (await door.refused(wrong)).code == "wrong_code"
        assert await door.second.state(ADMIN) == await door.second.state(USERS["operator"]), (
            "not before a code is proved"
        )
        secret = door.second.secret_of(first)
        await door.second.enrol(first, door.code(secret), "1.1.1.1")
        late = door.second.enrol(second, door.code(stolen), "2.2.2.2")
        assert (await door.refused(late)).code == "factor_meanwhile"
        door.clock.forward(60)
        await door.second.prove(ADMIN.user_id, door.code(secret), "1.1.1.1")

    asyncio.run(story())


def test_another_phone_takes_the_place_of_the_old_one(door: Door) -> None:
    async def story() -> None:
        old, old_codes = await door.enrol()
        half = await door.half(anew=True)
        new = door.second.secret_of(half)
        door.clock.forward(60)
        await door.second.enrol(half, door.code(new), "1.1.1.1")
        door.clock.forward(60)
        for typed in (door.code(old), old_codes[0]):
            assert (await door.refused(door.second.prove(ADMIN.user_id, typed, "1.1.1.1"))).code == "wrong_code"
        await door.second.prove(ADMIN.user_id, door.code(new), "1.1.1.1")

    asyncio.run(story())


def test_whom_it_is_asked_of(door: Door, tmp_path: Path) -> None:
    offered = Door(tmp_path, door.clock, required=False)

    async def story() -> None:
        carer = USERS["carer"]
        assert await door.second.asked(ADMIN)
        assert not await door.second.asked(carer)
        assert not await offered.second.asked(ADMIN)
        await door.enrol(carer)
        assert await door.second.asked(carer)
        assert await offered.second.asked(carer), "who has one is asked"
        assert await door.second.remove("carer", "administrator")
        assert not await door.second.remove("carer", "administrator")
        assert not await door.second.asked(carer)

    asyncio.run(story())
    offered.store.close()


def test_neither_secrets_nor_codes_are_in_the_files(door: Door, tmp_path: Path) -> None:
    secret, codes = asyncio.run(door.enrol())
    held = b"".join(path.read_bytes() for path in store_path(tmp_path).parent.glob("console.sqlite*"))
    for plain in (secret, *codes, codes[0].replace("-", "")):
        assert plain.encode() not in held


def test_a_session_without_it_opens_nothing_once_it_is_needed(door: Door) -> None:
    registry = a_registry()
    sessions = Sessions(
        door.store, lambda: registry, door.clock, life_s=1e6, idle_s=1e5, needs_second=door.second.needed
    )

    async def story() -> None:
        carer, admin = await sessions.open(USERS["carer"]), await sessions.open(ADMIN)
        proved = await sessions.open(ADMIN, second=True)
        assert await sessions.visitor(carer) is not None
        assert await sessions.visitor(admin) is None
        assert await sessions.why_not(admin) == "second_factor"
        assert await sessions.lacking_second(admin) == registry.user["administrator"]
        assert await sessions.visitor(proved) is not None
        assert len(await sessions.of(ADMIN)) == 1, "what opens nothing is not shown as a login"
        assert await sessions.lacking_second(proved) is None
        assert await sessions.end_all("administrator", Why.FACTOR_RESET) == 2
        assert await sessions.why_not(proved) == "ended_factor_reset"
        assert await sessions.why_not("guessed") == await sessions.why_not("") == "signed_out"
        door.clock.forward(8 * 86_400)
        await sessions.open(ADMIN)
        assert await sessions.why_not(proved) == "signed_out", "why is kept for a week"

    asyncio.run(story())


def test_the_file_of_an_earlier_release_is_taken_over(tmp_path: Path) -> None:
    path = store_path(tmp_path)
    path.parent.mkdir()
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE session (token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, csrf TEXT NOT NULL,"
            " credential TEXT NOT NULL, created_at REAL NOT NULL, seen_at REAL NOT NULL, expires_at REAL NOT NULL)"
        )
        old.execute("INSERT INTO session VALUES ('t', 'lina', 'c', 'p', 1, 2, 3)")
    old.close()
    for _ in range(2):
        store = AuthStore(path)
        row = store.session("t")
        store.close()
        assert row is not None
        assert (row.user_id, row.agent, row.second) == ("lina", "", False)
