"""Writing the file to fill in, and files from plain rows: `.xlsx` by xlsxwriter, `.csv`.

`write_xlsx` and `write_csv` turn rows of `finance.scheme_rows` into a file that `check` reads
back: the template, the demo's returns and the tests are all made by them.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from finance.returns import cover as covers
from finance.returns.columns import columns
from finance.returns.entries import SHEET
from finance.returns.facts import Facts, Lists
from finance.scheme_rows import (
    NOT_DUE,
    SchemeRow,
    actual_to_date,
    figure_cells,
    is_closed,
    total,
    year_plan,
)
from stp.core import periods
from stp.core.columns import Choice, Money, Month, Number
from stp.core.money import Unit, in_unit
from stp.core.neutral import neutral
from stp.core.sheets import Column

SPARE_ROWS = 100  # open rows under the last scheme, for new ones
HELP_SHEET = "How to fill in"
_LINES = 90  # characters of a help line before it wraps
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_LONGEST_LIST = 255  # Excel's limit for a drop-down's words


def prefilled(facts: Facts) -> bytes:
    """The organisation's template: its schemes, last figures and approved plan."""
    cover = {"organisation": facts.organisation_code}
    return write_xlsx(
        _rows(facts), period=facts.period, kind=facts.kind, cover=cover, lists=facts.lists,
        locked=facts.approved is not None and not facts.is_plan,
    )  # fmt: skip


def prefilled_csv(facts: Facts) -> bytes:
    """The same rows as a `.csv` in thousands; it has no cover, so its sender states the unit."""
    return write_csv(_rows(facts), period=facts.period, kind=facts.kind)


def _rows(facts: Facts) -> list[SchemeRow]:
    return [_to_fill_in(row, facts) for row in facts.expected.values() if not is_closed(row)]


def _to_fill_in(row: SchemeRow, facts: Facts) -> SchemeRow:
    """The last row with the approved plan in its plan cells and the month's actual left open."""
    if facts.is_plan:
        return {**row, "actual": {}, "forecast": {}}
    planned = facts.planned(row["ref"])
    plan = {w: planned.get(w, 0) for w in figure_cells(facts.period)["plan"]} if planned else {}
    return {**row, "plan": plan or {}}


def write_xlsx(
    rows: Sequence[Mapping[str, Any]],
    *,
    period: periods.Period | str,
    kind: str = "finance",
    cover: Mapping[str, Any] | None = None,
    unit: Unit = Unit.THOUSANDS,
    lists: Lists | None = None,
    locked: bool = False,
) -> bytes:
    """A workbook of rows, with a cover unless `cover` is None.

    `cover` gives or replaces fields: organisation, period, unit, basis, version, prepared_by,
    and the control totals schemes, plan, actual, forecast in the file's unit. Money in rows is
    pence. `locked` protects the refs and the plan of the rows.
    """
    at = periods.parse(period) if isinstance(period, str) else period
    wanted = columns(kind, at, lists or Lists())
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    # The same rows make the same bytes: no clock in the file.
    book.set_properties({"created": dt.datetime.combine(at.ends_on, dt.time(), dt.UTC)})
    pen = _Pen(book, wanted, at, unit, locked)
    if cover is not None:
        pen.cover(rows, cover, kind)
    pen.schemes(rows)
    if cover is not None:
        pen.help()
    book.close()
    return buffer.getvalue()


def write_csv(
    rows: Sequence[Mapping[str, Any]],
    *,
    period: periods.Period | str,
    kind: str = "finance",
    unit: Unit = Unit.THOUSANDS,
) -> bytes:
    """One table with the template's headings, UTF-8 with a byte order mark as Excel likes it."""
    at = periods.parse(period) if isinstance(period, str) else period
    wanted = columns(kind, at, Lists())
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(column.heading for column in wanted)
    for row in rows:
        writer.writerow(_neutral(_written(row, column, unit)) for column in wanted)
    return text.getvalue().encode("utf-8-sig")


def _written(row: Mapping[str, Any], column: Column, unit: Unit) -> Any:
    """A cell's value as the file holds it: "" blank, "n/a", a number in the unit, or words."""
    kind, _, when = column.field.partition(":")
    value = row.get(kind, {}).get(when) if when else row.get(column.field)
    if value is None or value in (NOT_DUE, ""):
        return ""
    if not isinstance(value, int) or not isinstance(column.type, Money):
        return value
    exact = in_unit(value, unit)
    # "1E+1" and trailing zeros are no way to write money.
    return f"{exact.normalize():f}"


def _neutral(value: Any) -> Any:
    """Text that a spreadsheet would run gets the quote that our reader takes away; numbers none."""
    return neutral(value) if isinstance(value, str) and not _is_number(value) else value


