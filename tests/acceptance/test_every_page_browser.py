"""Every page of the console in a real browser, for each role, in both languages, on three screens, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect

from console.auth.permissions import Role
from console.cli.embedded.node import ensure_packages
from tests.acceptance.conftest import photograph
from tests.console_desk import FakeEngine
from tests.every_page import BILINGUAL, Seen, pages
from tests.full_home import NOTES, full_desk, furnish_fully
from tests.running_broker import RunningBroker
from tests.setup_home import SetupDesk, setup_desk

Eventually = Callable[..., None]

SCREENS = {"desktop": (1440, 900), "tablet": (820, 1180), "phone": (390, 844), "small": (360, 640)}
ROLES = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.INSTALLER, Role.OPERATOR, Role.CARER, Role.FAMILY, None)
FAULTS, FOCUS, AXE = (
    (Path(__file__).parent / f"page_{name}.js").read_text("utf-8") for name in ("faults", "focus", "axe")
)
# what the others see is a part of what these see
WHOLE = (Role.ADMINISTRATOR, Role.FAMILY, None)
# what is called so in every language
NAMES = (
    "Anxin SOS bedroom Apprise notify.public_url xingfuli- wangli English Enter Esc Ctrl Home Excel CSV kB SMS MQTT"
    " HTTPS Web Push JavaScript iPhone webhook secret Shift Alt Delete PNG JPEG WebP SVG"
)


@dataclass(kw_only=True)
class Judge:
    """Opens pages and gathers what is wrong with them; what another role sees just so is not opened again."""

    url: str
    language: str
    own: str
    axe: str
    whole: bool
    faults: dict[str, list[str]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)

    def look(self, page: Page, seen: Seen, role: Role | None) -> None:
        """One page on a desktop and a phone; as a ``whole`` on every screen, by keyboard, aloud and in the dark."""
        if seen.body in self.opened:
            return
        self.opened.add(seen.body)
        heard: list[str] = []
        where = f"{role.value if role else 'nobody'} {seen.path}"
        with _listening(page, self.url, heard, status=seen.status):
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(self.url + seen.path, wait_until="load")
            if page.locator("#strip").count():
                page.wait_for_selector("#strip[data-state=live]")
            page.wait_for_selector("[hx-trigger=load]:not(:has(*))", state="detached")
            self._note(heard, where)
            for screen, (width, height) in SCREENS.items():
                if not self.whole and screen not in ("desktop", "phone"):
                    continue
                page.set_viewport_size({"width": width, "height": height})
                language = "both" if seen.path in BILINGUAL else self.language
                told = {"own": self.own, "language": language, "isPhone": width < 720}
                self._note(page.evaluate(FAULTS, told), f"{where} on a {screen}")
                if screen != "small":
                    photograph(page, f"{seen.name}-{self.language}-{screen}")
            if self.whole and self.language == "zh" and role in WHOLE:
                self._note(self._reach(page), where)

    def _reach(self, page: Page) -> list[str]:
        """By keyboard, by a screen reader, in the dark."""
        page.set_viewport_size({"width": 1440, "height": 900})
        page.keyboard.press("Tab")
        found: list[str] = page.evaluate(FOCUS)
        found += self._ask_axe(page, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in self._ask_axe(page, ["color-contrast"])]
        page.emulate_media(color_scheme="light")
        return found

    def _ask_axe(self, page: Page, rules: list[str]) -> list[str]:
        """A family's page that starved loads itself anew: axe is brought in before each question."""
        page.evaluate(self.axe)
        found: list[str] = page.evaluate(AXE, rules)
        return found

    def _note(self, found: list[str], where: str) -> None:
        for one in found:
            self.faults.setdefault(one, []).append(where)

    def report(self) -> str:
        """Every fault once, the most frequent first, with the first places."""
        ordered = sorted(self.faults.items(), key=lambda pair: -len(pair[1]))
        lines = (f"{len(where)} × {fault}\n      {', '.join(where[:3])}" for fault, where in ordered)
        return f"{len(ordered)} faults on {len(self.opened)} pages:\n" + "\n".join(lines)


