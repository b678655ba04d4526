"""A table as an Excel workbook: text stays text, moments and numbers can be sorted and counted."""

from __future__ import annotations

import io
from datetime import datetime

import xlsxwriter

from console.exports.table import Table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_CELL = 32_767
_NARROW, _WIDE = 8, 48


def write_xlsx(table: Table) -> bytes:
    """One sheet with a heading that stays in sight, and a filter on each column."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(table.name[:31])
        heading = book.add_format({"bold": True, "bottom": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        widths = [_width(column) for column in table.columns]
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, column, heading)
        for line, row in enumerate(table.rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, place, cell, moment)
                    widths[place] = max(widths[place], 19)
                elif isinstance(cell, str):
                    sheet.write_string(line, place, cell[:_LONGEST_CELL])
                    widths[place] = max(widths[place], _width(cell))
                elif cell is not None:
                    sheet.write_number(line, place, cell)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, min(max(width, _NARROW), _WIDE))
        sheet.freeze_panes(1, 0)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    return file.getvalue()


def _width(text: str) -> int:
    """How wide a text is, in digits: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text) + 1
