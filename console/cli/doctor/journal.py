"""The alarm journal: how large, and how far its projection into PostgreSQL is behind."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from console.cli.doctor.finding import Finding, Verdict

LAG_S = 30.0


def look_at_journal(data: Path, projected: int | None) -> Iterator[Finding]:
    """``projected`` is the last line of the journal that PostgreSQL has, None when that is not known."""
    path = data / "alarms" / "journal.sqlite"
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=2)) as journal:
            (open_alarms,) = journal.execute("SELECT count(*) FROM alarm WHERE is_open").fetchone()
            waiting, oldest = journal.execute(
                "SELECT count(*), min(at) FROM log WHERE log_id > ?", (projected or 0,)
            ).fetchone()
    except sqlite3.Error as error:
        yield Finding(check="journal", verdict=Verdict.BAD, text=f"cannot be read: {error}", advice="look at the disk")
        return
    size_mib = sum(part.stat().st_size for part in path.parent.glob("journal.sqlite*")) / (1 << 20)
    text = f"{open_alarms} open alarms, {size_mib:.1f} MiB"
    if projected is None:
        yield Finding(check="journal", verdict=Verdict.OK, text=text)
        return
    lag_s = time.time() - float(oldest) if waiting else 0.0
    facts = {"open": open_alarms, "waiting": waiting, "lag_s": round(lag_s, 1)}
    if waiting and lag_s > LAG_S:
        text += f"; {waiting} lines wait for PostgreSQL, the oldest for {lag_s:.0f} s"
        advice = "history lags behind; alarms do not. Is the program alarms up, and the database fast?"
        yield Finding(check="journal", verdict=Verdict.SLOW, text=text, advice=advice, facts=facts)
        return
    yield Finding(check="journal", verdict=Verdict.OK, text=f"{text}, projected", facts=facts)
