"""The desk in a real Chromium with many open alarms: how soon it stands, how it follows, what it takes."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from alarms.lifecycle.alarm import Response
from console.cli.embedded import browser_libraries
from tests import parts
from tests.bench.pixels import ARGS, WATCH
from tests.console_desk import Desk, FakeEngine, an_alarm, running_desk
from tests.full_home import flood
from tests.page_memory import held
from tests.running_broker import RunningBroker

ROUNDS = 5
NEW_ALARMS = 10
KEYS = 40
CHANGES = 300
_KEY_EVERY_MS = 33  # a key that is held down
# the longest task, and when two frames have passed since the last row stands in the page
_NOTE = """(count) => {
  window.longest = 0;
  const note = (tasks) => {
    window.longest = Math.max(window.longest, ...tasks.getEntries().map((task) => task.duration));
  };
  new PerformanceObserver(note).observe({ type: "longtask", buffered: true });
  const done = () => { window.listed = performance.now(); };
  const look = () => {
    const all = document.querySelectorAll(".rows .row").length >= count;
    requestAnimationFrame(all ? () => requestAnimationFrame(done) : look);
  };
  requestAnimationFrame(look);
}"""
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def run(alarms: int = 500) -> dict[str, Any]:
    """One row: medians of some openings in milliseconds, the longest task, what stays in memory."""
    chromium = parts.find_program("chromium", "chromium-browser", "google-chrome", "chrome")
    kind = parts.broker_kind()
    if chromium is None or kind is None:
        raise RuntimeError("Chromium or an MQTT broker is missing (Debian: apt-get install chromium mosquitto)")
    browser_libraries.ensure()
    with tempfile.TemporaryDirectory(prefix="anxin-", dir="/tmp") as folder, sync_playwright() as playwright:
        broker = RunningBroker(Path(folder), parts.free_port(), kind)
        broker.start()
        engine = FakeEngine(broker.account("alarms"))
        engine.start()
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGS, "--enable-precise-memory-info"])
        try:
            with running_desk(Path(folder), broker.account("console")) as desk:
                for alarm in flood(alarms):
                    engine.tell(alarm)
                row = {"alarms": alarms} | _openings(browser, desk, alarms) | _desk(browser, desk, engine, alarms)
        finally:
            browser.close()
            engine.stop()
            broker.kill()
    return {"settings": {"rounds": ROUNDS, "broker": kind}, "results": [row]}


def _openings(browser: Browser, desk: Desk, alarms: int) -> dict[str, Any]:
    painted, listed = [], []
    for _ in range(ROUNDS):
        page = _open(browser, desk, alarms)
        painted.append(page.evaluate(_PAINTED))
        listed.append(page.evaluate("window.listed"))
        page.context.close()
    return {"painted_ms": _median(painted), "listed_ms": _median(listed)}


def _desk(browser: Browser, desk: Desk, engine: FakeEngine, alarms: int) -> dict[str, Any]:
    """New alarms and keys at one desk, and what a night of changes leaves behind."""
    page = _open(browser, desk, alarms)
    page.evaluate(WATCH)
    shown = []
    opening = page.evaluate("window.longest")
    page.evaluate("window.longest = 0")
    for number in range(NEW_ALARMS):
        began_ms = time.time() * 1000
        engine.tell(an_alarm(f"new-{number}", age_s=86_400 - number))
        page.wait_for_function("id => window.shown[id]", arg=f"new-{number}")
        shown.append(page.evaluate("id => window.shown[id]", f"new-{number}") - began_ms)
    news_task = page.evaluate("window.longest")
    page.evaluate("window.longest = 0")
    for _ in range(KEYS):
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(_KEY_EVERY_MS)
    keys_task = page.evaluate("window.longest")
    before = held(page)
    for number in range(CHANGES):
        alarm = engine.tell(an_alarm(f"brief-{number}"))
        engine.tell(replace(alarm, version=2, response=Response.RESOLVED))
    page.wait_for_function("() => !document.querySelector('[id^=row-brief]')")
    page.wait_for_timeout(2000)
    after = held(page)
    page.context.close()
    return {
        "opening_longest_task_ms": round(opening),
        "new_ms": _median(shown),
        "new_ms_max": round(max(shown)),
        "new_longest_task_ms": round(news_task),
        "keys_longest_task_ms": round(keys_task),
        "heap_mb": round(before["JSHeapUsedSize"] / 1e6, 1),
        "heap_mb_after_changes": round(after["JSHeapUsedSize"] / 1e6, 1),
        "nodes_more": round(after["Nodes"] - before["Nodes"]),
        "listeners_more": round(after["JSEventListeners"] - before["JSEventListeners"]),
    }


def _open(browser: Browser, desk: Desk, alarms: int) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    page.goto(desk.login_link())
    page.add_init_script(f"({_NOTE})({alarms})")
    page.goto(desk.url)
    page.wait_for_function("() => window.listed")
    return page


def _median(taken_ms: list[float]) -> int:
    return round(statistics.median(taken_ms))
