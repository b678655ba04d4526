"""A table as CSV that Excel and LibreOffice open rightly, Chinese included, and that runs no formula."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from console.exports.table import Cell, Table

MEDIA_TYPE = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell may not begin with: spreadsheets would take it for a formula (OWASP, "CSV Injection")."""


def write_csv(table: Table) -> bytes:
    """RFC 4180 with CRLF, in UTF-8 with the mark that Excel wants."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_text(column) for column in table.columns])
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if not isinstance(cell, str):
        return str(cell)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
