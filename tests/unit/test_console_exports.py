"""What leaves the console as a file: spreadsheets run nothing in it, and their readers can count with it."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.lifecycle.alarm import Act, Disposition, Flag, Response
from console.exports.alarms import table_of
from console.exports.csv_file import write_csv
from console.exports.table import Table
from console.exports.xlsx_file import write_xlsx
from tests.console_desk import an_alarm

ZONES = {"home": "Asia/Shanghai"}
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows_of(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def cells_of(file: bytes) -> list[list[tuple[str, str]]]:
    """Of each row the type and the text of each cell; ``f`` is a formula."""
    book = zipfile.ZipFile(io.BytesIO(file))
    texts: list[str] = []
    if "xl/sharedStrings.xml" in book.namelist():
        entries = ET.fromstring(book.read("xl/sharedStrings.xml"))
        texts = ["".join(part.text or "" for part in entry.iter(f"{_SHEET}t")) for entry in entries]
    found = []
    for row in ET.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{_SHEET}row"):
        cells = []
        for cell in row:
            value = cell.find(f"{_SHEET}v")
            kind = "f" if cell.find(f"{_SHEET}f") is not None else cell.get("t", "n")
            text = "" if value is None else str(value.text)
            cells.append((kind, texts[int(text)] if kind == "s" else text))
        found.append(cells)
    return found


def table(*cells: Any) -> Table:
    return Table(name="t", columns=tuple(f"c{place}" for place in range(len(cells))), rows=[cells])


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x", '=HYPERLINK("x")']
)
def test_no_text_becomes_a_formula(text: str) -> None:
    ((cell,),) = rows_of(write_csv(table(text)))[1:]
    assert cell == f"'{text}"
    ((kind, shown),) = cells_of(write_xlsx(table(text)))[1]
    assert kind == "s"
    assert shown.replace("_x000D_", "\r").strip() == text.strip()


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60))
def test_whatever_people_write_comes_back_whole(text: str) -> None:
    ((cell,),) = rows_of(write_csv(table(text)))[1:]
    assert cell in (text, f"'{text}")
    assert cell[:1] not in ("=", "+", "-", "@")


def test_chinese_opens_rightly_in_excel_and_numbers_stay_numbers() -> None:
    at = datetime(2026, 3, 1, 8, 30, 5, tzinfo=UTC)
    given = table("王秀英", 12.5, None, at)
    file = write_csv(given)
    assert file.startswith(b"\xef\xbb\xbf")
    assert rows_of(file)[1] == ["王秀英", "12.5", "", "2026-03-01 08:30:05+00:00"]
    kinds = [kind for kind, _ in cells_of(write_xlsx(given))[1]]
    assert kinds == ["s", "n", "n"], "an empty cell is none"


def test_an_alarm_is_told_by_the_sites_clock_with_who_was_how_fast() -> None:
    alarm = an_alarm()
    alarm = replace(
        alarm,
        raised_at=datetime(2026, 3, 1, 20, 0, tzinfo=UTC),
        received_at=datetime(2026, 3, 1, 20, 0, 1, tzinfo=UTC),
        flags=(Flag.DRILL,),
        response=Response.RESOLVED,
        acknowledged=Act(by="user:lina", at=datetime(2026, 3, 1, 20, 0, 21, tzinfo=UTC)),
        resolved=Act(by="user:lina", at=datetime(2026, 3, 1, 20, 0, 1, tzinfo=UTC) + timedelta(minutes=3)),
        disposition=Disposition.FALSE_ALARM,
        note="=cmd|' /C calc'!A0",
    )
    found = table_of([alarm], lambda text: text, lambda by: by.upper(), {}, is_whole=False)
    first, last = found.rows
    row = dict(zip(found.columns, first, strict=True))
    assert str(row["Raised"]) == "2026-03-02 04:00:00+08:00"
    assert (row["Acknowledged by"], row["Acknowledged after (s)"], row["Resolved after (s)"]) == (
        "USER:LINA",
        20.0,
        180.0,
    )
    assert (row["Marks"], row["How it ended"], row["Attended by"]) == ("Drill", "False alarm", None)
    assert last[0] == "There are more: choose a shorter time for the others."
    assert write_csv(found).count(b"\r\n") == 3
    assert len(cells_of(write_xlsx(found))) == 3
