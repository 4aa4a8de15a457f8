"""parse: headings found wherever they stand, and every fault at once with its cell."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from stp.core.columns import Money, Reference, Text
from stp.core.money import Unit
from stp.core.parsing import parse
from stp.core.sheets import (
    BLANK,
    Cell,
    CellKind,
    Column,
    Context,
    Issue,
    Severity,
    Sheet,
    Table,
    Workbook,
    cell_name,
    visible,
)

COLUMNS = (
    Column("ref", "Scheme ref", Reference(), required=True),
    Column("title", "Scheme title", Text(), required=True),
    Column("sep", "Forecast Sep", Money(), required=True, may_be_blank=True),
    Column("note", "Comment", Text(2_000)),
)
HEADS = ["Scheme ref", "Scheme title", "Forecast Sep", "Comment"]


def cells(*words: str) -> list[Cell]:
    return [Cell(CellKind.TEXT, word) if word else BLANK for word in words]


def sheet(*rows: tuple[int, Sequence[Cell]], **more: object) -> Sheet:
    return Sheet("Schemes", rows, **more)  # type: ignore[arg-type]  # keywords of each test


def run(*rows: tuple[int, Sequence[Cell]], **more: object) -> Table:
    return parse(sheet(*rows, **more), COLUMNS, Context(Unit.THOUSANDS))


def one(table: Table, code: str) -> Issue:
    found = [issue for issue in table.issues if issue.code == code]
    assert len(found) == 1, [issue.message for issue in table.issues]
    return found[0]


def test_the_published_sentence() -> None:
    table = run((13, cells(*HEADS)), (14, cells("S-014", "a", "tbc")))
    issue = one(table, "not_a_number")
    assert issue.message == (
        "Sheet Schemes, cell C14: Forecast Sep for S-014 is “tbc”. Enter a number in £000."
    )
    assert issue.as_dict() == {
        "severity": "error", "code": "not_a_number", "message": issue.message, "sheet": "Schemes",
        "cell": "C14", "row": 14, "column": "Forecast Sep", "found": "tbc",
        "wanted": "a number in £000", "ref": "S-014",
    }  # fmt: skip


def test_in_a_csv_the_sentence_names_the_line() -> None:
    table = run((1, cells(*HEADS)), (7, cells("S-014", "a", "tbc")), from_csv=True)
    assert one(table, "not_a_number").message.startswith("Line 7: Forecast Sep for S-014 is “tbc”")


@pytest.mark.parametrize("banner", [0, 1, 19])
def test_headings_below_a_banner(banner: int) -> None:
    rows = [(n, cells("Banner with a Comment")) for n in range(1, banner + 1)]
    table = run(*rows, (banner + 1, cells(*HEADS)), (banner + 2, cells("S", "t", "5")))
    assert [row.number for row in table.rows] == [banner + 2]


@pytest.mark.parametrize(
    ("above", "lost"),
    [
        (["", "", "", ""], False),
        (["Savings schemes, June 2017"], False),
        (["UC-01 and others are new"], False),
        (["UC-01"], False),
        (["Organisation", "Northampton General"], False),
        (["Month 3, June 2017", "Northampton General"], False),
        (["Scheme", "", "Forecast", ""], False),
        (["", "", "120", ""], False),
        (["Total", "", "120", ""], False),
        (["", "Totals:", "120", ""], False),
        (["UC-01", "A scheme", "120", "As agreed"], True),
        (["UC-01", "", "120", ""], True),
        (["AGENCY", "", "120", ""], True),
        (["UC-01", "", "tbc", ""], False),
        (["UC-01", "A scheme", "tbc", ""], True),
        (["UC-01", "A scheme", "", ""], True),
        (["UC-01", "", "", "As agreed"], True),
    ],
)
@pytest.mark.parametrize("is_csv", [True, False])
def test_a_row_above_the_headings_is_a_note_or_a_fault(
    above: list[str], lost: bool, is_csv: bool
) -> None:
    table = run((2, cells(*above)), (4, cells(*HEADS)), (5, cells("S", "t")), from_csv=is_csv)
    found = [(i.severity.value, i.code, i.row) for i in table.issues]
    assert found == ([("error", "row_above_headings", 2)] if lost else []), above
    assert [row.number for row in table.rows] == [5]


def test_two_figures_above_the_headings_are_a_row_without_its_ref() -> None:
    more = (*COLUMNS, Column("oct", "Forecast Oct", Money()))
    above = [BLANK, BLANK, Cell(CellKind.NUMBER, "5", Decimal(5)), BLANK, *cells("nil")]
    rows = (1, above), (2, cells(*HEADS, "Forecast Oct")), (3, cells("S", "t"))
    issue = one(parse(sheet(*rows), more, Context(Unit.THOUSANDS)), "row_above_headings")
    assert issue.message == (
        "Sheet Schemes, cell C1: row 1 (“5” …) stands above the headings, which are in row 2, so "
        "it would not be read. Move it below them, or delete it."
    )
    assert (issue.cell, issue.found) == ("C1", "5")


def test_headings_in_row_21_are_not_found() -> None:
    table = run((21, cells(*HEADS)), (22, cells("S", "t", "5")))
    issue = one(table, "no_headings")
    assert "“Scheme ref”" in issue.message
    assert (table.rows, table.bad_rows) == ((), ())


def test_headings_match_in_any_order_case_and_spacing() -> None:
    heads = ["COMMENT", " scheme\ntitle ", "scheme  REF", "Forecast sep"]
    table = run((1, cells(*heads)), (2, cells("c", "t", "S", "5")))
    assert table.rows[0].values == {"note": "c", "title": "t", "ref": "S", "sep": 500_000}
    assert table.rows[0].cells["ref"] == "C2"
    assert table.present == {"ref", "title", "sep", "note"}


def test_every_fault_at_once() -> None:
    heads = ["Scheme ref", "Forecast Sep", "scheme ref", "Mood"]
    bad = cells("S-1", "tbc", "", "", "beyond")
    table = run((1, cells(*heads)), (2, bad), (3, cells("TOTAL", "5")), (5, cells("", "1.234,5")))
    got = {(issue.severity.value, issue.code, issue.cell) for issue in table.issues}
    assert got == {
        ("error", "missing_column", ""),
        ("error", "duplicate_header", "C1"),
        ("warning", "unknown_column", "D1"),
        ("error", "not_a_number", "B2"),
        ("error", "ragged_row", "E2"),
        ("error", "totals_row", "A3"),
        ("error", "blank_required", "A5"),
        ("error", "not_a_number", "B5"),
    }
    assert table.blank_rows == 1
    assert [row.number for row in table.bad_rows] == [2, 5]
    assert "Scheme title" in one(table, "missing_column").message


def test_a_bad_row_keeps_what_could_be_read() -> None:
    (row,) = run((1, cells(*HEADS)), (2, cells("S-1", "t", "tbc"))).bad_rows
    assert row.values == {"ref": "S-1", "title": "t", "sep": None, "note": None}
    assert row.found["sep"] == "tbc"


def test_a_heading_may_be_required_and_its_cells_blank() -> None:
    table = run((1, cells(*HEADS)), (2, cells("S-1", "t")))
    assert table.issues == []
    assert table.rows[0].values["sep"] is None


def test_a_blank_that_is_required_says_what_to_enter() -> None:
    issue = one(run((1, cells(*HEADS)), (2, cells("S-1", "", "5"))), "blank_required")
    assert issue.message.endswith(
        "Scheme title for S-1 is blank. Enter text of up to 200 characters."
    )


def test_number_as_text_is_a_warning_in_a_workbook_only() -> None:
    rows = (1, cells(*HEADS)), (2, cells("S-1", "t", "5"))
    warning = one(run(*rows), "number_as_text")
    assert warning.severity is Severity.WARNING
    assert run(*rows, from_csv=True).issues == []
    assert len(run(*rows).rows) == 1, "a warning keeps the row"


@pytest.mark.parametrize("word", ["TOTAL", "Total:", "Grand total", "sub-total", "Totals"])
def test_totals_rows(word: str) -> None:
    table = run((1, cells(*HEADS)), (2, cells("S", "t", "5")), (3, cells("", word, "5")))
    assert one(table, "totals_row").cell == "B3"
    assert len(table.rows) == 1


def test_a_scheme_called_total_is_no_totals_row() -> None:
    table = run((1, cells(*HEADS)), (2, cells("T-1", "Total", "5")))
    assert len(table.rows) == 1


def test_hidden_and_merged() -> None:
    rows = [(2, cells("Banner")), (3, cells(*HEADS)), *((n, cells("S", "t")) for n in (4, 5))]
    table = run(
        *rows,
        hidden_rows=frozenset({2, 5, 9}),
        hidden_columns=frozenset({3, 9}),
        merged=[(1, 1, 2, 4), (4, 2, 5, 2), (4, 5, 5, 6), (6, 1, 7, 1)],
    )
    hidden = [(i.code, i.row, i.column) for i in table.issues if i.severity is Severity.WARNING]
    assert hidden == [("hidden_row", 5, ""), ("hidden_column", 3, "Forecast Sep")]
    merged = one(table, "merged_cells")
    assert (merged.cell, merged.found) == ("B4", "B4:B5")


def test_a_hidden_sheet_is_an_error() -> None:
    table = run((1, cells(*HEADS)), (2, cells("S", "t")), hidden=True)
    assert one(table, "hidden_sheet").severity is Severity.ERROR


def test_headings_alone_are_an_error() -> None:
    assert one(run((1, cells(*HEADS))), "no_rows").row == 1


def test_what_is_quoted_is_short_and_visible() -> None:
    assert visible("x" * 201) == "x" * 199 + "…"
    assert visible("x" * 200) == "x" * 200
    assert visible("a\x00b\nc\u202ed") == "a\u2400b\u240ac[U+202E]d"
    table = run((1, cells(*HEADS)), (2, cells("S", "t", "9" * 5_000)))
    assert len(one(table, "not_a_number").found) == 200


@pytest.mark.parametrize(("place", "name"), [(0, "A1"), (25, "Z1"), (26, "AA1"), (701, "ZZ1")])
def test_cell_names(place: int, name: str) -> None:
    assert cell_name(place, 1) == name


def test_a_sheet_is_found_whatever_its_case() -> None:
    book = Workbook([sheet()])
    assert book.sheet(" schemes ") is book.sheets[0]
    assert book.table("Return") is None