@contextmanager
def _listening(page: Page, url: str, heard: list[str], *, status: int) -> Iterator[None]:
    """What a page must not do while it is looked at."""

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and f"status of {status}" not in message.text:
            heard.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((url, "data:")):
            heard.append(f"asks another host: {request.url}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            heard.append(f"failed: {request.url}: {request.failure}")

    def threw(error: Error) -> None:
        heard.append(f"threw: {error}")

    page.on("console", said)
    page.on("request", asked)
    page.on("requestfailed", failed)
    page.on("pageerror", threw)
    yield
    page.remove_listener("console", said)
    page.remove_listener("request", asked)
    page.remove_listener("requestfailed", failed)
    page.remove_listener("pageerror", threw)


@pytest.fixture
def home(database: str, broker: RunningBroker, short_path: Path, engine: FakeEngine) -> Iterator[SetupDesk]:
    furnish_fully(database)
    with setup_desk(database, short_path, broker.account("console")) as running:
        for alarm in full_desk():
            engine.tell(alarm)
        engine.tell_presence("home", "r305", ["carer"])
        yield running


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("language", "whole"),
    [
        pytest.param("zh", False, id="zh in short"),
        pytest.param("zh", True, id="zh", marks=pytest.mark.long),
        pytest.param("en", True, id="en", marks=pytest.mark.long),
    ],
)
def test_every_page_is_whole_legible_and_within_reach(
    browser: Browser, home: SetupDesk, eventually: Eventually, language: str, whole: bool
) -> None:
    eventually(lambda: len(home.desk.parts.live.alarms) == len(full_desk()), "the console knows every alarm")
    known = msgspec.json.encode([home.registry, full_desk(), NOTES]).decode()
    axe = (ensure_packages(dev=True) / "axe-core" / "axe.min.js").read_text("utf-8")
    judge = Judge(url=home.desk.url, language=language, own=f"{known} {NAMES}", axe=axe, whole=whole)
    for role in ROLES if whole else WHOLE:
        person = home.person(role.value, language) if role else home.stranger(language)
        locale = "zh-CN" if language == "zh" else "en-GB"
        context = browser.new_context(locale=locale, reduced_motion="reduce")
        cookies = [{"name": name, "value": value, "url": judge.url} for name, value in person.client.cookies.items()]
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        for seen in pages(home.desk, person.client, role):
            judge.look(page, seen, role)
        context.close()
    assert not judge.faults, judge.report()


@pytest.mark.parametrize("width", [360, 820])
def test_the_menu_leads_everywhere_without_javascript(browser: Browser, home: SetupDesk, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 640}, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(home.desk.login_link("administrator"))
    expect(page.locator(".tabs").get_by_role("link", name="报警")).to_be_visible()
    expect(page.get_by_role("link", name="历史")).to_have_count(0)
    page.locator(".menu summary").click()
    expect(page.locator(".menu").get_by_role("button", name="English")).to_be_visible()
    expect(page.locator(".menu").get_by_role("button", name="退出")).to_be_visible()
    expect(page.locator("#strip")).to_be_in_viewport()
    page.get_by_role("link", name="历史").click()
    expect(page).to_have_url(f"{home.desk.url}/history")
    expect(page.locator(".tabs [aria-current]")).to_have_text("历史")
    context.close()


def test_the_count_and_the_strip_stay_in_sight_on_a_phone(browser: Browser, home: SetupDesk) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.goto(home.desk.login_link("operator"))
    page.goto(f"{home.desk.url}/history")
    expect(page.locator(".tabs .tab-count")).to_have_text("12")
    page.mouse.wheel(0, 3000)
    expect(page.locator(".tabs")).not_to_be_in_viewport()
    expect(page.locator("#strip-word")).to_be_in_viewport()
    expect(page.locator("#strip-alarms")).to_be_in_viewport()
    context.close()
