"""From a sheet's cells to a table of values, with every fault at once. Pure.

Nothing is dropped in silence: an unknown heading is a warning, a value outside the table and a
row above the headings that may be one of its rows are errors, a blank row is counted.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stp.core.columns import Reference, Text
from stp.core.headings import HEADING_ROWS, Headings, find, heading_faults
from stp.core.sheets import (
    BLANK,
    Cell,
    CellKind,
    Cleaned,
    Column,
    Context,
    Issue,
    Row,
    Severity,
    Sheet,
    Table,
    cell_name,
    column_letters,
    visible,
    where,
)

_NOTHING = Cleaned()
_LIKE_A_REF = re.compile(r"(?=\S*\d)\S+")  # "UC-01", not "Organisation" or "June 2017"
_TOTAL = re.compile(r"(?:(?:grand|sub|overall)[ -]?)?totals?:?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Place:
    """What an issue about one cell needs to say where it is."""

    sheet: Sheet
    row: int
    cell: str
    heading: str
    ref: str

    @property
    def words(self) -> str:
        whose = f" for {self.ref}" if self.ref else ""
        return f"{where(self.sheet, self.row, self.cell)}: {self.heading}{whose}"

    def issue(self, severity: Severity, code: str, rest: str, found: str, wanted: str) -> Issue:
        return Issue(
            severity, code, f"{self.words} {rest}", sheet=self.sheet.name, cell=self.cell,
            row=self.row, column=self.heading, found=visible(found), wanted=wanted, ref=self.ref,
        )  # fmt: skip


def _problem(place: _Place, cell: Cell, cleaned: Cleaned, wanted: str) -> Issue:
    wanted = cleaned.wanted or wanted
    if cell.kind is CellKind.FORMULA_WITHOUT_VALUE:
        rest = f"is a formula whose value is not in the file. Enter {wanted}."
    elif cleaned.problem == "blank_required":
        rest = f"is blank. Enter {wanted}."
    else:
        asked = f" {cleaned.question}" if cleaned.question else ""
        rest = f"is “{visible(cell.text)}”.{asked} Enter {wanted}."
    return place.issue(Severity.ERROR, cleaned.problem, rest, cell.text, wanted)


def _warning(place: _Place, cell: Cell, cleaned: Cleaned, wanted: str) -> Issue:
    wanted = cleaned.wanted or wanted
    rest = f"is “{visible(cell.text)}”, a number stored as text; it was read as a number."
    if cleaned.warning != "number_as_text":
        rest = f"is “{visible(cell.text)}”, which was read but is unusual. Better: {wanted}."
    return place.issue(Severity.WARNING, cleaned.warning, rest, cell.text, wanted)


def _at(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else BLANK


def _is_blank(cell: Cell) -> bool:
    return cell.kind is CellKind.BLANK or (cell.kind is CellKind.TEXT and not cell.text.strip())


class _Addresses(Mapping[str, str]):
    """Cell addresses of one row by field, made when asked for: most rows never are."""

    __slots__ = ("_letters", "_number")

    def __init__(self, letters: Mapping[str, str], number: int) -> None:
        self._letters, self._number = letters, number

    def __getitem__(self, field: str) -> str:
        return f"{self._letters[field]}{self._number}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._letters)

    def __len__(self) -> int:
        return len(self._letters)


class _Texts(Mapping[str, str]):
    """What stood in the cells of one row by field, fit to quote; made when asked for."""

    __slots__ = ("_cells", "_places")

    def __init__(self, places: Mapping[str, int], cells: Sequence[Cell]) -> None:
        self._places, self._cells = places, cells

    def __getitem__(self, field: str) -> str:
        return visible(_at(self._cells, self._places[field]).text)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


# Cleaned values kept while a sheet is read, so that a hostile one cannot fill the memory.
_KEPT = 50_000
_SHORT = 40  # characters of a cell that is likely to come again


class _Reading:
    """One sheet being read: where its columns are and how its cells are to be understood."""

    def __init__(self, sheet: Sheet, headings: Headings, context: Context) -> None:
        self.sheet = sheet
        self.headings = headings
        self.context = context
        by_field = {column.field: place for place, column in headings.places.items()}
        self.places = by_field
        self.letters = {field: column_letters(place) for field, place in by_field.items()}
        doubled = (place for place, _ in headings.doubled)
        self.headed = frozenset([*headings.places, *headings.unknown, *doubled])
        self.refs = [p for p, c in headings.places.items() if isinstance(c.type, Reference)]
        # Columns of the same type and demands clean a cell alike: they share what is kept.
        seen: list[tuple[object, bool]] = []
        self.columns: list[tuple[int, Column, int]] = []
        for place, column in headings.places.items():
            demands = (column.type, column.required and not column.may_be_blank)
            if demands not in seen:
                seen.append(demands)
            self.columns.append((place, column, seen.index(demands)))
        # By demands and cell: the reader makes one object of equal short cells, and all of
        # them live as long as the sheet does.
        self.kept: dict[tuple[int, int], Cleaned] = {}

    def ref(self, cells: Sequence[Cell]) -> str:
        for place in self.refs:
            return visible(_at(cells, place).text.strip(), 40)
        return ""

    def row(self, number: int, cells: Sequence[Cell]) -> tuple[Row, list[Issue]]:
        """One row's values and its faults; a faulty cell has no value."""
        values: dict[str, object] = {}
        issues: list[Issue] = []
        ref = self.ref(cells)
        names = _Addresses(self.letters, number)
        for index, column, demands in self.columns:
            cell = _at(cells, index)
            key = (demands, id(cell))
            cleaned = self.kept.get(key)
            if cleaned is None:
                cleaned = self._clean(column, cell)
                if len(cell.text) <= _SHORT and len(self.kept) < _KEPT:
                    self.kept[key] = cleaned
            values[column.field] = None if cleaned.problem else cleaned.value
            if cleaned.problem or cleaned.warning:
                place = _Place(self.sheet, number, names[column.field], column.heading, ref)
                issues += self._issue(place, column, cell, cleaned)
        found = _Texts(self.places, cells)
        return Row(number, values, names, found), issues + self._outside(number, cells, ref)

    def _clean(self, column: Column, cell: Cell) -> Cleaned:
        if not _is_blank(cell):
            return column.type.clean(cell, self.context)
        if column.required and not column.may_be_blank:
            wanted = column.type.clean(BLANK, self.context).wanted or column.type.wanted
            return Cleaned(problem="blank_required", wanted=wanted)
        return _NOTHING

    def _issue(self, place: _Place, column: Column, cell: Cell, cleaned: Cleaned) -> list[Issue]:
        if cleaned.problem:
            return [_problem(place, cell, cleaned, column.type.wanted)]
        # Every number in a CSV file is text, so there it is no sign of anything.
        if self.sheet.from_csv and cleaned.warning == "number_as_text":
            return []
        return [_warning(place, cell, cleaned, column.type.wanted)]

    def _outside(self, number: int, cells: Sequence[Cell], ref: str) -> list[Issue]:
        """Values in columns that have no heading at all."""
        return [
            _Place(self.sheet, number, cell_name(index, number), "a value", ref).issue(
                Severity.ERROR, "ragged_row",
                f"(“{visible(cell.text, 60)}”) stands in a column that has no heading. "
                "Remove it, or give the column its heading.",
                cell.text, "values under headings only",
            )
            for index, cell in enumerate(cells)
            if cell is not BLANK and index not in self.headed and not _is_blank(cell)
        ]  # fmt: skip


