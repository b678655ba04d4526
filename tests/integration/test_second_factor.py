"""Logging in with a second step, and who is logged in where: pages as browsers see them, the clock in our hand."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest
from click.testing import CliRunner

from console.auth import totp
from console.cli.user import user as user_verbs
from ingest.registry import source
from tests.console_desk import PASSWORD, Desk, FeedReader, a_registry, running_desk
from tests.console_history import NOWHERE
from tests.moved_clock import MovedClock
from tests.setup_home import setup_desk, text_of

pytestmark = pytest.mark.once

Eventually = Callable[..., None]
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36"


class Person:
    """Somebody with a browser and a phone that makes codes."""

    def __init__(self, desk: Desk, clock: MovedClock, user_id: str) -> None:
        self.user_id = user_id
        self.clock = clock
        self.desk = desk
        self.secret = ""
        self.codes: list[str] = []
        self.client = httpx.Client(base_url=desk.url, timeout=10, headers={"User-Agent": CHROME})
        self.client.cookies.set("anxin_language", "zh")

    @property
    def code(self) -> str:
        """What the app shows now."""
        return totp.code_at(self.secret, int(self.clock.now().timestamp() // totp.STEP_S))

    def password(self, password: str = PASSWORD) -> httpx.Response:
        return self.client.post("/login", data={"account": self.user_id, "password": password})

    def step(self, **typed: str) -> httpx.Response:
        return self.client.post("/login/second", data=typed)

    def scan(self) -> None:
        """Read the key that stands beside the QR code."""
        found = re.search(r'id="secret">([A-Z2-7 ]+)<', self.client.get("/login/second").text)
        assert found is not None
        self.secret = found.group(1).replace(" ", "")

    def enrol(self) -> httpx.Response:
        self.scan()
        answer = self.step(code=self.code)
        self.codes = re.findall(r"<code>([0-9A-Z-]{34})</code>", answer.text)
        self.clock.forward(60)
        return answer

    def log_in(self) -> None:
        """All of it, as every day."""
        assert self.password().headers["location"] == "/login/second"
        assert self.step(code=self.code).status_code == 303
        self.clock.forward(60)

    def post(self, path: str, **data: str) -> httpx.Response:
        csrf = self.client.get("/api/v1/me").json()["csrf"]
        return self.client.post(path, data={"csrf": csrf, **data})

    def is_in(self) -> bool:
        return self.client.get("/api/v1/me").status_code == 200


class House:
    """A console that requires the second step, and those who come to it."""

    def __init__(self, desk: Desk, clock: MovedClock) -> None:
        self.desk = desk
        self.clock = clock
        self._people: list[Person] = []

    def person(self, user_id: str = "administrator", like: Person | None = None) -> Person:
        """Somebody before a browser; ``like``: with the same phone as before."""
        self._people.append(Person(self.desk, self.clock, user_id))
        if like is not None:
            self._people[-1].secret = like.secret
        return self._people[-1]

    def enrolled(self, user_id: str = "administrator") -> Person:
        one = self.person(user_id)
        one.password()
        assert one.enrol().status_code == 200
        return one

    def close(self) -> None:
        for one in self._people:
            one.client.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock = MovedClock(START)
    with running_desk(tmp_path, NOWHERE, clock=clock, second_factor="required") as desk:
        opened = House(desk, clock)
        yield opened
        opened.close()


def said(answer: httpx.Response) -> str:
    """What the page complains about."""
    found = re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return html.unescape(found.group(1)).strip() if found else ""


def test_who_has_no_factor_sets_one_up_before_anything_else(house: House) -> None:
    admin = house.person()
    assert admin.password().headers["location"] == "/login/second"
    for path in ("/", "/account", "/setup", "/password", "/history", "/api/v1/me", "/api/v1/alarms", "/api/v1/feed"):
        answer = admin.client.get(path)
        assert answer.headers.get("location") == "/login" or answer.status_code == 401, path
    page = admin.client.get("/login/second")
    for words in ("用手机保护您的账号", "腾讯身份验证器", "Microsoft Authenticator", "FreeOTP", "扫这个二维码"):
        assert words in page.text
    assert page.headers["cache-control"] == "no-store"
    admin.scan()
    first = admin.secret
    admin.scan()
    assert admin.secret == first, "looking again is no other key"
    assert "验证码不对" in said(admin.step(code="000000"))
    assert not admin.is_in()
    half = admin.client.cookies["anxin_half"]
    answer = admin.enrol()
    assert "请保存这些备用码" in answer.text
    assert len(admin.codes) == 10
    assert admin.is_in()
    assert "anxin_half" not in admin.client.cookies
    admin.client.cookies.set("anxin_half", half)
    assert admin.client.get("/login/second").headers["location"] == "/login", "used up"
    state = text_of(admin.client.get("/account"))
    assert "已启用" in state
    assert admin.secret not in state
    assert admin.codes[0] not in state, "shown once"


def test_a_login_asks_for_a_code_that_works_once(house: House) -> None:
    admin = house.enrolled()
    other = house.person(like=admin)
    other.password()
    page = other.client.get("/login/second").text
    assert "六位数字" in page
    assert "二维码" not in page, "the password alone is shown no key"
    code = other.code
    before = dict(other.client.cookies)
    assert other.step(code=code).status_code == 303
    assert other.client.cookies["anxin_session"] not in before.values(), "a new cookie"
    third = house.person(like=admin)
    third.password()
    assert "已经用过" in said(third.step(code=code))
    house.clock.forward(30)
    assert third.step(code=third.code).headers["location"] == "/"
    fourth = house.person(like=admin)
    fourth.password()
    house.clock.forward(601)
    late = fourth.step(code=fourth.code)
    assert late.status_code == 401
    assert "请重新登录" in said(late)
    assert fourth.client.get("/login/second").headers["location"] == "/login"


def test_a_login_link_is_a_first_factor_only(house: House) -> None:
    admin = house.enrolled()
    other = house.person(like=admin)
    assert other.client.get(house.desk.login_link("administrator")).headers["location"] == "/login/second"
    assert not other.is_in()
    assert other.step(code=other.code).status_code == 303
    assert other.is_in()
    with house.desk.client("operator") as operator:
        assert operator.get("/").status_code == 200, "a role that is only offered it"


def test_wrong_codes_wait_with_a_clear_word(house: House) -> None:
    admin = house.enrolled()
    other = house.person(like=admin)
    other.password()
    for _ in range(5):
        assert other.step(code="123456").status_code == 401
    waits = other.step(code=other.code)
    assert (waits.status_code, waits.headers["retry-after"]) == (429, "5")
    assert "请等 5 秒" in said(waits)
    house.clock.forward(6)
    assert other.step(code=other.code).status_code == 303
    assert house.person("supervisor").password().status_code == 303, "nobody else waits"


def test_a_recovery_code_instead_of_the_phone_works_once(house: House) -> None:
    admin = house.enrolled()
    other = house.person()
    other.password()
    assert other.step(recovery=admin.codes[0].lower()).status_code == 303
    assert "剩余备用码：9 个" in other.client.get("/account").text
    assert "用备用码登录" in text_of(other.client.get("/account"))
    third = house.person()
    third.password()
    assert third.step(recovery=admin.codes[0]).status_code == 401
    assert third.step(recovery=admin.codes[1]).status_code == 303
    third.secret = admin.secret
    renewed = third.post("/account/factor", do="codes", code=third.code)
    new = re.findall(r"<code>([0-9A-Z-]{34})</code>", renewed.text)
    assert len(new) == 10
    fourth = house.person()
    fourth.password()
    assert fourth.step(recovery=admin.codes[2]).status_code == 401, "the old ones end"
    assert fourth.step(recovery=new[0]).status_code == 303


def test_who_becomes_an_administrator_sets_it_up_at_the_next_request(house: House) -> None:
    lina = house.person("lina")
    assert lina.password().headers["location"] == "/"
    assert lina.client.get("/").status_code == 200
    registry = a_registry()
    raised = tuple(
        msgspec.structs.replace(one, role="administrator") if one.user_id == "lina" else one for one in registry.users
    )
    house.desk.change_registry(msgspec.structs.replace(registry, users=raised))
    before = lina.client.cookies["anxin_session"]
    assert lina.client.get("/api/v1/me").json()["type"] == "urn:anxin:problem:second_factor"
    assert lina.client.get("/setup").headers["location"] == "/login/second"
    assert lina.client.get("/login").headers["location"] == "/login/second"
    assert lina.client.get("/login/second").headers["location"] == "/login/second", "with a cookie of its own"
    lina.enrol()
    assert lina.client.get("/setup").status_code == 200
    lina.client.cookies.set("anxin_session", before, domain="")
    old = httpx.get(f"{house.desk.url}/api/v1/me", cookies={"anxin_session": before})
    assert old.status_code == 401, "the session of before is over"


def test_it_is_offered_to_everybody_else_and_may_be_turned_off_with_a_code(house: House) -> None:
    carer = house.person("carer")
    carer.password()
    elsewhere = house.person("carer")
    elsewhere.password()
    assert "未启用" in carer.client.get("/account").text
    assert carer.post("/account/factor", do="set_up").headers["location"] == "/login/second"
    assert carer.is_in(), "nothing changes before a code is proved"
    carer.enrol()
    assert carer.is_in()
    assert not elsewhere.is_in(), "every other session ends"
    assert "重新设置了两步验证" in said(elsewhere.client.get("/login"))
    elsewhere.secret = carer.secret
    elsewhere.log_in()
    assert carer.post("/account/factor", do="off", code="000000").status_code == 401
    assert carer.post("/account/factor", do="another", code="000000").status_code == 401
    assert carer.post("/account/factor", do="off", code=carer.code).status_code == 303
    assert house.person("carer").password().headers["location"] == "/"
    admin = house.enrolled()
    assert admin.post("/account/factor", do="off", code=admin.code).status_code == 409


def test_another_phone_needs_a_code_of_the_old_one(house: House) -> None:
    admin = house.enrolled()
    old = admin.secret
    assert admin.post("/account/factor", do="another", code=admin.code).headers["location"] == "/login/second"
    assert "换一部手机" in admin.client.get("/login/second").text
    house.clock.forward(60)
    admin.enrol()
    assert admin.secret != old
    again = house.person(like=admin)
    again.log_in()
    again.post("/account/factor", do="another", code=again.code)
    left = again.client.post("/login/second/cancel")
    assert left.headers["location"] == "/account"
    assert again.is_in()


def test_an_administrator_ends_a_session_and_its_browser_learns_why(
    house: House, tmp_path: Path, eventually: Eventually
) -> None:
    admin = house.enrolled()
    lina, phone = house.person("lina"), house.person("lina")
    lina.password()
    phone.client.headers["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17 Safari/604"
    phone.password()
    page = admin.client.get("/setup/accounts/access?id=lina").text
    assert "Chrome · Windows" in page
    assert "Safari · iPhone" in page
    feed = FeedReader(lina.client)
    with running_desk(tmp_path, NOWHERE, clock=house.clock, second_factor="required") as second:
        other_feed = FeedReader(httpx.Client(base_url=second.url, cookies=dict(lina.client.cookies)))
        eventually(lambda: feed.of("snapshot") and other_feed.of("snapshot"), "both feeds are open")
        row = re.search(r"Chrome · Windows.*?name=\"mark\" value=\"([0-9a-f]{16})\"", page, re.DOTALL)
        assert row is not None
        assert admin.post("/setup/accounts/sessions/end", id="lina", mark=row.group(1)).status_code == 303
        for one in (feed, other_feed):
            eventually(lambda one=one: one.of("ended"), "the feed ends", within_s=2)
        assert not lina.is_in()
        assert httpx.get(f"{second.url}/api/v1/me", cookies=dict(lina.client.cookies)).status_code == 401
        for one in (feed, other_feed):
            one.stop()
    assert lina.client.get("/").headers["location"] == "/login"
    for _ in range(2):
        assert "管理员已结束这次登录" in said(lina.client.get("/login")), "in every tab"
    assert phone.is_in(), "only the one"
    lina.password()
    assert lina.is_in()
    assert admin.post("/setup/accounts/sessions/end-all", id="lina").status_code == 303
    assert not lina.is_in()
    assert not phone.is_in()
    happened = text_of(admin.client.get("/setup/accounts/access?id=lina"))
    assert re.search("结束了多个登录 · Administrator.*结束了一个登录 · Administrator", happened)


def test_a_reset_lets_in_who_has_lost_the_phone(house: House) -> None:
    admin, supervisor = house.enrolled(), house.enrolled("supervisor")
    assert "已启用" in admin.client.get("/setup/accounts/access?id=supervisor").text
    assert admin.post("/setup/accounts/factor/reset", id="supervisor").status_code == 303
    assert not supervisor.is_in()
    assert "已重置" in said(supervisor.client.get("/login"))
    supervisor.password()
    assert supervisor.enrol().status_code == 200
    assert supervisor.is_in()
    assert admin.post("/setup/accounts/factor/reset", id="administrator").status_code == 409, "one's own: not so"


def test_the_command_line_lets_the_last_administrator_in(house: House, tmp_path: Path) -> None:
    admin = house.enrolled()
    done = CliRunner().invoke(user_verbs, ["reset-factor", "administrator", "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert not admin.is_in()
    admin.password()
    admin.enrol()
    assert "命令行" in text_of(admin.client.get("/account"))
    assert admin.secret not in done.output
    for arguments in (["lina", "--data", str(tmp_path)], ["administrator", "--data", str(tmp_path / "elsewhere")]):
        assert CliRunner().invoke(user_verbs, ["reset-factor", *arguments], catch_exceptions=True).exit_code != 0


def test_one_ends_the_own_sessions_and_nobody_elses(house: House) -> None:
    lina, other, third = house.person("lina"), house.person("lina"), house.person("lina")
    for one in (lina, other, third):
        one.password()
    carer = house.person("carer")
    carer.password()
    marks = re.findall(r'name="mark" value="([0-9a-f]{16})"', lina.client.get("/account").text)
    assert len(marks) == 2, "this one is ended by logging out"
    assert carer.post("/account/sessions/end", mark=marks[0]).status_code == 404
    assert lina.post("/account/sessions/end", mark="%" * 16).status_code == 422
    assert lina.client.post("/account/sessions/end", data={"mark": marks[0]}).status_code == 403, "without the token"
    assert lina.post("/account/sessions/end", mark=marks[0]).status_code == 303
    assert sum(one.is_in() for one in (lina, other, third)) == 2
    assert lina.post("/account/sessions/others").status_code == 303
    assert [one.is_in() for one in (lina, other, third)] == [True, False, False]
    assert carer.is_in()
    assert any("您已在另一个浏览器里退出" in said(one.client.get("/login")) for one in (other, third))


def test_an_administrator_of_one_site_reaches_its_accounts_only(house: House) -> None:
    registry = a_registry()
    limited = msgspec.structs.replace(registry.user["administrator"], user_id="of-flat", site_ids=("flat",))
    house.desk.change_registry(msgspec.structs.replace(registry, users=(*registry.users, limited)))
    admin = house.enrolled("of-flat")
    house.person("only-flat").password()
    assert "当前登录" not in admin.client.get("/setup/accounts/access?id=only-flat").text
    assert admin.client.get("/setup/accounts/access?id=lina").status_code == 404
    for path in ("sessions/end-all", "factor/reset"):
        assert admin.post(f"/setup/accounts/{path}", id="lina").status_code == 404
    assert admin.post("/setup/accounts/sessions/end", id="lina", mark="0" * 16).status_code == 404


def test_another_site_cannot_send_the_second_step(house: House) -> None:
    admin = house.enrolled()
    other = house.person(like=admin)
    other.password()
    answer = other.client.post("/login/second", data={"code": other.code}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not other.is_in()


def test_a_new_password_keeps_the_login_and_the_database_hears_nothing_of_the_factor(
    database: str, tmp_path: Path
) -> None:
    clock = MovedClock(START)
    with setup_desk(database, tmp_path, clock=clock, second_factor="required") as home:
        house = House(home.desk, clock)
        admin = house.enrolled()
        new = {"present": PASSWORD, "password": "another horse", "again": "another horse"}
        assert admin.post("/password", **new).status_code == 303
        assert admin.is_in(), "the second step was proved, and need not be again"
        again = house.person(like=admin)
        assert again.password("another horse").headers["location"] == "/login/second"
        assert again.step(code=again.code).status_code == 303
        house.close()
    with psycopg.connect(database) as connection:
        told = str(connection.execute("SELECT json_agg(registry_change)::text FROM registry_change").fetchone())
        whole = str(source.load(connection))
    copies = "".join(path.read_text() for path in tmp_path.rglob("registry.json"))
    for secret in (admin.secret, *admin.codes):
        assert secret not in told + whole + copies


def test_nothing_of_it_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    admin = house.enrolled()
    other = house.person()
    other.password()
    other.step(recovery=admin.codes[0])
    assert admin.post("/account/factor", do="codes", code=admin.code).status_code == 200
    logged = "".join(record.getMessage() for record in caplog.records if record.name.startswith("anxin"))
    assert "access.changed" in logged
    for secret in (admin.secret, *admin.codes, "otpauth"):
        assert secret not in logged
