"""``docs/features.md``: no line is missing, and each names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISED = {
    ("C", "MUST"): 17,
    ("C", "WOW"): 6,
    ("D", "MUST"): 14,
    ("D", "WOW"): 7,
    ("E", "MUST"): 20,
    ("E", "WOW"): 4,
    ("F", "MUST"): 12,
    ("F", "WOW"): 5,
    ("G", "MUST"): 4,
    ("G", "WOW"): 4,
    ("I", "MUST"): 2,
    ("I", "WOW"): 1,
}
_ROW = re.compile(r"\| ([A-K])(\d+) \| (MUST|WOW) \| ([^|]+) \| ((?:`[^`:]+::\w+`(?:, (?=`))?)+) \|\Z")
_TEST = re.compile(r"`([^`:]+)::(\w+)`")
LINES = [line for line in (ROOT / "docs/features.md").read_text("utf-8").splitlines() if re.match(r"\| [A-K]\d", line)]


def test_no_line_is_missing() -> None:
    found: dict[tuple[str, str], int] = {}
    numbers: dict[str, list[int]] = {}
    for line in LINES:
        row = _ROW.match(line)
        assert row is not None, f"this line names no test: {line}"
        found[row[1], row[3]] = found.get((row[1], row[3]), 0) + 1
        numbers.setdefault(row[1], []).append(int(row[2]))
    assert found == PROMISED
    assert all(each == list(range(1, len(each) + 1)) for each in numbers.values())


@pytest.mark.parametrize("line", LINES, ids=[line.split("|")[1].strip() for line in LINES])
def test_the_tests_of_a_line_exist(line: str) -> None:
    row = _ROW.match(line)
    assert row is not None
    for file, name in _TEST.findall(row[5]):
        path = ROOT / file
        assert path.is_file(), f"there is no {file}"
        tree = ast.parse(path.read_text("utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in names, f"{file} has no {name}"
