"""A real browser that trusts the console's authority: no warning, a lasting session, a service worker."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect

from console.auth.tokens import create_login_link
from console.tls.keeper import Keeper
from console.tls.names import Name, parse_name
from ingest.clock import SystemClock
from ingest.registry.source import write_copy
from tests import parts
from tests.acceptance.conftest import QUIET
from tests.console_desk import a_registry
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram

Eventually = Callable[..., None]
_NAMES: list[Name] = ["localhost", parse_name("127.0.0.1"), "care-pc.local"]


class Home:
    """The programs ``console`` and ``certificate`` on one data directory."""

    def __init__(self, broker: RunningBroker, data: Path) -> None:
        self.data = data
        self.port, self.trust_port = parts.free_port(), parts.free_port()
        self.url, self.trust_url = f"https://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.trust_port}"
        self.keeper = Keeper(data, (), lambda: _NAMES)
        write_copy(data / "console" / "registry.json", a_registry())
        settings = {
            "ANXIN_CONSOLE_PORT": str(self.port),
            "ANXIN_CONSOLE_TLS_CERT": str(self.keeper.certificate),
            "ANXIN_CONSOLE_TLS_KEY": str(self.keeper.key),
            "ANXIN_CONSOLE_TRUST_PORT": str(self.trust_port),
            "ANXIN_TLS_TRUST_PORT": str(self.trust_port),
        }
        self.programs = [
            RunningProgram("console", broker, data, settings=settings),
            RunningProgram("certificate", broker, data, settings=settings, module="console.tls.program"),
        ]

    def answers(self) -> bool:
        try:
            httpx.get(f"{self.trust_url}/", timeout=2).raise_for_status()
            httpx.get(f"{self.url}/healthz", timeout=2, verify=False).raise_for_status()
        except httpx.HTTPError:
            return False
        return True


@pytest.fixture
def home(broker: RunningBroker, short_path: Path, eventually: Eventually) -> Iterator[Home]:
    running = Home(broker, short_path / "d")
    running.keeper.look(SystemClock().now())
    for program in running.programs:
        program.start()
    try:
        eventually(running.answers, "console and page answer")
        yield running
    finally:
        for program in running.programs:
            if program.is_running:
                program.kill()
            print(program.log.read_text()[-1500:])


@pytest.fixture
def browsers(playwright: Playwright, chromium: Path, short_path: Path) -> Iterator[Callable[[Path | None], Browser]]:
    """Chromium as a person has set it up who trusts an authority, or none."""
    certutil = parts.find_program("certutil")
    if certutil is None:
        parts.missing("certutil (Debian: apt-get install libnss3-tools)")
    opened: list[Browser] = []

    def open_browser(authority: Path | None) -> Browser:
        person = short_path / f"person{len(opened)}"
        store = person / ".pki" / "nssdb"
        store.mkdir(parents=True)
        subprocess.run([certutil, "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
        if authority is not None:
            add = ["-A", "-d", f"sql:{store}", "-n", "Anxin", "-t", "C,,", "-i", str(authority)]
            subprocess.run([certutil, *add], check=True)
        opened.append(playwright.chromium.launch(executable_path=chromium, args=QUIET, env={"HOME": str(person)}))
        return opened[-1]

    yield open_browser
    for browser in opened:
        browser.close()


def _page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="zh-CN")
    return context.new_page()


def test_a_phone_comes_to_trust_the_console_and_may_be_rung(
    home: Home, browsers: Callable[[Path | None], Browser], short_path: Path
) -> None:
    new = browsers(None)
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        _page(new).goto(f"{home.url}/login")

    phone = _page(new)
    faults: list[str] = []
    phone.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    phone.goto(f"{home.trust_url}/")
    expect(phone.get_by_role("heading", name="让这台手机信任控制台")).to_be_visible()
    phone.get_by_text("iPhone").click()
    expect(phone.get_by_text("证书信任设置")).to_be_visible()
    phone.get_by_role("link", name="English").click()
    expect(phone.get_by_role("heading", name="Let this phone trust the console")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Get the certificate").click()
    authority = short_path / "anxin.crt"
    download.value.save_as(authority)
    assert authority.read_bytes() == home.keeper.authority.read_bytes()
    assert faults == [], "the page keeps its own policy"

    phone = _page(browsers(authority))
    phone.goto(home.url + create_login_link(home.data, "operator"))
    phone.goto(f"{home.url}/phone")
    expect(phone.get_by_role("link", name="让这台手机信任控制台")).to_have_attribute("href", f"{home.trust_url}/")
    assert phone.evaluate("isSecureContext")
    scope = phone.evaluate("navigator.serviceWorker.register('/sw.js').then((worker) => worker.scope)")
    assert scope == f"{home.url}/"
    (cookie,) = [one for one in phone.context.cookies() if one["name"] == "__Host-anxin"]
    assert (cookie["secure"], cookie["httpOnly"], cookie["path"]) == (True, True, "/")
