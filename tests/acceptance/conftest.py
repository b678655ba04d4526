"""A desk, the engine behind it and a browser in front of it, for the tests that look through one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.console_desk import Desk, running_desk
from tests.running_broker import RunningBroker

expect.set_options(timeout=60_000)  # these machines are shared: how soon it is seen is no test

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def photograph(page: Page, name: str, *, full_page: bool = True) -> None:
    """For a person to look at, where ``ANXIN_TEST_SCREENSHOTS`` says so."""
    folder = os.environ.get("ANXIN_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page)


@pytest.fixture
def desk(broker: RunningBroker, short_path: Path) -> Iterator[Desk]:
    with running_desk(short_path, broker.account("console")) as running:
        yield running


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What drives browsers. It keeps an event loop of its own: other files' tests need the thread without one."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def _launched(playwright: Playwright, chromium: Path) -> Iterator[Browser]:
    sounding = "--autoplay-policy=no-user-gesture-required"
    launched = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, sounding])
    yield launched
    launched.close()


@pytest.fixture
def browser(_launched: Browser) -> Iterator[Browser]:
    """A browser that nobody has used yet. It was told once to let the desk's page sound, as a desk's browser is."""
    yield _launched
    for context in list(_launched.contexts):
        context.close()
