"""A supervisor who has never heard of authenticator apps sets one up in a real browser, and is thrown out of one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, Page, expect

from console.auth import totp
from tests.acceptance.conftest import photograph
from tests.console_desk import PASSWORD, Desk, FakeEngine, an_alarm, running_desk
from tests.running_broker import RunningBroker

_SIZES = {"phone": 390, "tablet": 820, "desktop": 1440}
Open = Callable[[], Page]


class Phone:
    """An authenticator app; it knows which step's code was typed last, as a person who waits for the next one does."""

    def __init__(self) -> None:
        self.secret = ""
        self._typed = 0

    def code(self) -> str:
        """The newest code that was not typed yet: the next step's counts already."""
        present = int(time.time() // totp.STEP_S)
        self._typed = max(present, self._typed + 1)
        assert self._typed <= present + 1, "too many codes for one minute"
        return totp.code_at(self.secret, self._typed)


@pytest.fixture
def strict_desk(broker: RunningBroker, short_path: Path) -> Iterator[Desk]:
    with running_desk(short_path, broker.account("console"), second_factor="required") as running:
        yield running


@pytest.fixture
def open_page(browser: Browser, strict_desk: Desk) -> Iterator[Open]:
    """Browsers of their own; a page that breaks its own policy or throws is not forgiven."""
    faults: list[str] = []
    contexts = []

    def opened() -> Page:
        context = browser.new_context(viewport={"width": _SIZES["desktop"], "height": 900}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda m: faults.append(m.text) if m.type == "error" and "Content Security" in m.text else None
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def look(page: Page, name: str) -> None:
    """Keep pictures in both languages and three sizes, and hold the page to each screen's width."""
    for language in ("en", "zh"):
        page.context.add_cookies([{"name": "anxin_language", "value": language, "url": page.url}])
        page.reload()
        for size, width in _SIZES.items():
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, size)
            photograph(page, f"{name}-{size}-{language}")
    page.set_viewport_size({"width": _SIZES["desktop"], "height": 900})


def password(page: Page, desk: Desk, account: str) -> None:
    page.goto(f"{desk.url}/login")
    page.get_by_label("账号").fill(account)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def enrol(page: Page, phone: Phone) -> None:
    """Scan the code, type the digits, keep the recovery codes."""
    page.get_by_text("扫不了？").click()
    phone.secret = page.locator("#secret").inner_text().replace(" ", "")
    page.get_by_label("六位数字").fill(phone.code())
    page.get_by_role("button", name="完成").click()
    expect(page.get_by_role("heading", name="请保存这些备用码")).to_be_visible()


@pytest.mark.timeout(300)
def test_a_phone_is_connected_and_a_session_is_ended_while_the_desk_is_open(
    strict_desk: Desk, engine: FakeEngine, open_page: Open
) -> None:
    engine.tell(an_alarm())
    supervisor, phone = open_page(), Phone()
    password(supervisor, strict_desk, "supervisor")
    expect(supervisor.get_by_role("heading", name="用手机保护您的账号")).to_be_visible()
    expect(supervisor.get_by_text("腾讯身份验证器")).to_be_visible()
    supervisor.goto(f"{strict_desk.url}/handover")
    expect(supervisor).to_have_url(f"{strict_desk.url}/login")
    supervisor.goto(f"{strict_desk.url}/login/second")
    look(supervisor, "30-enrol")
    address = supervisor.locator("a[href^='otpauth:']").get_attribute("href")
    assert address is not None
    drawn = supervisor.locator("figure svg path").last.get_attribute("d")
    assert f'd="{drawn}"' in segno.make(address, micro=False).svg_inline(border=4, light="#fff", omitsize=True)
    supervisor.get_by_label("六位数字").fill("000000")
    supervisor.get_by_role("button", name="完成").click()
    expect(supervisor.get_by_role("alert")).to_contain_text("验证码不对")
    expect(supervisor.get_by_label("六位数字")).to_be_focused()
    photograph(supervisor, "31-wrong")
    enrol(supervisor, phone)
    assert phone.secret in address
    codes = supervisor.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    expect(supervisor.get_by_role("button", name="打印")).to_be_visible()
    for size, width in _SIZES.items():
        supervisor.set_viewport_size({"width": width, "height": 900})
        assert supervisor.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
        photograph(supervisor, f"32-codes-{size}-zh")
    supervisor.set_viewport_size({"width": _SIZES["desktop"], "height": 900})
    supervisor.get_by_role("link", name="已保存好，继续").click()
    expect(supervisor.locator(".row")).to_have_count(1)

    supervisor.get_by_role("button", name="退出", exact=True).click()
    password(supervisor, strict_desk, "supervisor")
    expect(supervisor.get_by_label("六位数字")).to_be_focused()
    look(supervisor, "33-code")
    supervisor.get_by_label("六位数字").fill(phone.code())
    supervisor.get_by_label("六位数字").press("Enter")
    expect(supervisor.locator(".strip[data-state=live]")).to_be_visible()

    tablet = open_page()
    password(tablet, strict_desk, "supervisor")
    tablet.get_by_text("手机丢失、损坏或没带？").click()
    tablet.get_by_label("您打印的备用码").fill(codes[0].lower())
    photograph(tablet, "34-recovery")
    tablet.get_by_role("button", name="用备用码登录").click()
    expect(tablet.locator(".row")).to_have_count(1)
    tablet.get_by_role("link", name="Supervisor").click()
    expect(tablet.get_by_text("剩余备用码：9 个")).to_be_visible()
    expect(tablet.locator(".sessions tbody tr")).to_have_count(2)
    look(tablet, "35-account")

    admin, other_phone = open_page(), Phone()
    password(admin, strict_desk, "administrator")
    enrol(admin, other_phone)
    admin.goto(f"{strict_desk.url}/setup/accounts/entry?id=supervisor")
    expect(admin.locator("#access .sessions tbody tr")).to_have_count(2)
    look(admin, "36-entry")
    ended = time.monotonic()
    admin.get_by_role("button", name="结束全部登录").click()
    expect(admin.get_by_role("status").filter(has_text="全部登录已结束")).to_be_visible()
    supervisor.wait_for_url(re.compile("/login$"), timeout=30_000)
    print(f"thrown out after {time.monotonic() - ended:.2f} s, the click included")
    expect(supervisor.get_by_role("alert")).to_contain_text("管理员已结束这次登录")
    photograph(supervisor, "37-thrown-out")
    look(admin, "38-access")
    tablet.reload()
    expect(tablet.get_by_role("alert")).to_contain_text("管理员已结束这次登录")
