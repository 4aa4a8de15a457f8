"""What a workbook says twice must agree: which of two values counts is not ours to choose."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from finance.returns.cover import Choices
from finance.returns.examine import examine
from finance.returns.facts import Facts
from finance.scheme_rows import SchemeRow
from stp.core.sheets import BLANK, Cell, CellKind, Issue, Severity, Sheet, Workbook

Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]
Book = Callable[..., Workbook]
Sent = Callable[..., list[Issue]]
COVER = {
    "Organisation code": "RNS", "Period": "2017-06", "Unit": "£000", "Number of schemes": "1",
    "Actual figures": "In-month", "Prepared by": "Ada",
}  # fmt: skip
NEXT = len(COVER) + 2  # the row a second statement stands in


def said(label: str, value: str) -> list[Cell]:
    return [Cell(CellKind.TEXT, label), BLANK, Cell(CellKind.TEXT, value)]


@pytest.fixture
def sent(row: Row, facts: MakeFacts, book: Book) -> Sent:
    """Issues of a good workbook with more rows on its cover, or more sheets."""

    def issues(*more: tuple[str, str], sheets: tuple[Sheet, ...] = ()) -> list[Issue]:
        known = facts(planned=[row()])
        made = book([row()], cover=COVER, period=known.period)
        cover, *others = made.sheets
        added = [(NEXT + n, said(*pair)) for n, pair in enumerate(more)]
        cover = replace(cover, rows=[*cover.rows, *added])
        return list(
            examine(replace(made, sheets=[cover, *others, *sheets]), known, Choices()).issues
        )

    return issues


@pytest.mark.parametrize(
    ("label", "value", "first", "words"),
    [
        ("Unit", "£", "B3", ("Unit", "“£000”", "“£”")),
        ("unit:", "£m", "B3", ("Unit", "“£000”", "“£m”")),
        ("Unit", "dozens", "B3", ("“£000”", "“dozens”")),
        ("Organisation code", "RNQ", "B1", ("Organisation code", "“RNS”", "“RNQ”")),
        ("Organisation", "Kettering General", "B1", ("“RNS”", "“Kettering General”")),
        ("Period", "2017-05", "B2", ("Period", "“2017-06”", "“2017-05”")),
        ("Reporting period", "May 2017", "B2", ("“2017-06”", "“May 2017”")),
        ("Number of schemes", "2", "B4", ("Number of schemes", "“1”", "“2”")),
        ("Schemes", "one", "B4", ("“1”", "“one”")),
        ("Actual figures", "Cumulative", "B5", ("“In-month”", "“Cumulative”")),
    ],
)
def test_two_values_are_an_error_that_names_both_cells(
    sent: Sent, label: str, value: str, first: str, words: tuple[str, ...]
) -> None:
    (issue,) = sent((label, value))
    assert (issue.severity, issue.code) == (Severity.ERROR, "said_twice")
    assert (issue.sheet, issue.cell, issue.row) == ("Return", f"C{NEXT}", NEXT)
    assert f" in {first} and " in issue.message
    assert f" in C{NEXT}. Leave one." in issue.message
    assert all(word in issue.message for word in words), issue.message


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Unit", "£000"), ("Unit", "thousands"), ("Unit", "  "), ("Unit", "£’000"),
        ("Organisation", "Northampton General"), ("Organisation", "ngh"),
        ("Period", "June 2017"), ("Period", "Jun-17"), ("Number of schemes", "1.0"),
        ("Actual figures", "in month"), ("Prepared by", "Grace"), ("Approved by", "Grace"),
    ],
)  # fmt: skip
def test_one_value_twice_is_none(sent: Sent, label: str, value: str) -> None:
    assert sent((label, value)) == []


def test_a_blank_statement_does_not_hide_the_one_below(sent: Sent) -> None:
    (issue,) = sent(("Plan for the year", " "), ("Plan for the year", "7"))
    assert (issue.code, issue.cell) == ("control_total", f"C{NEXT + 1}")


def test_each_statement_is_held_to_the_first(sent: Sent) -> None:
    found = sent(("Unit", "£"), ("Unit", "£000"), ("Unit", "£m"), ("Period", "2017-05"))
    assert [(i.code, i.row) for i in found] == [
        ("said_twice", NEXT), ("said_twice", NEXT + 2), ("said_twice", NEXT + 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "more"), [("Schemes", "schemes "), ("Schemes", " SCHEMES"), ("Return", "RETURN ")]
)
@pytest.mark.parametrize("hidden", [False, True])
def test_two_sheets_of_one_name(sent: Sent, name: str, more: str, hidden: bool) -> None:
    (issue,) = sent(sheets=(Sheet(more, [(1, said("a", "b"))], hidden=hidden),))
    assert (issue.severity, issue.code, issue.sheet) == (Severity.ERROR, "sheet_twice", name)
    assert issue.message.startswith(f"2 sheets are called {name}")
    assert f"“{name}” and “{more}”" in issue.message


@pytest.mark.parametrize("name", ["Schemes 2", "Scheme", "Old schemes", "Returns"])
def test_sheets_of_other_names_are_left_alone(sent: Sent, name: str) -> None:
    assert sent(sheets=(Sheet(name, [(1, said("a", "b"))]),)) == []


def test_a_csv_has_one_table(row: Row, facts: MakeFacts, book: Book) -> None:
    made: Any = book([row()])
    checked = examine(made, facts(planned=[row()]), Choices(cumulative=False))
    assert not {i.code for i in checked.issues} & {"sheet_twice", "said_twice"}