def _is_total(cells: Sequence[Cell]) -> bool:
    first = next((cell for cell in cells if not _is_blank(cell)), BLANK)
    return first.kind is CellKind.TEXT and bool(_TOTAL.fullmatch(first.text.strip()))


def _total(sheet: Sheet, number: int, cells: Sequence[Cell]) -> Issue:
    index = next(place for place, cell in enumerate(cells) if not _is_blank(cell))
    cell, text = cell_name(index, number), visible(cells[index].text.strip())
    return Issue(
        Severity.ERROR, "totals_row",
        f"{where(sheet, number, cell)}: row {number} is a totals row (“{text}”). "
        "Remove it: totals are worked out here.",
        sheet=sheet.name, cell=cell, row=number, found=text, wanted="one row a record, no totals",
    )  # fmt: skip


def _lost_above(
    sheet: Sheet, headings: Headings, number: int, cells: Sequence[Cell], context: Context
) -> list[Issue]:
    """An error where a row above the headings may be a row of the table, which nobody would see.

    Up there stand titles, notes, labels with their values, and headings of groups of columns. It
    is one of these unless its cells read as what their columns hold: two values of columns that
    do not take any words; a reference beside one; a reference such as "UC-01" beside words. A
    row of totals has nothing to lose.
    """
    if _is_total(cells):
        return []
    filled = [p for p in headings.places if not _is_blank(_at(cells, p))]
    types = {place: headings.places[place].type for place in filled}
    refs = [place for place in filled if isinstance(types[place], Reference)]
    words = [place for place in filled if isinstance(types[place], Text)]
    read = [
        place for place in filled
        if place not in (*refs, *words) and not types[place].clean(cells[place], context).problem
    ]  # fmt: skip
    named = any(_LIKE_A_REF.fullmatch(cells[place].text.strip()) for place in refs)
    if len(read) < 2 and not (refs and read) and not (named and words):
        return []
    first = min(filled)
    cell, text = cell_name(first, number), visible(cells[first].text.strip(), 60)
    return [Issue(
        Severity.ERROR, "row_above_headings",
        f"{where(sheet, number, cell)}: row {number} (“{text}” …) stands above the headings, which "
        f"are in row {headings.row}, so it would not be read. Move it below them, or delete it.",
        sheet=sheet.name, cell=cell, row=number, found=text, wanted="rows below the headings",
    )]  # fmt: skip


