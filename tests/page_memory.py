"""What a page in a real Chromium holds."""

from __future__ import annotations

from playwright.sync_api import Page


def held(page: Page) -> dict[str, float]:
    """The page's own numbers after its garbage is gone: ``Nodes``, ``JSEventListeners``, ``JSHeapUsedSize`` in bytes …

    https://chromedevtools.github.io/devtools-protocol/tot/Performance/
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    told = session.send("Performance.getMetrics")["metrics"]
    session.detach()
    return {one["name"]: one["value"] for one in told}
