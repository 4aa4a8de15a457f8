"""What an uploaded sheet is, cell by cell, and what is wrong with it. Pure: no models, no files.

CONTRACT (shared by the reader and every `<app>/returns.py`). `stp.core.reading.read` makes a
Workbook of a file, `stp.core.parsing.parse` makes a Table of one of its sheets, and the column
types stand in `stp.core.columns`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from stp.core.money import Unit


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault, addressed like a cell: what was found, where, and what is wanted.

    `row` is the row as Excel numbers it, `column` the heading, `cell` "H14". `ref` is the
    scheme it is about, `group` gathers the same problem in many rows (default: its code).
    """

    severity: Severity
    code: str
    message: str
    sheet: str = ""
    cell: str = ""
    row: int | None = None
    column: str = ""
    found: str = ""
    wanted: str = ""
    ref: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Refused(Exception):
    """A whole file that is not taken: a stable code and one sentence that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class CellKind(StrEnum):
    BLANK = "blank"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    ERROR = "error"  # #N/A, #DIV/0! …; `text` says which
    FORMULA_WITHOUT_VALUE = "formula_without_value"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's value as read. `text` is the whole text a person sees; an Issue quotes 200 of it."""

    kind: CellKind
    text: str = ""
    number: Decimal | None = None
    date: dt.date | None = None


BLANK = Cell(CellKind.BLANK)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows: (row number as Excel counts, cells from column A on).

    Rows without any value are left out, so the numbers may jump. In a CSV file the number is
    the line a record starts on. `merged` holds (first row, first column, last row, last column),
    all counted from 1, `hidden_columns` counts from 1 too.
    """

    name: str
    rows: Sequence[tuple[int, Sequence[Cell]]]
    hidden: bool = False
    from_csv: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: Sequence[tuple[int, int, int, int]] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """What the reader process found: sheets, and findings about the file as a whole.

    Findings are warnings (encoding guessed, hidden sheet, links to other files …). Hidden rows
    and merged cells stay with their Sheet: `parse` reports those that touch the table.
    """

    sheets: Sequence[Sheet]
    findings: Sequence[Issue] = ()
    is_csv: bool = False

    def sheets_named(self, name: str) -> list[Sheet]:
        """The sheets of a name, ignoring case and surrounding space: more than one is a fault."""
        wanted = name.strip().casefold()
        return [sheet for sheet in self.sheets if sheet.name.strip().casefold() == wanted]

    def sheet(self, name: str) -> Sheet | None:
        """The first sheet of a name, ignoring case and surrounding space."""
        return next(iter(self.sheets_named(name)), None)

    def table(self, name: str) -> Sheet | None:
        """The sheet of that name in a workbook; the one table there is in a CSV file."""
        return self.sheets[0] if self.is_csv and self.sheets else self.sheet(name)


@dataclass(frozen=True, slots=True)
class Context:
    """What cleaning a cell may depend on: the unit of money in the file."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned value, or the problem with it."""

    value: Any = None
    problem: str = ""  # code of an error, "" if fine
    wanted: str = ""
    warning: str = ""  # code of a warning about a value that was still understood
    question: str = ""  # "Did you mean …?", where a valid value is near


class ColumnType(Protocol):
    """Knows how to clean a cell and what it wants, in words."""

    @property
    def wanted(self) -> str: ...

    def clean(self, cell: Cell, context: Context) -> Cleaned: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column: field name, heading, type, whether required, and help for the "how to" page.

    `required` means that the heading must be there and no cell may be blank; with `may_be_blank`
    the heading alone is required.
    """

    field: str
    heading: str
    type: ColumnType
    required: bool = False
    help: str = ""
    may_be_blank: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A parsed row: its number in the file, values by field, and cell addresses by field."""

    number: int
    values: Mapping[str, Any]
    cells: Mapping[str, str]
    found: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet read against a list of columns: good rows, and every issue found on the way.

    A row with an error stands in `bad_rows` (its faulty values None), so that cross-row checks
    can still see which refs the file holds.
    """

    rows: Sequence[Row]
    issues: Sequence[Issue]
    bad_rows: Sequence[Row] = ()
    blank_rows: int = 0
    present: frozenset[str] = frozenset()  # fields whose heading is in the file


QUOTED = 200  # characters of a value that an issue quotes


def visible(text: str, limit: int = QUOTED) -> str:
    """Text safe to quote: at most `limit` characters, control and direction marks made visible."""
    cut = text[: limit - 1] + "…" if len(text) > limit else text
    if cut.isprintable():
        return cut
    return "".join(map(_visible, cut))


def _visible(char: str) -> str:
    if char.isprintable() or char in "\u00a0\u2007\u2009\u202f":
        return char
    code = ord(char)
    return chr(0x2400 + code) if code < 0x20 else f"[U+{code:04X}]"


def where(sheet: Sheet, row: int, cell: str = "") -> str:
    """Where something is, as a sentence begins: "Sheet Schemes, cell H14", in a CSV "Line 14"."""
    if sheet.from_csv:
        return f"Line {row}"
    return f"Sheet {sheet.name}, cell {cell}" if cell else f"Sheet {sheet.name}, row {row}"


def column_letters(place: int) -> str:
    """A column's letters from its place, counted from 0: 0 is "A", 26 is "AA"."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(place: int, row: int) -> str:
    """ "H14": a column counted from 0 and a row as Excel counts."""
    return f"{column_letters(place)}{row}"