def _no_headings(sheet: Sheet, columns: Sequence[Column]) -> Table:
    names = ", ".join(f"“{column.heading}”" for column in columns if column.required)
    message = (
        f"Sheet {sheet.name}: none of the first {HEADING_ROWS} rows has the headings. "
        f"Wanted: {names}."
    )
    issue = Issue(Severity.ERROR, "no_headings", message, sheet=sheet.name, wanted=names)
    return Table((), (issue,))


def _no_rows(sheet: Sheet, row: int) -> Issue:
    return Issue(
        Severity.ERROR, "no_rows", f"Sheet {sheet.name} has headings but no rows below them.",
        sheet=sheet.name, row=row, wanted="at least one row",
    )  # fmt: skip


def _hidden_sheet(sheet: Sheet) -> list[Issue]:
    if not sheet.hidden:
        return []
    message = f"Sheet {sheet.name} is hidden. Unhide it, check what it holds and save the file."
    return [Issue(Severity.ERROR, "hidden_sheet", message, sheet=sheet.name)]


def parse(sheet: Sheet, columns: Sequence[Column], context: Context) -> Table:
    """Read a sheet against its columns: good rows, and all issues with their cells.

    A row with an error in it goes to `bad_rows`; its issues are all there. Values are keyed
    by `Column.field`, None where blank; what each type gives stands in `stp.core.columns`.
    """
    headings = find(sheet, columns)
    if headings is None:
        return _no_headings(sheet, columns)
    reading = _Reading(sheet, headings, context)
    issues = _hidden_sheet(sheet) + heading_faults(sheet, headings, columns)
    rows: list[Row] = []
    bad_rows: list[Row] = []
    numbers = [headings.row]
    for number, cells in sheet.rows:
        if number < headings.row:
            issues += _lost_above(sheet, headings, number, cells, context)
        if number <= headings.row or all(map(_is_blank, cells)):
            continue
        numbers.append(number)
        if _is_total(cells):
            issues.append(_total(sheet, number, cells))
            continue
        row, faults = reading.row(number, cells)
        issues += faults
        faulty = any(issue.severity is Severity.ERROR for issue in faults)
        (bad_rows if faulty else rows).append(row)
    if len(numbers) == 1:
        issues.append(_no_rows(sheet, headings.row))
    issues += _layout_issues(sheet, headings, numbers)
    present = frozenset(column.field for column in headings.places.values())
    blank = 0 if sheet.from_csv else numbers[-1] - numbers[0] + 1 - len(numbers)
    return Table(rows, issues, bad_rows, blank, present)


def _layout_issues(sheet: Sheet, headings: Headings, numbers: Sequence[int]) -> list[Issue]:
    """Hidden rows and columns (warnings) and merged cells (errors) that touch the table's body."""
    issues = [
        Issue(
            Severity.WARNING, "hidden_row",
            f"{where(sheet, number)} is hidden; its figures were read.",
            sheet=sheet.name, row=number, wanted="rows that can be seen",
        )
        for number in numbers[1:] if number in sheet.hidden_rows
    ]  # fmt: skip
    issues += [
        Issue(
            Severity.WARNING, "hidden_column",
            f"Sheet {sheet.name}, column {column_letters(place)} (“{column.heading}”) is hidden; "
            "its figures were read.",
            sheet=sheet.name, row=headings.row, column=column.heading,
            wanted="columns that can be seen",
        )
        for place, column in headings.places.items() if place + 1 in sheet.hidden_columns
    ]  # fmt: skip
    for top, left, bottom, right in sheet.merged:
        inside = bottom > headings.row and top <= numbers[-1] and left <= headings.last + 1
        if inside:
            area = f"{cell_name(left - 1, top)}:{cell_name(right - 1, bottom)}"
            issues.append(_merged(sheet, area, top))
    return issues


def _merged(sheet: Sheet, area: str, top: int) -> Issue:
    return Issue(
        Severity.ERROR, "merged_cells",
        f"Sheet {sheet.name}, cells {area} are merged, so only the first holds a value. "
        "Unmerge them and fill in every cell.",
        sheet=sheet.name, cell=area.partition(":")[0], row=top, found=area,
        wanted="cells that are not merged",
    )  # fmt: skip
