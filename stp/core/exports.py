"""The one writer of tables as files: the same title, notes and table as CSV and as `.xlsx`.

Words, not colours; numbers are numbers; text never becomes a formula (RELIABILITY.md §5.6). In
CSV a text that a spreadsheet would run gets one leading quote, which our own reader takes away
again; in `.xlsx` a string is stored as a string, so it needs none.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stp.core.neutral import neutral, plain

__all__ = ["Export", "Value", "neutral", "plain", "to_csv", "to_xlsx"]

type Value = str | int | float | Decimal | dt.date | bool | None
MAX_CELL = 32_767  # Excel's limit of a cell's text
CUT = " … (cut)"
MAX_WIDTH = 60
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Export:
    """A table to be written: what it is, what it was filtered by, and its rows.

    Money comes as Decimal pounds. None is written as an empty cell; say "no data" yourself where
    a reader might take it for nil.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[str] = ()  # filter, period, as-at, version: one line each
    sheet: str = ""  # the sheet's name in .xlsx; the title by default

    @property
    def sheet_name(self) -> str:
        """A name Excel accepts: at most 31 characters, none of []:*?/\\, no quote at the ends."""
        name = _FORBIDDEN_IN_SHEET_NAME.sub("-", self.sheet or self.title)[:31].strip("' ")
        return "Table" if not name or name.casefold() == "history" else name


def _words(value: Value) -> str | int | float | Decimal | dt.date:
    """A value with yes, no and nothing in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value


def _csv_cell(value: Value) -> str:
    worded = _words(value)
    if isinstance(worded, str):
        return neutral(str(worded))
    if isinstance(worded, Decimal):
        return format(worded, "f")
    return worded.isoformat() if isinstance(worded, dt.date) else str(worded)


def to_csv(export: Export) -> bytes:
    """UTF-8 with a byte order mark, so that Excel shows the pound sign."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for line in (export.title, *export.notes):
        writer.writerow([_csv_cell(line)])
    writer.writerow([])
    for row in (export.headings, *export.rows):
        writer.writerow([_csv_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


class _Sheet:
    """One xlsxwriter worksheet and its formats, written cell by cell with explicit types."""

    def __init__(self, book: Any, name: str) -> None:
        self.sheet = book.add_worksheet(name)
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.money = book.add_format({"num_format": "#,##0.00"})
        self.date = book.add_format({"num_format": "dd/mm/yyyy"})

    def write(self, row: int, column: int, value: Value, style: Any = None) -> None:
        worded = _words(value)
        if isinstance(worded, str):
            if worded:
                self.sheet.write_string(row, column, _fitting(worded), style)
        elif isinstance(worded, dt.date):
            self.sheet.write_datetime(row, column, worded, self.date)
        else:
            style = self.money if isinstance(worded, Decimal) else style
            self.sheet.write_number(row, column, worded, style)


def _fitting(text: str) -> str:
    """Excel drops a longer text without a word; so cut it and say so."""
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - len(CUT)] + CUT


def to_xlsx(export: Export) -> bytes:
    """The same rows as `to_csv`, headings frozen; strings as strings, never formulas or links."""
    import xlsxwriter

    out = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, {"in_memory": True, **safe})
    sheet = _Sheet(book, export.sheet_name)
    for number, line in enumerate((export.title, *export.notes)):
        sheet.write(number, 0, line, sheet.bold if number == 0 else None)
    top = len(export.notes) + 2
    for column, heading in enumerate(export.headings):
        sheet.write(top, column, heading, sheet.bold)
        sheet.sheet.set_column(column, column, _width(export, column))
    for number, row in enumerate(export.rows, start=top + 1):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    sheet.sheet.freeze_panes(top + 1, 0)
    book.close()
    return out.getvalue()


def _width(export: Export, column: int) -> int:
    """Wide enough for the first rows' values, in characters."""
    values = [row[column] for row in export.rows[:50] if column < len(row)]
    longest = max((len(_csv_cell(value)) for value in values), default=0)
    return max(10, min(MAX_WIDTH, longest + 2))
