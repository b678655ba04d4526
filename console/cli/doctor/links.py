"""Do the links of messages lead anywhere?"""

from __future__ import annotations

from pathlib import Path

from alarms.notify.settings import NotifySettings
from console.cli.doctor.finding import Finding, Verdict
from console.cli.run_file import read_run


def look_at_links(data: Path) -> Finding:
    """Messages carry links to answer, and channels are proved by one: both need the address that phones know."""
    url = NotifySettings.load().public_url
    if url is not None:
        return Finding(check="links", verdict=Verdict.OK, text=f"messages lead phones to {url}")
    run = read_run(data)
    if run is not None and run.phone_url:
        return Finding(check="links", verdict=Verdict.OK, text=f"messages lead phones to {run.phone_url}")
    if run is not None and run.demo:
        text = f"messages lead to {run.console_url}, as this is the demo: on this machine only"
        return Finding(check="links", verdict=Verdict.OK, text=text)
    return Finding(
        check="links",
        verdict=Verdict.SLOW,
        text="notify.public_url is not set: messages carry no link to answer, and no channel can be proved by a test",
        advice="set it to the address by which phones reach the console, in anxin.toml or ANXIN_NOTIFY_PUBLIC_URL",
    )
