"""The XML pass over a worksheet: what python-calamine would hide, and whether it may start.

Finds formulas without a value, error cells, numbers that are none, hidden rows and columns and
merged cells, and counts what has a value. Calamine lays a sheet out as one full rectangle, so a
single far cell makes it ask for hundreds of gigabytes (RELIABILITY.md §0, fact 8): the size of
that rectangle is decided here, from the cells themselves. A claimed dimension is never read.
Runs in the reader process only.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from stp.core.package import Package, broken, xml_parser
from stp.core.sheets import Refused, cell_name

MAX_ROWS = 20_000  # rows with a value, below one heading row
MAX_COLUMNS = 200
MAX_AREA = 21_000 * MAX_COLUMNS  # cells of the rectangle from the first value to the last
MAX_ODD = 50_000  # error cells and formulas without a value, in one sheet
MAX_MERGED = 10_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_DIGITS = "0123456789"
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\s*", re.ASCII)
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?", re.ASCII)
_TRUE = ("1", "true")


@dataclass(slots=True)
class Scan:
    """What one worksheet holds. Rows and columns are counted from 1.

    `odd` maps (row, column) to ("e", "#REF!") for an error, ("f", "") for a formula without a
    value, ("x", "1e999") for a number that is none.
    """

    rows: set[int] = field(default_factory=set)
    odd: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    first: tuple[int, int] = (LAST_ROW, LAST_COLUMN)
    last: tuple[int, int] = (0, 0)


def column_number(letters: str) -> int:
    """A is 1, Z 26, AA 27; Refused for what is no column."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or number > LAST_COLUMN:
            raise _bad_reference()
        number = number * 26 + ord(letter) - 64
    return number


def _bad_reference() -> Refused:
    return broken("has a cell outside the sheet (a row or column number is too large)", "bad_cell")


def _row_number(text: str) -> int:
    if len(text) > 7 or not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= LAST_ROW:
        raise _bad_reference()
    return int(text)


