"""The cover and what was chosen at upload must agree; control totals hold the file together."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from finance.returns import cover as covers
from finance.returns.cover import Choices, choices_of
from finance.returns.examine import examine
from finance.returns.facts import Facts
from finance.scheme_rows import SchemeRow
from stp.core import periods
from stp.core.money import Unit
from stp.core.returns import Checked
from stp.core.sheets import Cell, CellKind, Sheet, Workbook

K = 100_000
Row = Callable[..., SchemeRow]
MakeFacts = Callable[..., Facts]
Book = Callable[..., Workbook]


@pytest.fixture
def with_cover(row: Row, facts: MakeFacts, book: Book) -> Callable[..., Checked]:
    def checked(
        cover: dict[str, str] | None, choices: Choices | None = None, **known: Any
    ) -> Checked:
        given = facts(planned=[row()], **known)
        made = book([row()], cover=cover, period=given.period)
        return examine(made, given, choices or Choices())

    return checked


GOOD = {
    "Organisation code": "rns", "Period": "2017-06", "Unit": "£000",
    "Number of schemes": "1", "Plan for the year": "120", "Actual to date": "30",
    "Forecast outturn": "120",
}  # fmt: skip


def test_a_good_cover_needs_no_choice(with_cover: Callable[..., Checked]) -> None:
    checked = with_cover(GOOD)
    assert checked.issues == []
    assert checked.totals["unit"] == "thousands"
    assert checked.totals["unit_from"] == "cover"


@pytest.mark.parametrize("text", ["June 2017", "Jun-17", "Month 3, June 2017", " 2017-06 "])
def test_a_period_may_be_written_in_several_ways(
    with_cover: Callable[..., Checked], text: str
) -> None:
    assert with_cover(GOOD | {"Period": text}).issues == []


@pytest.mark.parametrize(
    ("changes", "code", "cell", "words"),
    [
        ({"Organisation code": "RNQ"}, "cover_mismatch", "B1", ("RNQ", "Northampton General")),
        ({"Period": "2017-05"}, "cover_mismatch", "B2", ("2017-05", "June 2017")),
        ({"Period": "summer"}, "cover_mismatch", "B2", ("summer", "June 2017")),
        ({"Unit": "dozens"}, "unit_unknown", "B3", ("dozens",)),
        ({"Actual figures": "Cumulative"}, "cover_mismatch", "B8", ("Cumulative", "in-month")),
        ({"Number of schemes": "2"}, "control_total", "B4", ("2", "1")),
        ({"Plan for the year": "120.51"}, "control_total", "B5", ("120.51", "120")),
        ({"Actual to date": "29.49"}, "control_total", "B6", ("29.49", "30")),
        ({"Forecast outturn": "tbc"}, "not_a_number", "B7", ("tbc",)),
    ],
)
def test_a_cover_that_disagrees_names_both(
    with_cover: Callable[..., Checked],
    changes: dict[str, str],
    code: str,
    cell: str,
    words: tuple[str, ...],
) -> None:
    issues = with_cover(GOOD | changes, Choices(unit=Unit.THOUSANDS)).issues
    assert [(issue.code, issue.cell) for issue in issues] == [(code, cell)]
    assert all(word in issues[0].message for word in words)


@pytest.mark.parametrize("actual", ["29.5", "30.5", "30"])
def test_half_a_unit_a_scheme_is_allowed(with_cover: Callable[..., Checked], actual: str) -> None:
    assert with_cover(GOOD | {"Actual to date": actual}).issues == []


@pytest.mark.parametrize(
    ("cover", "chosen", "default", "unit", "unit_from", "code"),
    [
        ("£m", None, None, "millions", "cover", None),
        ("£'000", "thousands", None, "thousands", "cover", None),
        (None, "pounds", None, "pounds", "choice", None),
        (None, None, "thousands", "thousands", "default", None),
        ("£m", None, "thousands", "millions", "cover", None),
        ("£m", "thousands", None, None, "", "unit_mismatch"),
        (None, None, None, None, "", "unit_missing"),
    ],
)
def test_the_unit_comes_from_cover_or_choice(
    cover: str | None, chosen: str | None, default: str | None,
    unit: str | None, unit_from: str, code: str | None,
) -> None:  # fmt: skip
    cells = {"unit": Cell(CellKind.TEXT, cover)} if cover else {}
    found, source, issues = covers.settle_unit(
        covers.Cover(cells, {"unit": "B3"}), choices_of({"unit": chosen, "default_unit": default})
    )
    assert (found, source) == (unit, unit_from)
    assert [issue.code for issue in issues] == ([code] if code else [])


def test_without_a_unit_nothing_is_compared(with_cover: Callable[..., Checked]) -> None:
    checked = with_cover({k: v for k, v in GOOD.items() if k != "Unit"})
    assert [issue.code for issue in checked.issues] == ["unit_missing"]
    assert checked.totals["unit"] is None


def test_a_csv_without_control_totals_is_warned_about(
    row: Row, facts: MakeFacts, book: Book
) -> None:
    known = facts(planned=[row()])
    bare = examine(book([row()]), known, Choices(unit=Unit.THOUSANDS))
    assert [issue.code for issue in bare.issues] == ["no_control_total"]
    given = choices_of({"unit": "thousands", "control": {"schemes": 1, "forecast": "120.4"}})
    assert examine(book([row()]), known, given).issues == []
    wrong = choices_of({"unit": "thousands", "control": {"schemes": 2}})
    issues = examine(book([row()]), known, wrong).issues
    assert [issue.code for issue in issues] == ["control_total"]


def test_control_totals_allow_a_blank_actual_either_way(
    row: Row, facts: MakeFacts, book: Book
) -> None:
    """The ledger adds up 110; with June's own forecast as its estimate it is 120."""
    stated = row(actual={"2017-06": None})
    for total, codes in (("110", []), ("120", []), ("115", ["control_total"])):
        chosen = Choices(unit=Unit.THOUSANDS, control={"forecast": total})
        issues = examine(book([stated]), facts(planned=[row()]), chosen).issues
        assert [i.code for i in issues if i.severity == "error"] == codes, total