class _Pen:
    """Writes the sheets of one workbook; knows its columns, period, unit and formats."""

    def __init__(
        self,
        book: Any,
        wanted: Sequence[Column],
        period: periods.Period,
        unit: Unit,
        locked: bool,
    ) -> None:
        self.book = book
        self.columns = wanted
        self.period = period
        self.unit = unit
        self.locked = locked
        self.place = {column.field: index for index, column in enumerate(wanted)}
        wrap = {"text_wrap": True, "valign": "top"}
        self.head = book.add_format({"bold": True, "bottom": 1, **wrap})
        self.bold = book.add_format({"bold": True})
        self.wrap = book.add_format(wrap)
        self.open = book.add_format({"locked": False})
        self.money = book.add_format({"num_format": "#,##0.###;-#,##0.###", "locked": False})
        self.kept = book.add_format({"num_format": "#,##0.###;-#,##0.###", "bg_color": "#E8EDEE"})

    def cover(self, rows: Sequence[Mapping[str, Any]], given: Mapping[str, Any], kind: str) -> None:
        """Labels in column A, values in B; control totals by formula with their values."""
        sheet = self.book.add_worksheet(covers.SHEET)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 30)
        values = {
            "organisation": "",
            "period": self.period.code,
            "unit": self.unit.symbol,
            "basis": covers.IN_MONTH,
            "version": covers.TEMPLATE_VERSION,
            "prepared_by": "",
            **given,
        }
        formulas = self._formulas(len(rows))
        worked = self._worked(rows)
        for line, (name, label) in enumerate(covers.labels()):
            sheet.write_string(line, 0, label, self.bold)
            skipped = kind == "plan" and name in ("actual", "forecast", "basis")
            if name in given or name in values:
                _write(sheet, line, 1, "" if skipped else values[name], self.open)
            elif not skipped:
                sheet.write_formula(line, 1, formulas[name], self.money, worked[name])
        sheet.write_string(
            len(covers.labels()) + 1, 0,
            "The control totals add up the sheet Schemes. Put the ledger's figures over them.",
        )  # fmt: skip

    def _range(self, field: str, count: int) -> str:
        column = xl_col_to_name(self.place[field])
        return f"{SHEET}!{column}2:{column}{count + SPARE_ROWS + 1}"

    def _formulas(self, count: int) -> dict[str, str]:
        months = periods.year_months(self.period.year)
        due = [f"actual:{m}" for m in self.period.months_to_date]
        rest = [f"forecast:{m}" for m in self.period.months_remaining]

        def added(fields: Iterable[str]) -> str:
            return f"=SUM({','.join(self._range(f, count) for f in fields)})"

        return {
            "schemes": f"=COUNTA({self._range('ref', count)})",
            "plan": added(f"plan:{m}" for m in months),
            "actual": added(due),
            "forecast": added([*due, *rest]),
        }

    def _worked(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """What the formulas give, so that a reader that does not calculate sees it too."""
        filled = [_whole(row) for row in rows]
        remaining = self.period.months_remaining
        actual = sum(actual_to_date(row, self.period) for row in filled)
        plan = sum(year_plan(row, self.period, self.period.year) for row in filled)
        forecast = actual + sum(total(row["forecast"], remaining) for row in filled)
        pence = {"plan": plan, "actual": actual, "forecast": forecast}
        return {"schemes": len(filled)} | {
            name: float(in_unit(value, self.unit)) for name, value in pence.items()
        }

    def schemes(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Headings, rows, open rows below, drop-downs; refs and plan locked where asked."""
        sheet = self.book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 2)
        last = len(rows) + SPARE_ROWS
        for place, column in enumerate(self.columns):
            sheet.write_string(0, place, column.heading, self.head)
            sheet.set_column(place, place, _width(column), self.open)
            self._guide(sheet, place, column, last)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(self.columns):
                self._cell(sheet, number, place, column, row)
        if self.locked:
            allowed = ("format_columns", "format_rows", "sort", "autofilter", "select_locked_cells")
            sheet.protect("", dict.fromkeys((*allowed, "select_unlocked_cells"), True))

    def _cell(
        self, sheet: Worksheet, number: int, place: int, column: Column, row: Mapping[str, Any]
    ) -> None:
        text = _written(row, column, self.unit)
        is_money = isinstance(column.type, Money)
        keep = column.field == "ref" or column.field.startswith("plan:")
        style = self.kept if keep else self.money if is_money else self.open
        if text == "":
            sheet.write_blank(number, place, None, style)
        elif isinstance(column.type, Money | Number) and _is_number(str(text)):
            sheet.write_number(number, place, float(text), style)
        else:
            sheet.write_string(number, place, str(text), style)

    def _guide(self, sheet: Worksheet, place: int, column: Column, last: int) -> None:
        """The words a cell may hold as a drop-down, and its help when it is chosen."""
        note = f"In {self.unit.symbol}. {column.help}" if _is_money(column) else column.help
        guide: dict[str, Any] = {
            "validate": "any",
            "input_title": column.heading[:32],
            "input_message": note[:255],
        }
        if isinstance(column.type, Choice):
            options = list(column.type.options)
            if options and len(",".join(options)) <= _LONGEST_LIST:
                guide |= {"validate": "list", "source": options}
        sheet.data_validation(1, place, last, place, guide)

    def help(self) -> None:
        """One line a column: heading, whether it is needed, what it holds, what it means."""
        sheet = self.book.add_worksheet(HELP_SHEET)
        for place, (heading, width) in enumerate(
            (("Heading", 22), ("Needed", 10), ("What it may hold", 50), ("Help", _LINES))
        ):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, heading, self.head)
        for number, column in enumerate(self.columns, start=1):
            wanted = f"a number in {self.unit.symbol}" if _is_money(column) else column.type.wanted
            needed = "yes" if column.required else "no"
            for place, text in enumerate((column.heading, needed, wanted, column.help)):
                sheet.write_string(number, place, text, self.wrap)


def _whole(row: Mapping[str, Any]) -> SchemeRow:
    return {"plan": {}, "actual": {}, "forecast": {}, **row}


def _is_number(text: str) -> bool:
    """Whether a cell's text is a plain number; other words are written as words."""
    return _PLAIN_NUMBER.fullmatch(text) is not None


def _is_money(column: Column) -> bool:
    return isinstance(column.type, Money)


def _width(column: Column) -> int:
    if _is_money(column) or isinstance(column.type, Month | Number):
        return 12
    return {"title": 40, "comment": 40}.get(column.field, 18)


def _write(sheet: Worksheet, row: int, place: int, value: Any, style: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, place, None, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value, style)
    else:
        sheet.write_string(row, place, str(value), style)
