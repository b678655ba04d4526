"""Write the boards and the platform's alert rules: ``python -m dashboards.src.generate [--check]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from dashboards.src import alerting
from dashboards.src.boards import BOARDS
from dashboards.src.render import render
from dashboards.src.sdk import JSONEncoder
from dashboards.src.text import Language

ROOT = Path(__file__).parents[1]


def files() -> Mapping[Path, str]:
    """Every generated file by its path below ``dashboards``."""
    boards = {
        Path("json") / str(language) / f"{board.name}.json": _written(render(board, language))
        for board in BOARDS
        for language in Language
    }
    return boards | {Path("provisioning/alerting/platform.json"): _written(alerting.provisioning())}


def stale() -> list[Path]:
    """Files below ``json`` and ``alerting`` that are not what the builders make, or that no builder makes."""
    made = files()
    present = {path.relative_to(ROOT) for path in (*ROOT.glob("json/*/*"), *ROOT.glob("provisioning/alerting/*"))}
    wrong = [path for path, text in made.items() if path not in present or (ROOT / path).read_text("utf-8") != text]
    return sorted([*wrong, *(present - set(made))])


def main() -> int:
    """Exit code 1 when ``--check`` finds a stale file."""
    if "--check" in sys.argv[1:]:
        found = stale()
        for path in found:
            sys.stderr.write(f"stale: dashboards/{path}; run python -m dashboards.src.generate\n")
        return 1 if found else 0
    for path, text in files().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, "utf-8")
    return 0


def _written(value: object) -> str:
    return json.dumps(value, cls=JSONEncoder, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main())
