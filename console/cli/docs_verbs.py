"""The generated documents: ``python -m console.cli.docs_verbs [--check]``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from console.cli.docs_alarm_states import alarm_states
from console.cli.docs_standards import standards
from console.cli.docs_tables import notice, table
from ingest.wire.signals import FALL_CODES, SIGNALS, Kind, Signal, columns

ROOT = Path(__file__).parents[2]


def documents() -> Mapping[Path, str]:
    """Every generated document by its path below the repository."""
    return {
        Path("docs/signals.md"): _signals(),
        Path("docs/alarm-states.md"): alarm_states(),
        Path("docs/standards.md"): standards(),
        Path("docs/adr/README.md"): _decisions(),
    }


def stale() -> list[Path]:
    """Documents that are not what the code says."""
    return [
        path
        for path, text in documents().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text("utf-8") != text
    ]


def main() -> int:
    """Exit code 1 when ``--check`` finds a stale document."""
    if "--check" in sys.argv[1:]:
        found = stale()
        for path in found:
            sys.stderr.write(f"stale: {path}; run python -m console.cli.docs_verbs\n")
        return 1 if found else 0
    for path, text in documents().items():
        (ROOT / path).write_text(text, "utf-8")
    return 0


def _signals() -> str:
    lines = [
        "# Signals 信号",
        "",
        notice("ingest/wire/signals.py"),
        "",
        "Every name a reading may have on the wire. The unit is part of the meaning; a value outside the range is set",
        "aside. *alarm* travels in the alarm lane and reaches a person without any judgement of ours. A phase, or",
        "another element of a list, is written `current_a:2`. Numbers never change and are never used twice.",
        "",
        "A *measure* is a number over time; a *state* holds until told otherwise; an *event* happened at that moment",
        "and no later reading clears it. States and events are `vb` true or false on the wire, 1 or 0 in tables.",
        "",
    ]
    rows = [
        (
            str(signal.number),
            f"`{signal.name}`",
            signal.en,
            signal.zh,
            str(signal.of),
            signal.unit or "—",
            _range(signal),
            "alarm" if signal.alarm else "data",
            ", ".join(signal.kinds) or "—",
        )
        for signal in sorted(SIGNALS, key=lambda signal: signal.number)
    ]
    head = ("number", "name", "English", "中文", "class", "unit", "range", "lane", "column of")
    lines += table(head, rows)
    codes = ", ".join(f'`"{name}"` = {code}' for name, code in FALL_CODES.items())
    lines += ["", f"`fall` is a text on the wire, a number in tables: {codes}.", "", "## Tables 数据表", ""]
    lines += [
        "One row per device and moment, in the table of the device's kind; signals without a column, and elements of a",
        "list, stand in `reading_extra`.",
        "",
    ]
    lines += table(
        ("table", "columns beside `time`, `device_number`, `received_at`"),
        [(f"`reading_{kind}`", ", ".join(f"`{s.name}`" for s in columns(kind)) or "none") for kind in Kind],
    )
    return "\n".join([*lines, ""])


def _range(signal: Signal) -> str:
    return f"{signal.low:g} … {signal.high:g}"


def _decisions() -> str:
    lines = [
        "# Decisions",
        "",
        notice("the pages beside it"),
        "",
        "Why things are as they are: one page per decision, with what was not taken. A decision that is changed gets a",
        "new page that says so. Dependencies that need no page are in [dependencies](dependencies.md).",
        "",
    ]
    rows = []
    for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md")):
        title = path.read_text("utf-8").splitlines()[0].lstrip("# ")
        number = path.name[:4]
        rows.append((f"[{number}]({path.name})", title.removeprefix(number).strip(" .:—–-")))
    return "\n".join([*lines, *table(("number", "decision"), rows), ""])


if __name__ == "__main__":
    sys.exit(main())
