"""The headings of a sheet: which row they stand in, which columns they name. Pure.

They match ignoring case, repeated spaces and line breaks, in any order, below up to nineteen rows
of banner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stp.core.nearest import question
from stp.core.sheets import Cell, Column, Issue, Severity, Sheet, cell_name, visible, where

HEADING_ROWS = 20


def heading_key(text: str) -> str:
    """A heading as compared: no case, no line breaks, no repeated spaces."""
    return " ".join(text.split()).casefold()


@dataclass(frozen=True, slots=True)
class Headings:
    """Where the table is: the heading row, and the sheet's position of each known column."""

    row: int
    places: Mapping[int, Column]
    unknown: Mapping[int, str]
    doubled: Sequence[tuple[int, Column]]

    @property
    def last(self) -> int:
        return max([*self.places, *self.unknown])


def _of_row(row: int, cells: Sequence[Cell], columns: Sequence[Column]) -> Headings:
    known = {heading_key(column.heading): column for column in columns}
    places: dict[int, Column] = {}
    unknown: dict[int, str] = {}
    doubled: list[tuple[int, Column]] = []
    seen: set[str] = set()
    for place, cell in enumerate(cells):
        key = heading_key(cell.text)
        column = known.get(key)
        if column is None:
            if key:
                unknown[place] = cell.text
        elif key in seen:
            doubled.append((place, column))
        else:
            seen.add(key)
            places[place] = column
    return Headings(row, places, unknown, doubled)


def find(sheet: Sheet, columns: Sequence[Column]) -> Headings | None:
    """The row among the first twenty that has the most known headings."""
    best: Headings | None = None
    for number, cells in sheet.rows:
        if number > HEADING_ROWS:
            break
        found = _of_row(number, cells, columns)
        if found.places and (best is None or len(found.places) > len(best.places)):
            best = found
    return best


def heading_faults(sheet: Sheet, found: Headings, columns: Sequence[Column]) -> list[Issue]:
    """Headings that are missing or there twice (errors) and unknown ones (warnings)."""
    present = {column.field for column in found.places.values()}
    issues = [
        Issue(
            Severity.ERROR, "missing_column",
            f"{where(sheet, found.row)}: there is no column “{column.heading}”. Add that heading.",
            sheet=sheet.name, row=found.row, column=column.heading,
            wanted=f"a column headed “{column.heading}”",
        )
        for column in columns if column.required and column.field not in present
    ]  # fmt: skip
    for place, column in found.doubled:
        issues.append(_doubled(sheet, found.row, place, column))
    absent = [column.heading for column in columns if column.field not in present]
    for place, text in found.unknown.items():
        issues.append(_unknown(sheet, found.row, place, text, question(text, absent)))
    return issues


def _doubled(sheet: Sheet, row: int, place: int, column: Column) -> Issue:
    cell = cell_name(place, row)
    return Issue(
        Severity.ERROR, "duplicate_header",
        f"{where(sheet, row, cell)}: the heading “{column.heading}” is there twice. "
        "Keep one of the two columns.",
        sheet=sheet.name, cell=cell, row=row, column=column.heading,
        found=column.heading, wanted="each heading once",
    )  # fmt: skip


def _unknown(sheet: Sheet, row: int, place: int, text: str, asked: str) -> Issue:
    cell = cell_name(place, row)
    asked = f" {asked}" if asked else ""
    return Issue(
        Severity.WARNING, "unknown_column",
        f"{where(sheet, row, cell)}: the heading “{visible(text)}” is not one we know, "
        f"so its column is not read.{asked}",
        sheet=sheet.name, cell=cell, row=row, column=visible(text), found=visible(text),
        wanted="one of the template's headings",
    )  # fmt: skip