def test_totals_are_not_judged_while_figures_are_unreadable(
    row: Row, facts: MakeFacts, book: Book
) -> None:
    def edit(table: list[list[str]]) -> None:
        table[1][table[0].index("Actual Jun")] = "tbc"

    chosen = Choices(unit=Unit.THOUSANDS, control={"actual": "30"})
    issues = examine(book([row()], edit=edit), facts(planned=[row()]), chosen).issues
    assert [issue.code for issue in issues] == ["not_a_number"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [(CellKind.ERROR, "error_cell"), (CellKind.FORMULA_WITHOUT_VALUE, "formula_without_value")],
)
def test_a_cover_cell_without_a_value_is_said(
    row: Row, facts: MakeFacts, book: Book, kind: CellKind, code: str
) -> None:
    made = book([row()], cover={"Unit": "£000"})
    cover = Sheet("Return", [
        (1, [Cell(CellKind.TEXT, "Unit"), Cell(CellKind.TEXT, "£000")]),
        (2, [Cell(CellKind.TEXT, "Actual to date"), Cell(kind, "#REF!")]),
    ])  # fmt: skip
    made = Workbook([cover, made.sheets[1]])
    issues = examine(made, facts(planned=[row()]), Choices()).issues
    assert [(issue.code, issue.cell) for issue in issues] == [(code, "B2")]


def test_a_plan_may_name_its_year(row: Row, facts: MakeFacts, book: Book) -> None:
    april = facts(kind="plan", period=periods.parse("2017-04"))
    stated = row() | {"actual": {}, "forecast": {}}
    for text, codes in (("2017/18", []), ("2017-04", []), ("2018/19", ["cover_mismatch"])):
        made = book([stated], kind="plan", period=april.period, cover={"Unit": "£", "Period": text})
        assert [i.code for i in examine(made, april, Choices()).issues] == codes, text


def test_a_final_return_is_not_march(row: Row, facts: MakeFacts) -> None:
    final = facts(period=periods.parse("2017-13"))
    cover = covers.Cover({"period": Cell(CellKind.TEXT, "March 2017")}, {"period": "B2"})
    assert [i.code for i in covers.mismatches(cover, Choices(), final)] == ["cover_mismatch"]
    named = covers.Cover({"period": Cell(CellKind.TEXT, "2016/17 final")}, {"period": "B2"})
    assert list(covers.mismatches(named, Choices(), final)) == []


def test_a_total_that_a_formula_left_a_trace_off_nil_is_nil() -> None:
    cell = Cell(CellKind.NUMBER, "0", number=Decimal("1.1368683772161603E-13"))
    cover = covers.Cover({"plan": cell}, {"plan": "B8"})
    sums = {"schemes": 1, "plan": 0, "actual": 0, "forecast": 0}
    found = covers.control_totals(cover, Choices(), sums, {}, unit=Unit.POUNDS, is_csv=False)
    assert list(found) == []


def test_a_total_chosen_at_upload_names_no_cell_and_no_sheet() -> None:
    choices = Choices(control={"schemes": "2", "plan": "x"})
    sums = {"schemes": 1, "plan": 0, "actual": 0, "forecast": 0}
    found = covers.control_totals(covers.Cover(), choices, sums, {}, unit=Unit.POUNDS, is_csv=True)
    assert [(issue.code, issue.sheet, issue.cell) for issue in found] == [
        ("control_total", "", ""),
        ("not_a_number", "", ""),
    ]
