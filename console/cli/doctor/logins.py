"""Is a password alone enough for those who change whom an alarm reaches?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from console.cli.doctor.finding import Finding, Verdict
from console.cli.run_file import read_run
from console.settings import ConsoleSettings
from ingest.errors import SettingsError


def look_at_logins(data: Path) -> Iterator[Finding]:
    """Nothing to say where the console's settings are not known here."""
    run = read_run(data)
    if run is None:
        if _is_offered_in_settings():
            yield _offered()
    elif run.second_factor == "required":
        text = "administrators, supervisors and installers need a second step"
        yield Finding(check="logins", verdict=Verdict.OK, text=text)
    elif run.demo:
        text = "the second step is only offered, as this is the demo"
        yield Finding(check="logins", verdict=Verdict.OK, text=text)
    else:
        yield _offered()


def _is_offered_in_settings() -> bool:
    try:
        return ConsoleSettings.load().second_factor == "offered"
    except SettingsError:
        return False


def _offered() -> Finding:
    return Finding(
        check="logins",
        verdict=Verdict.SLOW,
        text="a password alone lets administrators in: the second step is only offered",
        advice='set second_factor = "required" in the section [console] of anxin.toml, and start anew',
    )