class _Reader:
    """Expat's callbacks. Kept flat and quick: a large sheet calls them millions of times."""

    def __init__(self, parser: expat.XMLParserType, sheet: str) -> None:
        self.parser = parser
        self.sheet = sheet
        self.scan = Scan()
        self.row = 0
        self.row_text = ""
        self.valued_row = 0
        self.valued: set[int] = set()  # columns of that row
        self.column = 0
        self.row_hidden = False
        self.letters: dict[str, int] = {}
        self.kind: str | None = None
        self.formula = False
        self.text: list[str] = []
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._cell(attributes)
        elif name == "v" or name == "t":
            self.parser.CharacterDataHandler = self.text.append
        elif name == "f":
            self.formula = True
        elif name == "row":
            self._row(attributes)
        elif name == "col":
            self._col(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._cell_end()
        elif name == "v" or name == "t":
            self.parser.CharacterDataHandler = None

    def _row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        self.row = _row_number(given) if given else self.row + 1
        self.row_text = str(self.row)
        self.column = 0
        self.row_hidden = attributes.get("hidden") in _TRUE

    def _cell(self, attributes: dict[str, str]) -> None:
        self.kind = attributes.get("t")
        self.formula = False
        self.text.clear()
        place = attributes.get("r")
        if place is None:
            self.column += 1
            return
        letters = place.rstrip(_DIGITS)
        column = self.letters.get(letters)
        if column is None:
            column = self.letters[letters] = column_number(letters.upper())
        self.column = column
        row = place[len(letters) :]
        if row != self.row_text:
            self.row, self.row_text = _row_number(row), row
        if not 1 <= column <= LAST_COLUMN:
            raise _bad_reference()

    def _cell_end(self) -> None:
        if not self.text and not self.formula:
            return
        text = "".join(self.text)
        if self.formula and not text and self.kind != "str":
            self._odd("f", "")
        elif not text:
            return
        elif self.kind == "e":
            self._odd("e", text[:40])
        elif (self.kind is None or self.kind == "n") and not _NUMBER.fullmatch(text):
            self._odd("x", text[:200])
        self._value()

    def _odd(self, what: str, text: str) -> None:
        odd = self.scan.odd
        odd[self.row, self.column] = (what, text)
        if len(odd) > MAX_ODD:
            raise Refused(
                "too_many_faults",
                f"Sheet {self.sheet} has more than {MAX_ODD:,} error cells or formulas without "
                "a value. Open the file in Excel, let it calculate, save it and send it again.",
            )

    def _value(self) -> None:
        row, column = self.row, self.column
        scan = self.scan
        if column > MAX_COLUMNS:
            raise _too_wide(self.sheet, cell_name(column - 1, row))
        if row != self.valued_row:
            if row in scan.rows:
                raise _twice(self.sheet, f"row {row}")
            self.valued_row = row
            self.valued.clear()
            scan.rows.add(row)
            if self.row_hidden:
                scan.hidden_rows.add(row)
            if len(scan.rows) > MAX_ROWS + 1:
                raise too_many_rows(self.sheet)
        if column in self.valued:
            raise _twice(self.sheet, f"cell {cell_name(column - 1, row)}")
        self.valued.add(column)
        if column < scan.first[1] or row < scan.first[0]:
            scan.first = (min(row, scan.first[0]), min(column, scan.first[1]))
        if column > scan.last[1] or row > scan.last[0]:
            scan.last = (max(row, scan.last[0]), max(column, scan.last[1]))
            self._check_area(cell_name(column - 1, row))

    def _check_area(self, cell: str) -> None:
        # Calamine's rows are counted from the top of the sheet when they are handed over.
        (_, left), (bottom, right) = self.scan.first, self.scan.last
        if bottom * (right - left + 1) > MAX_AREA:
            raise Refused(
                "far_cell",
                f"Sheet {self.sheet} has a value far from its table, in cell {cell}. "
                "Clear that cell (or delete the row) and send the file again.",
            )

    def _col(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") not in _TRUE:
            return
        low, high = attributes.get("min", ""), attributes.get("max", "")
        if low.isdecimal() and high.isdecimal() and len(low) <= 5 and len(high) <= 5:
            self.scan.hidden_columns.update(range(int(low), min(int(high), MAX_COLUMNS) + 1))

    def _merge(self, area: str) -> None:
        match = _RANGE.fullmatch(area)
        if match is None or len(self.scan.merged) >= MAX_MERGED:
            raise broken("has merged cells that cannot be understood", "bad_cell")
        left, top = column_number(match[1]), int(match[2])
        right, bottom = (column_number(match[3]), int(match[4])) if match[3] else (left, top)
        self.scan.merged.append((top, left, bottom, right))


def too_many_rows(sheet: str) -> Refused:
    """More rows with a value than a return may have."""
    where = f"Sheet {sheet}" if sheet else "The file"
    return Refused(
        "too_many_rows",
        f"{where} has more than {MAX_ROWS:,} rows. Send the rows of this return only.",
    )


def _twice(sheet: str, what: str) -> Refused:
    """No spreadsheet program writes that, and one of the two would be lost."""
    return Refused(
        "cell_twice",
        f"Sheet {sheet} holds {what} twice, so it is not known which is meant. "
        "Open the file in Excel, look at it, save it again and send that.",
    )


def _too_wide(sheet: str, cell: str) -> Refused:
    return Refused(
        "too_many_columns",
        f"Sheet {sheet} has a value in cell {cell}, beyond the {MAX_COLUMNS} columns we read. "
        "Clear what stands to the right of the table and send the file again.",
    )


def scan(package: Package, part: str, sheet: str) -> Scan:
    """Go through one worksheet part; Refused when it is too large to lay out, or broken."""
    parser = xml_parser()
    reader = _Reader(parser, sheet)
    try:
        for chunk in package.stream(part):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as fault:
        raise broken("is damaged (a sheet is not well-formed XML)", "broken_xml") from fault
    return reader.scan
