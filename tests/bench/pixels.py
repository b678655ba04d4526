"""When an alarm is on the desk's screen: a real Chromium, from the press to the frame after the row came."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import sync_playwright

from tests import parts

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WATCH = """() => {
  window.shown = {};
  const note = (id) => requestAnimationFrame(() => requestAnimationFrame(() => {
    window.shown[id] ??= performance.timeOrigin + performance.now();
  }));
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) {
      const rows = node.dataset?.alarm ? [node] : node.querySelectorAll?.('[data-alarm]') ?? [];
      for (const row of rows) note(row.dataset.alarm);
    }
  }).observe(document.body, { childList: true, subtree: true });
}"""


def measure(url: str, cookie: str, press: Callable[[], None], presses: int) -> list[float]:
    """Milliseconds of each press, one after the other, until two frames after its row is in the page."""
    chromium = parts.find_program("chromium", "chromium-browser", "google-chrome", "chrome")
    if chromium is None:
        raise RuntimeError("Chromium is missing (Debian: apt-get install chromium)")
    name, _, value = cookie.partition("=")
    taken_ms = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("[data-alarm], main")
        page.evaluate(WATCH)
        for _ in range(presses):
            before: dict[str, Any] = page.evaluate("() => window.shown")  # Any: alarm -> milliseconds
            began_ms = time.time() * 1000
            press()
            page.wait_for_function("count => Object.keys(window.shown).length > count", arg=len(before), timeout=10_000)
            after: dict[str, Any] = page.evaluate("() => window.shown")  # Any: as above
            taken_ms.append(min(at for alarm_id, at in after.items() if alarm_id not in before) - began_ms)
        browser.close()
    return taken_ms
